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
 * made, for epoch 0, and at each {@linkcode LRScheduler.step}. As in PyTorch most of them change the rates that are set:
 * several on one optimizer combine, a rate set by hand stays, and groups added later are scheduled too.
 * Follows https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 */
export abstract class LRScheduler {
  /** The rates before any schedule, a group each. */
  readonly baseLrs: number[];
  /** How many times the schedule has moved on; -1 before {@linkcode LRScheduler.begin}. */
  lastEpoch = -1;
  /** Whether the step to epoch 0 is being made. */
  protected isInitial = false;
  #lastLr: readonly number[];

  constructor(readonly optimizer: AnyOptimizer) {
    for (const group of this.groups) group.initialLr ??= group.lr;
    this.baseLrs = this.groups.map((group) => group.initialLr);
    this.#lastLr = this.presentRates();
  }

  protected get groups(): Hyperparameters[] {
    return this.optimizer.paramGroups as Hyperparameters[];
  }

  /** The rates at the present epoch, a group each. */
  protected abstract rates(): number[];

  /** Sets the rates of the present epoch. */
  protected apply(): void {
    this.setRates(this.rates());
    this.noteRates();
  }

  /** @throws {Error} if they are fewer than the groups, some of which were added after the scheduler was made */
  protected setRates(rates: readonly number[]): void {
    if (rates.length !== this.groups.length) {
      throw new Error(
        `${this.constructor.name} has rates for ${rates.length} parameter groups, ` +
          `but its optimizer has ${this.groups.length} now`,
      );
    }
    rates.forEach((rate, i) => this.groups[i].lr = rate);
  }

  /** Makes the step to epoch 0: at the end of a constructor, and by a scheduler of schedulers. */
  begin(): void {
    this.isInitial = true;
    try {
      this.step();
    } finally {
      this.isInitial = false;
    }
  }

  /** Counts one step less, for a scheduler of schedulers that has it begin again; the rates stay. */
  rewind(): void {
    this.lastEpoch--;
  }

  /** Begins at a milestone of a `SequentialLR`: from the base rates, whatever came before. */
  restart(): void {
    this.setRates(this.baseLrs);
    this.lastEpoch = -1;
    this.begin();
  }

  /** Moves the schedule on; after the optimizer's step. */
  step(): void {
    this.lastEpoch++;
    this.apply();
  }

  /** The rates that are set now. */
  protected presentRates(): number[] {
    return this.groups.map((group) => group.lr);
  }

  /** A step is done: its rates are the last ones of this scheduler, whoever sets others. */
  protected noteRates(): void {
    this.#lastLr = this.presentRates();
  }

  /** The rates after this scheduler's last step. */
  getLastLr(): number[] {
    return [...this.#lastLr];
  }

  /** What changes as the schedule goes on. */
  stateDict(): SchedulerState {
    return { lastEpoch: this.lastEpoch, baseLrs: [...this.baseLrs], lastLr: this.presentRates() };
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
    // Groups that were added after the scheduler was made have none there.
    const saved = savedRates(state, "baseLrs", this.groups.length, 1);
    const baseLrs = this.baseLrs.map((own, i) => saved[i] ?? own);
    const lastEpoch = savedCount(state, "lastEpoch");
    return () => {
      this.lastEpoch = lastEpoch;
      this.baseLrs.splice(0, Infinity, ...baseLrs);
      lastLr.forEach((rate, i) => this.groups[i].lr = rate);
      this.noteRates();
    };
  }
}

/** A scheduler that multiplies the rates that are set, of all groups alike. */
export abstract class FactorScheduler extends LRScheduler {
  /** What the rates are multiplied by at the present epoch. */
  protected abstract factor(): number;

  protected override rates(): number[] {
    const factor = this.factor();
    return this.presentRates().map((rate) => rate * factor);
  }
}

/** The schedulers of a scheduler of schedulers, as an argument. */
export const schedulersKind: Kind<readonly LRScheduler[]> = kinds.listOf(
  kinds.instance("a scheduler that is stepped without a metric", LRScheduler),
);

/** @throws {Error} if there are no schedulers, or one is another optimizer's */
export function checkSchedulers(
  name: string,
  schedulers: readonly LRScheduler[],
  optimizer: AnyOptimizer | undefined = schedulers[0]?.optimizer,
): void {
  if (schedulers.length < 1) {
    throw new Error(`${name} expects at least one scheduler to be chained, but got no scheduler.`);
  }
  if (schedulers.some((scheduler) => scheduler.optimizer !== optimizer)) {
    throw new Error(`${name} expects all schedulers to belong to the same optimizer`);
  }
}

/** The states of schedulers inside another. @throws {Error} if they are not so many */
export function savedSchedulers(state: SchedulerState, count: number): SchedulerState[] {
  const { schedulers } = state;
  if (Array.isArray(schedulers) && schedulers.length === count) return schedulers;
  throw new Error(`loaded scheduler state does not hold ${count} schedulers`);
}

/** Rates out of a saved state, a group each. @throws {Error} if there are more or fewer, or one is not finite */
export function savedRates(
  state: SchedulerState,
  name: string,
  groups: number,
  atLeast = groups,
): number[] {
  const rates = (state as SchedulerState | null | undefined)?.[name];
  if (!Array.isArray(rates) || rates.length > groups || rates.length < atLeast) {
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
