/**
 * Activations as layers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ActivationFunction } from "../../activations/functions.ts";
import * as functions from "../../activations/functions.ts";
import * as activations from "../../activations/get.ts";
import type * as constraints from "../../constraints/mod.ts";
import { large } from "../../engine/mod.ts";
import type * as initializers from "../../initializers/mod.ts";
import { checkNumber, requireOption, takeOptions } from "../../options.ts";
import type * as regularizers from "../../regularizers/mod.ts";
import { knownSize } from "../core/dense.ts";
import { readWeightSettings, weightConfig, type WeightSettings } from "../kernel_layer.ts";
import type { Shape } from "../keras_tensor.ts";
import { type CallOptions, Layer, type LayerOptions } from "../layer.ts";
import type { Weight } from "../weight.ts";

/** A layer whose results look like its inputs. */
abstract class ElementwiseLayer extends Layer {
  constructor(options: LayerOptions) {
    super(options);
    this.supportsMasking = true;
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }
}

/** Options of {@linkcode Activation}. */
export interface ActivationLayerOptions extends LayerOptions {
  /** A name, a function or a layer. */
  readonly activation: activations.ActivationOption;
}

/**
 * An activation as a layer. Follows https://keras.io/api/layers/core_layers/activation/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Activation({ activation: "gelu" });
 * console.log(layer(keras.Input({ shape: [8] })).shape); // [ null, 8 ]
 * ```
 */
export class Activation extends ElementwiseLayer {
  readonly activation: ActivationFunction;

  /** @throws {TypeError} for what is no activation */
  constructor(options: ActivationLayerOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { activation: undefined });
    super(rest);
    const activation = requireOption(owner, "activation", own.activation, "a name or a function");
    this.activation = activations.get(activation, `${owner}: activation`);
    this.built = true;
  }

  override call(x: tf.Tensor): tf.Tensor {
    return this.activation(x);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), activation: activations.serialize(this.activation) };
  }
}

/** Options of {@linkcode ReLU}. */
export interface ReLUOptions extends LayerOptions {
  /** What results do not exceed; nothing unless given. */
  readonly maxValue?: number | null;
  /** What values below the threshold are multiplied with; 0 unless given. */
  readonly negativeSlope?: number;
  /** Below it values count as negative; 0 unless given. */
  readonly threshold?: number;
}

/**
 * x above the threshold, at most `maxValue`; negativeSlope (x - threshold) below.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.ReLU({ maxValue: 6 });
 * console.log(layer(keras.Input({ shape: [8] })).shape); // [ null, 8 ]
 * ```
 */
export class ReLU extends ElementwiseLayer {
  readonly maxValue: number | null;
  readonly negativeSlope: number;
  readonly threshold: number;

  /** @throws {RangeError} for a negative setting */
  constructor(options: ReLUOptions = {}) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      maxValue: null,
      negativeSlope: 0,
      threshold: 0,
    });
    super(rest);
    const { maxValue } = own;
    this.maxValue = maxValue === null
      ? null
      : checkNumber(owner, "maxValue", maxValue, { from: 0 });
    this.negativeSlope = checkNumber(owner, "negativeSlope", own.negativeSlope, { from: 0 });
    this.threshold = checkNumber(owner, "threshold", own.threshold, { from: 0 });
    this.built = true;
  }

  override call(x: tf.Tensor): tf.Tensor {
    const { threshold, maxValue, negativeSlope } = this;
    return functions.relu(x, { threshold, maxValue, negativeSlope });
  }

  override getConfig(): Record<string, unknown> {
    const { maxValue, negativeSlope, threshold } = this;
    return { ...super.getConfig(), maxValue, negativeSlope, threshold };
  }
}

/** Options of {@linkcode LeakyReLU}. */
export interface LeakyReLUOptions extends LayerOptions {
  /** What negative numbers are multiplied with; 0.3 unless given. */
  readonly negativeSlope?: number;
  /** Keras 2's name of `negativeSlope`, which Keras 3 takes as well. */
  readonly alpha?: number;
}

/**
 * x above 0, negativeSlope x below.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.LeakyReLU({ negativeSlope: 0.1 });
 * console.log(layer(keras.Input({ shape: [8] })).shape); // [ null, 8 ]
 * ```
 */
export class LeakyReLU extends ElementwiseLayer {
  readonly negativeSlope: number;

  /** @throws {RangeError} for a negative slope */
  constructor(options: LeakyReLUOptions = {}) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { negativeSlope: 0.3, alpha: undefined });
    super(rest);
    const slope = own.alpha ?? own.negativeSlope;
    this.negativeSlope = checkNumber(owner, "negativeSlope", slope, { from: 0 });
    this.built = true;
  }

  override call(x: tf.Tensor): tf.Tensor {
    return tf.leakyRelu(x, this.negativeSlope);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), negativeSlope: this.negativeSlope };
  }
}

