/**
 * Layers that blur images, bend them and show them in perspective while training.
 * Follows https://keras.io/api/layers/preprocessing_layers/image_augmentation/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  gaussianBlur,
  MAP_FILL_MODES,
  type MapFillMode,
  perspectiveTransform,
  sampleRows,
} from "../../ops/image_sampling.ts";
import { checkChoice, checkNumber, show, takeOptions } from "../../options.ts";
import { ColorLayer, type ValueRangeOptions } from "./random_color.ts";
import {
  type Factor,
  ImageAugmentation,
  type ImageAugmentationOptions,
  readFactor,
} from "./random_geometry.ts";
import type { TransformInterpolation } from "./transform_images.ts";

const SHARE = { from: 0, to: 1, least: 0 };
const INTERPOLATIONS: readonly TransformInterpolation[] = ["bilinear", "nearest"];

/** Options of {@linkcode RandomGaussianBlur}. */
export interface RandomGaussianBlurOptions extends ValueRangeOptions {
  /** The range of the probability that an image is blurred, [0, f] for a number f; 1 unless given. */
  readonly factor?: Factor;
  /** Rows and columns of the filter, odd: one for both, or one each; 3 unless given. */
  readonly kernelSize?: number | readonly [number, number];
  /** The range of the standard deviation in pixels, within [0, 1]; [0, s] for a number s; 1 unless given. */
  readonly sigma?: Factor;
}

/**
 * Blurs some images, by standard deviations that are drawn once for a batch.
 *
 * @throws {RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const blur = new keras.layers.RandomGaussianBlur({ kernelSize: 5, sigma: [0.5, 1] });
 * console.log(blur(keras.random.uniform([2, 8, 8, 3])).shape); // [ 2, 8, 8, 3 ]
 * ```
 */
export class RandomGaussianBlur extends ColorLayer {
  readonly factor: readonly [number, number];
  readonly kernelSize: readonly [number, number];
  readonly sigma: readonly [number, number];

  constructor(options: RandomGaussianBlurOptions = {}) {
    const owner = "RandomGaussianBlur";
    const [own, rest] = takeOptions(owner, options, {
      factor: 1 as Factor,
      kernelSize: 3 as number | readonly [number, number],
      sigma: 1 as Factor,
    });
    super(rest);
    this.factor = readFactor(owner, "factor", own.factor, SHARE);
    this.sigma = readFactor(owner, "sigma", own.sigma, SHARE);
    const sizes = typeof own.kernelSize === "number"
      ? [own.kernelSize, own.kernelSize]
      : own.kernelSize;
    const isOdd = (size: unknown) => Number.isInteger(size) && Number(size) % 2 === 1;
    if (!Array.isArray(sizes) || sizes.length !== 2 || !sizes.every(isOdd) || !(sizes[0] > 0)) {
      throw new RangeError(
        `${owner}: kernelSize is ${show(own.kernelSize)}, expected an odd number or two`,
      );
    }
    this.kernelSize = sizes as [number, number];
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const [from, to] = this.sigma;
    const sigma = tf.add(tf.mul(this.draws.uniform([2]), to - from), from + 1e-6);
    const blurred = gaussianBlur(x, { kernelSize: this.kernelSize, sigma });
    return this.clipped(this.some(x, this.each(x, this.factor), blurred));
  }

  override getConfig(): Record<string, unknown> {
    const { factor, kernelSize, sigma } = this;
    return { ...super.getConfig(), factor, kernelSize, sigma };
  }
}

/** Options of {@linkcode RandomPerspective}. */
export interface RandomPerspectiveOptions extends ImageAugmentationOptions {
  /** The range of the probability that an image is changed, [0, f] for a number f; 1 unless given. */
  readonly factor?: Factor;
  /** How far corners are moved, in shares of both sides, from 0 to 1; 1 unless given. */
  readonly scale?: number;
  /** "bilinear" unless given. */
  readonly interpolation?: TransformInterpolation;
  /** What lies beyond the edges; 0 unless given. */
  readonly fillValue?: number;
}

/**
 * Shows some images in perspective: each corner is moved by up to half of `scale` times its distance from the first.
 *
 * @throws {RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const tilt = new keras.layers.RandomPerspective(1, 0.3);
 * console.log(tilt(keras.random.uniform([2, 8, 8, 3])).shape); // [ 2, 8, 8, 3 ]
 * ```
 */
export class RandomPerspective extends ImageAugmentation {
  readonly factor: readonly [number, number];
  readonly scale: number;
  readonly interpolation: TransformInterpolation;
  readonly fillValue: number;

