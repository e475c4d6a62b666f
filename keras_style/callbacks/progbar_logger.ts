/**
 * Shows the progress of `fit`, `evaluate` and `predict`.
 * @module
 */
import { Callback, type Logs } from "./callback.ts";
import { ProgressBar, type ProgressSettings, standardOutput } from "./progress_bar.ts";

/** Keras' progress bar: one an epoch, or one for a whole evaluation or prediction. */
export class ProgbarLogger extends Callback {
  readonly #settings: ProgressSettings;
  #bar: ProgressBar | undefined;
  #done = 0;
  #training = false;

  constructor(settings: ProgressSettings = standardOutput()) {
    super();
    this.#settings = settings;
  }

  override onTrainBegin(): void {
    this.#training = true;
  }

  override onEpochBegin(epoch: number): void {
    if (this.params.epochs > 1) {
      this.#settings.write(`Epoch ${epoch + 1}/${this.params.epochs}\n`);
    }
    this.#begin();
  }

  override onTrainBatchEnd(step: number, logs?: Logs): void {
    this.#update(step, logs);
  }

  override onEpochEnd(_epoch: number, logs?: Logs): void {
    this.#finish(logs);
  }

  override onTestBegin(): void {
    if (!this.#training) this.#begin();
  }

  override onTestBatchEnd(step: number, logs?: Logs): void {
    if (!this.#training) this.#update(step, logs);
  }

  override onTestEnd(logs?: Logs): void {
    if (!this.#training) this.#finish(logs);
  }

  override onPredictBegin(): void {
    this.#begin();
  }

  override onPredictBatchEnd(step: number): void {
    this.#update(step);
  }

  override onPredictEnd(): void {
    this.#finish();
  }

  #begin(): void {
    this.#done = 0;
    this.#bar = new ProgressBar(this.params.steps, this.params.verbose, this.#settings);
  }

  #update(step: number, logs: Logs = {}): void {
    this.#done = step + 1;
    this.#bar?.update(this.#done, logs);
  }

  #finish(logs: Logs = {}): void {
    this.#bar?.update(this.#done, logs, true);
  }
}
