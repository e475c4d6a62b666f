/**
 * Normalization of every sample by itself.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, takeOptions } from "../../options.ts";
import { knownSize } from "../core/dense.ts";
import type { Shape } from "../keras_tensor.ts";
import {
  positiveAxes,
  ScaleAndCenterLayer,
  type ScaleAndCenterOptions,
} from "./scale_and_center.ts";
import { alongAxes, standardize } from "./standardize.ts";

/** Options of {@linkcode LayerNormalization}. */
export interface LayerNormalizationOptions extends ScaleAndCenterOptions {
  /** The axis, or axes, of the features; -1, the last, unless given. */
  readonly axis?: number | readonly number[];
  /** Added to the variance; 0.001 unless given. */
  readonly epsilon?: number;
}

/**
 * Gives every sample (every step of a sequence) mean 0 and variance 1 over its features; then gamma x + beta.
 * Follows https://keras.io/api/layers/normalization_layers/layer_normalization/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.LayerNormalization({ epsilon: 1e-6 });
 * console.log(layer(keras.Input({ shape: [10, 64] })).shape); // [ null, 10, 64 ]
 * ```
 */
export class LayerNormalization extends ScaleAndCenterLayer {
  readonly axis: number | readonly number[];
  readonly epsilon: number;

  /** @throws {RangeError} for a setting out of range */
  constructor(options: LayerNormalizationOptions = {}) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { axis: -1, epsilon: 1e-3 });
    super(rest);
    this.axis = own.axis as number | readonly number[];
    this.epsilon = checkNumber(owner, "epsilon", own.epsilon, { from: 0 });
    this.supportsMasking = true;
    this.autocast = false;
    this.computesInFloat32 = true;
  }

  override build(inputShape: Shape): void {
    const axes = this.#axes(inputShape.length);
    this.addGammaAndBeta(axes.map((axis) => knownSize(this.name, inputShape, axis)));
  }

  #axes(rank: number): number[] {
    return positiveAxes(this.getClassName(), this.axis, rank);
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    const x = inputs.dtype === "float32" ? inputs : tf.cast(inputs, "float32");
    const axes = this.#axes(x.rank);
    const { output } = standardize(x, axes, this.epsilon);
    const along = (values: tf.Tensor) => alongAxes(values, x.shape, axes);
    const scaled = this.gamma ? tf.mul(output, along(this.gamma)) : output;
    return this.beta ? tf.add(scaled, along(this.beta)) : scaled;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis, epsilon: this.epsilon };
  }
}
