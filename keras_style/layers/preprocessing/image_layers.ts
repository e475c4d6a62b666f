/**
 * Layers that prepare images.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type DataFormat, type PlainDataFormat, readDataFormat } from "../../data_format.ts";
import { checkChoice, checkNumber, requireOption, takeOptions } from "../../options.ts";
import { channelsLast } from "../convolutional/convolve.ts";
import type { Shape } from "../keras_tensor.ts";
import { Layer, type LayerOptions } from "../layer.ts";
import { type Interpolation, INTERPOLATIONS, resizeImages } from "./resize_matrix.ts";

/** Options of {@linkcode Rescaling}. */
export interface RescalingOptions extends LayerOptions {
  /** What values are multiplied with: 1 / 255 maps bytes to [0, 1]; one number, or one a channel. */
  readonly scale: number | readonly number[];
  /** What is added afterwards; 0 unless given. */
  readonly offset?: number | readonly number[];
}

/**
 * scale x + offset. Follows https://keras.io/api/layers/preprocessing_layers/image_preprocessing/rescaling/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Rescaling({ scale: 1 / 255 });
 * console.log(layer(keras.Input({ shape: [32, 32, 3] })).shape); // [ null, 32, 32, 3 ]
 * ```
 */
export class Rescaling extends Layer {
  readonly scale: number | readonly number[];
  readonly offset: number | readonly number[];

  constructor(options: RescalingOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { scale: undefined, offset: 0 });
    super(rest);
    const read = (name: "scale" | "offset") => {
      const value = requireOption<unknown>(owner, name, own[name], "a number");
      for (const one of [value].flat()) checkNumber(owner, name, one);
      return value as number | readonly number[];
    };
    this.scale = read("scale");
    this.offset = read("offset");
    this.supportsMasking = true;
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    const x = inputs.dtype === "float32" ? inputs : tf.cast(inputs, "float32");
    const scaled = tf.mul(x, typeof this.scale === "number" ? this.scale : [...this.scale]);
    if (this.offset === 0) return scaled;
    return tf.add(scaled, typeof this.offset === "number" ? this.offset : [...this.offset]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), scale: this.scale, offset: this.offset };
  }
}

/** Options of {@linkcode Resizing}. */
export interface ResizingOptions extends LayerOptions {
  readonly height: number;
  readonly width: number;
  /** How values between pixels are found; "bilinear" unless given. */
  readonly interpolation?: Interpolation;
  /** Whether the image is cropped where its sides have another ratio; else it is stretched. */
  readonly cropToAspectRatio?: boolean;
  /** Whether the image is padded where its sides have another ratio; else it is stretched. */
  readonly padToAspectRatio?: boolean;
  /** What padding is filled with; 0 unless given. */
  readonly fillValue?: number;
  /** Whether an image that gets smaller is smoothed before; false unless given. */
  readonly antialias?: boolean;
  /** Where channels stand; as `keras.config.imageDataFormat()` unless given. */
  readonly dataFormat?: DataFormat | null;
}

/**
 * Images [n, rows, columns, channels] (or one without n) in one size.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Resizing({ height: 64, width: 48 });
 * console.log(layer(keras.Input({ shape: [32, 32, 3] })).shape); // [ null, 64, 48, 3 ]
 * ```
 */
export class Resizing extends Layer {
  readonly height: number;
  readonly width: number;
  readonly interpolation: Interpolation;
  readonly cropToAspectRatio: boolean;
  readonly padToAspectRatio: boolean;
  readonly fillValue: number;
  readonly antialias: boolean;
  readonly dataFormat: PlainDataFormat;

  /** @throws {RangeError} for sizes that are no integers of at least 1 */
  constructor(options: ResizingOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      height: undefined,
      width: undefined,
      interpolation: "bilinear",
      cropToAspectRatio: false,
      padToAspectRatio: false,
      fillValue: 0,
      antialias: false,
      dataFormat: null,
    });
    super(rest);
    const size = (name: "height" | "width") => {
      const value = requireOption(owner, name, own[name], "an integer");
      return checkNumber(owner, name, value, { from: 1, integer: true });
    };
    this.height = size("height");
    this.width = size("width");
    this.interpolation = checkChoice(owner, "interpolation", own.interpolation, INTERPOLATIONS);
    this.cropToAspectRatio = Boolean(own.cropToAspectRatio);
    this.padToAspectRatio = Boolean(own.padToAspectRatio);
    if (this.cropToAspectRatio && this.padToAspectRatio) {
      throw new TypeError(
        `${owner}: cropToAspectRatio and padToAspectRatio are true, expected one of them`,
      );
    }
    this.fillValue = checkNumber(owner, "fillValue", own.fillValue);
    this.antialias = Boolean(own.antialias);
    this.dataFormat = readDataFormat(owner, own.dataFormat as DataFormat | null);
    this.inputSpec = { minNdim: 3, maxNdim: 4 };
  }

  override computeOutputShape(inputShape: Shape): Shape {
    const { height, width } = this;
    const rank = inputShape.length;
    return this.dataFormat === "channels_last"
      ? [...inputShape.slice(0, rank - 3), height, width, inputShape[rank - 1]]
      : [...inputShape.slice(0, rank - 2), height, width];
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    if (inputs.rank === 3) return tf.squeeze(this.call(tf.expandDims(inputs, 0)), [0]);
    return channelsLast(inputs, this.dataFormat, (x) => {
      const fitted = this.#inRatio(x);
      return resizeImages(fitted, [this.height, this.width], this.interpolation, this.antialias);
    });
  }

  /** Images cut, or padded, to the ratio of the sides that are wanted. */
  #inRatio(x: tf.Tensor): tf.Tensor {
    const [count, rows, columns, channels] = x.shape;
    const { height, width } = this;
    if (this.cropToAspectRatio) {
      const tall = Math.max(1, Math.min(rows, Math.trunc(columns * height / width)));
      const wide = Math.max(1, Math.min(columns, Math.trunc(rows * width / height)));
      const begin = [0, Math.trunc((rows - tall) / 2), Math.trunc((columns - wide) / 2), 0];
      return tf.slice(x, begin, [count, tall, wide, channels]);
    }
    if (!this.padToAspectRatio) return x;
    const tall = Math.max(rows, Math.trunc(columns * height / width));
    const wide = Math.max(columns, Math.trunc(rows * width / height));
    const top = Math.trunc((tall - rows) / 2);
    const left = Math.trunc((wide - columns) / 2);
    // As in Keras, both edges get as many: where they cannot share alike, the last row or column is left out.
    return tf.pad(x, [[0, 0], [top, top], [left, left], [0, 0]], this.fillValue);
  }

  override getConfig(): Record<string, unknown> {
    const { height, width, interpolation, cropToAspectRatio, padToAspectRatio } = this;
    const { fillValue, antialias, dataFormat } = this;
    const sizes = { height, width, interpolation, cropToAspectRatio, padToAspectRatio };
    return { ...super.getConfig(), ...sizes, fillValue, antialias, dataFormat };
  }
}
