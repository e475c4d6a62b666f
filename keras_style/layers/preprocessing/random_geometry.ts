/**
 * Layers that move, turn, stretch and cut images while training.
 * Follows https://keras.io/api/layers/preprocessing_layers/image_augmentation/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type DataFormat, type PlainDataFormat, readDataFormat } from "../../data_format.ts";
import { checkChoice, checkNumber, requireOption, show, takeOptions } from "../../options.ts";
import { channelsLast } from "../convolutional/convolve.ts";
import type { Shape } from "../keras_tensor.ts";
import { type CallOptions, Layer, type LayerOptions } from "../layer.ts";
import { resizeImages } from "./resize_matrix.ts";
import { SeededDraws, type SeededOptions } from "../seeded_draws.ts";
import {
  type Affine,
  FILL_MODES,
  type FillMode,
  transformImages,
  type TransformInterpolation,
} from "./transform_images.ts";

/** A range [from, to], or a number f for [-f, f]. */
export type Factor = number | readonly [from: number, to: number];

/** Options of all layers that change images while training. */
export interface ImageAugmentationOptions extends LayerOptions, SeededOptions {
  /** Where channels stand; as `keras.config.imageDataFormat()` unless given. */
  readonly dataFormat?: DataFormat | null;
}

/** A range. @throws {RangeError} naming the option, its value and what was expected */
export function readFactor(
  owner: string,
  option: string,
  value: unknown,
  { from = -Infinity, to = Infinity, least = undefined as number | undefined } = {},
): [from: number, to: number] {
  const isPair = Array.isArray(value) && value.length === 2;
  const pair = typeof value === "number" ? [least ?? -value, value] : value;
  const fits = (typeof value === "number" || isPair) &&
    (pair as unknown[]).every((one) => typeof one === "number" && one >= from && one <= to) &&
    (pair as number[])[0] <= (pair as number[])[1];
  if (fits) return pair as [number, number];
  const within = from === -Infinity ? "" : ` within [${from}, ${to}]`;
  throw new RangeError(
    `${owner}: ${option} is ${show(value)}, expected a number or [from, to]${within}`,
  );
}

/** Base class: images [n, rows, columns, channels], or one without n, are changed while training, or if called by themselves. */
export abstract class ImageAugmentation extends Layer {
  readonly dataFormat: PlainDataFormat;
  protected readonly draws: SeededDraws;

  constructor(options: ImageAugmentationOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { seed: null, dataFormat: null });
    super(rest);
    this.dataFormat = readDataFormat(owner, own.dataFormat as DataFormat | null);
    this.draws = new SeededDraws(owner, own.seed);
    this.inputSpec = { minNdim: 3, maxNdim: 4 };
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override call(x: tf.Tensor, { training }: CallOptions = {}): tf.Tensor {
    const images = x.dtype === "float32" ? x : tf.cast(x, "float32");
    if (images.rank === 3) {
      return tf.squeeze(this.call(tf.expandDims(images, 0), { training }), [0]);
    }
    return channelsLast(
      images,
      this.dataFormat,
      (y) => training ? this.augment(y) : this.unchanged(y),
    );
  }

  /** As in Keras: called by itself, the layer changes images. */
  protected override get defaultTraining(): boolean {
    return true;
  }

  /** What becomes of images while training. */
  protected abstract augment(x: tf.Tensor): tf.Tensor;

  /** What becomes of images otherwise. */
  protected unchanged(x: tf.Tensor): tf.Tensor {
    return tf.clone(x);
  }

  /** A number of a range for each image: [n]. */
  protected drawn(x: tf.Tensor, [from, to]: readonly [number, number]): tf.Tensor {
    return tf.add(tf.mul(this.draws.uniform([x.shape[0]]), to - from), from);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.draws.config, dataFormat: this.dataFormat };
  }
}

/** Options of layers that fill what comes in beyond the edges. */
export interface TransformOptions extends ImageAugmentationOptions {
  /** "reflect" unless given. */
  readonly fillMode?: FillMode;
  /** "bilinear" unless given. */
  readonly interpolation?: TransformInterpolation;
  /** With fillMode "constant"; 0 unless given. */
  readonly fillValue?: number;
}

/** Base class of layers that move pixels. */
export abstract class RandomTransform extends ImageAugmentation {
  readonly fillMode: FillMode;
  readonly interpolation: TransformInterpolation;
  readonly fillValue: number;