  constructor(options: RandomPerspectiveOptions = {}) {
    const owner = "RandomPerspective";
    const [own, rest] = takeOptions(owner, options, {
      factor: 1 as Factor,
      scale: 1,
      interpolation: "bilinear",
      fillValue: 0,
    });
    super(rest);
    this.factor = readFactor(owner, "factor", own.factor, SHARE);
    this.scale = checkNumber(owner, "scale", own.scale, { from: 0, to: 1 });
    this.interpolation = checkChoice(owner, "interpolation", own.interpolation, INTERPOLATIONS);
    this.fillValue = checkNumber(owner, "fillValue", own.fillValue);
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const [count, rows, columns] = x.shape;
    const [right, low] = [columns - 1, rows - 1];
    const corners = tf.tensor3d([[[0, 0], [right, 0], [0, low], [right, low]]]);
    const moved = tf.mul(tf.sub(this.draws.uniform([count, 4, 2]), 0.5), this.scale);
    const { interpolation, fillValue } = this;
    const start = tf.tile(corners, [count, 1, 1]);
    const seen = perspectiveTransform(x, start, tf.add(start, tf.mul(start, moved)), {
      interpolation,
      fillValue,
    });
    const isChanged = tf.less(this.draws.uniform([count]), this.drawn(x, this.factor));
    return tf.where(tf.broadcastTo(tf.reshape(isChanged, [count, 1, 1, 1]), x.shape), seen, x);
  }

  override getConfig(): Record<string, unknown> {
    const { factor, scale, interpolation, fillValue } = this;
    return { ...super.getConfig(), factor, scale, interpolation, fillValue };
  }
}

/** Options of {@linkcode RandomElasticTransform}. */
export interface RandomElasticTransformOptions extends ValueRangeOptions {
  /** The range of the probability that an image is changed, [0, f] for a number f; 1 unless given. */
  readonly factor?: Factor;
  /** The range of how strongly images are bent, within [0, 1]; [0, s] for a number s; 1 unless given. */
  readonly scale?: Factor;
  /** "bilinear" unless given. */
  readonly interpolation?: TransformInterpolation;
  /** "reflect" unless given. */
  readonly fillMode?: MapFillMode;
  /** Beyond the edges, with "constant"; 0 unless given. */
  readonly fillValue?: number;
}

/**
 * Bends some images as if they were drawn on rubber (Simard et al., 2003): pixels are moved by 0.1 times the scale and the
 * longer side, times smoothed normal noise of a standard deviation of 0.05 times the scale and the shorter side. Rows and
 * columns are moved independently; Keras 3.15's TensorFlow backend moves both by the same noise.
 *
 * @throws {RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const bend = new keras.layers.RandomElasticTransform({ scale: [0.5, 1] });
 * console.log(bend(keras.random.uniform([2, 32, 32, 3])).shape); // [ 2, 32, 32, 3 ]
 * ```
 */
export class RandomElasticTransform extends ColorLayer {
  readonly factor: readonly [number, number];
  readonly scale: readonly [number, number];
  readonly interpolation: TransformInterpolation;
  readonly fillMode: MapFillMode;
  readonly fillValue: number;

  constructor(options: RandomElasticTransformOptions = {}) {
    const owner = "RandomElasticTransform";
    const [own, rest] = takeOptions(owner, options, {
      factor: 1 as Factor,
      scale: 1 as Factor,
      interpolation: "bilinear",
      fillMode: "reflect",
      fillValue: 0,
    });
    super(rest);
    this.factor = readFactor(owner, "factor", own.factor, SHARE);
    this.scale = readFactor(owner, "scale", own.scale, SHARE);
    this.interpolation = checkChoice(owner, "interpolation", own.interpolation, INTERPOLATIONS);
    this.fillMode = checkChoice(owner, "fillMode", own.fillMode, MAP_FILL_MODES);
    this.fillValue = checkNumber(owner, "fillValue", own.fillValue);
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    if (this.scale[1] === 0 || this.factor[1] === 0) return tf.clone(x);
    const [count, rows, columns, channels] = x.shape;
    const [from, to] = this.scale;
    const strength = tf.add(tf.mul(this.draws.uniform([]), to - from), from);
    const sigma = tf.mul(strength, 0.05 * Math.min(rows, columns));
    const reach = tf.mul(strength, 0.1 * Math.max(rows, columns));
    // The filter must be as large as the widest of the curves that may be drawn.
    const size = 6 * Math.floor(0.05 * to * Math.min(rows, columns)) + 1;
    const wide = tf.maximum(tf.stack([sigma, sigma]), 1e-6);
    const field = () => {
      const noise = tf.mul(this.draws.normal([count, rows, columns, 1], 0, 1), sigma);
      const smooth = gaussianBlur(noise, { kernelSize: [size, size], sigma: wide });
      return tf.mul(tf.reshape(smooth, [count, rows, columns]), reach);
    };
    const first = tf.mul(tf.reshape(tf.range(0, count), [count, 1, 1]), rows * columns);
    const axes = [
      {
        coordinates: tf.add(field(), tf.reshape(tf.range(0, rows), [1, rows, 1])),
        size: rows,
        stride: columns,
      },
      {
        coordinates: tf.add(field(), tf.reshape(tf.range(0, columns), [1, 1, columns])),
        size: columns,
        stride: 1,
      },
    ];
    const table = tf.reshape(x, [-1, channels]);
    const bent = sampleRows(table, first, axes, this.interpolation === "nearest" ? 0 : 1, this);
    return this.clipped(this.some(x, this.each(x, this.factor), bent));
  }

  override getConfig(): Record<string, unknown> {
    const { factor, scale, interpolation, fillMode, fillValue } = this;
    return { ...super.getConfig(), factor, scale, interpolation, fillMode, fillValue };
  }
}
