/**
 * What `fit` returns.
 * @module
 */
import { Callback, type Logs } from "./callback.ts";

/** The values of every epoch. Follows https://keras.io/api/models/model_training_apis/#fit-method */
export class History extends Callback {
  /** Epochs of the training, counted from 0. */
  readonly epoch: number[] = [];
  /** One list a number, such as `loss` and `val_loss`; entry i belongs to `epoch[i]`. */
  readonly history: Record<string, number[]> = {};

  override onTrainBegin(): void {
    this.epoch.length = 0;
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) (this.history[name] ??= []).push(value);
  }
}