  constructor(options: TransformOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      fillMode: "reflect",
      interpolation: "bilinear",
      fillValue: 0,
    });
    super(rest);
    this.fillMode = checkChoice(owner, "fillMode", own.fillMode, FILL_MODES);
    this.interpolation = checkChoice(owner, "interpolation", own.interpolation, [
      "bilinear",
      "nearest",
    ]);
    this.fillValue = checkNumber(owner, "fillValue", own.fillValue);
  }

  /** Where each pixel of the result comes from. */
  protected abstract transform(x: tf.Tensor): Affine;

  protected override augment(x: tf.Tensor): tf.Tensor {
    return transformImages(x, this.transform(x), this);
  }

  override getConfig(): Record<string, unknown> {
    const { fillMode, interpolation, fillValue } = this;
    return { ...super.getConfig(), fillMode, interpolation, fillValue };
  }
}

/** Options of {@linkcode RandomRotation}. */
export interface RandomRotationOptions extends TransformOptions {
  /** In turns: 0.1 is from -36 to 36 degrees. */
  readonly factor: Factor;
}

/** Turns images around their middle. */
export class RandomRotation extends RandomTransform {
  readonly factor: readonly [number, number];

  constructor(options: RandomRotationOptions) {
    const [own, rest] = takeOptions("RandomRotation", options, { factor: undefined });
    super(rest);
    this.factor = readFactor("RandomRotation", "factor", own.factor);
  }

  protected override transform(x: tf.Tensor): Affine {
    const [, rows, columns] = x.shape;
    const angle = tf.mul(this.drawn(x, this.factor), 2 * Math.PI);
    const [cos, sin] = [tf.cos(angle), tf.sin(angle)];
    const [cx, cy] = [(columns - 1) / 2, (rows - 1) / 2];
    const a2 = tf.sub(cx, tf.sub(tf.mul(cos, cx), tf.mul(sin, cy)));
    const b2 = tf.sub(cy, tf.add(tf.mul(sin, cx), tf.mul(cos, cy)));
    return [cos, tf.neg(sin), a2, sin, cos, b2];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/** Options of {@linkcode RandomTranslation}. */
export interface RandomTranslationOptions extends TransformOptions {
  /** Downwards, as a share of the height. */
  readonly heightFactor: Factor;
  /** To the right, as a share of the width. */
  readonly widthFactor: Factor;
}

/** Moves images. */
export class RandomTranslation extends RandomTransform {
  readonly heightFactor: readonly [number, number];
  readonly widthFactor: readonly [number, number];

  constructor(options: RandomTranslationOptions) {
    const owner = "RandomTranslation";
    const [own, rest] = takeOptions(owner, options, {
      heightFactor: undefined,
      widthFactor: undefined,
    });
    super(rest);
    const range = { from: -1, to: 1 };
    this.heightFactor = readFactor(owner, "heightFactor", own.heightFactor, range);
    this.widthFactor = readFactor(owner, "widthFactor", own.widthFactor, range);
  }

  protected override transform(x: tf.Tensor): Affine {
    const [, rows, columns] = x.shape;
    const down = tf.mul(this.drawn(x, this.heightFactor), rows);
    const right = tf.mul(this.drawn(x, this.widthFactor), columns);
    return [1, 0, tf.neg(right), 0, 1, tf.neg(down)];
  }

  override getConfig(): Record<string, unknown> {
    const { heightFactor, widthFactor } = this;
    return { ...super.getConfig(), heightFactor, widthFactor };
  }
}

/** Options of {@linkcode RandomZoom}. */
export interface RandomZoomOptions extends TransformOptions {
  /** Above 0 the image gets smaller, below 0 larger; 0.2 is from 0.8 to 1.2 times as much of it in view. */
  readonly heightFactor: Factor;
  /** As for the height, and the ratio of the sides stays, unless given. */
  readonly widthFactor?: Factor | null;
}

/** Shows less of images, larger, or more, smaller. */
export class RandomZoom extends RandomTransform {
  readonly heightFactor: readonly [number, number];
  readonly widthFactor: readonly [number, number] | null;

  constructor(options: RandomZoomOptions) {
    const owner = "RandomZoom";
    const [own, rest] = takeOptions(owner, options, {
      heightFactor: undefined,
      widthFactor: null,
    });
    super(rest);
    this.heightFactor = readFactor(owner, "heightFactor", own.heightFactor);
    this.widthFactor = own.widthFactor === null
      ? null
      : readFactor(owner, "widthFactor", own.widthFactor);
  }

  protected override transform(x: tf.Tensor): Affine {
    const [, rows, columns] = x.shape;
    const down = tf.add(this.drawn(x, this.heightFactor), 1);
    const across = this.widthFactor === null ? down : tf.add(this.drawn(x, this.widthFactor), 1);
    const offset = (zoom: tf.Tensor, size: number) => tf.mul(tf.sub(1, zoom), (size - 1) / 2);
    return [across, 0, offset(across, columns), 0, down, offset(down, rows)];
  }

  override getConfig(): Record<string, unknown> {
    const { heightFactor, widthFactor } = this;
    return { ...super.getConfig(), heightFactor, widthFactor };
  }
}

/** Which way {@linkcode RandomFlip} flips; Keras' spelling with `_and_` is taken as well. */
export type FlipMode =
  | "horizontal"
  | "vertical"
  | "horizontalAndVertical"
  | "horizontal_and_vertical";

/** Options of {@linkcode RandomFlip}. */
export interface RandomFlipOptions extends ImageAugmentationOptions {
  /** Both ways unless given. */
  readonly mode?: FlipMode;
}

/** Flips every second image. */
export class RandomFlip extends ImageAugmentation {
  readonly mode: FlipMode;

  constructor(options: RandomFlipOptions = {}) {
    const [own, rest] = takeOptions("RandomFlip", options, { mode: "horizontalAndVertical" });
    super(rest);
    this.mode = checkChoice<FlipMode>("RandomFlip", "mode", own.mode, [
      "horizontal",
      "vertical",
      "horizontalAndVertical",
      "horizontal_and_vertical",
    ]);
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const across = this.mode === "vertical" ? x : this.#some(x, 2);
    return this.mode === "horizontal" ? across : this.#some(across, 1);
  }

  /** Half of the images the other way round along an axis. */
  #some(x: tf.Tensor, axis: number): tf.Tensor {
    const isFlipped = tf.less(this.draws.uniform([x.shape[0], 1, 1, 1]), 0.5);
    return tf.where(tf.broadcastTo(isFlipped, x.shape), tf.reverse(x, axis), x);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), mode: this.mode };
  }
}

