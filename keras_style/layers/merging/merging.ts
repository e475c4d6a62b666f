/**
 * Layers that join and multiply inputs, and all merging layers as functions.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, requireOption, show, takeOptions } from "../../options.ts";
import type { KerasTensor, Shape } from "../keras_tensor.ts";
import type { LayerOptions, SymbolicInputs } from "../layer.ts";
import { Add, Average, Maximum, Minimum, Multiply, Subtract } from "./elementwise_merges.ts";
import { Merge } from "./merge.ts";

/** Options of {@linkcode Concatenate}. */
export interface ConcatenateOptions extends LayerOptions {
  /** The axis along which inputs follow one another; -1, the last, unless given. */
  readonly axis?: number;
}

/**
 * Inputs one after the other along an axis. Follows https://keras.io/api/layers/merging_layers/concatenate/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const inputs = [keras.Input({ shape: [4, 4, 8] }), keras.Input({ shape: [4, 4, 3] })];
 * console.log(new keras.layers.Concatenate({ axis: -1 })(inputs).shape); // [ null, 4, 4, 11 ]
 * ```
 */
export class Concatenate extends Merge {
  readonly axis: number;

  constructor(options: ConcatenateOptions = {}) {
    const owner = new.target.name;
    const [{ axis }, rest] = takeOptions(owner, options, { axis: -1 });
    super(rest);
    this.axis = checkNumber(owner, "axis", axis, { integer: true });
  }

  #axisOf(rank: number): number {
    return this.axis < 0 ? this.axis + rank : this.axis;
  }

  override computeOutputShape(inputShape: readonly Shape[]): Shape {
    const [first] = inputShape;
    const axis = this.#axisOf(first.length);
    const misfit = inputShape.find((shape) =>
      shape.length !== first.length ||
      shape.some((size, i) => i !== axis && size !== null && first[i] !== null && size !== first[i])
    );
    if (misfit) {
      throw new RangeError(
        `layer "${this.name}" (Concatenate): inputs have shapes [${
          first.map(String).join(", ")
        }] and [${
          misfit.map(String).join(", ")
        }], expected equal sizes but along axis ${this.axis}`,
      );
    }
    return first.map((size, i) => {
      if (i !== axis) return size;
      return inputShape.reduce<number | null>(
        (sum, shape) => sum === null || shape[i] === null ? null : sum + shape[i]!,
        0,
      );
    });
  }

  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    return tf.concat([...inputs], this.#axisOf(inputs[0].rank));
  }

  override computeMask(inputs: readonly tf.Tensor[], mask: unknown): tf.Tensor | undefined {
    const masks = mask as readonly (tf.Tensor | undefined)[] | undefined;
    if (!masks?.some(Boolean)) return undefined;
    const wide = inputs.map((x, i) => {
      const own = masks[i];
      if (!own) return tf.cast(tf.onesLike(x), "bool");
      return own.rank < x.rank ? tf.broadcastTo(tf.expandDims(own, -1), x.shape) : own;
    });
    return tf.any(tf.concat(wide, this.#axisOf(inputs[0].rank)), -1);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/** Options of {@linkcode Dot}. */
export interface DotOptions extends LayerOptions {
  /** Along which axis products are added up: the same of both inputs, or one each; not 0, the batch axis. */
  readonly axes: number | readonly [number, number];
  /** Whether vectors are made of length 1 before: the result is then their cosine; false unless given. */
  readonly normalize?: boolean;
}

/**
 * Products of two inputs, sample by sample. Follows https://keras.io/api/layers/merging_layers/dot/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const inputs = [keras.Input({ shape: [8] }), keras.Input({ shape: [8] })];
 * console.log(new keras.layers.Dot({ axes: 1, normalize: true })(inputs).shape); // [ null, 1 ]
 * ```
 */
export class Dot extends Merge {
  readonly axes: number | readonly [number, number];
  readonly normalize: boolean;

  constructor(options: DotOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { axes: undefined, normalize: false });
    super(rest);
    const axes = requireOption(owner, "axes", own.axes, "an axis or two");
    const list = [axes].flat() as number[];
    if (list.length > 2 || !list.every((axis) => Number.isInteger(axis) && axis !== 0)) {
      throw new RangeError(
        `${owner}: axes is ${show(axes)}, expected an axis or two, none of them 0`,
      );
    }
    this.axes = axes as number | readonly [number, number];
    this.normalize = Boolean(own.normalize);
  }

  #axesOf(shapes: readonly { readonly length: number }[]): number[] {
    const pair = typeof this.axes === "number" ? [this.axes, this.axes] : this.axes;
    return pair.map((axis, i) => axis < 0 ? axis + shapes[i].length : axis);
  }

  override build(inputShape: readonly Shape[]): void {
    super.build(inputShape);
    const [a, b] = inputShape;
    const [i, j] = this.#axesOf(inputShape);
    if (inputShape.length === 2 && (a[i] === b[j] || a[i] === null || b[j] === null)) return;
    throw new RangeError(
      `layer "${this.name}" (Dot): inputs have shapes ${
        inputShape.map((shape) => `[${shape.map(String).join(", ")}]`).join(" and ")
      }, expected two of equal size along axes ${i} and ${j}`,
    );
  }

  override computeOutputShape(inputShape: readonly Shape[]): Shape {
    const [i, j] = this.#axesOf(inputShape);
    const [a, b] = inputShape;
    const rest = [
      ...a.filter((_, axis) => axis !== i),
      ...b.filter((_, axis) => axis !== j && axis !== 0),
    ];
    return rest.length === 1 ? [...rest, 1] : rest;
  }

  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    const axes = this.#axesOf(inputs.map(({ shape }) => shape));
    const [a, b] = inputs.map((x, i) => {
      const y = this.normalize ? unitLength(x, axes[i]) : x;
      return matrices(y, axes[i], i === 0);
    });
    const product = tf.matMul(a, b);
    return tf.reshape(
      product,
      this.computeOutputShape(inputs.map(({ shape }) => shape)) as number[],
    );
  }

  override computeMask(): undefined {
    return undefined;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axes: this.axes, normalize: this.normalize };
  }
}

