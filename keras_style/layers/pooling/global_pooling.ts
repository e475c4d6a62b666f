/**
 * The largest or the mean over all indices.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type DataFormat, type PlainDataFormat, readDataFormat } from "../../data_format.ts";
import { takeOptions } from "../../options.ts";
import type { Shape } from "../keras_tensor.ts";
import { type CallOptions, Layer, type LayerOptions } from "../layer.ts";

/** Options of global pooling layers. */
export interface GlobalPoolingOptions extends LayerOptions {
  /** Where channels stand; as `keras.config.imageDataFormat()` unless given. */
  readonly dataFormat?: DataFormat | null;
  /** Whether the axes stay, of size 1; false unless given. */
  readonly keepdims?: boolean;
}

/** Base class of global pooling layers. Source: keras/src/layers/pooling/base_global_pooling.py of Keras 3. */
export abstract class BaseGlobalPooling extends Layer {
  readonly rank: number;
  readonly dataFormat: PlainDataFormat;
  readonly keepdims: boolean;

  constructor(rank: number, options: GlobalPoolingOptions = {}) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { dataFormat: null, keepdims: false });
    super(rest);
    this.rank = rank;
    this.dataFormat = readDataFormat(owner, own.dataFormat as DataFormat | null);
    this.keepdims = Boolean(own.keepdims);
    this.inputSpec = { ndim: rank + 2 };
  }

  /** The axes that go. */
  protected get axes(): number[] {
    const first = this.dataFormat === "channels_last" ? 1 : 2;
    return Array.from({ length: this.rank }, (_, i) => i + first);
  }

  override computeOutputShape(inputShape: Shape): Shape {
    const { axes } = this;
    return this.keepdims
      ? inputShape.map((size, axis) => axes.includes(axis) ? 1 : size)
      : inputShape.filter((_, axis) => !axes.includes(axis));
  }

  override getConfig(): Record<string, unknown> {
    const { dataFormat, keepdims } = this;
    return { ...super.getConfig(), dataFormat, keepdims };
  }
}

/** The means of the channels. */
abstract class GlobalAveragePooling extends BaseGlobalPooling {
  override call(x: tf.Tensor, _options?: CallOptions): tf.Tensor {
    return tf.mean(x, this.axes, this.keepdims);
  }
}

/** The largest of every channel. */
abstract class GlobalMaxPooling extends BaseGlobalPooling {
  override call(x: tf.Tensor): tf.Tensor {
    return tf.max(x, this.axes, this.keepdims);
  }
}

/**
 * The mean over the steps that count: [n, steps, channels] to [n, channels]. A mask says which do.
 * Follows https://keras.io/api/layers/pooling_layers/global_average_pooling1d/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.GlobalAveragePooling1D();
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 4 ]
 * ```
 */
export class GlobalAveragePooling1D extends GlobalAveragePooling {
  constructor(options?: GlobalPoolingOptions) {
    super(1, options);
    this.supportsMasking = true;
  }

  override call(x: tf.Tensor, options: CallOptions = {}): tf.Tensor {
    const mask = options.mask as tf.Tensor | undefined;
    if (!mask) return super.call(x);
    const [axis] = this.axes;
    const counts = tf.expandDims(tf.cast(mask, "float32"), axis === 1 ? 2 : 1);
    const sum = tf.sum(tf.mul(x, counts), axis, this.keepdims);
    return tf.div(sum, tf.sum(counts, axis, this.keepdims));
  }

  override computeMask(): undefined {
    return undefined;
  }
}

/**
 * The mean over rows and columns: [n, rows, columns, channels] to [n, channels].
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.GlobalAveragePooling2D();
 * console.log(layer(keras.Input({ shape: [8, 8, 16] })).shape); // [ null, 16 ]
 * ```
 */
export class GlobalAveragePooling2D extends GlobalAveragePooling {
  constructor(options?: GlobalPoolingOptions) {
    super(2, options);
  }
}

/**
 * The mean over depth, rows and columns.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.GlobalAveragePooling3D();
 * console.log(layer(keras.Input({ shape: [4, 4, 4, 2] })).shape); // [ null, 2 ]
 * ```
 */
export class GlobalAveragePooling3D extends GlobalAveragePooling {
  constructor(options?: GlobalPoolingOptions) {
    super(3, options);
  }
}

/**
 * The largest over the steps: [n, steps, channels] to [n, channels].
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.GlobalMaxPooling1D();
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 4 ]
 * ```
 */
export class GlobalMaxPooling1D extends GlobalMaxPooling {
  constructor(options?: GlobalPoolingOptions) {
    super(1, options);
  }
}

/**
 * The largest over rows and columns: [n, rows, columns, channels] to [n, channels].
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.GlobalMaxPooling2D({ keepdims: true });
 * console.log(layer(keras.Input({ shape: [8, 8, 16] })).shape); // [ null, 1, 1, 16 ]
 * ```
 */
export class GlobalMaxPooling2D extends GlobalMaxPooling {
  constructor(options?: GlobalPoolingOptions) {
    super(2, options);
  }
}

/**
 * The largest over depth, rows and columns.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.GlobalMaxPooling3D();
 * console.log(layer(keras.Input({ shape: [4, 4, 4, 2] })).shape); // [ null, 2 ]
 * ```
 */
export class GlobalMaxPooling3D extends GlobalMaxPooling {
  constructor(options?: GlobalPoolingOptions) {
    super(3, options);
  }
}