/** Options of {@linkcode CenterCrop} and {@linkcode RandomCrop}. */
export interface CropOptions extends ImageAugmentationOptions {
  readonly height: number;
  readonly width: number;
}

/** The largest part of images in the ratio of a size, from the middle, in that size. */
function fitted(x: tf.Tensor, height: number, width: number): tf.Tensor {
  const [n, rows, columns, c] = x.shape;
  const tall = Math.max(Math.min(rows, Math.trunc(columns * height / width)), 1);
  const wide = Math.max(Math.min(columns, Math.trunc(rows * width / height)), 1);
  const begin = [0, Math.trunc((rows - tall) / 2), Math.trunc((columns - wide) / 2), 0];
  return resizeImages(tf.slice(x, begin, [n, tall, wide, c]), [height, width], "bilinear");
}

abstract class Crop extends ImageAugmentation {
  readonly height: number;
  readonly width: number;

  constructor(options: CropOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { height: undefined, width: undefined });
    super(rest);
    const size = (name: "height" | "width") =>
      checkNumber(owner, name, requireOption(owner, name, own[name], "an integer"), {
        from: 1,
        integer: true,
      });
    this.height = size("height");
    this.width = size("width");
  }

  override computeOutputShape(inputShape: Shape): Shape {
    const { height, width } = this;
    const rank = inputShape.length;
    return this.dataFormat === "channels_last"
      ? [...inputShape.slice(0, rank - 3), height, width, inputShape[rank - 1]]
      : [...inputShape.slice(0, rank - 2), height, width];
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), height: this.height, width: this.width };
  }
}

/** The middle of images; smaller ones are stretched. */
export class CenterCrop extends Crop {
  constructor(options: CropOptions) {
    super(options);
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const [n, rows, columns, c] = x.shape;
    const { height, width } = this;
    if (rows < height || columns < width) return fitted(x, height, width);
    const begin = [0, Math.floor((rows - height) / 2), Math.floor((columns - width) / 2), 0];
    return tf.slice(x, begin, [n, height, width, c]);
  }

  protected override unchanged(x: tf.Tensor): tf.Tensor {
    return this.augment(x);
  }
}

/** A part of images while training, the same for a whole batch; otherwise their middle, resized. */
export class RandomCrop extends Crop {
  constructor(options: CropOptions) {
    super(options);
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const { height, width } = this;
    const [, rows, columns] = x.shape;
    if (rows <= height || columns <= width) return fitted(x, height, width);
    const indices = (room: number, size: number) => {
      const start = tf.floor(tf.mul(this.draws.uniform([1]), room + 1));
      return tf.cast(tf.add(start, tf.range(0, size)), "int32") as tf.Tensor1D;
    };
    const tall = tf.gather(x, indices(rows - height, height), 1);
    return tf.gather(tall, indices(columns - width, width), 2);
  }

  protected override unchanged(x: tf.Tensor): tf.Tensor {
    return fitted(x, this.height, this.width);
  }
}
