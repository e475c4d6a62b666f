/**
 * Layers that put parts of images into others, or leave parts out, while training.
 * Follows https://keras.io/api/layers/preprocessing_layers/image_augmentation/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, takeOptions } from "../../options.ts";
import { betaOf } from "../../random/distributions.ts";
import type { CallOptions } from "../layer.ts";
import { isPlainObject } from "../nested.ts";
import {
  type Factor,
  ImageAugmentation,
  type ImageAugmentationOptions,
  readFactor,
} from "./random_geometry.ts";

/** Images with the rows of labels that belong to them: one-hot, or shares. */
export interface ImagesAndLabels {
  readonly images: tf.Tensor;
  readonly labels: tf.Tensor;
}

/** How images of a batch are mixed: with which others, and how much each keeps of itself. */
interface Mixture {
  readonly order: tf.Tensor1D;
  /** [n] */
  readonly share: tf.Tensor;
  /** Images [n, rows, columns, channels] mixed with those in another order. */
  readonly mix: (images: tf.Tensor, others: tf.Tensor) => tf.Tensor;
}

/** The batch in random order, by what draws uniform numbers. */
function randomOrder(uniform: (shape: number[]) => tf.Tensor, count: number): tf.Tensor1D {
  return tf.topk(uniform([count]), count).indices as tf.Tensor1D;
}

/** Base class of layers that mix the images of a batch, and their labels. */
abstract class Mixing extends ImageAugmentation {
  constructor(options: ImageAugmentationOptions) {
    super(options);
    this.inputSpec = undefined;
  }

  /** How a batch is mixed. */
  protected abstract mixture(images: tf.Tensor): Mixture;

  protected override augment(x: tf.Tensor): tf.Tensor {
    const { order, mix } = this.mixture(x);
    return mix(x, tf.gather(x, order));
  }

  /** @param inputs images, or { images, labels } with labels [n, classes] */
  // deno-lint-ignore no-explicit-any
  override call(inputs: any, options: CallOptions = {}): any {
    if (!isPlainObject(inputs)) return super.call(inputs, options);
    const { images, labels, ...rest } = inputs as unknown as ImagesAndLabels;
    const others = Object.keys(rest);
    if (!(images instanceof tf.Tensor) || !(labels instanceof tf.Tensor) || others.length > 0) {
      throw new TypeError(
        `${this.getClassName()}: inputs have ${Object.keys(inputs)}, expected images and labels`,
      );
    }
    if (!options.training) return { images: tf.clone(images), labels: tf.clone(labels) };
    const isFirst = this.dataFormat === "channels_first";
    const x = isFirst ? tf.transpose(images, [0, 2, 3, 1]) : images;
    const { order, share, mix } = this.mixture(x);
    const mixed = mix(tf.cast(x, "float32"), tf.cast(tf.gather(x, order), "float32"));
    const y = tf.cast(labels, "float32");
    const of = tf.reshape(share, [-1, ...y.shape.slice(1).map(() => 1)]);
    return {
      images: isFirst ? tf.transpose(mixed, [0, 3, 1, 2]) : mixed,
      labels: tf.add(tf.mul(y, of), tf.mul(tf.gather(y, order), tf.sub(1, of))),
    };
  }

  // deno-lint-ignore no-explicit-any
  override computeOutputShape(inputShape: any): any {
    return inputShape;
  }
}

/** Options of {@linkcode MixUp}. */
export interface MixUpOptions extends ImageAugmentationOptions {
  /** Of the beta distribution (alpha, alpha) that shares follow; 0.2 unless given. */
  readonly alpha?: number;
}

/**
 * Every image mixed with another of its batch, and the labels likewise (Zhang et al., 2017).
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const mixUp = new keras.layers.MixUp({ alpha: 0.2 });
 * const images = keras.random.uniform([8, 4, 4, 3]);
 * console.log(mixUp(images, { training: true }).shape); // [ 8, 4, 4, 3 ]
 * ```
 */
export class MixUp extends Mixing {
  readonly alpha: number;

  constructor(options: MixUpOptions = {}) {
    const [own, rest] = takeOptions("MixUp", options, { alpha: 0.2 });
    super(rest);
    this.alpha = checkNumber("MixUp", "alpha", own.alpha, { above: 0 });
  }

  protected override mixture(images: tf.Tensor): Mixture {
    const count = images.shape[0];
    const uniform = (shape: readonly number[]) => this.draws.uniform([...shape]);
    const order = randomOrder(uniform, count);
    const share = betaOf(uniform, [count], tf.fill([count], this.alpha));
    const of = tf.reshape(share, [count, 1, 1, 1]);
    const mix = (x: tf.Tensor, others: tf.Tensor) =>
      tf.add(tf.mul(x, of), tf.mul(others, tf.sub(1, of)));
    return { order, share, mix };
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), alpha: this.alpha };
  }
}

