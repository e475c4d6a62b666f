/**
 * Rates that fall when a figure stops getting better.
 * @module
 */
import { type Call, describe, kinds, signature } from "../../arguments.ts";
import type { Hyperparameters } from "../parameter_group.ts";
import {
  type AnyOptimizer,
  optimizerKind,
  savedCount,
  savedRates,
  type SchedulerState,
} from "./scheduler.ts";

/** Options of {@linkcode ReduceLROnPlateau}, with PyTorch's defaults. */
export interface ReduceLROnPlateauOptions {
  /** Whether the figure is to fall ("min", unless given) or to grow. */
  readonly mode?: "min" | "max";
  /** What the rate is multiplied by, 0.1 unless given. */
  readonly factor?: number;
  /** Epochs without progress that are let pass, 10 unless given. */
  readonly patience?: number;
  /** What counts as progress, 1e-4 unless given. */
  readonly threshold?: number;
  /** Whether the threshold is a share of the best figure ("rel", unless given) or a distance. */
  readonly thresholdMode?: "rel" | "abs";
  /** Epochs after a fall in which nothing is counted, 0 unless given. */
  readonly cooldown?: number;
  /** No rate falls below it, 0 unless given. */
  readonly minLr?: number;
  /** Falls smaller than this are left out, 1e-8 unless given. */
  readonly eps?: number;
}

const REDUCE_LRON_PLATEAU = signature(
  "ReduceLROnPlateau",
  ["optimizer", optimizerKind],
  ["mode", kinds.oneOf("min", "max"), undefined],
  ["factor", kinds.number, undefined],
  ["patience", kinds.number, undefined],
  ["threshold", kinds.number, undefined],
  ["thresholdMode", kinds.oneOf("rel", "abs"), undefined],
  ["cooldown", kinds.number, undefined],
  ["minLr", kinds.number, undefined],
  ["eps", kinds.number, undefined],
);

/**
 * To be stepped with the figure: `scheduler.step(validationLoss)`.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
 */
export class ReduceLROnPlateau {
  readonly #options: Required<ReduceLROnPlateauOptions>;
  #best: number;
  #badEpochs = 0;
  #cooldown = 0;
  lastEpoch = 0;
  #lastLr: readonly number[];

  readonly optimizer: AnyOptimizer;

  constructor(
    ...given: Call<typeof REDUCE_LRON_PLATEAU, ReduceLROnPlateauOptions, [optimizer: AnyOptimizer]>
  ) {
    const { optimizer, ...options } = REDUCE_LRON_PLATEAU.read(given);
    this.optimizer = optimizer;
    this.#options = {
      mode: "min",
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: "rel",
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
      ...options,
    };
    if (!(this.#options.factor < 1)) throw new Error("Factor should be < 1.0.");
    this.#best = this.#options.mode === "min" ? Infinity : -Infinity;
    this.#lastLr = this.#presentRates();
  }

  get #groups(): Hyperparameters[] {
    return this.optimizer.paramGroups as Hyperparameters[];
  }

  /** Looks at the figure of an epoch. */
  step(metric: number): void {
    this.#look(metric);
    this.#lastLr = this.#presentRates();
  }

  #look(metric: number): void {
    this.lastEpoch++;
    if (this.#isBetter(metric)) {
      this.#best = metric;
      this.#badEpochs = 0;
    } else {
      this.#badEpochs++;
    }
    if (this.#cooldown > 0) {
      this.#cooldown--;
      this.#badEpochs = 0;
    }
    if (this.#badEpochs <= this.#options.patience) return;
    this.#reduce();
    this.#cooldown = this.#options.cooldown;
    this.#badEpochs = 0;
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const sign = mode === "min" ? -1 : 1;
    const bound = thresholdMode === "rel"
      ? this.#best * (1 + sign * threshold)
      : this.#best + sign * threshold;
    return mode === "min" ? metric < bound : metric > bound;
  }

  #reduce(): void {
    const { factor, minLr, eps } = this.#options;
    for (const group of this.#groups) {
      const rate = Math.max(group.lr * factor, minLr);
      if (group.lr - rate > eps) group.lr = rate;
    }
  }

  #presentRates(): number[] {
    return this.#groups.map((group) => group.lr);
  }

  /** The rates after this scheduler's last step. */
  getLastLr(): number[] {
    return [...this.#lastLr];
  }

  /** What changes as the schedule goes on. */
  stateDict(): SchedulerState {
    return {
      lastEpoch: this.lastEpoch,
      best: this.#best,
      numBadEpochs: this.#badEpochs,
      cooldownCounter: this.#cooldown,
      lastLr: this.#presentRates(),
    };
  }

  /**
   * Takes over what {@linkcode ReduceLROnPlateau.stateDict} gave, and sets its rates.
   *
   * @throws {Error} if it is no state of such a scheduler for as many groups; nothing is changed then
   */
  loadStateDict(state: SchedulerState): void {
    const lastLr = savedRates(state, "lastLr", this.#groups.length);
    const [lastEpoch, badEpochs, cooldown] = ["lastEpoch", "numBadEpochs", "cooldownCounter"]
      .map((name) => savedCount(state, name));
    const { best } = state;
    if (typeof best !== "number") {
      throw new Error(`loaded scheduler state: best is ${describe(best)}, expected a number`);
    }
    this.lastEpoch = lastEpoch;
    this.#best = best;
    this.#badEpochs = badEpochs;
    this.#cooldown = cooldown;
    lastLr.forEach((rate, i) => this.#groups[i].lr = rate);
    this.#lastLr = lastLr;
  }
}
