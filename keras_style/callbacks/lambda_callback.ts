/**
 * A callback put together from functions.
 * @module
 */
import { readOptions, show } from "../options.ts";
import { Callback, type PhaseEvent, type StepEvent } from "./callback.ts";

/** Keras' events, and those that it keeps of Keras 2. */
const EVENTS: readonly (PhaseEvent | StepEvent)[] = [
  ...["onEpochBegin", "onEpochEnd", "onTrainBegin", "onTrainEnd"] as const,
  ...["onTrainBatchBegin", "onTrainBatchEnd", "onBatchBegin", "onBatchEnd"] as const,
  ...["onTestBegin", "onTestEnd", "onTestBatchBegin", "onTestBatchEnd"] as const,
  ...["onPredictBegin", "onPredictEnd", "onPredictBatchBegin", "onPredictBatchEnd"] as const,
];

/** Functions to call, by the names of {@linkcode Callback}'s methods. */
export type LambdaCallbackOptions = Partial<Pick<Callback, PhaseEvent | StepEvent>>;

/**
 * Calls the functions it is given. Follows https://keras.io/api/callbacks/lambda_callback/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const shout = new keras.callbacks.LambdaCallback({
 *   onEpochEnd: (epoch, logs) => console.log(epoch, logs?.loss),
 * });
 * ```
 */
export class LambdaCallback extends Callback {
  /** @throws {TypeError} for an event there is not, or for what is no function */
  constructor(functions: LambdaCallbackOptions) {
    super();
    const known = Object.fromEntries(EVENTS.map((event) => [event, undefined]));
    const given = Object.entries(readOptions("LambdaCallback", functions, known));
    for (const [event, run] of given) {
      if (run === undefined || run === null) continue;
      if (typeof run !== "function") {
        throw new TypeError(`LambdaCallback: ${event} is ${show(run)}, expected a function`);
      }
      Object.assign(this, { [event]: run });
    }
  }
}
