/**
 * Makes steps smaller where a training does not get better.
 * @module
 */
import { takeOptions } from "../options.ts";
import type { Logs } from "./callback.ts";
import { learningRates, type RatedOptimizer, ratedOptimizers } from "./learning_rates.ts";
import { MonitorCallback, type MonitorOptions } from "./monitor_callback.ts";

/** Options of {@linkcode ReduceLROnPlateau}; `minDelta` is 1e-4 unless given. */
export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** What the learning rate is multiplied with; below 1, 0.1 unless given. */
  readonly factor?: number;
  /** Epochs without a better number; 10 unless given. */
  readonly patience?: number;
  /** Epochs after a change that are not counted; 0 unless given. */
  readonly cooldown?: number;
  /** The learning rate does not fall below it; 0 unless given. */
  readonly minLr?: number;
  /** 1 prints a line at a change; 0 unless given. */
  readonly verbose?: 0 | 1;
}

/**
 * Multiplies the learning rate with a factor where a number has not become better for `patience` epochs. The logs get
 * `learning_rate`. Follows https://keras.io/api/callbacks/reduce_lr_on_plateau/
 *
 * @throws {RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const slower = new keras.callbacks.ReduceLROnPlateau({ monitor: "loss", factor: 0.5, patience: 2 });
 * console.log(slower.factor); // 0.5
 * ```
 */
export class ReduceLROnPlateau extends MonitorCallback {
  readonly factor: number;
  readonly patience: number;
  readonly cooldown: number;
  readonly minLr: number;
  /** The best number so far. */
  best: number | undefined;
  readonly #verbose: number;
  #wait = 0;
  #coolingFor = 0;

  constructor(options: ReduceLROnPlateauOptions = {}) {
    const [own, rest] = takeOptions(new.target.name, options, {
      factor: 0.1,
      patience: 10,
      verbose: 0,
      cooldown: 0,
      minLr: 0,
    });
    super(rest, { minDelta: 1e-4 });
    this.factor = own.factor;
    this.patience = own.patience;
    this.cooldown = own.cooldown;
    this.minLr = own.minLr;
    this.#verbose = own.verbose;
    this.checkNumber("factor", this.factor, 0, 1);
    this.checkCount("patience", this.patience);
    this.checkCount("cooldown", this.cooldown);
    this.checkNumber("minLr", this.minLr, 0);
  }

  override onTrainBegin(): void {
    this.best = undefined;
    this.#wait = 0;
    this.#coolingFor = 0;
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    Object.assign(logs, await learningRates(this.model.optimizer));
    const current = this.monitored(logs);
    if (current === undefined) return;
    if (this.#coolingFor > 0) {
      this.#coolingFor--;
      this.#wait = 0;
    }
    if (this.improves(current, this.best)) {
      this.best = current;
      this.#wait = 0;
    } else if (this.#coolingFor === 0 && ++this.#wait >= this.patience) {
      await this.#reduceAll(epoch);
    }
  }

  async #reduceAll(epoch: number): Promise<void> {
    for (const rated of ratedOptimizers(this.model.optimizer)) {
      if (!await this.#reduce(epoch, rated)) continue;
      this.#coolingFor = this.cooldown;
      this.#wait = 0;
    }
  }

  /** @returns whether the rate was above the least one */
  async #reduce(epoch: number, { name, optimizer }: RatedOptimizer): Promise<boolean> {
    const [rate] = await optimizer.learningRate.data();
    if (rate <= Math.fround(this.minLr)) return false;
    const next = Math.max(rate * this.factor, this.minLr);
    optimizer.learningRate = next;
    if (this.#verbose > 0) {
      const which = name === null ? "" : ` ${name}`;
      console.log(
        `\nEpoch ${epoch + 1}: ReduceLROnPlateau reducing${which} learning rate to ${next}.`,
      );
    }
    return true;
  }
}
