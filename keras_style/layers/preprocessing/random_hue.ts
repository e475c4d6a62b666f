/**
 * Layers that change hue, saturation and sharpness, all colors together, and shear images, while training.
 * Follows https://keras.io/api/layers/preprocessing_layers/image_augmentation/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { hsvToRgb, rgbToHsv } from "../../ops/image.ts";
import { takeOptions } from "../../options.ts";
import type { CallOptions } from "../layer.ts";
import {
  ColorLayer,
  RandomBrightness,
  RandomContrast,
  type ValueRangeOptions,
} from "./random_color.ts";
import {
  type Factor,
  RandomTransform,
  readFactor,
  type TransformOptions,
} from "./random_geometry.ts";
import type { Affine } from "./transform_images.ts";

/** Options of {@linkcode RandomHue}, {@linkcode RandomSaturation} and {@linkcode RandomSharpness}. */
export interface ShareOptions extends ValueRangeOptions {
  /** How much, from 0 to 1: a range, or a number f for [0, f]. */
  readonly factor: Factor;
}

abstract class ShareLayer extends ColorLayer {
  readonly factor: readonly [number, number];

  constructor(options: ShareOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { factor: undefined });
    super(rest);
    this.factor = readFactor(owner, "factor", own.factor, { from: 0, to: 1, least: 0 });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.factor };
  }

  /** Changes hue, saturation and value of images of colors from 0 to 1. */
  protected inHsv(
    x: tf.Tensor,
    change: (hsv: readonly tf.Tensor[]) => readonly tf.Tensor[],
  ): tf.Tensor {
    const [least, greatest] = this.valueRange;
    const shares = tf.div(tf.sub(x, least), greatest - least);
    const hsv = tf.split(rgbToHsv(shares) as tf.Tensor, 3, 3);
    const colors = hsvToRgb(tf.concat([...change(hsv)], 3)) as tf.Tensor;
    return tf.add(tf.mul(tf.clipByValue(colors, 0, 1), greatest - least), least);
  }
}

/** Turns the hue by up to half of a turn to either side. */
export class RandomHue extends ShareLayer {
  constructor(options: ShareOptions) {
    super(options);
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const side = tf.sub(tf.mul(tf.round(this.each(x, [0, 1])), 2), 1);
    const turn = tf.mul(tf.mul(side, this.each(x, this.factor)), 0.5);
    return this.inHsv(x, ([hue, ...others]) => [tf.mod(tf.add(hue, turn), 1), ...others]);
  }
}

/** Multiplies the saturation by f / (1 - f): 0.5 changes nothing, 0 takes all colors off. */
export class RandomSaturation extends ShareLayer {
  constructor(options: ShareOptions) {
    super(options);
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const share = this.each(x, this.factor);
    const factor = tf.div(share, tf.add(tf.sub(1, share), 1e-7));
    return this.inHsv(x, ([hue, saturation, value]) => [
      hue,
      tf.clipByValue(tf.mul(saturation, factor), 0, 1),
      value,
    ]);
  }
}

/** Sharpens images above 0.5, smooths them below. */
export class RandomSharpness extends ShareLayer {
  constructor(options: ShareOptions) {
    super(options);
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const channels = x.shape[3]!;
    const [a, b] = [1 / 13, 5 / 13];
    const kernel = tf.reshape(tf.tensor1d([a, a, a, a, b, a, a, a, a]), [3, 3, 1, 1]);
    const filter = tf.broadcastTo(kernel, [3, 3, channels, 1]) as tf.Tensor4D;
    const smooth = tf.depthwiseConv2d(x as tf.Tensor4D, filter, 1, "same");
    const share = tf.sub(1, tf.mul(this.each(x, this.factor), 2));
    return this.clipped(tf.add(x, tf.mul(share, tf.sub(smooth, x))));
  }
}

/** Options of {@linkcode Solarization}. */
export interface SolarizationOptions extends ValueRangeOptions {
  /** What is added first, in shares of the range of values; 0 unless given. */
  readonly additionFactor?: Factor;
  /** From where on colors become their opposites, in shares of the range; 0 (all) unless given. */
  readonly thresholdFactor?: Factor;
}

/** Turns light colors into their opposites. */
export class Solarization extends ColorLayer {
  readonly additionFactor: readonly [number, number];
  readonly thresholdFactor: readonly [number, number];

