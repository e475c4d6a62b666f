/**
 * What is called while a model is trained.
 * @module
 */
import type { TrainedModel } from "../models/trained_model.ts";

/** Values of a step or an epoch by name: `loss`, `accuracy`, `val_loss`, ... */
export type Logs = Record<string, number>;

/** What training was asked to do. */
export interface CallbackParams {
  /** 0 says nothing, 1 shows a bar, 2 prints a line an epoch. */
  readonly verbose: number;
  readonly epochs: number;
  /** Steps of an epoch; undefined where nobody knows. */
  readonly steps: number | undefined;
  /** The epoch to begin with; a callback that restores a training changes it when training begins. */
  initialEpoch: number;
}

/** What a method of a callback may return: it is waited for. */
export type Done = void | Promise<void>;

/**
 * Base class of callbacks: every method does nothing until it is overridden. Epochs and steps count from 0.
 * To stop training set `this.model.stopTraining`. Follows https://keras.io/api/callbacks/base_callback/
 */
export class Callback {
  #model: TrainedModel | undefined;
  #params: CallbackParams | undefined;

  /** The model that is trained. */
  get model(): TrainedModel {
    if (!this.#model) throw new Error(`${this.constructor.name} is used before training began`);
    return this.#model;
  }

  /** What training was asked to do. */
  get params(): CallbackParams {
    if (!this.#params) throw new Error(`${this.constructor.name} is used before training began`);
    return this.#params;
  }

  /** Called before all others. */
  attach(model: TrainedModel, params: CallbackParams): void {
    this.#model = model;
    this.#params = params;
  }

  onTrainBegin(_logs?: Logs): Done {}
  onTrainEnd(_logs?: Logs): Done {}
  onEpochBegin(_epoch: number, _logs?: Logs): Done {}
  onEpochEnd(_epoch: number, _logs?: Logs): Done {}
  /** Keras' other name for {@linkcode Callback.onTrainBatchBegin}. */
  onBatchBegin(_step: number, _logs?: Logs): Done {}
  /** Keras' other name for {@linkcode Callback.onTrainBatchEnd}. */
  onBatchEnd(_step: number, _logs?: Logs): Done {}
  onTrainBatchBegin(step: number, logs?: Logs): Done {
    return this.onBatchBegin(step, logs);
  }
  onTrainBatchEnd(step: number, logs?: Logs): Done {
    return this.onBatchEnd(step, logs);
  }
  onTestBegin(_logs?: Logs): Done {}
  onTestEnd(_logs?: Logs): Done {}
  onTestBatchBegin(_step: number, _logs?: Logs): Done {}
  onTestBatchEnd(_step: number, _logs?: Logs): Done {}
  onPredictBegin(_logs?: Logs): Done {}
  onPredictEnd(_logs?: Logs): Done {}
  onPredictBatchBegin(_step: number, _logs?: Logs): Done {}
  onPredictBatchEnd(_step: number, _logs?: Logs): Done {}
}

/** Names of the methods that are called with a step or epoch in front. */
export type StepEvent =
  | "onEpochBegin"
  | "onEpochEnd"
  | "onBatchBegin"
  | "onBatchEnd"
  | "onTrainBatchBegin"
  | "onTrainBatchEnd"
  | "onTestBatchBegin"
  | "onTestBatchEnd"
  | "onPredictBatchBegin"
  | "onPredictBatchEnd";

/** Names of the methods that are called with logs only. */
export type PhaseEvent =
  | "onTrainBegin"
  | "onTrainEnd"
  | "onTestBegin"
  | "onTestEnd"
  | "onPredictBegin"
  | "onPredictEnd";
