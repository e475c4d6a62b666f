/**
 * Layers that prepare values and classes. Follows https://keras.io/api/layers/preprocessing_layers/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { toCamelCase } from "../../naming.ts";
import { checkChoice, checkNumber, requireOption, show, takeOptions } from "../../options.ts";
import { type AdaptData, batchesOf } from "./adapt_data.ts";
import { encodeClasses } from "./encode_classes.ts";
import type { Shape } from "../keras_tensor.ts";
import { Layer, type LayerOptions } from "../layer.ts";
import { positiveAxes } from "../normalization/scale_and_center.ts";
import { addToSummary, binBoundaries, EMPTY_SUMMARY } from "./quantile_summary.ts";
import type { Weight } from "../weight.ts";

/** Options of {@linkcode Normalization}. */
export interface NormalizationOptions extends LayerOptions {
  /** Axes with statistics of their own; null for one of all values; -1 unless given. */
  readonly axis?: number | readonly number[] | null;
  /** The means, where they are known. */
  readonly mean?: number | tf.TensorLike | null;
  /** The variances, where they are known. */
  readonly variance?: number | tf.TensorLike | null;
  /** Whether mean 0 and variance 1 become those of the data, instead of the other way round; false unless given. */
  readonly invert?: boolean;
}

/**
 * (x - mean) / sqrt(variance), with statistics that are given or that {@linkcode Normalization.adapt} finds.
 *
 * @throws {TypeError} where one of mean and variance is given without the other
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Normalization();
 * await layer.adapt([[1, 10], [3, 30]]);
 * console.log(await layer(keras.constant([[2, 20]])).data()); // 0, 0
 * ```
 */
export class Normalization extends Layer {
  readonly axis: number | readonly number[] | null;
  readonly invert: boolean;
  mean!: Weight;
  variance!: Weight;
  count!: Weight;
  readonly #given: { readonly mean: unknown; readonly variance: unknown };

  constructor(options: NormalizationOptions = {}) {
    const owner = "Normalization";
    const [own, rest] = takeOptions(owner, options, {
      axis: -1,
      mean: null,
      variance: null,
      invert: false,
    });
    super(rest);
    if ((own.mean === null) !== (own.variance === null)) {
      throw new TypeError(`${owner}: mean and variance belong together, expected both or none`);
    }
    this.axis = own.axis;
    this.invert = Boolean(own.invert);
    this.#given = { mean: own.mean, variance: own.variance };
  }

