/**
 * Layers that repeat rows and columns, or put new ones between them.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type DataFormat, type PlainDataFormat, readDataFormat } from "../../data_format.ts";
import { checkChoice, takeOptions } from "../../options.ts";
import { channelsLast } from "../convolutional/convolve.ts";
import type { Shape } from "../keras_tensor.ts";
import { Layer, type LayerOptions } from "../layer.ts";
import {
  type Interpolation,
  INTERPOLATIONS,
  resizeImages,
} from "../preprocessing/resize_matrix.ts";
import { readSizes, type Sizes } from "../sizes.ts";

/** Options of up-sampling layers. */
export interface UpSamplingOptions extends LayerOptions {
  /** How many times larger: one for all axes, or one each; 2 unless given. */
  readonly size?: Sizes;
  /** Where channels stand; as `keras.config.imageDataFormat()` unless given. */
  readonly dataFormat?: DataFormat | null;
}

/** Base class of up-sampling layers. */
abstract class UpSampling extends Layer {
  readonly size: readonly number[];
  readonly dataFormat: PlainDataFormat;

  constructor(rank: number, options: UpSamplingOptions = {}, dataFormat?: DataFormat) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { size: 2, dataFormat: null });
    super(rest);
    this.size = readSizes(owner, "size", own.size, rank);
    this.dataFormat = readDataFormat(owner, dataFormat ?? own.dataFormat as DataFormat | null);
    this.inputSpec = { ndim: rank + 2 };
  }

  override computeOutputShape(inputShape: Shape): Shape {
    const first = this.dataFormat === "channels_first" ? 2 : 1;
    return inputShape.map((size, axis) => {
      const factor = this.size[axis - first];
      return factor === undefined || size === null ? size : size * factor;
    });
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    return channelsLast(inputs, this.dataFormat, (x) => repeated(x, this.size));
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), size: this.size, dataFormat: this.dataFormat };
  }
}

/** Every position of [n, ..., channels] as often as said for its axis. */
function repeated(x: tf.Tensor, size: readonly number[]): tf.Tensor {
  const [count, channels] = [x.shape[0], x.shape.at(-1)!];
  const spatial = x.shape.slice(1, -1);
  const single = tf.reshape(x, [count, ...spatial.flatMap((n) => [n, 1]), channels]);
  const tiled = tf.tile(single, [1, ...size.flatMap((factor) => [1, factor]), 1]);
  return tf.reshape(tiled, [count, ...spatial.map((n, i) => n * size[i]), channels]);
}

/**
 * Every step of [n, steps, channels] so many times.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.UpSampling1D({ size: 3 });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 30, 4 ]
 * ```
 */
export class UpSampling1D extends UpSampling {
  constructor(options?: Omit<UpSamplingOptions, "dataFormat">) {
    super(1, options, "channels_last");
  }

  override getConfig(): Record<string, unknown> {
    const { dataFormat: _, ...config } = super.getConfig();
    return { ...config, size: this.size[0] };
  }
}

/** Options of {@linkcode UpSampling2D}. */
export interface UpSampling2DOptions extends UpSamplingOptions {
  /** How values between pixels are found; "nearest" unless given. */
  readonly interpolation?: Interpolation;
}

/**
 * Images so many times larger. Follows https://keras.io/api/layers/reshaping_layers/up_sampling2d/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.UpSampling2D({ size: 2, interpolation: "bilinear" });
 * console.log(layer(keras.Input({ shape: [8, 8, 3] })).shape); // [ null, 16, 16, 3 ]
 * ```
 */
export class UpSampling2D extends UpSampling {
  readonly interpolation: Interpolation;

  constructor(options: UpSampling2DOptions = {}) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { interpolation: "nearest" });
    super(2, rest);
    this.interpolation = checkChoice(owner, "interpolation", own.interpolation, INTERPOLATIONS);
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    if (this.interpolation === "nearest") return super.call(inputs);
    const [tall, wide] = this.size;
    return channelsLast(
      inputs,
      this.dataFormat,
      (x) => resizeImages(x, [x.shape[1]! * tall, x.shape[2]! * wide], this.interpolation),
    );
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), interpolation: this.interpolation };
  }
}

/**
 * Volumes so many times larger.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.UpSampling3D();
 * console.log(layer(keras.Input({ shape: [4, 4, 4, 1] })).shape); // [ null, 8, 8, 8, 1 ]
 * ```
 */
export class UpSampling3D extends UpSampling {
  constructor(options?: UpSamplingOptions) {
    super(3, options);
  }
}
