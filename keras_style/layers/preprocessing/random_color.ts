/**
 * Layers that change the colors of images while training.
 * Follows https://keras.io/api/layers/preprocessing_layers/image_augmentation/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { rgbToGrayscale } from "../../ops/image.ts";
import { checkNumber, takeOptions } from "../../options.ts";
import {
  type Factor,
  ImageAugmentation,
  type ImageAugmentationOptions,
  readFactor,
} from "./random_geometry.ts";

/** Options of layers that know the least and the greatest value of a color. */
export interface ValueRangeOptions extends ImageAugmentationOptions {
  /** [0, 255] unless given. */
  readonly valueRange?: readonly [least: number, greatest: number];
}

/** Base class of layers that change colors. */
export abstract class ColorLayer extends ImageAugmentation {
  readonly valueRange: readonly [number, number];

  constructor(options: ValueRangeOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      valueRange: [0, 255] as readonly [number, number],
    });
    super(rest);
    this.valueRange = readFactor(owner, "valueRange", own.valueRange);
  }

  /** Colors kept within the range. */
  protected clipped(x: tf.Tensor): tf.Tensor {
    return tf.clipByValue(x, this.valueRange[0], this.valueRange[1]);
  }

  /** A number of a range for each image, as it meets images: [n, 1, 1, 1]. */
  protected each(x: tf.Tensor, range: readonly [number, number]): tf.Tensor {
    return tf.reshape(this.drawn(x, range), [-1, 1, 1, 1]);
  }

  /** One of two for each image, the first with a probability. */
  protected some(x: tf.Tensor, share: tf.Tensor | number, changed: tf.Tensor): tf.Tensor {
    const isChanged = tf.less(this.draws.uniform([x.shape[0], 1, 1, 1]), share);
    return tf.where(tf.broadcastTo(isChanged, x.shape), changed, x);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), valueRange: this.valueRange };
  }
}

/** Options of {@linkcode RandomBrightness} and {@linkcode RandomContrast}. */
export interface ColorFactorOptions extends ValueRangeOptions {
  /** How much, from -1 to 1 (contrast: from 0 to 1 downwards and upwards). */
  readonly factor: Factor;
}

/** Makes images brighter or darker by a share of the range of values. */
export class RandomBrightness extends ColorLayer {
  readonly factor: readonly [number, number];

