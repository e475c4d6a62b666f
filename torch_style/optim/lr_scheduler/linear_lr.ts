/**
 * Rates that grow or fall along a line: warm-up.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type AnyOptimizer, FactorScheduler, optimizerKind } from "./scheduler.ts";

/** Options of {@linkcode LinearLR}. */
export interface LinearLROptions {
  /** Factor at epoch 0, 1/3 unless given. */
  readonly startFactor?: number;
  /** Factor from `totalIters` on, 1 unless given. */
  readonly endFactor?: number;
  /** Epochs from the one to the other, 5 unless given. */
  readonly totalIters?: number;
}

const LINEAR_LR = signature(
  "LinearLR",
  ["optimizer", optimizerKind],
  ["startFactor", kinds.number, undefined],
  ["endFactor", kinds.number, undefined],
  ["totalIters", kinds.number, undefined],
);

/**
 * The base rate times a factor that moves from one value to another along a line.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
 */
export class LinearLR extends FactorScheduler {
  readonly #options: Required<LinearLROptions>;

  constructor(...given: Call<typeof LINEAR_LR, LinearLROptions, [optimizer: AnyOptimizer]>) {
    const { optimizer, ...options } = LINEAR_LR.read(given);
    super(optimizer);
    this.#options = { startFactor: 1 / 3, endFactor: 1, totalIters: 5, ...options };
    const { startFactor, endFactor } = this.#options;
    if (!(startFactor > 0 && startFactor <= 1)) {
      throw new Error(
        "Starting multiplicative factor expected to be greater than 0 and less or equal to 1.",
      );
    }
    if (!(endFactor >= 0 && endFactor <= 1)) {
      throw new Error("Ending multiplicative factor expected to be between 0 and 1.");
    }
    if (!(this.#options.totalIters >= 1)) {
      throw new Error(`LinearLR: totalIters is ${this.#options.totalIters}, expected at least 1`);
    }
    this.apply();
  }

  protected override factor(epoch: number): number {
    const { startFactor, endFactor, totalIters } = this.#options;
    return startFactor + (endFactor - startFactor) * Math.min(1, epoch / totalIters);
  }
}
