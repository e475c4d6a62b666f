/**
 * How an array of one idiom is laid out in the other.
 * @module
 */

/** An array is seen in a shape, its axes are put in another order, and it is seen in a last shape. */
export interface Rearrangement {
  readonly view: readonly number[];
  /** Which axis of the view each axis of the result is. */
  readonly order: readonly number[];
  readonly shape: readonly number[];
  /** Which row of the reordered array each row of the result is (gates in another order); all in order unless given. */
  readonly rows?: readonly number[];
}

/** Leaves everything where it is. */
export function unchanged(shape: readonly number[]): Rearrangement {
  return { view: shape, order: shape.map((_, axis) => axis), shape };
}

/** Reorders axes; `shape` is what the result is seen as, the reordered dimensions unless given. */
export function reordered(
  view: readonly number[],
  order: readonly number[],
  shape: readonly number[] = order.map((axis) => view[axis]),
): Rearrangement {
  return { view, order, shape };
}

/**
 * The elements of an array, rearranged.
 *
 * @example
 * ```ts
 * const kernel = Float32Array.of(1, 2, 3, 4, 5, 6); // [2, 3]
 * console.log(rearrange(kernel, reordered([2, 3], [1, 0]))); // 1, 4, 2, 5, 3, 6
 * ```
 */
export function rearrange(data: Float32Array, arrangement: Rearrangement): Float32Array {
  const reorderedData = withAxesReordered(data, arrangement);
  const { rows } = arrangement;
  if (!rows) return reorderedData;
  const size = data.length / rows.length;
  const result = new Float32Array(data.length);
  rows.forEach((row, i) => {
    result.set(reorderedData.subarray(row * size, (row + 1) * size), i * size);
  });
  return result;
}

/** The elements of a rearranged array, as they were before. */
export function restore(data: Float32Array, { view, order, rows }: Rearrangement): Float32Array {
  const inOrder = rows
    ? rearrange(data, {
      ...unchanged([data.length]),
      rows: rows.map((_, row) => rows.indexOf(row)),
    })
    : data;
  const back = reordered(
    order.map((axis) => view[axis]),
    view.map((_, axis) => order.indexOf(axis)),
  );
  return withAxesReordered(inOrder, back);
}

function withAxesReordered(data: Float32Array, { view, order }: Rearrangement): Float32Array {
  if (order.every((axis, i) => axis === i)) return data;
  const strides = view.map((_, axis) => product(view.slice(axis + 1)));
  const result = new Float32Array(data.length);
  // As integers: a NaN keeps its bits.
  const [source, target] = [data, result].map(bitsOf);
  const dimensions = order.map((axis) => view[axis]);
  const steps = order.map((axis) => strides[axis]);
  const index = dimensions.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    target[to] = source[from];
    for (let axis = dimensions.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < dimensions[axis]) break;
      from -= steps[axis] * dimensions[axis];
      index[axis] = 0;
    }
  }
  return result;
}

function bitsOf({ buffer, byteOffset, length }: Float32Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length);
}

/** Number of elements of a shape. */
export function product(shape: readonly number[]): number {
  return shape.reduce((size, dimension) => size * dimension, 1);
}

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** A shape without its axes of size 1. */
export function withoutOnes(shape: readonly number[]): number[] {
  return shape.filter((dimension) => dimension !== 1);
}

/** All orders of a number of axes. */
export function axisOrders(rank: number): number[][] {
  if (rank === 0) return [[]];
  return axisOrders(rank - 1).flatMap((rest) =>
    Array.from({ length: rank }, (_, at) => [...rest.slice(0, at), rank - 1, ...rest.slice(at)])
  );
}
