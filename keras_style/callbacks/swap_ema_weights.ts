/**
 * Evaluates with the moving averages of weights.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { readOptions } from "../options.ts";
import { Callback } from "./callback.ts";

/** Options of {@linkcode SwapEMAWeights}. */
export interface SwapEMAWeightsOptions {
  /** Whether callbacks that follow see the averages at the end of epochs, too: to save them; false unless given. */
  readonly swapOnEpoch?: boolean;
}

/**
 * Gives the model the moving averages that its optimizer keeps (`useEma`) for evaluations and predictions, and its own weights
 * again for training. Follows https://keras.io/api/callbacks/swap_ema_weights/
 *
 * @throws {Error} when training begins, if the optimizer keeps no averages
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const optimizer = new keras.optimizers.SGD({ useEma: true });
 * const callbacks = [
 *   new keras.callbacks.SwapEMAWeights({ swapOnEpoch: true }),
 *   new keras.callbacks.ModelCheckpoint({ filepath: "averaged.safetensors" }),
 * ];
 * ```
 */
export class SwapEMAWeights extends Callback {
  readonly swapOnEpoch: boolean;
  /** The model's own weights while it has the averages. */
  #kept: tf.Tensor[] | undefined;

  constructor(options: SwapEMAWeightsOptions = {}) {
    super();
    this.swapOnEpoch = readOptions("SwapEMAWeights", options, { swapOnEpoch: false }).swapOnEpoch;
  }

  #averages(): readonly (readonly [weight: tf.Variable, average: tf.Variable])[] {
    const { weightAverages } = this.model.optimizer;
    if (weightAverages) return weightAverages;
    throw new Error(
      `SwapEMAWeights: the optimizer keeps no averages, expected one with useEma: true`,
    );
  }

  #useAverages(): void {
    if (this.#kept) return;
    const averages = this.#averages();
    this.#kept = averages.map(([weight]) => tf.clone(weight));
    for (const [weight, average] of averages) weight.assign(average);
  }

  #useOwn(): void {
    const kept = this.#kept;
    if (!kept) return;
    this.#averages().forEach(([weight], i) => weight.assign(kept[i]));
    tf.dispose(kept);
    this.#kept = undefined;
  }

  override onTrainBegin(): void {
    void this.#averages();
  }
  override onEpochBegin(): void {
    this.#useOwn();
  }
  override onEpochEnd(): void {
    if (this.swapOnEpoch) this.#useAverages();
  }
  override onTrainEnd(): void {
    // The optimizer has given the model its averages for good.
    tf.dispose(this.#kept);
    this.#kept = undefined;
  }
  override onTestBegin(): void {
    this.#useAverages();
  }
  override onTestEnd(): void {
    this.#useOwn();
  }
  override onPredictBegin(): void {
    this.#useAverages();
  }
  override onPredictEnd(): void {
    this.#useOwn();
  }
}
