/**
 * Ends a training whose loss is no number any more.
 * @module
 */
import { readOptions } from "../options.ts";
import { Callback, type Logs } from "./callback.ts";

/** Options of {@linkcode TerminateOnNaN}. */
export interface TerminateOnNaNOptions {
  /** Whether to throw, so that no callback hears of the end of training; false unless given. */
  readonly raiseError?: boolean;
}

/**
 * Ends training after the step whose loss is not finite. Follows https://keras.io/api/callbacks/terminate_on_nan/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const callbacks = [new keras.callbacks.TerminateOnNaN()];
 * ```
 */
export class TerminateOnNaN extends Callback {
  readonly raiseError: boolean;

  constructor(options: TerminateOnNaNOptions = {}) {
    super();
    this.raiseError = readOptions("TerminateOnNaN", options, { raiseError: false }).raiseError;
  }

  override onTrainBatchEnd(step: number, { loss }: Logs = {}): void {
    if (loss === undefined || Number.isFinite(loss)) return;
    if (this.raiseError) {
      throw new Error(
        `TerminateOnNaN: the loss of step ${step} is ${loss}, expected a finite number`,
      );
    }
    console.log(`Batch ${step}: Invalid loss, terminating training`);
    this.model.stopTraining = true;
  }
}