  /** Axes with statistics of their own, in order. */
  #kept(rank: number): number[] {
    return this.axis === null ? [] : positiveAxes("Normalization", this.axis, rank);
  }

  override build(inputShape: Shape): void {
    if (this.#given.mean !== null) return;
    const shape = this.#kept(inputShape.length).map((axis) => {
      const size = inputShape[axis];
      if (typeof size === "number") return size;
      throw new RangeError(
        `Normalization: axis ${axis} of [${inputShape.map(String)}] is unknown, expected a size`,
      );
    });
    const make = (name: string, initializer: "zeros" | "ones") =>
      this.addWeight({ name, shape, initializer, trainable: false });
    this.mean = make("mean", "zeros");
    this.variance = make("variance", "ones");
    this.count = this.addWeight({ name: "count", dtype: "int32", trainable: false });
  }

  /**
   * Finds means and variances of data; samples lie along the first axis.
   *
   * @throws {Error} where they were given
   */
  async adapt(data: AdaptData): Promise<void> {
    if (this.#given.mean !== null) {
      throw new Error(
        `layer "${this.name}": its mean and variance were given, expected no call of adapt`,
      );
    }
    let [count, mean, square]: [number, tf.Tensor | undefined, tf.Tensor | undefined] = [
      0,
      undefined,
      undefined,
    ];
    for await (const batch of batchesOf(data)) {
      if (!this.built) this.build([null, ...batch.shape.slice(1)]);
      const kept = this.#kept(batch.rank);
      const folded = batch.shape.flatMap((_, axis) => kept.includes(axis) ? [] : [axis]);
      const size = folded.reduce((product, axis) => product * batch.shape[axis], 1);
      // Means and squares around them of both parts, joined (Chan et al., 1979).
      [mean, square] = tf.tidy(() => {
        const own = tf.moments(tf.cast(batch, "float32"), folded);
        if (!mean || !square) return [own.mean, tf.mul(own.variance, size)];
        const gap = tf.sub(own.mean, mean);
        const total = count + size;
        const between = tf.mul(tf.square(gap), count * size / total);
        return [
          tf.add(mean, tf.mul(gap, size / total)),
          tf.add(tf.add(square, tf.mul(own.variance, size)), between),
        ];
      });
      count += size;
    }
    if (!mean || !square) throw new RangeError("Normalization: adapt was given no data");
    const variance = tf.div(square, count);
    this.mean.assign(tf.reshape(mean, this.mean.shape));
    this.variance.assign(tf.reshape(variance, this.variance.shape));
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    const x = tf.cast(inputs, "float32");
    const [mean, variance] = this.#statistics(x);
    const deviation = tf.maximum(tf.sqrt(variance), 1e-7);
    if (this.invert) return tf.add(mean, tf.mul(x, deviation));
    return tf.div(tf.sub(x, mean), deviation);
  }

  /** Mean and variance as they meet an input. */
  #statistics(x: tf.Tensor): [tf.Tensor, tf.Tensor] {
    const kept = this.#kept(x.rank);
    const along = (values: tf.Tensor) => {
      if (values.size === 1) return tf.reshape(values, []);
      return tf.reshape(values, x.shape.map((size, axis) => kept.includes(axis) ? size : 1));
    };
    const { mean, variance } = this.#given;
    if (mean === null) return [along(this.mean), along(this.variance)];
    return [along(tf.tensor(mean as tf.TensorLike)), along(tf.tensor(variance as tf.TensorLike))];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis, invert: this.invert, ...this.#given };
  }
}

/** How {@linkcode CategoryEncoding} writes classes. */
export type EncodingMode = "oneHot" | "one_hot" | "multiHot" | "multi_hot" | "count";

/** Options of {@linkcode CategoryEncoding}. */
export interface CategoryEncodingOptions extends LayerOptions {
  /** How many classes there are. */
  readonly numTokens: number;
  /** "multiHot" unless given. */
  readonly outputMode?: EncodingMode;
}

/** Class indices as one-hot rows, or as one row of all classes of a sample. */
export class CategoryEncoding extends Layer {
  readonly numTokens: number;
  readonly outputMode: EncodingMode;

  constructor(options: CategoryEncodingOptions) {
    const owner = "CategoryEncoding";
    const [own, rest] = takeOptions(owner, options, {
      numTokens: undefined,
      outputMode: "multiHot",
    });
    super(rest);
    const tokens = requireOption(owner, "numTokens", own.numTokens, "an integer");
    this.numTokens = checkNumber(owner, "numTokens", tokens, { from: 1, integer: true });
    this.outputMode = checkChoice<EncodingMode>(owner, "outputMode", own.outputMode, [
      "oneHot",
      "one_hot",
      "multiHot",
      "multi_hot",
      "count",
    ]);
    this.built = true;
  }

  override get inputDtype(): tf.DataType {
    return "int32";
  }

  /**
   * @param options `countWeights` weighs the classes of a sample, with "count"
   * @throws {TypeError} for weights with another mode
   */
  override call(
    inputs: tf.Tensor,
    { countWeights }: { readonly countWeights?: tf.Tensor } = {},
  ): tf.Tensor {
    const mode = toCamelCase(this.outputMode) as "oneHot" | "multiHot" | "count";
    if (countWeights && mode !== "count") {
      throw new TypeError(
        `CategoryEncoding: countWeights are given and outputMode is "${this.outputMode}", expected "count"`,
      );
    }
    return encodeClasses(inputs, this.numTokens, mode, countWeights);
  }

  override getConfig(): Record<string, unknown> {
    const { numTokens, outputMode } = this;
    return { ...super.getConfig(), numTokens, outputMode };
  }
}

