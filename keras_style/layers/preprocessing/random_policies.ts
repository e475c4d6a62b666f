/**
 * Layers that change images by randomly chosen other layers while training.
 * Sources: keras/src/layers/preprocessing/image_preprocessing/rand_augment.py and aug_mix.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { betaOf, gammaOf } from "../../random/distributions.ts";
import { checkChoice, checkNumber, takeOptions } from "../../options.ts";
import { Equalization } from "./equalization.ts";
import {
  AutoContrast,
  ColorLayer,
  RandomBrightness,
  RandomColorDegeneration,
  RandomContrast,
  RandomPosterization,
  type ValueRangeOptions,
} from "./random_color.ts";
import {
  type Factor,
  type ImageAugmentation,
  RandomRotation,
  RandomTranslation,
  readFactor,
} from "./random_geometry.ts";
import { RandomSharpness, RandomShear, Solarization } from "./random_hue.ts";
import type { TransformInterpolation } from "./transform_images.ts";

/** Options that both layers take. */
interface PolicyOptions extends ValueRangeOptions {
  /** How much images are changed, within [0, 1]; [0, f] for a number f. */
  readonly factor?: Factor;
  /** "bilinear" unless given. */
  readonly interpolation?: TransformInterpolation;
}

/** Base class: the layers that are chosen from. */
abstract class RandomPolicy extends ColorLayer {
  readonly factor: readonly [number, number];
  readonly interpolation: TransformInterpolation;

  constructor(options: PolicyOptions, factor: number) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      factor: factor as Factor,
      interpolation: "bilinear",
    });
    super(rest);
    this.factor = readFactor(owner, "factor", own.factor, { from: 0, to: 1, least: 0 });
    this.interpolation = checkChoice<TransformInterpolation>(
      owner,
      "interpolation",
      own.interpolation,
      ["bilinear", "nearest"],
    );
  }

  /** The layers, in Keras' order; they draw from one seed, where there is one. */
  protected makeSteps(withColors: boolean): ImageAugmentation[] {
    const { factor, interpolation, valueRange } = this;
    const shared = { ...this.draws.config, dataFormat: "channels_last" } as const;
    const moving = { ...shared, interpolation };
    const coloring = { ...shared, valueRange };
    const changed = { ...coloring, factor };
    return [
      new RandomShear({ ...moving, xFactor: factor, yFactor: factor }),
      new RandomTranslation({ ...moving, heightFactor: factor, widthFactor: factor }),
      new RandomRotation({ ...moving, factor }),
      ...withColors
        ? [
          new RandomBrightness(changed),
          new RandomColorDegeneration(changed),
          new RandomContrast(changed),
          new RandomSharpness(changed),
        ]
        : [],
      new RandomPosterization({
        ...coloring,
        factor: Math.max(1, Math.trunc(8 * this.factor[1])),
      }),
      new Solarization({ ...coloring, additionFactor: factor, thresholdFactor: factor }),
      new AutoContrast(coloring),
      new Equalization(coloring),
    ];
  }

  /** The images after one of the steps, drawn afresh at every call. @param choices how many there are; more than steps: nothing */
  protected oneOf(
    steps: readonly ImageAugmentation[],
    x: tf.Tensor,
    choices: number = steps.length,
  ): tf.Tensor {
    const choice = tf.floor(tf.mul(this.draws.uniform([1, 1, 1, 1]), choices));
    return steps.reduce((result, step, i) => {
      const isChosen = tf.broadcastTo(tf.equal(choice, i), x.shape);
      return tf.where(isChosen, step(x, { training: true }), result);
    }, x);
  }

  override getConfig(): Record<string, unknown> {
    const { factor, interpolation } = this;
    return { ...super.getConfig(), factor, interpolation };
  }
}

/** Options of {@linkcode RandAugment}. */
export interface RandAugmentOptions extends PolicyOptions {
  /** How many layers a batch goes through; 2 unless given. */
  readonly numOps?: number;
}