/** Options of {@linkcode ELU}. */
export interface ELUOptions extends LayerOptions {
  /** What large negative numbers tend to, without its sign; 1 unless given. */
  readonly alpha?: number;
}

/**
 * x above 0, alpha (exp(x) - 1) below.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.ELU({ alpha: 0.5 });
 * console.log(layer(keras.Input({ shape: [8] })).shape); // [ null, 8 ]
 * ```
 */
export class ELU extends ElementwiseLayer {
  readonly alpha: number;

  constructor(options: ELUOptions = {}) {
    const owner = new.target.name;
    const [{ alpha }, rest] = takeOptions(owner, options, { alpha: 1 });
    super(rest);
    this.alpha = checkNumber(owner, "alpha", alpha);
    this.built = true;
  }

  override call(x: tf.Tensor): tf.Tensor {
    return functions.elu(x, this.alpha);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), alpha: this.alpha };
  }
}

/** Options of {@linkcode Softmax}. */
export interface SoftmaxOptions extends LayerOptions {
  /** Along which axis, or axes, the results add up to 1; -1 unless given. */
  readonly axis?: number | readonly number[];
}

/**
 * exp(x), divided by its sum. Where a mask is given, what it leaves out is 0.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Softmax();
 * console.log(layer(keras.Input({ shape: [10] })).shape); // [ null, 10 ]
 * ```
 */
export class Softmax extends ElementwiseLayer {
  readonly axis: number | readonly number[];

  constructor(options: SoftmaxOptions = {}) {
    const [{ axis }, rest] = takeOptions(new.target.name, options, { axis: -1 });
    super(rest);
    this.axis = axis as number | readonly number[];
    this.built = true;
  }

  override call(inputs: tf.Tensor, { mask }: CallOptions = {}): tf.Tensor {
    if (!mask) return this.#softmax(inputs);
    const given = mask as tf.Tensor;
    const kept = given.dtype === "bool" ? given : tf.greater(given, 0.5);
    const x = tf.where(kept, inputs, tf.fill(inputs.shape, -large(inputs)));
    return tf.mul(this.#softmax(x), tf.cast(kept, "float32"));
  }

  #softmax(x: tf.Tensor): tf.Tensor {
    const axes = [this.axis].flat() as number[];
    if (axes.length > 1) return tf.exp(tf.sub(x, tf.logSumExp(x, axes, true)));
    return functions.softmax(x, axes[0]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/** Options of {@linkcode PReLU}. */
export interface PReLUOptions extends LayerOptions {
  /** "zeros" unless given. */
  readonly alphaInitializer?: initializers.InitializerIdentifier;
  readonly alphaRegularizer?: regularizers.RegularizerIdentifier;
  readonly alphaConstraint?: constraints.ConstraintIdentifier;
  /** Axes, counted from 1, along which there is one slope: [1, 2] for one a channel of images. */
  readonly sharedAxes?: number | readonly number[] | null;
}

/**
 * x above 0, alpha x below, where alpha is learned.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.PReLU({ sharedAxes: [1, 2] });
 * console.log(layer(keras.Input({ shape: [8, 8, 3] })).shape); // [ null, 8, 8, 3 ]
 * ```
 */
export class PReLU extends ElementwiseLayer {
  readonly sharedAxes: readonly number[] | null;
  alpha!: Weight;
  readonly #settings: WeightSettings;

  constructor(options: PReLUOptions = {}) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      alphaInitializer: "zeros",
      alphaRegularizer: null,
      alphaConstraint: null,
      sharedAxes: null,
    });
    super(rest);
    const { sharedAxes } = own as { sharedAxes: number | readonly number[] | null };
    this.sharedAxes = sharedAxes === null ? null : [sharedAxes].flat();
    this.#settings = readWeightSettings(owner, "alpha", own);
  }

  override build(inputShape: Shape): void {
    const shape = inputShape.slice(1).map((_, i) =>
      this.sharedAxes?.includes(i + 1) ? 1 : knownSize(this.name, inputShape, i + 1)
    );
    this.alpha = this.addWeight({ name: "alpha", shape, ...this.#settings });
  }

  override call(x: tf.Tensor): tf.Tensor {
    return tf.sub(tf.relu(x), tf.mul(this.alpha, tf.relu(tf.neg(x))));
  }

  override getConfig(): Record<string, unknown> {
    const { sharedAxes } = this;
    return { ...super.getConfig(), ...weightConfig("alpha", this.#settings), sharedAxes };
  }
}
