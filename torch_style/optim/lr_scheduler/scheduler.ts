/**
 * What all schedulers share.
 * @module
 */
import { type Kind, kinds } from "../../arguments.ts";
import { Optimizer } from "../optimizer.ts";
import type { Hyperparameters } from "../parameter_group.ts";

/** An optimizer with any options. */
// deno-lint-ignore no-explicit-any
export type AnyOptimizer = Optimizer<any>;

/** An optimizer, as an argument. */
export const optimizerKind: Kind<AnyOptimizer> = kinds.instance("an optimizer", Optimizer);

/** A scheduler's state as plain data. */
export type SchedulerState = Record<string, unknown>;

/**
 * Sets the learning rate of each parameter group, epoch by epoch (or step by step). A scheduler acts when it is
 * made, for epoch 0, and at each {@linkcode LRScheduler.step}.
 * Follows https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 */
export abstract class LRScheduler {
  /** The rates before any schedule, a group each. */
  readonly baseLrs: number[];
  /** How many times the schedule has moved on. */
  lastEpoch = 0;

  constructor(readonly optimizer: AnyOptimizer) {
    for (const group of this.groups) group.initialLr ??= group.lr;
    this.baseLrs = this.groups.map((group) => group.initialLr);
  }

  protected get groups(): Hyperparameters[] {
    return this.optimizer.paramGroups as Hyperparameters[];
  }

  /** The rates at the present epoch, a group each. */
  protected abstract rates(): number[];

  /** Sets the rates of the present epoch: at the end of a constructor, and by a scheduler of schedulers. */
  apply(): void {
    this.rates().forEach((rate, i) => this.groups[i].lr = rate);
  }

  /** Moves the schedule on; after the optimizer's step. */
  step(): void {
    this.lastEpoch++;
    this.apply();
  }

  /** The rates that are set now. */
  getLastLr(): number[] {
    return this.groups.map((group) => group.lr);
  }

  /** What changes as the schedule goes on. */
  stateDict(): SchedulerState {
    return { lastEpoch: this.lastEpoch, baseLrs: [...this.baseLrs], lastLr: this.getLastLr() };
  }

  /** Takes over what {@linkcode LRScheduler.stateDict} gave, and sets its rates. */
  loadStateDict(state: SchedulerState): void {
    const rates = state.lastLr as number[];
    if (!Array.isArray(rates) || rates.length !== this.groups.length) {
      throw new Error(
        `loaded scheduler state has rates of ${
          rates?.length ?? "no"
        } groups, expected ${this.groups.length}`,
      );
    }
    this.lastEpoch = state.lastEpoch as number;
    this.baseLrs.splice(0, Infinity, ...state.baseLrs as number[]);
    rates.forEach((rate, i) => this.groups[i].lr = rate);
  }
}

/** A scheduler whose rate is the base rate times a factor of the epoch alone. */
export abstract class FactorScheduler extends LRScheduler {
  /** The factor of a group at an epoch. */
  protected abstract factor(epoch: number, group: number): number;

  protected override rates(): number[] {
    return this.baseLrs.map((base, group) => base * this.factor(this.lastEpoch, group));
  }
}
