/**
 * Normalization over groups of channels, of vectors' lengths, and of kernels.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { unitVectors } from "../../losses/similarity.ts";
import { checkNumber, show, takeOptions } from "../../options.ts";
import { knownSize } from "../core/dense.ts";
import type { Shape } from "../keras_tensor.ts";
import { type CallOptions, Layer, type LayerOptions } from "../layer.ts";
import {
  positiveAxes,
  ScaleAndCenterLayer,
  type ScaleAndCenterOptions,
} from "./scale_and_center.ts";
import { divideByRootMeanSquare, standardize } from "./standardize.ts";
import type { Weight } from "../weight.ts";
import { Wrapper, type WrapperOptions } from "../rnn/wrappers.ts";

/** Options of {@linkcode GroupNormalization}. */
export interface GroupNormalizationOptions extends ScaleAndCenterOptions {
  /** How many groups the channels are divided into; -1 for one a channel; 32 unless given. */
  readonly groups?: number;
  /** The axis of the channels; -1 unless given. */
  readonly axis?: number;
  /** Added to the variance; 0.001 unless given. */
  readonly epsilon?: number;
}

/**
 * Gives every group of channels of a sample mean 0 and variance 1 (Wu and He, 2018); then gamma x + beta.
 * Follows https://keras.io/api/layers/normalization_layers/group_normalization/
 *
 * @throws {RangeError} for a setting out of range
 */
export class GroupNormalization extends ScaleAndCenterLayer {
  readonly groups: number;
  readonly axis: number;
  readonly epsilon: number;

  constructor(options: GroupNormalizationOptions = {}) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { groups: 32, axis: -1, epsilon: 1e-3 });
    super(rest);
    this.groups = checkNumber(owner, "groups", own.groups, { from: -1, integer: true });
    this.axis = checkNumber(owner, "axis", own.axis, { integer: true });
    this.epsilon = checkNumber(owner, "epsilon", own.epsilon, { from: 0 });
    this.supportsMasking = true;
    this.autocast = false;
    this.computesInFloat32 = true;
  }

  override build(inputShape: Shape): void {
    const [axis] = positiveAxes(this.getClassName(), this.axis, inputShape.length);
    const channels = knownSize(this.name, inputShape, axis);
    const groups = this.groups === -1 ? channels : this.groups;
    if (groups === 0 || channels % groups !== 0) {
      throw new RangeError(
        `${this.getClassName()}: groups is ${show(this.groups)}, expected a divisor of the ` +
          `${channels} channels`,
      );
    }
    this.addGammaAndBeta([channels]);
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    const x = inputs.dtype === "float32" ? inputs : tf.cast(inputs, "float32");
    const [axis] = positiveAxes(this.getClassName(), this.axis, x.rank);
    const { shape } = x;
    const channels = shape[axis];
    const groups = this.groups === -1 ? channels : this.groups;
    const split = [...shape.slice(0, axis), groups, channels / groups, ...shape.slice(axis + 1)];
    const axes = split.map((_, k) => k).filter((k) => k !== 0 && k !== axis);
    const { output } = standardize(tf.reshape(x, split), axes, this.epsilon);
    const normal = tf.reshape(output, shape);
    const along = (v: Weight) => tf.reshape(v, shape.map((size, k) => k === axis ? size : 1));
    const scaled = this.gamma ? tf.mul(normal, along(this.gamma)) : normal;
    return this.beta ? tf.add(scaled, along(this.beta)) : scaled;
  }

  override getConfig(): Record<string, unknown> {
    const { groups, axis, epsilon } = this;
    return { ...super.getConfig(), groups, axis, epsilon };
  }
}

/** Options of {@linkcode RMSNormalization}. */
export interface RMSNormalizationOptions extends LayerOptions {
  /** The axis of the features; -1 unless given. */
  readonly axis?: number;
  /** Added to the mean square; 1e-6 unless given. */
  readonly epsilon?: number;
}

/**
 * Divides by the root mean square over the features, times a scale (Zhang and Sennrich, 2019).
 * Follows https://keras.io/api/layers/normalization_layers/rms_normalization/
 */
export class RMSNormalization extends Layer {
  readonly axis: number;
  readonly epsilon: number;
  scale!: Weight;

