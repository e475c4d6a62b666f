/**
 * Layers that merge inputs element by element.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Shape } from "../keras_tensor.ts";
import { maskOf } from "../masks.ts";
import { Merge } from "./merge.ts";

/** Base class of layers that merge element by element; an input of lower rank gets axes of 1 behind the batch axis. */
export abstract class ElementwiseMerge extends Merge {
  override build(inputShape: readonly Shape[]): void {
    super.build(inputShape);
    void this.computeOutputShape(inputShape);
  }

  override computeOutputShape(inputShape: readonly Shape[]): Shape {
    const counts = new Set(inputShape.map(([count]) => count).filter((count) => count !== null));
    if (counts.size > 1) throw this.#misfit(inputShape, "as many samples in each");
    const [count = null] = counts;
    const rows = inputShape.map((shape) => shape.slice(1));
    return [count, ...rows.reduce<Shape>((a, b) => this.#broadcast(a, b, inputShape), [])];
  }

  #broadcast(a: Shape, b: Shape, all: readonly Shape[]): Shape {
    if (a.length < b.length) return this.#broadcast(b, a, all);
    const start = a.length - b.length;
    return a.map((size, axis) => {
      const other = axis < start ? 1 : b[axis - start];
      if (size === other || other === 1) return size;
      if (size === 1) return other;
      if (size === null || other === null) return size ?? other;
      throw this.#misfit(all, "samples of shapes that fit");
    });
  }

  #misfit(shapes: readonly Shape[], expected: string): RangeError {
    const all = shapes.map((shape) => `[${shape.map(String).join(", ")}]`).join(" and ");
    return new RangeError(
      `layer "${this.name}" (${this.getClassName()}): inputs have shapes ${all}, expected ${expected}`,
    );
  }

  override call(inputs: readonly tf.Tensor[]): tf.Tensor {
    const rank = Math.max(...inputs.map((x) => x.rank));
    return this.merge(inputs.map((x) => widened(x, rank - x.rank)));
  }

  /** What counts in any of the inputs counts in the result. */
  override computeMask(inputs: readonly tf.Tensor[], mask: unknown): tf.Tensor | undefined {
    const masks = [mask].flat() as (tf.Tensor | undefined)[];
    if (mask === undefined || masks.some((one) => !one)) return undefined;
    const rank = Math.max(...inputs.map((x) => x.rank));
    return (masks as tf.Tensor[])
      .map((one, i) => widened(one, rank - inputs[i].rank))
      .reduce((a, b) => tf.logicalOr(a, b));
  }
}

/** A tensor with so many axes of 1 more behind the batch axis. */
function widened(x: tf.Tensor, more: number): tf.Tensor {
  if (more === 0) return x;
  const [count, ...sizes] = x.shape;
  return tf.reshape(x, [count, ...new Array<number>(more).fill(1), ...sizes]);
}

/** An input, and where it counts: a mask of its rank; none where all of it does. */
interface MaskedInput {
  readonly x: tf.Tensor;
  readonly mask: tf.Tensor | undefined;
}

function withMask(x: tf.Tensor): MaskedInput {
  const mask = maskOf(x);
  if (!mask) return { x, mask };
  const ones = new Array<number>(x.rank - mask.rank).fill(1);
  return { x, mask: tf.reshape(mask, [...mask.shape, ...ones]) };
}

/** Inputs merged two by two; where one of them does not count, the other stands in for it. */
function reduceCounted(
  inputs: readonly tf.Tensor[],
  merge: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  return inputs.map(withMask).reduce((a, b) => {
    const right = b.mask ? tf.where(b.mask, b.x, a.x) : b.x;
    const left = a.mask ? tf.where(a.mask, a.x, right) : a.x;
    const mask = a.mask && b.mask ? tf.logicalOr(a.mask, b.mask) : undefined;
    return { x: merge(left, right), mask };
  }).x;
}

/**
 * Inputs added up. Follows https://keras.io/api/layers/merging_layers/add/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const inputs = [keras.Input({ shape: [8] }), keras.Input({ shape: [8] })];
 * console.log(new keras.layers.Add()(inputs).shape); // [ null, 8 ]
 * ```
 */
export class Add extends ElementwiseMerge {
  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    return inputs.reduce((a, b) => tf.add(a, b));
  }
}

/**
 * The first of two inputs less the second.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const inputs = [keras.Input({ shape: [8] }), keras.Input({ shape: [8] })];
 * console.log(new keras.layers.Subtract()(inputs).shape); // [ null, 8 ]
 * ```
 */
export class Subtract extends ElementwiseMerge {
  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    if (inputs.length !== 2) {
      throw new TypeError(`layer "${this.name}": ${inputs.length} inputs, expected two`);
    }
    return tf.sub(inputs[0], inputs[1]);
  }
}

/**
 * Inputs multiplied; what a mask leaves out counts as 1, and is 0 where all masks leave it out.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const inputs = [keras.Input({ shape: [8] }), keras.Input({ shape: [8] })];
 * console.log(new keras.layers.Multiply()(inputs).shape); // [ null, 8 ]
 * ```
 */
export class Multiply extends ElementwiseMerge {
  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    const all = inputs.map(withMask);
    const product = all.map(({ x, mask }) => mask ? tf.where(mask, x, tf.onesLike(x)) : x)
      .reduce((a, b) => tf.mul(a, b));
    const masks = all.flatMap(({ mask }) => mask ? [mask] : []);
    if (masks.length < all.length) return product;
    const isCounted = masks.reduce((a, b) => tf.logicalOr(a, b));
    return tf.where(isCounted, product, tf.zerosLike(product));
  }
}

/**
 * The mean of the inputs.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const inputs = [keras.Input({ shape: [8] }), keras.Input({ shape: [8] })];
 * console.log(new keras.layers.Average()(inputs).shape); // [ null, 8 ]
 * ```
 */
export class Average extends ElementwiseMerge {
  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    return tf.div(inputs.reduce((a, b) => tf.add(a, b)), inputs.length);
  }
}

/**
 * The largest of the inputs, element by element; what a mask leaves out is the other input's.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const inputs = [keras.Input({ shape: [8] }), keras.Input({ shape: [8] })];
 * console.log(new keras.layers.Maximum()(inputs).shape); // [ null, 8 ]
 * ```
 */
export class Maximum extends ElementwiseMerge {
  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    return reduceCounted(inputs, tf.maximum);
  }
}

/**
 * The smallest of the inputs, element by element; what a mask leaves out is the other input's.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const inputs = [keras.Input({ shape: [8] }), keras.Input({ shape: [8] })];
 * console.log(new keras.layers.Minimum()(inputs).shape); // [ null, 8 ]
 * ```
 */
export class Minimum extends ElementwiseMerge {
  protected override merge(inputs: readonly tf.Tensor[]): tf.Tensor {
    return reduceCounted(inputs, tf.minimum);
  }
}
