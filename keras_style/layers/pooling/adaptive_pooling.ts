/**
 * Pooling into as many windows as are wanted.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type DataFormat, type PlainDataFormat, readDataFormat } from "../../data_format.ts";
import { requireOption, takeOptions } from "../../options.ts";
import { channelsLast } from "../convolutional/convolve.ts";
import type { Shape } from "../keras_tensor.ts";
import { Layer, type LayerOptions } from "../layer.ts";
import { readSizes, type Sizes } from "../sizes.ts";

/** Options of adaptive poolings. */
export interface AdaptivePoolingOptions extends LayerOptions {
  /** How many windows there are along each spatial axis. */
  readonly outputSize: Sizes;
  /** Where channels stand; as `keras.config.imageDataFormat()` unless given. */
  readonly dataFormat?: DataFormat | null;
}

/** Windows from floor(i n / m) to ceil((i + 1) n / m). */
function windows(size: number, count: number): [begin: number, length: number][] {
  return Array.from({ length: count }, (_, i) => {
    const begin = Math.floor(i * size / count);
    return [begin, Math.ceil((i + 1) * size / count) - begin];
  });
}

abstract class AdaptivePooling extends Layer {
  readonly outputSize: readonly number[];
  readonly dataFormat: PlainDataFormat;
  readonly #reduce: (x: tf.Tensor, axis: number) => tf.Tensor;

  constructor(
    options: AdaptivePoolingOptions,
    rank: number,
    reduce: (x: tf.Tensor, axis: number) => tf.Tensor,
  ) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { outputSize: undefined, dataFormat: null });
    super(rest);
    const given = requireOption(owner, "outputSize", own.outputSize, "sizes");
    this.outputSize = readSizes(owner, "outputSize", given, rank);
    this.dataFormat = readDataFormat(owner, own.dataFormat as DataFormat | null);
    this.#reduce = reduce;
    this.inputSpec = { ndim: rank + 2 };
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return this.dataFormat === "channels_last"
      ? [inputShape[0], ...this.outputSize, inputShape.at(-1)!]
      : [inputShape[0], inputShape[1], ...this.outputSize];
  }

  override call(x: tf.Tensor): tf.Tensor {
    return channelsLast(
      x,
      this.dataFormat,
      (images) => this.outputSize.reduce((y, count, k) => this.#along(y, k + 1, count), images),
    );
  }

  /** The windows along one axis, each folded. */
  #along(x: tf.Tensor, axis: number, count: number): tf.Tensor {
    const parts = windows(x.shape[axis], count).map(([begin, length]) => {
      const from = x.shape.map((_, k) => k === axis ? begin : 0);
      const size = x.shape.map((n, k) => k === axis ? length : n);
      return this.#reduce(tf.slice(x, from, size), axis);
    });
    return tf.concat(parts, axis);
  }

  override getConfig(): Record<string, unknown> {
    const { outputSize, dataFormat } = this;
    return { ...super.getConfig(), outputSize, dataFormat };
  }
}

const mean = (x: tf.Tensor, axis: number) => tf.mean(x, axis, true);
const max = (x: tf.Tensor, axis: number) => tf.max(x, axis, true);

/** The mean of each of some windows of [n, steps, channels]. */
export class AdaptiveAveragePooling1D extends AdaptivePooling {
  constructor(options: AdaptivePoolingOptions) {
    super(options, 1, mean);
  }
}

/** The mean of each of some windows of [n, rows, columns, channels]. */
export class AdaptiveAveragePooling2D extends AdaptivePooling {
  constructor(options: AdaptivePoolingOptions) {
    super(options, 2, mean);
  }
}

/** The mean of each of some windows of [n, depth, rows, columns, channels]. */
export class AdaptiveAveragePooling3D extends AdaptivePooling {
  constructor(options: AdaptivePoolingOptions) {
    super(options, 3, mean);
  }
}

/** The largest number of each of some windows of [n, steps, channels]. */
export class AdaptiveMaxPooling1D extends AdaptivePooling {
  constructor(options: AdaptivePoolingOptions) {
    super(options, 1, max);
  }
}

/** The largest number of each of some windows of [n, rows, columns, channels]. */
export class AdaptiveMaxPooling2D extends AdaptivePooling {
  constructor(options: AdaptivePoolingOptions) {
    super(options, 2, max);
  }
}

/** The largest number of each of some windows of [n, depth, rows, columns, channels]. */
export class AdaptiveMaxPooling3D extends AdaptivePooling {
  constructor(options: AdaptivePoolingOptions) {
    super(options, 3, max);
  }
}
