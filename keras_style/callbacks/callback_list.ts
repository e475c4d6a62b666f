/**
 * Several callbacks called as one, in order.
 * @module
 */
import type { TrainedModel } from "../models/trained_model.ts";
import { readOptions, show } from "../options.ts";
import { Callback, type CallbackParams, type Done, type Logs } from "./callback.ts";
import { History } from "./history.ts";
import { ProgbarLogger } from "./progbar_logger.ts";

/** Options of {@linkcode CallbackList}. */
export interface CallbackListOptions extends Partial<CallbackParams> {
  /** Whether a {@linkcode History} is added where there is none; false unless given. */
  readonly addHistory?: boolean;
  /** Whether a {@linkcode ProgbarLogger} is added where there is none; false unless given. */
  readonly addProgbar?: boolean;
  /** The model that the callbacks are for. */
  readonly model?: TrainedModel;
}

/**
 * Passes every event on to all callbacks, one after the other, and waits for those that take time: for training loops of
 * one's own. Follows keras/src/callbacks/callback_list.py of Keras 3.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const list = new keras.callbacks.CallbackList([
 *   new keras.callbacks.LambdaCallback({ onEpochEnd: (epoch, logs) => console.log(epoch, logs) }),
 * ], { addHistory: true });
 * await list.onEpochEnd(0, { loss: 0.5 }); // 0 { loss: 0.5 }
 * ```
 */
export class CallbackList extends Callback {
  readonly callbacks: readonly Callback[];
  /** What the epochs gave, where a {@linkcode History} is among the callbacks. */
  readonly history: History | undefined;

  /** @throws {TypeError} for what is no callback */
  constructor(
    callbacks: Callback | readonly Callback[] = [],
    options: CallbackListOptions = {},
  ) {
    super();
    const given = [callbacks].flat() as readonly Callback[];
    const stray = given.findIndex((callback) => !(callback instanceof Callback));
    if (stray >= 0) {
      throw new TypeError(`callbacks[${stray}] is ${show(given[stray])}, expected a Callback`);
    }
    const { addHistory, addProgbar, model, ...params } = readOptions("CallbackList", options, {
      addHistory: false,
      addProgbar: false,
      model: undefined,
      verbose: 0,
      epochs: 1,
      steps: undefined,
      initialEpoch: 0,
    }) as CallbackListOptions & CallbackParams;
    const has = (Class: typeof History | typeof ProgbarLogger) =>
      given.some((callback) => callback instanceof Class);
    this.callbacks = [
      ...given,
      ...addHistory && !has(History) ? [new History()] : [],
      ...addProgbar && !has(ProgbarLogger) ? [new ProgbarLogger()] : [],
    ];
    this.history = this.callbacks.find((callback) => callback instanceof History);
    if (model) this.attach(model, params);
  }

  override attach(model: TrainedModel, params: CallbackParams): void {
    super.attach(model, params);
    if (this.history) model.history = this.history;
    for (const callback of this.callbacks) callback.attach(model, params);
  }

  async #each(call: (callback: Callback) => Done): Promise<void> {
    for (const callback of this.callbacks) {
      const done = call(callback);
      if (done) await done;
    }
  }

  override onTrainBegin(logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onTrainBegin(logs));
  }
  override onTrainEnd(logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onTrainEnd(logs));
  }
  override onEpochBegin(epoch: number, logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onEpochBegin(epoch, logs));
  }
  override onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onEpochEnd(epoch, logs));
  }
  override onBatchBegin(step: number, logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onBatchBegin(step, logs));
  }
  override onBatchEnd(step: number, logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onBatchEnd(step, logs));
  }
  override onTrainBatchBegin(step: number, logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onTrainBatchBegin(step, logs));
  }
  override onTrainBatchEnd(step: number, logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onTrainBatchEnd(step, logs));
  }
  override onTestBegin(logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onTestBegin(logs));
  }
  override onTestEnd(logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onTestEnd(logs));
  }
  override onTestBatchBegin(step: number, logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onTestBatchBegin(step, logs));
  }
  override onTestBatchEnd(step: number, logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onTestBatchEnd(step, logs));
  }
  override onPredictBegin(logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onPredictBegin(logs));
  }
  override onPredictEnd(logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onPredictEnd(logs));
  }
  override onPredictBatchBegin(step: number, logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onPredictBatchBegin(step, logs));
  }
  override onPredictBatchEnd(step: number, logs?: Logs): Promise<void> {
    return this.#each((callback) => callback.onPredictBatchEnd(step, logs));
  }
}
