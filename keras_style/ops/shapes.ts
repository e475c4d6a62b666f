/**
 * Tensors in other shapes: cut, put together, flipped and gathered. Follows https://keras.io/api/ops/numpy/ and /core/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type ElementType, isFloatType } from "../dtype_policies/dtype_policy.ts";
import { castFloat, elementType } from "../engine/mod.ts";
import { readOptions, show } from "../options.ts";
import {
  asTensor,
  binaryWith,
  defineOp,
  type EagerInput,
  firstOf,
  type LeadingOption,
  type ListOp,
  type OpInput,
  type OptionsInPlace,
  positiveAxes,
  positiveAxis,
  unary,
  type UnaryOp,
  unaryWith,
  withArgument,
} from "./define_op.ts";
import type { KerasTensor } from "../layers/keras_tensor.ts";

/** The values in another shape; -1 is what is left. */
export const reshape = withArgument<readonly number[]>(
  "reshape",
  {},
  (x, shape) => tf.reshape(x, [...shape]),
);
/** All values in a row. */
export const ravel: UnaryOp = unary("ravel", (x) => tf.reshape(x, [-1]));
/** Axes in another order; the other way round unless given. */
export const transpose = unaryWith<{ readonly axes?: readonly number[] | null }>(
  "transpose",
  { axes: null },
  (x, { axes }) => tf.transpose(x, axes === null ? undefined : [...axes]),
);
/** With an axis of size 1 more. */
export const expandDims = withArgument<number | readonly number[]>("expandDims", {}, (x, axis) => {
  const added = [axis].flat();
  const rank = x.rank + added.length;
  const at = positiveAxes("expandDims", added, rank);
  const sizes = [...x.shape];
  const shape = Array.from({ length: rank }, (_, i) => at.includes(i) ? 1 : sizes.shift()!);
  return tf.reshape(x, shape);
});
/** Without axes of size 1: all, or those given. */
export const squeeze = unaryWith<{ readonly axis?: number | readonly number[] | null }>(
  "squeeze",
  { axis: null },
  (x, { axis }) => tf.squeeze(x, axis === null ? undefined : positiveAxes("squeeze", axis, x.rank)),
);
export const broadcastTo = withArgument<readonly number[]>(
  "broadcastTo",
  {},
  (x, shape) => tf.broadcastTo(x, [...shape]),
);
/** The element type of a tensor or a symbolic tensor: "float16" and "bfloat16" where its values are of those. */
export function dtype(x: tf.Tensor | KerasTensor): string {
  return x instanceof tf.Tensor ? elementType(x) : x.dtype;
}

/** The values as another dtype: float16 and bfloat16 as well, of which TensorFlow.js says "float32" all the same. */
export const cast = withArgument<ElementType>("cast", {}, (x, dtype) => {
  if (!isFloatType(dtype)) return tf.cast(x, dtype);
  return castFloat(x.dtype === "float32" ? x : tf.cast(x, "float32"), dtype);
});

function listOp<Options extends object>(
  name: string,
  defaults: Required<Options>,
  run: (xs: tf.Tensor[], options: Required<Options>) => tf.Tensor,
): ListOp<Options> {
  return defineOp(
    name,
    (xs: readonly unknown[], options?: Options) => {
      const own = readOptions(name, options, defaults as Record<string, unknown>);
      return run(xs.map(asTensor), own as Required<Options>);
    },
    [1, firstOf(defaults)],
  ) as unknown as ListOp<Options>;
}

export const concatenate = listOp<{ readonly axis?: number }>(
  "concatenate",
  { axis: 0 },
  (xs, { axis }) => tf.concat(xs, positiveAxis("concatenate", axis, xs[0].rank)),
);
export const stack = listOp<{ readonly axis?: number }>(
  "stack",
  { axis: 0 },
  (xs, { axis }) => tf.stack(xs, positiveAxis("stack", axis, xs[0].rank + 1)),
);
const atLeast = (x: tf.Tensor, rank: number) =>
  x.rank >= rank ? x : tf.reshape(x, [...Array(rank - x.rank).fill(1), ...x.shape]);
