/**
 * Layers that pass their input on.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, takeOptions } from "../../options.ts";
import type { Shape } from "../keras_tensor.ts";
import { Layer, type LayerOptions } from "../layer.ts";

/** Gives what it is given. Follows https://keras.io/api/layers/core_layers/identity/ */
export class Identity extends Layer {
  constructor(options: LayerOptions = {}) {
    super(options);
    this.supportsMasking = true;
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  protected override outputDtype([input]: readonly { dtype: tf.DataType }[]): tf.DataType {
    return input.dtype;
  }

  override call(x: tf.Tensor): tf.Tensor {
    return x;
  }
}

/** Options of {@linkcode Masking}. */
export interface MaskingOptions extends LayerOptions {
  /** A step all of whose features are this does not count; 0 unless given. */
  readonly maskValue?: number;
}

/**
 * Says which steps of [n, steps, features] count. Follows https://keras.io/api/layers/core_layers/masking/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Masking({ maskValue: -1 });
 * console.log(layer(keras.Input({ shape: [10, 3] })).shape); // [ null, 10, 3 ]
 * ```
 */
export class Masking extends Layer {
  readonly maskValue: number;

  constructor(options: MaskingOptions = {}) {
    const owner = new.target.name;
    const [{ maskValue }, rest] = takeOptions(owner, options, { maskValue: 0 });
    super(rest);
    this.maskValue = checkNumber(owner, "maskValue", maskValue);
    this.supportsMasking = true;
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override call(x: tf.Tensor): tf.Tensor {
    return tf.mul(x, tf.cast(tf.expandDims(this.computeMask(x), -1), x.dtype));
  }

  override computeMask(x: tf.Tensor): tf.Tensor {
    return tf.any(tf.notEqual(x, tf.scalar(this.maskValue, x.dtype)), -1);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), maskValue: this.maskValue };
  }
}