/** x / |x| along an axis, as Keras' `normalize`. */
function unitLength(
  x: tf.Tensor,
  axis: number | readonly number[],
  epsilon = 1e-12,
): tf.Tensor {
  const axes = [axis].flat() as number[];
  const square = tf.sum(tf.square(x), axes, true);
  return tf.mul(x, tf.div(1, tf.sqrt(tf.maximum(square, epsilon))));
}

/** A matrix a sample: the folded axis last in the first input, first in the second. */
function matrices(x: tf.Tensor, axis: number, isFirst: boolean): tf.Tensor {
  const others = x.shape.flatMap((_, i) => i === 0 || i === axis ? [] : [i]);
  const ordered = tf.transpose(x, isFirst ? [0, ...others, axis] : [0, axis, ...others]);
  const size = others.reduce((product, i) => product * x.shape[i], 1);
  return tf.reshape(
    ordered,
    isFirst ? [x.shape[0], size, x.shape[axis]] : [x.shape[0], x.shape[axis], size],
  );
}

/** A merging layer as a function: `add([x, y])`. */
export type MergeFunction<Options> = {
  (inputs: SymbolicInputs, options?: Options): KerasTensor;
  (inputs: readonly tf.Tensor[], options?: Options): tf.Tensor;
};

function asFunction<Options>(
  Class: new (options: Options) => Merge,
): MergeFunction<Options> {
  return ((inputs: readonly tf.Tensor[], options: Options = {} as Options) =>
    new Class(options)(inputs)) as MergeFunction<Options>;
}

/** {@linkcode Add} as a function. */
export const add: MergeFunction<LayerOptions> = asFunction(Add);
/** {@linkcode Subtract} as a function. */
export const subtract: MergeFunction<LayerOptions> = asFunction(Subtract);
/** {@linkcode Multiply} as a function. */
export const multiply: MergeFunction<LayerOptions> = asFunction(Multiply);
/** {@linkcode Average} as a function. */
export const average: MergeFunction<LayerOptions> = asFunction(Average);
/** {@linkcode Maximum} as a function. */
export const maximum: MergeFunction<LayerOptions> = asFunction(Maximum);
/** {@linkcode Minimum} as a function. */
export const minimum: MergeFunction<LayerOptions> = asFunction(Minimum);
/** {@linkcode Concatenate} as a function. */
export const concatenate: MergeFunction<ConcatenateOptions> = asFunction(Concatenate);
/** {@linkcode Dot} as a function. */
export const dot: MergeFunction<DotOptions> = asFunction(Dot);
