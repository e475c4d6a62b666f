/**
 * Rates that fall to 0 along a power.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type AnyOptimizer, FactorScheduler, optimizerKind } from "./scheduler.ts";

const POLYNOMIAL = signature("PolynomialLR", ["optimizer", optimizerKind], [
  "totalIters",
  kinds.integer,
  5,
], ["power", kinds.number, 1]);

/** Options of {@linkcode PolynomialLR}. */
export interface PolynomialLROptions {
  /** Epochs until the rate is 0, 5 unless given. */
  readonly totalIters?: number;
  /** 1 unless given. */
  readonly power?: number;
}

/**
 * The base rate times (1 - epoch / totalIters)^power.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html
 */
export class PolynomialLR extends FactorScheduler {
  readonly #options: Required<PolynomialLROptions>;

  constructor(...given: Call<typeof POLYNOMIAL, PolynomialLROptions, [optimizer: AnyOptimizer]>) {
    const { optimizer, ...options } = POLYNOMIAL.read(given);
    if (options.totalIters < 1) {
      throw new Error(`PolynomialLR: totalIters is ${options.totalIters}, expected at least 1`);
    }
    super(optimizer);
    this.#options = options;
    this.begin();
  }

  protected override factor(): number {
    const { totalIters, power } = this.#options;
    if (this.isInitial || this.lastEpoch > totalIters) return 1;
    const left = (epoch: number) => 1 - epoch / totalIters;
    return (left(this.lastEpoch) / left(this.lastEpoch - 1)) ** power;
  }
}
