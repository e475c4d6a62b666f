/**
 * Rates that begin lower: warm-up.
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
    const all = { startFactor: 1 / 3, endFactor: 1, totalIters: 5, ...options };
    const { startFactor, endFactor, totalIters } = all;
    if (!(startFactor > 0 && startFactor <= 1)) {
      throw new Error(
        "Starting multiplicative factor expected to be greater than 0 and less or equal to 1.",
      );
    }
    if (!(endFactor >= 0 && endFactor <= 1)) {
      throw new Error("Ending multiplicative factor expected to be between 0 and 1.");
    }
    if (!(totalIters >= 1)) {
      throw new Error(`LinearLR: totalIters is ${totalIters}, expected at least 1`);
    }
    super(optimizer);
    this.#options = all;
    this.begin();
  }

  protected override factor(): number {
    const { startFactor, endFactor, totalIters } = this.#options;
    const epoch = this.lastEpoch;
    if (epoch === 0) return startFactor;
    if (epoch > totalIters) return 1;
    const rise = endFactor - startFactor;
    return 1 + rise / (totalIters * startFactor + (epoch - 1) * rise);
  }
}

const CONSTANT = signature("ConstantLR", ["optimizer", optimizerKind], [
  "factor",
  kinds.number,
  1 / 3,
], ["totalIters", kinds.integer, 5]);

/** Options of {@linkcode ConstantLR}. */
export interface ConstantLROptions {
  /** 0 to 1, 1/3 unless given. */
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
    if (!(options.factor >= 0 && options.factor <= 1)) {
      throw new Error(
        `Constant multiplicative factor expected to be between 0 and 1, got ${options.factor}`,
      );
    }
    super(optimizer);
    this.#options = options;
    this.begin();
  }

  protected override factor(): number {
    const { factor, totalIters } = this.#options;
    if (this.lastEpoch === 0) return factor;
    return this.lastEpoch === totalIters ? 1 / factor : 1;
  }

  /** From a rate of 0 there is no way back by a factor (PyTorch divides by zero there): the base rate. */
  protected override rates(): number[] {
    const isLeavingZero = this.#options.factor === 0 && this.lastEpoch === this.#options.totalIters;
    return isLeavingZero && this.lastEpoch > 0 ? [...this.baseLrs] : super.rates();
  }
}
