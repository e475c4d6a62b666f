/**
 * Normalization over the batch.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import * as initializers from "../../initializers/mod.ts";
import { checkNumber, takeOptions } from "../../options.ts";
import { knownSize } from "../core/dense.ts";
import type { Shape } from "../keras_tensor.ts";
import type { CallOptions } from "../layer.ts";
import {
  positiveAxes,
  ScaleAndCenterLayer,
  type ScaleAndCenterOptions,
} from "./scale_and_center.ts";
import { alongAxes, standardize } from "./standardize.ts";
import type { Weight } from "../weight.ts";

/** Options of {@linkcode BatchNormalization}. */
export interface BatchNormalizationOptions extends ScaleAndCenterOptions {
  /** The axis of the features; -1, the last, unless given; 1 where channels stand first. */
  readonly axis?: number;
  /** How much of the old moving statistics a step keeps; 0.99 unless given. */
  readonly momentum?: number;
  /** Added to the variance; 0.001 unless given. */
  readonly epsilon?: number;
  /** "zeros" unless given. */
  readonly movingMeanInitializer?: initializers.InitializerIdentifier;
  /** "ones" unless given. */
  readonly movingVarianceInitializer?: initializers.InitializerIdentifier;
}

/**
 * Gives every feature mean 0 and variance 1 over the batch (while training) or by moving statistics; then gamma x + beta.
 * With `trainable: false` it runs in inference mode and keeps its statistics. Masked steps do not count.
 * Follows https://keras.io/api/layers/normalization_layers/batch_normalization/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.BatchNormalization({ momentum: 0.9 });
 * console.log(layer(keras.Input({ shape: [8, 8, 16] })).shape); // [ null, 8, 8, 16 ]
 * ```
 */
export class BatchNormalization extends ScaleAndCenterLayer {
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  movingMean!: Weight;
  movingVariance!: Weight;
  readonly #meanInitializer: initializers.Initializer;
  readonly #varianceInitializer: initializers.Initializer;

  /** @throws {RangeError} for a setting out of range */
  constructor(options: BatchNormalizationOptions = {}) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      axis: -1,
      momentum: 0.99,
      epsilon: 1e-3,
      movingMeanInitializer: "zeros",
      movingVarianceInitializer: "ones",
    });
    super(rest);
    this.axis = checkNumber(owner, "axis", own.axis, { integer: true });
    this.momentum = checkNumber(owner, "momentum", own.momentum, { from: 0, to: 1 });
    this.epsilon = checkNumber(owner, "epsilon", own.epsilon, { from: 0 });
    this.#meanInitializer = initializers.get(
      own.movingMeanInitializer as initializers.InitializerIdentifier,
      `${owner}: movingMeanInitializer`,
    );
    this.#varianceInitializer = initializers.get(
      own.movingVarianceInitializer as initializers.InitializerIdentifier,
      `${owner}: movingVarianceInitializer`,
    );
    this.supportsMasking = true;
    this.computesInFloat32 = true;
  }

  override build(inputShape: Shape): void {
    const [axis] = positiveAxes(this.getClassName(), this.axis, inputShape.length);
    const size = knownSize(this.name, inputShape, axis);
    this.addGammaAndBeta([size]);
    const fixed = { shape: [size], trainable: false };
    const [mean, variance] = [this.#meanInitializer, this.#varianceInitializer];
    this.movingMean = this.addWeight({ ...fixed, name: "moving_mean", initializer: mean });
    this.movingVariance = this.addWeight({
      ...fixed,
      name: "moving_variance",
      initializer: variance,
    });
    this.inputSpec = { ndim: inputShape.length, axes: { [axis]: size } };
  }

  override call(inputs: tf.Tensor, { training, mask }: CallOptions = {}): tf.Tensor {
    const x = inputs.dtype === "float32" ? inputs : tf.cast(inputs, "float32");
    if (!training || !this.trainable) return this.#byMovingStatistics(x);
    return mask ? this.#byMaskedBatch(x, mask as tf.Tensor) : this.#byBatch(x);
  }

  #along(values: tf.Tensor, x: tf.Tensor): tf.Tensor {
    return alongAxes(values, x.shape, positiveAxes(this.getClassName(), this.axis, x.rank));
  }

  #otherAxes(x: tf.Tensor): number[] {
    const [axis] = positiveAxes(this.getClassName(), this.axis, x.rank);
    return x.shape.flatMap((_, i) => i === axis ? [] : [i]);
  }

  #byBatch(x: tf.Tensor): tf.Tensor {
    const { output, mean, variance } = standardize(x, this.#otherAxes(x), this.epsilon);
    this.#count(mean, variance);
    const scaled = this.gamma ? tf.mul(output, this.#along(this.gamma, x)) : output;
    return this.beta ? tf.add(scaled, this.#along(this.beta, x)) : scaled;
  }

  #byMaskedBatch(x: tf.Tensor, mask: tf.Tensor): tf.Tensor {
    const axes = this.#otherAxes(x);
    const counts = tf.cast(tf.broadcastTo(tf.expandDims(mask, -1), x.shape), "float32");
    const total = tf.add(tf.sum(counts, axes, true), 1e-7);
    const mean = tf.div(tf.sum(tf.mul(x, counts), axes, true), total);
    const away = tf.mul(tf.sub(x, mean), counts);
    const variance = tf.div(tf.sum(tf.square(away), axes, true), total);
    this.#count(mean, variance);
    return this.#normalized(x, mean, variance);
  }

  #byMovingStatistics(x: tf.Tensor): tf.Tensor {
    return this.#normalized(
      x,
      this.#along(this.movingMean, x),
      this.#along(this.movingVariance, x),
    );
  }

  #normalized(x: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor): tf.Tensor {
    const factor = tf.div(1, tf.sqrt(tf.add(variance, this.epsilon)));
    const slope = this.gamma ? tf.mul(factor, this.#along(this.gamma, x)) : factor;
    const shift = tf.mul(tf.neg(mean), slope);
    const offset = this.beta ? tf.add(shift, this.#along(this.beta, x)) : shift;
    return tf.add(tf.mul(x, slope), offset);
  }

  /** Moving statistics go a part of the way to those of a batch. */
  #count(mean: tf.Tensor, variance: tf.Tensor): void {
    for (const [moving, value] of [[this.movingMean, mean], [this.movingVariance, variance]]) {
      const fresh = tf.mul(tf.reshape(value, moving.shape), 1 - this.momentum);
      (moving as Weight).assign(tf.add(tf.mul(moving, this.momentum), fresh));
    }
  }

  override getConfig(): Record<string, unknown> {
    const { axis, momentum, epsilon } = this;
    return {
      ...super.getConfig(),
      axis,
      momentum,
      epsilon,
      movingMeanInitializer: initializers.serialize(this.#meanInitializer),
      movingVarianceInitializer: initializers.serialize(this.#varianceInitializer),
    };
  }
}