/**
 * Changes a batch by several of eleven layers, drawn at random (Cubuk et al., 2019).
 *
 * @throws {RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.RandAugment({ valueRange: [0, 1], numOps: 3, factor: 0.3 });
 * console.log(layer(keras.random.uniform([2, 8, 8, 3])).shape); // [ 2, 8, 8, 3 ]
 * ```
 */
export class RandAugment extends RandomPolicy {
  readonly numOps: number;
  readonly steps: readonly ImageAugmentation[];

  constructor(options: RandAugmentOptions = {}) {
    const [own, rest] = takeOptions("RandAugment", options, { numOps: 2 });
    super(rest, 0.5);
    this.numOps = checkNumber("RandAugment", "numOps", own.numOps, { from: 1, integer: true });
    this.steps = this.makeSteps(true);
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    let y = x;
    for (let i = 0; i < this.numOps; i++) y = this.oneOf(this.steps, y);
    return y;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), numOps: this.numOps };
  }
}

/** Options of {@linkcode AugMix}. */
export interface AugMixOptions extends PolicyOptions {
  /** How many chains of layers are mixed; 3 unless given. */
  readonly numChains?: number;
  /** How many layers a chain has at most; 3 unless given. */
  readonly chainDepth?: number;
  /** Of the distributions that the shares of chains and images follow; 1 unless given. */
  readonly alpha?: number;
  /** Whether brightness, color, contrast and sharpness are among the layers; true unless given. */
  readonly allOps?: boolean;
}

/**
 * Mixes a batch with the mean of several chains of randomly drawn changes of it (Hendrycks et al., 2019).
 *
 * @throws {RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.AugMix({ valueRange: [0, 1], numChains: 2, chainDepth: 1 });
 * console.log(layer(keras.random.uniform([2, 8, 8, 3])).shape); // [ 2, 8, 8, 3 ]
 * ```
 */
export class AugMix extends RandomPolicy {
  readonly numChains: number;
  readonly chainDepth: number;
  readonly alpha: number;
  readonly allOps: boolean;
  readonly steps: readonly ImageAugmentation[];

  constructor(options: AugMixOptions = {}) {
    const owner = "AugMix";
    const [own, rest] = takeOptions(owner, options, {
      numChains: 3,
      chainDepth: 3,
      alpha: 1,
      allOps: true,
    });
    super(rest, 0.3);
    const count = { from: 1, integer: true };
    this.numChains = checkNumber(owner, "numChains", own.numChains, count);
    this.chainDepth = checkNumber(owner, "chainDepth", own.chainDepth, count);
    this.alpha = checkNumber(owner, "alpha", own.alpha, { above: 0 });
    this.allOps = Boolean(own.allOps);
    this.steps = this.makeSteps(this.allOps);
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const uniform = (shape: readonly number[]) => this.draws.uniform([...shape]);
    const { alpha, numChains } = this;
    const parts = gammaOf(uniform, [numChains], tf.fill([numChains], alpha));
    const shares = tf.unstack(tf.div(parts, tf.sum(parts)));
    const mixed = shares
      .map((share) => tf.mul(this.#chain(x), share))
      .reduce((a, b) => tf.add(a, b));
    const kept = betaOf(uniform, [1], tf.fill([1], alpha));
    return this.clipped(tf.add(tf.mul(x, kept), tf.mul(mixed, tf.sub(1, kept))));
  }

  /** One of the choices at every step is to leave it out. */
  #chain(x: tf.Tensor): tf.Tensor {
    let y = x;
    for (let i = 0; i < this.chainDepth; i++) {
      y = this.oneOf(this.steps, y, this.steps.length + 1);
    }
    return y;
  }

  override getConfig(): Record<string, unknown> {
    const { numChains, chainDepth, alpha, allOps } = this;
    return { ...super.getConfig(), numChains, chainDepth, alpha, allOps };
  }
}
