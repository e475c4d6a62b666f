/**
 * Rates that are a factor of the base rate for some epochs, or fall along a power.
 * @module
 */
import { type Call, kind, kinds, signature } from "../../arguments.ts";
import { Optimizer } from "../optimizer.ts";
import { type AnyOptimizer, FactorScheduler, LRScheduler } from "./scheduler.ts";

/** The first parameter of every scheduler's signature. */
export const optimizerKind = kind<AnyOptimizer>(
  "an optimizer",
  (value) => value instanceof Optimizer,
);

const CONSTANT = signature("ConstantLR", ["optimizer", optimizerKind], [
  "factor",
  kinds.number,
  1 / 3,
], ["totalIters", kinds.integer, 5]);

/** Options of {@linkcode ConstantLR}. */
export interface ConstantLROptions {
  /** 1/3 unless given. */
  readonly factor?: number;
  /** Epochs of the factor, 5 unless given. */
  readonly totalIters?: number;
}

/**
 * The base rate times a factor until epoch `totalIters`, the base rate from there on.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ConstantLR.html
 */
export class ConstantLR extends FactorScheduler {
  readonly #options: Required<ConstantLROptions>;

  constructor(...given: Call<typeof CONSTANT, ConstantLROptions, [optimizer: AnyOptimizer]>) {
    const { optimizer, ...options } = CONSTANT.read(given);
    super(optimizer);
    if (!(options.factor >= 0 && options.factor <= 1)) {
      throw new Error(
        `Constant multiplicative factor expected to be between 0 and 1, got ${options.factor}`,
      );
    }
    this.#options = options;
    this.apply();
  }

  protected override factor(epoch: number): number {
    return epoch < this.#options.totalIters ? this.#options.factor : 1;
  }
}

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
    super(optimizer);
    if (options.totalIters < 1) {
      throw new Error(`PolynomialLR: totalIters is ${options.totalIters}, expected at least 1`);
    }
    this.#options = options;
    this.apply();
  }

  protected override factor(epoch: number): number {
    const { totalIters, power } = this.#options;
    return (1 - Math.min(epoch, totalIters) / totalIters) ** power;
  }
}

type Factor = (epoch: number) => number;
const factors = kinds.either(
  kind<Factor>("a function", (value) => typeof value === "function"),
  kinds.listOf(kind<Factor>("a function", (value) => typeof value === "function")),
);
const MULTIPLICATIVE = signature("MultiplicativeLR", ["optimizer", optimizerKind], [
  "lrLambda",
  factors,
]);

/**
 * The last rate times a function of the epoch; one function, or one a group.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiplicativeLR.html
 */
export class MultiplicativeLR extends LRScheduler {
  readonly #factors: readonly Factor[];

  constructor(optimizer: AnyOptimizer, lrLambda: Factor | readonly Factor[]) {
    const read = MULTIPLICATIVE.read([optimizer, lrLambda]);
    super(read.optimizer);
    this.#factors = typeof lrLambda === "function" ? this.baseLrs.map(() => lrLambda) : lrLambda;
    if (this.#factors.length !== this.baseLrs.length) {
      throw new Error(
        `Expected ${this.baseLrs.length} lr_lambdas, but got ${this.#factors.length}`,
      );
    }
  }

  protected override rates(): number[] {
    const rates = this.getLastLr();
    return this.lastEpoch > 0
      ? rates.map((rate, i) => rate * this.#factors[i](this.lastEpoch))
      : rates;
  }
}
