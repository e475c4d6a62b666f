/**
 * Ends a training that does not get better.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../options.ts";
import type { Logs } from "./callback.ts";
import { MonitorCallback, type MonitorOptions } from "./monitor_callback.ts";

/** Options of {@linkcode EarlyStopping}. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without a better number after which training ends; 0 unless given. */
  readonly patience?: number;
  /** 1 prints a line when training is ended; 0 unless given. */
  readonly verbose?: 0 | 1;
  /** A number that has to be bettered, beside the best so far. */
  readonly baseline?: number | null;
  /** Whether the model gets the weights of its best epoch back at the end. */
  readonly restoreBestWeights?: boolean;
  /** Epochs to let pass first; 0 unless given. */
  readonly startFromEpoch?: number;
}

/** A copy of a weight on the host. */
interface WeightCopy {
  readonly values: Float32Array | Int32Array | Uint8Array;
  readonly shape: number[];
  readonly dtype: tf.DataType;
}

/**
 * Ends training where a number has not become better for `patience` epochs.
 * Follows https://keras.io/api/callbacks/early_stopping/
 *
 * @throws {RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const stopping = new keras.callbacks.EarlyStopping({
 *   monitor: "val_accuracy",
 *   patience: 3,
 *   restoreBestWeights: true,
 * });
 * console.log(stopping.patience); // 3
 * ```
 */
export class EarlyStopping extends MonitorCallback {
  readonly patience: number;
  readonly baseline: number | null;
  readonly restoreBestWeights: boolean;
  readonly startFromEpoch: number;
  /** The best number so far. */
  best: number | undefined;
  /** The epoch of the best number, counted from 0. */
  bestEpoch = 0;
  /** The epoch after which training was ended, counted from 0; 0 where it was not. */
  stoppedEpoch = 0;
  readonly #verbose: number;
  #wait = 0;
  #bestWeights: WeightCopy[] | undefined;

  constructor(options: EarlyStoppingOptions = {}) {
    const [own, rest] = takeOptions(new.target.name, options, {
      patience: 0,
      verbose: 0,
      baseline: null as number | null,
      restoreBestWeights: false,
      startFromEpoch: 0,
    });
    super(rest);
    this.patience = own.patience;
    this.baseline = own.baseline;
    this.restoreBestWeights = own.restoreBestWeights;
    this.startFromEpoch = own.startFromEpoch;
    this.#verbose = own.verbose;
    this.checkCount("patience", this.patience);
    this.checkCount("startFromEpoch", this.startFromEpoch);
    if (this.baseline !== null) this.checkNumber("baseline", this.baseline, -Infinity);
  }

  override onTrainBegin(): void {
    this.best = undefined;
    this.bestEpoch = 0;
    this.stoppedEpoch = 0;
    this.#wait = 0;
    this.#bestWeights = undefined;
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    const current = this.monitored(logs);
    if (current === undefined || epoch < this.startFromEpoch) return;
    const better = this.improves(current, this.best);
    if (better) await this.#remember(epoch);
    this.#wait++;
    if (better) {
      this.best = current;
      if (this.improves(current, this.baseline ?? undefined)) this.#wait = 0;
      return;
    }
    if (this.#wait < this.patience || epoch === 0) return;
    this.stoppedEpoch = epoch;
    this.model.stopTraining = true;
  }

  override onTrainEnd(): void {
    if (this.stoppedEpoch > 0) this.#say(`Epoch ${this.stoppedEpoch + 1}: early stopping`);
    if (!this.#bestWeights) return;
    this.#say(`Restoring model weights from the end of the best epoch: ${this.bestEpoch + 1}.`);
    const weights = this.#bestWeights.map(({ values, shape, dtype }) =>
      tf.tensor(values, shape, dtype)
    );
    this.model.setWeights(weights);
    tf.dispose(weights);
    this.#bestWeights = undefined;
  }

  async #remember(epoch: number): Promise<void> {
    this.bestEpoch = epoch;
    if (!this.restoreBestWeights) return;
    this.#bestWeights = await Promise.all(
      this.model.getWeights().map(async (weight) => ({
        values: await weight.data(),
        shape: weight.shape,
        dtype: weight.dtype,
      })),
    );
  }

  #say(text: string): void {
    if (this.#verbose > 0) console.log(text);
  }
}
