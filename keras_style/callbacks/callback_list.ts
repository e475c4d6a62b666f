/**
 * Several callbacks called as one, in order.
 * @module
 */
import type { TrainedModel } from "../models/trained_model.ts";
import type { Callback, CallbackParams, Logs, PhaseEvent, StepEvent } from "./callback.ts";

/** Passes every event on to all callbacks, and waits for those that take time. */
export class CallbackList {
  readonly #callbacks: readonly Callback[];

  constructor(callbacks: readonly Callback[], model: TrainedModel, params: CallbackParams) {
    this.#callbacks = callbacks;
    for (const callback of callbacks) callback.attach(model, params);
  }

  /** An event of a step or an epoch. */
  async step(event: StepEvent, index: number, logs?: Logs): Promise<void> {
    for (const callback of this.#callbacks) {
      const done = callback[event](index, logs);
      if (done) await done;
    }
  }

  /** An event without a number. */
  async phase(event: PhaseEvent, logs?: Logs): Promise<void> {
    for (const callback of this.#callbacks) {
      const done = callback[event](logs);
      if (done) await done;
    }
  }
}
