/**
 * Rates that fall in steps.
 * @module
 */
import { type AnyOptimizer, FactorScheduler } from "./scheduler.ts";

/**
 * Times `gamma` every `stepSize` epochs.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 */
export class StepLR extends FactorScheduler {
  constructor(optimizer: AnyOptimizer, readonly stepSize: number, readonly gamma = 0.1) {
    super(optimizer);
    if (!(stepSize >= 1)) throw new Error(`StepLR: stepSize is ${stepSize}, expected at least 1`);
    this.apply();
  }

  protected override factor(epoch: number): number {
    return this.gamma ** Math.floor(epoch / this.stepSize);
  }
}

/**
 * Times `gamma` at each milestone.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
 */
export class MultiStepLR extends FactorScheduler {
  constructor(
    optimizer: AnyOptimizer,
    readonly milestones: readonly number[],
    readonly gamma = 0.1,
  ) {
    super(optimizer);
    this.apply();
  }

  protected override factor(epoch: number): number {
    return this.gamma ** this.milestones.filter((milestone) => milestone <= epoch).length;
  }
}

/**
 * Times `gamma` every epoch.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
 */
export class ExponentialLR extends FactorScheduler {
  constructor(optimizer: AnyOptimizer, readonly gamma: number) {
    super(optimizer);
    this.apply();
  }

  protected override factor(epoch: number): number {
    return this.gamma ** epoch;
  }
}