/** Side by side. */
export const hstack = listOp("hstack", {}, (xs) => tf.concat(xs, xs[0].rank > 1 ? 1 : 0));
/** One below the other. */
export const vstack = listOp("vstack", {}, (xs) => tf.concat(xs.map((x) => atLeast(x, 2)), 0));
/** One behind the other. */
export const dstack = listOp("dstack", {}, (xs) =>
  tf.concat(
    xs.map((x) =>
      x.rank < 3 ? tf.expandDims(atLeast(x, 2).rank > x.rank ? atLeast(x, 2) : x, 2) : x
    ),
    2,
  ));
/** Two tensors, one behind the other; in a row unless an axis is given. */
export const append = binaryWith<{ readonly axis?: number | null }>(
  "append",
  { axis: null },
  (a, b, { axis }) =>
    axis === null
      ? tf.concat([tf.reshape(a, [-1]), tf.reshape(b, [-1])])
      : tf.concat([a, b], positiveAxis("append", axis, a.rank)),
);

/** A function that gives several tensors. */
interface SplitOp<Argument, Options> {
  (
    x: KerasTensor,
    argument: Argument,
    ...options: OptionsInPlace<Options, LeadingOption<Options>>
  ): KerasTensor[];
  (
    x: EagerInput,
    argument: Argument,
    ...options: OptionsInPlace<Options, LeadingOption<Options>>
  ): tf.Tensor[];
}

/** Into how many equal parts, or at which indices. */
export type Sections = number | readonly number[];

function splitAt(x: tf.Tensor, sections: Sections, axis: number): tf.Tensor[] {
  const size = x.shape[axis];
  if (typeof sections === "number") {
    if (size % sections !== 0) {
      throw new RangeError(
        `split: axis ${axis} has size ${size}, expected a multiple of ${sections}`,
      );
    }
    return tf.split(x, sections, axis);
  }
  const ends = [...sections.map((end) => Math.min(end, size)), size];
  return tf.split(x, ends.map((end, i) => end - (ends[i - 1] ?? 0)), axis);
}

/** Cuts a tensor into parts. */
export const split = defineOp(
  "split",
  (x: unknown, sections: Sections, options: { readonly axis?: number } = {}) => {
    const tensor = asTensor(x);
    const { axis } = readOptions("split", options, { axis: 0 });
    return splitAt(tensor, sections, positiveAxis("split", axis, tensor.rank));
  },
  [2, "axis"],
) as unknown as SplitOp<Sections, { readonly axis?: number }>;
const splitAlong = (name: string, axisOf: (x: tf.Tensor) => number) =>
  defineOp(name, (x: unknown, sections: Sections) => {
    const tensor = asTensor(x);
    return splitAt(tensor, sections, axisOf(tensor));
  }) as unknown as SplitOp<Sections, Record<never, never>>;
/** Cuts columns apart. */
export const hsplit = splitAlong("hsplit", (x) => x.rank > 1 ? 1 : 0);
/** Cuts rows apart. */
export const vsplit = splitAlong("vsplit", () => 0);
/** Cuts along the third axis. */
export const dsplit = splitAlong("dsplit", () => 2);
/** Cuts into parts whose sizes differ by 1 at most. */
export const arraySplit = defineOp(
  "arraySplit",
  (x: unknown, sections: Sections, options: { readonly axis?: number } = {}) => {
    const tensor = asTensor(x);
    const axis = positiveAxis(
      "arraySplit",
      readOptions("arraySplit", options, { axis: 0 }).axis,
      tensor.rank,
    );
    if (typeof sections !== "number") return splitAt(tensor, sections, axis);
    const [least, more] = [
      Math.floor(tensor.shape[axis] / sections),
      tensor.shape[axis] % sections,
    ];
    const sizes = Array.from({ length: sections }, (_, i) => least + (i < more ? 1 : 0));
    return tf.split(tensor, sizes, axis);
  },
  [2, "axis"],
) as unknown as SplitOp<Sections, { readonly axis?: number }>;
/** The entries along an axis as tensors of their own. */
export const unstack = defineOp(
  "unstack",
  (x: unknown, options: { readonly axis?: number } = {}) => {
    const tensor = asTensor(x);
    const { axis } = readOptions("unstack", options, { axis: 0 });
    return tf.unstack(tensor, positiveAxis("unstack", axis, tensor.rank));
  },
  [1, "axis"],
) as unknown as {
  (x: KerasTensor, ...options: OptionsInPlace<{ readonly axis?: number }, "axis">): KerasTensor[];
  (x: EagerInput, ...options: OptionsInPlace<{ readonly axis?: number }, "axis">): tf.Tensor[];
};