  constructor(options: RMSNormalizationOptions = {}) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { axis: -1, epsilon: 1e-6 });
    super(rest);
    this.axis = checkNumber(owner, "axis", own.axis, { integer: true });
    this.epsilon = checkNumber(owner, "epsilon", own.epsilon, { from: 0 });
    this.supportsMasking = true;
    this.computesInFloat32 = true;
  }

  override build(inputShape: Shape): void {
    const [axis] = positiveAxes(this.getClassName(), this.axis, inputShape.length);
    const shape = [knownSize(this.name, inputShape, axis)];
    this.scale = this.addWeight({ name: "scale", shape, initializer: "ones" });
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    const x = inputs.dtype === "float32" ? inputs : tf.cast(inputs, "float32");
    const [axis] = positiveAxes(this.getClassName(), this.axis, x.rank);
    const scale = tf.reshape(this.scale, x.shape.map((size, k) => k === axis ? size : 1));
    return tf.mul(divideByRootMeanSquare(x, [axis], this.epsilon), scale);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis, epsilon: this.epsilon };
  }
}

/** Options of {@linkcode UnitNormalization}. */
export interface UnitNormalizationOptions extends LayerOptions {
  /** Along which axis (axes) the vectors lie; -1 unless given. */
  readonly axis?: number | readonly number[];
}

/** Gives vectors length 1. Follows https://keras.io/api/layers/normalization_layers/unit_normalization/ */
export class UnitNormalization extends Layer {
  readonly axis: number | readonly number[];

  constructor(options: UnitNormalizationOptions = {}) {
    const [own, rest] = takeOptions("UnitNormalization", options, { axis: -1 });
    super(rest);
    this.axis = own.axis;
    this.supportsMasking = true;
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override call(x: tf.Tensor): tf.Tensor {
    const axes = positiveAxes(this.getClassName(), this.axis, x.rank);
    return unitVectors(x, axes);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/** Options of {@linkcode SpectralNormalization}. */
export interface SpectralNormalizationOptions extends WrapperOptions {
  /** How many steps of the power iteration a training step makes; 1 unless given. */
  readonly powerIterations?: number;
}

/**
 * Divides the kernel (or embeddings) of a layer by its largest singular value (Miyato et al., 2018), found by power iteration
 * while training. Follows https://keras.io/api/layers/normalization_layers/spectral_normalization/
 *
 * @throws {TypeError} for a layer without a kernel
 */
export class SpectralNormalization extends Wrapper {
  readonly powerIterations: number;
  vectorU!: Weight;

  constructor(options: SpectralNormalizationOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { powerIterations: 1 });
    super(rest);
    this.powerIterations = checkNumber(owner, "powerIterations", own.powerIterations, {
      from: 1,
      integer: true,
    });
  }

  /** The weight that is normalized. */
  #kernel(): Weight {
    const layer = this.layer as unknown as { kernel?: Weight; embeddings?: Weight };
    const kernel = layer.kernel ?? layer.embeddings;
    if (kernel) return kernel;
    throw new TypeError(
      `SpectralNormalization: layer is a ${this.layer.getClassName()}, expected one with a kernel`,
    );
  }

  override build(inputShape: Shape): void {
    super.build(inputShape);
    this.vectorU = this.addWeight({
      name: "sn_u",
      shape: [1, this.#kernel().shape.at(-1)!],
      initializer: "truncatedNormal",
      trainable: false,
    });
  }

  // Keras saves the kernel here as well.
  override savedWeights(): Weight[] {
    return [this.#kernel(), ...super.savedWeights()];
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return this.layer.computeOutputShape(inputShape) as Shape;
  }

  override call(x: tf.Tensor, { training }: CallOptions = {}): tf.Tensor {
    if (training) this.#normalize();
    return this.layer(x, { training });
  }

  #normalize(): void {
    const kernel = this.#kernel();
    const matrix = tf.reshape(kernel, [-1, kernel.shape.at(-1)!]) as tf.Tensor2D;
    const unit = (v: tf.Tensor) => unitVectors(v, [0, 1]) as tf.Tensor2D;
    let u = this.vectorU as unknown as tf.Tensor2D;
    let v = u;
    for (let i = 0; i < this.powerIterations; i++) {
      v = unit(tf.matMul(u, matrix, false, true));
      u = unit(tf.matMul(v, matrix));
    }
    const largest = tf.matMul(tf.matMul(v, matrix), u, false, true);
    this.vectorU.assign(u);
    kernel.assign(tf.reshape(tf.div(matrix, largest), kernel.shape));
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), powerIterations: this.powerIterations };
  }
}
