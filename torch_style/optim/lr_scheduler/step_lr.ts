/**
 * Rates that fall in steps.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type AnyOptimizer, FactorScheduler, optimizerKind } from "./scheduler.ts";

const STEP_LR = signature("StepLR", ["optimizer", optimizerKind], [
  "stepSize",
  kinds.number,
], ["gamma", kinds.number, 0.1]);

/**
 * Times `gamma` every `stepSize` epochs.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 */
export class StepLR extends FactorScheduler {
  readonly stepSize: number;
  readonly gamma: number;

  constructor(
    ...given: Call<
      typeof STEP_LR,
      { readonly gamma?: number },
      [optimizer: AnyOptimizer, stepSize: number]
    >
  ) {
    const { optimizer, stepSize, gamma } = STEP_LR.read(given);
    if (!(stepSize >= 1)) throw new Error(`StepLR: stepSize is ${stepSize}, expected at least 1`);
    super(optimizer);
    this.stepSize = stepSize;
    this.gamma = gamma;
    this.begin();
  }

  protected override factor(): number {
    return this.lastEpoch > 0 && this.lastEpoch % this.stepSize === 0 ? this.gamma : 1;
  }
}

const MULTI_STEP_LR = signature("MultiStepLR", ["optimizer", optimizerKind], [
  "milestones",
  kinds.numbers,
], ["gamma", kinds.number, 0.1]);

/**
 * Times `gamma` at each milestone.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
 */
export class MultiStepLR extends FactorScheduler {
  readonly milestones: readonly number[];
  readonly gamma: number;

  constructor(
    ...given: Call<
      typeof MULTI_STEP_LR,
      { readonly gamma?: number },
      [optimizer: AnyOptimizer, milestones: readonly number[]]
    >
  ) {
    const { optimizer, milestones, gamma } = MULTI_STEP_LR.read(given);
    super(optimizer);
    this.milestones = milestones;
    this.gamma = gamma;
    this.begin();
  }

  protected override factor(): number {
    return this.gamma **
      this.milestones.filter((milestone) => milestone === this.lastEpoch).length;
  }
}

const EXPONENTIAL_LR = signature("ExponentialLR", ["optimizer", optimizerKind], [
  "gamma",
  kinds.number,
]);

/**
 * Times `gamma` every epoch.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
 */
export class ExponentialLR extends FactorScheduler {
  readonly gamma: number;

  constructor(
    ...given: Call<
      typeof EXPONENTIAL_LR,
      Record<never, never>,
      [optimizer: AnyOptimizer, gamma: number]
    >
  ) {
    const { optimizer, gamma } = EXPONENTIAL_LR.read(given);
    super(optimizer);
    this.gamma = gamma;
    this.begin();
  }

  protected override factor(): number {
    return this.isInitial ? 1 : this.gamma;
  }
}