/** Every entry along an axis several times; all values in a row unless an axis is given. */
export const repeat = withArgument<number, { readonly axis?: number | null }>(
  "repeat",
  { axis: null },
  (x, repeats, { axis }) => {
    const tensor = axis === null ? tf.reshape(x, [-1]) : x;
    const at = axis === null ? 0 : positiveAxis("repeat", axis, x.rank);
    const { shape } = tensor;
    const broadcast = [...shape.slice(0, at + 1), repeats, ...shape.slice(at + 1)];
    const wide = tf.broadcastTo(tf.expandDims(tensor, at + 1), broadcast);
    return tf.reshape(wide, shape.map((size, k) => k === at ? size * repeats : size));
  },
);
/** The whole tensor several times along each axis. */
export const tile = withArgument<number | readonly number[]>("tile", {}, (x, repeats) => {
  const given = [repeats].flat();
  const rank = Math.max(given.length, x.rank);
  const times = [...Array(rank - given.length).fill(1), ...given];
  return tf.tile(atLeast(x, rank), times);
});
/** Entries moved along axes; what leaves at the end comes in at the front. */
export const roll = withArgument<number, { readonly axis?: number | null }>(
  "roll",
  { axis: null },
  (x, shift, { axis }) => {
    if (axis === null) return tf.reshape(rolled(tf.reshape(x, [-1]), shift, 0), x.shape);
    return rolled(x, shift, positiveAxis("roll", axis, x.rank));
  },
);

function rolled(x: tf.Tensor, shift: number, axis: number): tf.Tensor {
  const size = x.shape[axis];
  const by = ((shift % size) + size) % size;
  if (by === 0) return tf.clone(x);
  const [front, back] = tf.split(x, [size - by, by], axis);
  return tf.concat([back, front], axis);
}

/** The other way round along axes; all unless given. */
export const flip = unaryWith<{ readonly axis?: number | readonly number[] | null }>(
  "flip",
  { axis: null },
  (x, { axis }) => tf.reverse(x, positiveAxes("flip", axis, x.rank)),
);
/** Columns the other way round. */
export const fliplr: UnaryOp = unary("fliplr", (x) => tf.reverse(x, 1));
/** Rows the other way round. */
export const flipud: UnaryOp = unary("flipud", (x) => tf.reverse(x, 0));
/** Turned by 90 degrees, `k` times, from the first of two axes to the second. */
export const rot90 = unaryWith<
  { readonly k?: number; readonly axes?: readonly [number, number] },
  "k"