  constructor(options: SolarizationOptions = {}) {
    const owner = "Solarization";
    const [own, rest] = takeOptions(owner, options, {
      additionFactor: 0 as Factor,
      thresholdFactor: 0 as Factor,
    });
    super(rest);
    const range = { from: 0, to: 1, least: 0 };
    this.additionFactor = readFactor(owner, "additionFactor", own.additionFactor, range);
    this.thresholdFactor = readFactor(owner, "thresholdFactor", own.thresholdFactor, range);
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const [least, greatest] = this.valueRange;
    const bytes = tf.mul(tf.sub(x, least), 255 / (greatest - least));
    const scaled = (factor: readonly [number, number]) => tf.mul(this.each(x, factor), 255);
    const sum = tf.clipByValue(tf.add(bytes, scaled(this.additionFactor)), 0, 255);
    const isDark = tf.less(sum, tf.broadcastTo(scaled(this.thresholdFactor), x.shape));
    const result = tf.where(isDark, sum, tf.sub(255, sum));
    return tf.add(tf.mul(result, (greatest - least) / 255), least);
  }

  override getConfig(): Record<string, unknown> {
    const { additionFactor, thresholdFactor } = this;
    return { ...super.getConfig(), additionFactor, thresholdFactor };
  }
}

/** Options of {@linkcode RandomColorJitter}; what is left out is not changed. */
export interface RandomColorJitterOptions extends ValueRangeOptions {
  readonly brightnessFactor?: Factor | null;
  readonly contrastFactor?: Factor | null;
  readonly saturationFactor?: Factor | null;
  readonly hueFactor?: Factor | null;
}

/** Changes brightness, contrast, saturation and hue, one after the other. */
export class RandomColorJitter extends ColorLayer {
  readonly #factors: Readonly<Record<string, Factor | null>>;
  readonly steps: ColorLayer[] = [];

  constructor(options: RandomColorJitterOptions = {}) {
    const [own, rest] = takeOptions("RandomColorJitter", options, {
      brightnessFactor: null,
      contrastFactor: null,
      saturationFactor: null,
      hueFactor: null,
    });
    super(rest);
    this.#factors = own;
    const shared = {
      valueRange: this.valueRange,
      dataFormat: "channels_last",
      seed: rest.seed,
    } as const;
    const { brightnessFactor, contrastFactor, saturationFactor, hueFactor } = own;
    const add = (Class: new (options: ShareOptions) => ColorLayer, factor: Factor | null) => {
      if (factor !== null) this.steps.push(new Class({ ...shared, factor }));
    };
    add(RandomBrightness, brightnessFactor);
    add(RandomContrast, contrastFactor);
    add(RandomSaturation, saturationFactor);
    add(RandomHue, hueFactor);
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const options: CallOptions = { training: true };
    return this.steps.reduce((y, step) => step(y, options), x);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.#factors };
  }
}

/** Options of {@linkcode RandomShear}. */
export interface RandomShearOptions extends TransformOptions {
  /** How far rows are moved, in shares of the distance from the upper edge; 0 unless given. */
  readonly xFactor?: Factor;
  /** How far columns are moved; 0 unless given. */
  readonly yFactor?: Factor;
}

/** Shears images to either side. */
export class RandomShear extends RandomTransform {
  readonly xFactor: readonly [number, number];
  readonly yFactor: readonly [number, number];

  constructor(options: RandomShearOptions = {}) {
    const owner = "RandomShear";
    const [own, rest] = takeOptions(owner, options, { xFactor: 0 as Factor, yFactor: 0 as Factor });
    super(rest);
    const range = { from: 0, to: 1, least: 0 };
    this.xFactor = readFactor(owner, "xFactor", own.xFactor, range);
    this.yFactor = readFactor(owner, "yFactor", own.yFactor, range);
  }

  protected override transform(x: tf.Tensor): Affine {
    const side = tf.sub(tf.mul(tf.round(this.drawn(x, [0, 1])), 2), 1);
    const across = tf.mul(side, this.drawn(x, this.xFactor));
    const down = tf.mul(side, this.drawn(x, this.yFactor));
    return [1, across, 0, down, 1, 0];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), xFactor: this.xFactor, yFactor: this.yFactor };
  }
}
