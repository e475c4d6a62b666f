/**
 * A callback put together from functions.
 * @module
 */
import { Callback, type PhaseEvent, type StepEvent } from "./callback.ts";

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
  constructor(functions: LambdaCallbackOptions) {
    super();
    Object.assign(this, functions);
  }
}