/** Options of {@linkcode Discretization}. */
export interface DiscretizationOptions extends LayerOptions {
  /** Where a new class begins, in order; unless `adapt` is to find them. */
  readonly binBoundaries?: readonly number[] | null;
  /** How many classes `adapt` makes. */
  readonly numBins?: number | null;
  /** How far apart the values that `adapt` remembers may lie, as a share of all; 0.01 unless given. */
  readonly epsilon?: number;
  /** "int" unless given: class indices; otherwise as of {@linkcode CategoryEncoding}. */
  readonly outputMode?: EncodingMode | "int";
}

/** Values as the class of the range that they fall into. */
export class Discretization extends Layer {
  binBoundaries: readonly number[] | null;
  readonly numBins: number | null;
  readonly epsilon: number;
  readonly outputMode: "int" | "oneHot" | "multiHot" | "count";

  constructor(options: DiscretizationOptions = {}) {
    const owner = "Discretization";
    const [own, rest] = takeOptions(owner, options, {
      binBoundaries: null,
      numBins: null,
      epsilon: 0.01,
      outputMode: "int",
    });
    super(rest);
    this.outputMode = checkChoice(owner, "outputMode", own.outputMode, [
      "int",
      "oneHot",
      "multiHot",
      "count",
    ]);
    if ((own.binBoundaries === null) === (own.numBins === null)) {
      throw new TypeError(
        `${owner}: binBoundaries is ${show(own.binBoundaries)} and numBins ${show(own.numBins)}, ` +
          `expected one of them`,
      );
    }
    this.binBoundaries = checkBoundaries(own.binBoundaries);
    this.numBins = own.numBins === null
      ? null
      : checkNumber(owner, "numBins", own.numBins, { from: 1, integer: true });
    this.epsilon = checkNumber(owner, "epsilon", own.epsilon, { above: 0, to: 1 });
    this.built = true;
  }

  /** Finds boundaries between which about equally many values of the data lie. */
  async adapt(data: AdaptData): Promise<void> {
    const bins = requireOption(
      "Discretization",
      "numBins",
      this.numBins ?? undefined,
      "an integer",
    );
    let summary = EMPTY_SUMMARY;
    for await (const batch of batchesOf(data)) {
      summary = addToSummary(summary, Float32Array.from(await batch.data()), this.epsilon);
    }
    if (summary.values.length === 0) {
      throw new RangeError("Discretization: adapt was given no data");
    }
    this.binBoundaries = binBoundaries(summary, bins);
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    const { binBoundaries } = this;
    if (binBoundaries === null) {
      throw new Error(`layer "${this.name}": no boundaries are known, expected a call of adapt`);
    }
    const limits = tf.tensor1d([...binBoundaries]);
    const isBelow = tf.less(tf.expandDims(tf.cast(inputs, "float32"), -1), limits);
    // As in Keras, NaN is below none.
    const classes = tf.sum(tf.cast(tf.logicalNot(isBelow), "int32"), -1);
    return this.outputMode === "int"
      ? classes
      : encodeClasses(classes, binBoundaries.length + 1, this.outputMode);
  }

  override getConfig(): Record<string, unknown> {
    const { binBoundaries, numBins, epsilon, outputMode } = this;
    return { ...super.getConfig(), binBoundaries, numBins, epsilon, outputMode };
  }

  /** After {@linkcode Discretization.adapt} both boundaries and their number are known, of which the constructor takes one. */
  static override fromConfig(config: DiscretizationOptions): Discretization {
    const { binBoundaries = null, ...others } = config;
    if (binBoundaries === null || (config.numBins ?? null) === null) return new this(config);
    const layer = new this(others);
    layer.binBoundaries = binBoundaries;
    return layer;
  }
}

/** @throws {RangeError} for boundaries that are no numbers in order */
function checkBoundaries(boundaries: unknown): readonly number[] | null {
  if (boundaries === null) return null;
  const isOrdered = Array.isArray(boundaries) &&
    boundaries.every((one, i) => Number.isFinite(one) && !(boundaries[i - 1] > one));
  if (isOrdered) return boundaries;
  throw new RangeError(
    `Discretization: binBoundaries is ${
      show(boundaries)
    }, expected numbers, each at least the one before`,
  );
}
