/**
 * Layers that only order values anew.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type DataFormat, type PlainDataFormat, readDataFormat } from "../../data_format.ts";
import { checkNumber, requireOption, show, takeOptions } from "../../options.ts";
import { toChannelsLast } from "../convolutional/convolve.ts";
import type { Shape } from "../keras_tensor.ts";
import { Layer, type LayerOptions } from "../layer.ts";

/** The product of sizes; null where one is unknown. */
function productOf(shape: Shape): number | null {
  return shape.reduce(
    (product, size) => product === null || size === null ? null : product * size,
    1,
  );
}

/** A layer that changes nothing but indices. */
abstract class ReshapingLayer extends Layer {
  protected override outputDtype([input]: readonly { dtype: tf.DataType }[]): tf.DataType {
    return input.dtype;
  }
}

/** Options of {@linkcode Flatten}. */
export interface FlattenOptions extends LayerOptions {
  /** "channels_first": channels come last before everything is put in a row; as the config says unless given. */
  readonly dataFormat?: DataFormat | null;
}

/**
 * All axes but the first in a row: [n, ...] to [n, size]. Follows https://keras.io/api/layers/reshaping_layers/flatten/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Flatten();
 * console.log(layer(keras.Input({ shape: [8, 8, 16] })).shape); // [ null, 1024 ]
 * ```
 */
export class Flatten extends ReshapingLayer {
  readonly dataFormat: PlainDataFormat;

  constructor(options: FlattenOptions = {}) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { dataFormat: null });
    super(rest);
    this.dataFormat = readDataFormat(owner, own.dataFormat as DataFormat | null);
    this.inputSpec = { minNdim: 1 };
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return [inputShape[0], productOf(inputShape.slice(1))];
  }

  override call(x: tf.Tensor): tf.Tensor {
    const isFirst = this.dataFormat === "channels_first" && x.rank > 2;
    const ordered = isFirst ? toChannelsLast(x) : x;
    return tf.reshape(ordered, [x.shape[0], tf.util.sizeFromShape(x.shape.slice(1))]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dataFormat: this.dataFormat };
  }
}

/** Options of {@linkcode Reshape}. */
export interface ReshapeOptions extends LayerOptions {
  /** Dimensions without the batch axis; one may be -1, which is what is left. */
  readonly targetShape: readonly number[];
}

/**
 * Other dimensions for the same values. Follows https://keras.io/api/layers/reshaping_layers/reshape/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Reshape({ targetShape: [4, -1] });
 * console.log(layer(keras.Input({ shape: [12] })).shape); // [ null, 4, 3 ]
 * ```
 */
export class Reshape extends ReshapingLayer {
  readonly targetShape: readonly number[];

  /** @throws {RangeError} for dimensions that are neither integers of at least 1 nor one -1 */
  constructor(options: ReshapeOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { targetShape: undefined });
    super(rest);
    const shape = requireOption(owner, "targetShape", own.targetShape, "dimensions");
    const isShape = Array.isArray(shape) &&
      shape.every((size) => Number.isInteger(size) && (size >= 1 || size === -1)) &&
      shape.filter((size) => size === -1).length <= 1;
    if (!isShape) {
      throw new RangeError(
        `${owner}: targetShape is ${
          show(shape)
        }, expected integers of at least 1, and at most one -1`,
      );
    }
    this.targetShape = [...shape];
  }

  override computeOutputShape(inputShape: Shape): Shape {
    const size = productOf(inputShape.slice(1));
    const known = this.targetShape.reduce(
      (product, one) => one === -1 ? product : product * one,
      1,
    );
    const isOpen = this.targetShape.includes(-1);
    if (size !== null && (isOpen ? size % known !== 0 : size !== known)) {
      throw new RangeError(
        `layer "${this.name}": the input [${
          inputShape.map(String).join(", ")
        }] has ${size} values ` +
          `a sample, expected ${
            isOpen ? `a multiple of ${known}` : known
          } for [${this.targetShape}]`,
      );
    }
    const left = size === null ? null : size / known;
    return [inputShape[0], ...this.targetShape.map((one) => one === -1 ? left : one)];
  }

  override call(x: tf.Tensor): tf.Tensor {
    return tf.reshape(x, this.computeOutputShape(x.shape) as number[]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), targetShape: this.targetShape };
  }
}

/** Options of {@linkcode Permute}. */
export interface PermuteOptions extends LayerOptions {
  /** For each axis of the result which axis it was, counted from 1: the batch axis stays. */
  readonly dims: readonly number[];
}

/**
 * Axes in another order. Follows https://keras.io/api/layers/reshaping_layers/permute/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Permute({ dims: [2, 1] });
 * console.log(layer(keras.Input({ shape: [10, 4] })).shape); // [ null, 4, 10 ]
 * ```
 */
export class Permute extends ReshapingLayer {
  readonly dims: readonly number[];

  /** @throws {RangeError} unless every axis is named once */
  constructor(options: PermuteOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { dims: undefined });
    super(rest);
    const dims = requireOption(owner, "dims", own.dims, "axes");
    const expected = Array.isArray(dims) ? dims.map((_, i) => i + 1) : [];
    if (!Array.isArray(dims) || String([...dims].sort((a, b) => a - b)) !== String(expected)) {
      throw new RangeError(`${owner}: dims is ${show(dims)}, expected axes from 1 on, each once`);
    }
    this.dims = [...dims];
    this.inputSpec = { ndim: dims.length + 1 };
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return [inputShape[0], ...this.dims.map((axis) => inputShape[axis])];
  }

  override call(x: tf.Tensor): tf.Tensor {
    return tf.transpose(x, [0, ...this.dims]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dims: this.dims };
  }
}

/** Options of {@linkcode RepeatVector}. */
export interface RepeatVectorOptions extends LayerOptions {
  /** How often. */
  readonly n: number;
}

/**
 * Vectors as sequences of themselves: [n, features] to [n, times, features].
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.RepeatVector({ n: 3 });
 * console.log(layer(keras.Input({ shape: [8] })).shape); // [ null, 3, 8 ]
 * ```
 */
export class RepeatVector extends ReshapingLayer {
  readonly n: number;

  constructor(options: RepeatVectorOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { n: undefined });
    super(rest);
    const n = requireOption(owner, "n", own.n, "an integer");
    this.n = checkNumber(owner, "n", n, { from: 1, integer: true });
    this.inputSpec = { ndim: 2 };
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return [inputShape[0], this.n, inputShape[1]];
  }

  override call(x: tf.Tensor): tf.Tensor {
    return tf.tile(tf.expandDims(x, 1), [1, this.n, 1]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), n: this.n };
  }
}
