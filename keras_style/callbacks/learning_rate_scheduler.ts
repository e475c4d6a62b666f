/**
 * Sets the learning rate of every epoch.
 * @module
 */
import { readOptions, show } from "../options.ts";
import { Callback, type Logs } from "./callback.ts";
import { learningRates, type RatedOptimizer, ratedOptimizers } from "./learning_rates.ts";

/** Gives an epoch's learning rate; epochs count from 0. */
export type LearningRateSchedule = (epoch: number, learningRate: number) => number;

/** Options of {@linkcode LearningRateScheduler}. */
export interface LearningRateSchedulerOptions {
  readonly schedule: LearningRateSchedule;
  /** 1 prints a line every epoch; 0 unless given. */
  readonly verbose?: 0 | 1;
}

/**
 * Asks a function for the learning rate before every epoch. The logs get `learning_rate`.
 * Follows https://keras.io/api/callbacks/learning_rate_scheduler/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const schedule = new keras.callbacks.LearningRateScheduler((epoch, rate) => epoch < 10 ? rate : rate * 0.9);
 * await schedule.onTrainBegin();
 * ```
 */
export class LearningRateScheduler extends Callback {
  readonly schedule: LearningRateSchedule;
  readonly #verbose: number;

  /** @throws {TypeError} if the schedule is no function */
  constructor(options: LearningRateSchedulerOptions) {
    super();
    const { schedule, verbose } = readOptions("LearningRateScheduler", options, {
      schedule: undefined,
      verbose: 0,
    });
    if (typeof schedule !== "function") {
      throw new TypeError(
        `LearningRateScheduler: schedule is ${
          show(schedule)
        }, expected a function of epoch and rate`,
      );
    }
    this.schedule = schedule;
    this.#verbose = verbose;
  }

  override async onEpochBegin(epoch: number): Promise<void> {
    for (const rated of ratedOptimizers(this.model.optimizer)) await this.#set(epoch, rated);
  }

  async #set(epoch: number, { name, optimizer }: RatedOptimizer): Promise<void> {
    const [before] = await optimizer.learningRate.data();
    const rate = this.schedule(epoch, before);
    if (typeof rate !== "number" || !(rate >= 0)) {
      throw new RangeError(
        `LearningRateScheduler: schedule gave ${rate} for epoch ${epoch}, expected a number of at least 0`,
      );
    }
    optimizer.learningRate = rate;
    if (this.#verbose > 0) {
      const which = name === null ? "" : ` ${name}`;
      console.log(
        `\nEpoch ${epoch + 1}: LearningRateScheduler setting${which} learning rate to ${rate}.`,
      );
    }
  }

  override async onEpochEnd(_epoch: number, logs: Logs = {}): Promise<void> {
    Object.assign(logs, await learningRates(this.model.optimizer));
  }
}
