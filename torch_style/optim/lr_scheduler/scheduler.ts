/**
 * What all schedulers share.
 * @module
 */
import { describe, type Kind, kinds } from "../../arguments.ts";
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

  /**
   * Takes over what {@linkcode LRScheduler.stateDict} gave, and sets its rates.
   *
   * @throws {Error} if it is no state of such a scheduler for as many groups; nothing is changed then
   */
  loadStateDict(state: SchedulerState): void {
    this.prepareLoad(state)();
  }

  /**
   * Checks all of a state before anything changes.
   *
   * @returns what takes the state over; cannot fail
   * @throws {Error} as {@linkcode LRScheduler.loadStateDict} does
   */
  prepareLoad(state: SchedulerState): () => void {
    const lastLr = savedRates(state, "lastLr", this.groups.length);
    const baseLrs = savedRates(state, "baseLrs", this.groups.length);
    const lastEpoch = savedCount(state, "lastEpoch");
    return () => {
      this.lastEpoch = lastEpoch;
      this.baseLrs.splice(0, Infinity, ...baseLrs);
      lastLr.forEach((rate, i) => this.groups[i].lr = rate);
    };
  }
}

/** The states of schedulers inside another. @throws {Error} if they are not so many */
export function savedSchedulers(state: SchedulerState, count: number): SchedulerState[] {
  const { schedulers } = state;
  if (Array.isArray(schedulers) && schedulers.length === count) return schedulers;
  throw new Error(`loaded scheduler state does not hold ${count} schedulers`);
}

/** Rates out of a saved state, a group each. @throws {Error} if there are more or fewer, or one is not finite */
export function savedRates(state: SchedulerState, name: string, groups: number): number[] {
  const rates = (state as SchedulerState | null | undefined)?.[name];
  if (!Array.isArray(rates) || rates.length !== groups) {
    throw new Error(
      `loaded scheduler state has rates of ${
        Array.isArray(rates) ? rates.length : "no"
      } groups, expected ${groups}`,
    );
  }
  const wrong = rates.find((rate) => !Number.isFinite(rate));
  if (wrong === undefined && !rates.includes(undefined)) return [...rates];
  throw new Error(
    `loaded scheduler state: ${name} has ${describe(wrong)}, expected finite numbers`,
  );
}

/** An integer from 0 on out of a saved state. */
export function savedCount(state: SchedulerState, name: string): number {
  const value = state[name];
  if (Number.isSafeInteger(value) && value as number >= 0) return value as number;
  throw new Error(
    `loaded scheduler state: ${name} is ${describe(value)}, expected an integer from 0 on`,
  );
}

/** A scheduler whose rate is the base rate times a factor of the epoch alone. */
export abstract class FactorScheduler extends LRScheduler {
  /** The factor of a group at an epoch. */
  protected abstract factor(epoch: number, group: number): number;

  protected override rates(): number[] {
    return this.baseLrs.map((base, group) => base * this.factor(this.lastEpoch, group));
  }
}