  constructor(options: ColorFactorOptions) {
    const owner = "RandomBrightness";
    const [own, rest] = takeOptions(owner, options, { factor: undefined });
    super(rest);
    this.factor = readFactor(owner, "factor", own.factor, { from: -1, to: 1 });
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const [least, greatest] = this.valueRange;
    return this.clipped(tf.add(x, tf.mul(this.each(x, this.factor), greatest - least)));
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/** Moves colors from or towards each channel's mean, by a factor from 1 - factor[0] to 1 + factor[1]. */
export class RandomContrast extends ColorLayer {
  readonly factor: readonly [number, number];

  constructor(options: ColorFactorOptions) {
    const owner = "RandomContrast";
    const [{ factor }, rest] = takeOptions(owner, options, { factor: undefined });
    super(rest);
    const pair = typeof factor === "number" ? [factor, factor] : factor;
    for (const one of pair ?? [NaN]) checkNumber(owner, "factor", one, { from: 0, to: 1 });
    this.factor = pair as [number, number];
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const [down, up] = this.factor;
    const mean = tf.mean(x, [1, 2], true);
    const away = tf.mul(tf.sub(x, mean), this.each(x, [1 - down, 1 + up]));
    return this.clipped(tf.add(away, mean));
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/** Options of {@linkcode RandomGrayscale}. */
export interface ChanceOptions extends ValueRangeOptions {
  /** Which share of the images is changed, from 0 to 1. */
  readonly factor?: number;
}

/** Takes the colors off some images. */
export class RandomGrayscale extends ColorLayer {
  readonly factor: number;

  constructor(options: ChanceOptions = {}) {
    const [own, rest] = takeOptions("RandomGrayscale", options, { factor: 0.5 });
    super(rest);
    this.factor = checkNumber("RandomGrayscale", "factor", own.factor, { from: 0, to: 1 });
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const gray = tf.broadcastTo(rgbToGrayscale(x) as tf.Tensor, x.shape);
    return this.some(x, this.factor, gray);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/** Options of {@linkcode RandomInvert}. */
export interface RandomInvertOptions extends ValueRangeOptions {
  /** With which probability an image is changed: drawn for each from a range, [0, f] for a number f; 1 unless given. */
  readonly factor?: Factor;
}

/** Turns the colors of some images into their opposites. */
export class RandomInvert extends ColorLayer {
  readonly factor: readonly [number, number];

  constructor(options: RandomInvertOptions = {}) {
    const owner = "RandomInvert";
    const [own, rest] = takeOptions(owner, options, { factor: 1 as Factor });
    super(rest);
    this.factor = readFactor(owner, "factor", own.factor, { from: 0, to: 1, least: 0 });
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    return this.some(x, this.each(x, this.factor), tf.sub(this.valueRange[1], x));
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/** Options of {@linkcode RandomColorDegeneration}. */
export interface DegenerationOptions extends ValueRangeOptions {
  /** Which share of the colors is taken off, from 0 to 1: a range, or a number f for [0, f]. */
  readonly factor: Factor;
}

/** Takes a part of the colors off. */
export class RandomColorDegeneration extends ColorLayer {
  readonly factor: readonly [number, number];

  constructor(options: DegenerationOptions) {
    const owner = "RandomColorDegeneration";
    const [own, rest] = takeOptions(owner, options, { factor: undefined });
    super(rest);
    this.factor = readFactor(owner, "factor", own.factor, { from: 0, to: 1, least: 0 });
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const gray = rgbToGrayscale(x) as tf.Tensor;
    const share = this.each(x, this.factor);
    return this.clipped(tf.add(x, tf.mul(tf.sub(gray, x), share)));
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/** Options of {@linkcode RandomPosterization}. */
export interface RandomPosterizationOptions extends ValueRangeOptions {
  /** How many bits each color keeps: drawn for each image from [from, to), [0, f) for a number f; from 0 to 8. */
  readonly factor: Factor;
}

/** Cuts colors to a few bits. */
export class RandomPosterization extends ColorLayer {
  readonly factor: readonly [number, number];

  constructor(options: RandomPosterizationOptions) {
    const owner = "RandomPosterization";
    const [own, rest] = takeOptions(owner, options, { factor: undefined });
    super(rest);
    this.factor = readFactor(owner, "factor", own.factor, { from: 0, to: 8, least: 0 });
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const [least, greatest] = this.valueRange;
    const bytes = tf.floor(tf.mul(tf.sub(x, least), 255 / (greatest - least)));
    const step = tf.pow(2, tf.sub(8, tf.floor(this.each(x, this.factor))));
    const cut = tf.mul(tf.floor(tf.div(bytes, step)), step);
    return tf.add(tf.mul(cut, (greatest - least) / 255), least);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/** Options of {@linkcode AutoContrast}. */
export interface AutoContrastOptions extends ImageAugmentationOptions {
  /** [0, 255] unless given. */
  readonly valueRange?: readonly [least: number, greatest: number];
}

/** Stretches every channel of an image over the whole range of values. */
export class AutoContrast extends ColorLayer {
  constructor(options: AutoContrastOptions = {}) {
    super(options);
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const [least, greatest] = this.valueRange;
    const bytes = tf.mul(tf.sub(x, least), 255 / (greatest - least));
    const [low, high] = [tf.min(bytes, [1, 2], true), tf.max(bytes, [1, 2], true)];
    const range = tf.sub(high, low);
    const isFlat = tf.equal(range, 0);
    const scaled = tf.mul(
      tf.div(tf.sub(bytes, low), tf.where(isFlat, tf.onesLike(range), range)),
      255,
    );
    const kept = tf.where(tf.broadcastTo(isFlat, x.shape), bytes, scaled);
    const back = tf.clipByValue(kept, 0, 255);
    return tf.add(tf.mul(back, (greatest - least) / 255), least);
  }

  protected override unchanged(x: tf.Tensor): tf.Tensor {
    return this.augment(x);
  }
}