>(
  "rot90",
  { k: 1, axes: [0, 1] },
  (x, { k, axes }) => {
    const [a, b] = positiveAxes("rot90", axes, x.rank);
    const turns = ((k % 4) + 4) % 4;
    const order = x.shape.map((_, i) => i === a ? b : i === b ? a : i);
    if (turns === 0) return tf.clone(x);
    if (turns === 2) return tf.reverse(x, [a, b]);
    return turns === 1
      ? tf.transpose(tf.reverse(x, b), order)
      : tf.reverse(tf.transpose(x, order), b);
  },
);
/** With an axis (or several) moved to another position. */
export const moveaxis = defineOp(
  "moveaxis",
  (x: unknown, source: number | readonly number[], destination: number | readonly number[]) => {
    const tensor = asTensor(x);
    const from = positiveAxes("moveaxis", source, tensor.rank);
    const to = positiveAxes("moveaxis", destination, tensor.rank);
    const order = tensor.shape.map((_, k) => k).filter((k) => !from.includes(k));
    to.map((place, i) => [place, from[i]]).sort(([a], [b]) => a - b)
      .forEach(([place, axis]) => order.splice(place, 0, axis));
    return tf.transpose(tensor, order);
  },
) as unknown as MoveOp<number | readonly number[]>;
/** With two axes exchanged. */
export const swapaxes = defineOp("swapaxes", (x: unknown, a: number, b: number) => {
  const tensor = asTensor(x);
  const [first, second] = positiveAxes("swapaxes", [a, b], tensor.rank);
  const order = tensor.shape.map((_, k) => k);
  [order[first], order[second]] = [order[second], order[first]];
  return tf.transpose(tensor, order);
}) as unknown as MoveOp<number>;

interface MoveOp<Axis> {
  (x: KerasTensor, from: Axis, to: Axis): KerasTensor;
  (x: EagerInput, from: Axis, to: Axis): tf.Tensor;
}

/** How edges are filled. */
export type PadMode = "constant" | "reflect" | "symmetric" | "edge";

/** How many values are added before and behind an axis: one number or pair for all, or a pair each. */
export type PadWidths =
  | number
  | readonly [before: number, behind: number]
  | readonly (readonly [before: number, behind: number])[];

/** With values added before and behind along each axis. */
export const pad = withArgument<
  PadWidths,
  { readonly mode?: PadMode; readonly constantValues?: number }
>("pad", { mode: "constant", constantValues: 0 }, (x, widths, { mode, constantValues }) => {
  // As in Keras: one number, one pair, or a list of one pair is for all axes.
  const pairs = typeof widths === "number"
    ? [[widths, widths]]
    : typeof widths[0] === "number"
    ? [widths as readonly number[]]
    : widths as readonly (readonly number[])[];
  const edges = (pairs.length === 1 ? x.shape.map(() => pairs[0]) : pairs)
    .map(([before, behind]) => [before, behind] as [number, number]);
  if (mode === "constant") return tf.pad(x, edges, constantValues);
  if (mode === "edge") return padWithEdges(x, edges);
  return tf.mirrorPad(x, edges, mode);
});

function padWithEdges(x: tf.Tensor, edges: readonly [number, number][]): tf.Tensor {
  return edges.reduce((tensor, [before, behind], axis) => {
    const size = tensor.shape[axis];
    const indices = Array.from(
      { length: before + size + behind },
      (_, i) => Math.min(Math.max(i - before, 0), size - 1),
    );
    return tf.gather(tensor, tf.tensor1d(indices, "int32"), axis);
  }, x);
}

/** A part of a tensor: from `start`, of size `shape`. */
export const slice = defineOp(
  "slice",
  (x: unknown, start: readonly number[], shape: readonly number[]) =>
    tf.slice(asTensor(x), [...start], [...shape]),
) as unknown as MoveOp<readonly number[]>;

/** The dimensions; null is unknown. */
export function shape(x: OpInput): readonly (number | null)[] {
  return isShaped(x) ? x.shape : asTensor(x).shape;
}

/** How many axes there are. */
export function ndim(x: OpInput): number {
  return shape(x).length;
}

/** How many values there are. @throws {RangeError} where a dimension is unknown */
export function size(x: OpInput): number {
  const dimensions = shape(x);
  if (dimensions.includes(null)) {
    throw new RangeError(`size: the shape is ${show(dimensions)}, expected one that is known`);
  }
  return (dimensions as number[]).reduce((product, one) => product * one, 1);
}

function isShaped(x: OpInput): x is tf.Tensor | KerasTensor {
  return typeof x === "object" && x !== null && "shape" in x && "dtype" in x;
}