/** Where a random window lies in each image: [n, rows, columns, 1], true within. @param sizes shares [n] of both sides */
function randomWindow(
  images: tf.Tensor,
  sizes: { readonly rows: tf.Tensor; readonly columns: tf.Tensor },
  uniform: (shape: number[]) => tf.Tensor,
): { mask: tf.Tensor; area: tf.Tensor } {
  const [count, rows, columns] = images.shape;
  const along = (size: number, share: tf.Tensor, shape: number[]) => {
    const length = tf.mul(share, size);
    const start = tf.mul(uniform([count]), tf.sub(size, length));
    const places = tf.reshape(tf.range(0, size), shape);
    const [from, to] = [start, tf.add(start, length)].map((x) => tf.reshape(x, [count, 1, 1, 1]));
    return tf.logicalAnd(tf.greaterEqual(places, from), tf.less(places, to));
  };
  const mask = tf.logicalAnd(
    along(columns, sizes.columns, [1, 1, columns, 1]),
    along(rows, sizes.rows, [1, rows, 1, 1]),
  );
  return { mask, area: tf.mul(sizes.rows, sizes.columns) };
}

/** Options of {@linkcode CutMix}. */
export interface CutMixOptions extends ImageAugmentationOptions {
  /** The range that the beta distribution's parameters are drawn from; from 0 to 1 unless given. */
  readonly factor?: Factor;
}

/** A window of every image is that of another of its batch; labels are mixed by its area (Yun et al., 2019). */
export class CutMix extends Mixing {
  readonly factor: readonly [number, number];

  constructor(options: CutMixOptions = {}) {
    const [own, rest] = takeOptions("CutMix", options, { factor: 1 as Factor });
    super(rest);
    this.factor = readFactor("CutMix", "factor", own.factor, { from: 0, to: 1, least: 0 });
  }

  protected override mixture(images: tf.Tensor): Mixture {
    const count = images.shape[0];
    const uniform = (shape: readonly number[]) => this.draws.uniform([...shape]);
    const [from, to] = this.factor;
    const alpha = tf.add(tf.add(tf.mul(uniform([1]), to - from), from), 1e-6);
    const kept = betaOf(uniform, [count], tf.broadcastTo(alpha, [count]));
    const side = tf.sqrt(tf.sub(1, kept));
    const { mask, area } = randomWindow(images, { rows: side, columns: side }, uniform);
    const order = randomOrder(uniform, count);
    const mix = (x: tf.Tensor, others: tf.Tensor) =>
      tf.where(tf.broadcastTo(mask, x.shape), others, x);
    return { order, share: tf.sub(1, area), mix };
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/** Options of {@linkcode RandomErasing}. */
export interface RandomErasingOptions extends ImageAugmentationOptions {
  /** The range of the probability that an image loses a window; from 0 to 1 unless given. */
  readonly factor?: Factor;
  /** The range of shares of the area that the squares of its sides are drawn from; [0.02, 0.33] unless given. */
  readonly scale?: Factor;
  /** What stands there: a number, or one a channel; random values unless given. */
  readonly fillValue?: number | readonly number[] | null;
  /** [0, 255] unless given. */
  readonly valueRange?: readonly [least: number, greatest: number];
}

/** A window of images is filled with other values (Zhong et al., 2017). */
export class RandomErasing extends ImageAugmentation {
  readonly factor: readonly [number, number];
  readonly scale: readonly [number, number];
  readonly fillValue: number | readonly number[] | null;
  readonly valueRange: readonly [least: number, greatest: number];

  constructor(options: RandomErasingOptions = {}) {
    const owner = "RandomErasing";
    const [own, rest] = takeOptions(owner, options, {
      factor: 1 as Factor,
      scale: [0.02, 0.33] as Factor,
      fillValue: null,
      valueRange: [0, 255] as readonly [number, number],
    });
    super(rest);
    const range = { from: 0, to: 1, least: 0 };
    this.factor = readFactor(owner, "factor", own.factor, range);
    this.scale = readFactor(owner, "scale", own.scale, range);
    this.fillValue = own.fillValue;
    this.valueRange = readFactor(owner, "valueRange", own.valueRange);
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const count = x.shape[0];
    const uniform = (shape: readonly number[]) => this.draws.uniform([...shape]);
    const side = () => tf.sqrt(this.drawn(x, this.scale));
    const { mask } = randomWindow(x, { rows: side(), columns: side() }, uniform);
    const isErased = tf.less(uniform([count]), this.drawn(x, this.factor));
    const where = tf.logicalAnd(mask, tf.reshape(isErased, [count, 1, 1, 1]));
    const [least, greatest] = this.valueRange;
    const filling = tf.clipByValue(this.#filling(x, greatest), least, greatest);
    return tf.where(tf.broadcastTo(where, x.shape), filling, x);
  }

  #filling(x: tf.Tensor, greatest: number): tf.Tensor {
    const { fillValue } = this;
    if (fillValue !== null) {
      return tf.broadcastTo(tf.tensor1d([fillValue].flat() as number[]), x.shape);
    }
    const radius = tf.sqrt(tf.mul(tf.log(tf.sub(1, this.draws.uniform([...x.shape]))), -2));
    const normal = tf.mul(radius, tf.cos(tf.mul(this.draws.uniform([...x.shape]), 2 * Math.PI)));
    return tf.mul(normal, greatest);
  }

  override getConfig(): Record<string, unknown> {
    const { factor, scale, fillValue, valueRange } = this;
    return { ...super.getConfig(), factor, scale, fillValue, valueRange };
  }
}
