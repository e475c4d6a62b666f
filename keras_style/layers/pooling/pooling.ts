/**
 * The largest or the mean of every window.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type DataFormat, type PlainDataFormat, readDataFormat } from "../../data_format.ts";
import { takeOptions } from "../../options.ts";
import { channelsLast } from "../convolutional/convolve.ts";
import type { Shape } from "../keras_tensor.ts";
import { Layer, type LayerOptions } from "../layer.ts";
import { type Padding, readPadding, readSizes, type Sizes, windowCount } from "../sizes.ts";

/** Options of pooling layers. */
export interface PoolingOptions extends LayerOptions {
  /** Size of the windows: one for all axes, or one each; 2 unless given. */
  readonly poolSize?: Sizes;
  /** How far the windows go at a step; as far as they are large unless given. */
  readonly strides?: Sizes | null;
  /** "valid" unless given; "same": a last, smaller window counts too. */
  readonly padding?: Padding;
  /** Where channels stand; as `keras.config.imageDataFormat()` unless given. */
  readonly dataFormat?: DataFormat | null;
}

/** Base class of pooling layers. Source: keras/src/layers/pooling/base_pooling.py of Keras 3. */
export abstract class BasePooling extends Layer {
  readonly rank: number;
  readonly poolMode: "max" | "average";
  readonly poolSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
  readonly dataFormat: PlainDataFormat;

  /** @throws {RangeError} for a setting out of range */
  constructor(rank: number, poolMode: "max" | "average", options: PoolingOptions = {}) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      poolSize: 2,
      strides: null,
      padding: "valid",
      dataFormat: null,
    });
    super(rest);
    this.rank = rank;
    this.poolMode = poolMode;
    this.poolSize = readSizes(owner, "poolSize", own.poolSize, rank);
    this.strides = readSizes(owner, "strides", own.strides ?? this.poolSize, rank);
    this.padding = readPadding(owner, own.padding, ["valid", "same"]);
    this.dataFormat = readDataFormat(owner, own.dataFormat as DataFormat | null);
    this.inputSpec = { ndim: rank + 2 };
  }

  override computeOutputShape(inputShape: Shape): Shape {
    const first = this.dataFormat === "channels_first";
    const spatial = first ? inputShape.slice(2) : inputShape.slice(1, -1);
    const sizes = spatial.map((size, i) =>
      windowCount(size, this.poolSize[i], this.strides[i], this.padding)
    );
    if (sizes.some((size) => size !== null && size <= 0)) {
      throw new RangeError(
        `layer "${this.name}": the input [${
          inputShape.map(String).join(", ")
        }] is smaller than a window [${this.poolSize}]`,
      );
    }
    return first
      ? [inputShape[0], inputShape[1], ...sizes]
      : [inputShape[0], ...sizes, inputShape.at(-1)!];
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    return channelsLast(inputs, this.dataFormat, (x) => this.#pooled(x));
  }

  #pooled(x: tf.Tensor): tf.Tensor {
    const { poolSize, strides, padding } = this;
    if (this.rank === 1) {
      // As two dimensions, the second of size 1.
      const wide = this.#pooled2D(tf.expandDims(x, 2), [...poolSize, 1], [...strides, 1]);
      return tf.squeeze(wide, [2]);
    }
    if (this.rank === 2) return this.#pooled2D(x, poolSize, strides);
    const pool = this.poolMode === "max" ? tf.maxPool3d : tf.avgPool3d;
    return pool(x as tf.Tensor5D, [...poolSize] as [number, number, number], [
      ...strides,
    ] as [number, number, number], padding);
  }

  #pooled2D(x: tf.Tensor, poolSize: readonly number[], strides: readonly number[]): tf.Tensor {
    const pool = this.poolMode === "max" ? tf.maxPool : tf.avgPool;
    return pool(
      x as tf.Tensor4D,
      [...poolSize] as [number, number],
      [...strides] as [number, number],
      this.padding,
    );
  }

  override getConfig(): Record<string, unknown> {
    const { poolSize, strides, padding, dataFormat } = this;
    return { ...super.getConfig(), poolSize, strides, padding, dataFormat };
  }
}

/**
 * The largest of every window of [n, steps, channels]. Follows https://keras.io/api/layers/pooling_layers/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.MaxPooling1D({ poolSize: 2 });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 5, 4 ]
 * ```
 */
export class MaxPooling1D extends BasePooling {
  constructor(options?: PoolingOptions) {
    super(1, "max", options);
  }
}

/**
 * The largest of every window of [n, rows, columns, channels].
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.MaxPooling2D({ poolSize: 3, strides: 2, padding: "same" });
 * console.log(layer(keras.Input({ shape: [32, 32, 8] })).shape); // [ null, 16, 16, 8 ]
 * ```
 */
export class MaxPooling2D extends BasePooling {
  constructor(options?: PoolingOptions) {
    super(2, "max", options);
  }
}

/**
 * The largest of every window of [n, depth, rows, columns, channels].
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.MaxPooling3D();
 * console.log(layer(keras.Input({ shape: [8, 8, 8, 2] })).shape); // [ null, 4, 4, 4, 2 ]
 * ```
 */
export class MaxPooling3D extends BasePooling {
  constructor(options?: PoolingOptions) {
    super(3, "max", options);
  }
}

/**
 * The mean of every window of [n, steps, channels]; what lies beyond the edge does not count.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.AveragePooling1D({ poolSize: 2 });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 5, 4 ]
 * ```
 */
export class AveragePooling1D extends BasePooling {
  constructor(options?: PoolingOptions) {
    super(1, "average", options);
  }
}

/**
 * The mean of every window of [n, rows, columns, channels].
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.AveragePooling2D({ poolSize: 2 });
 * console.log(layer(keras.Input({ shape: [32, 32, 8] })).shape); // [ null, 16, 16, 8 ]
 * ```
 */
export class AveragePooling2D extends BasePooling {
  constructor(options?: PoolingOptions) {
    super(2, "average", options);
  }
}

/**
 * The mean of every window of [n, depth, rows, columns, channels].
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.AveragePooling3D({ poolSize: 2 });
 * console.log(layer(keras.Input({ shape: [8, 8, 8, 2] })).shape); // [ null, 4, 4, 4, 2 ]
 * ```
 */
export class AveragePooling3D extends BasePooling {
  constructor(options?: PoolingOptions) {
    super(3, "average", options);
  }
}
