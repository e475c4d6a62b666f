/**
 * Entries chosen, counted and replaced by indices. Follows https://keras.io/api/ops/numpy/ and /core/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { KerasTensor } from "../layers/keras_tensor.ts";
import { checkNumber, readOptions } from "../options.ts";
import {
  asPair,
  asTensor,
  type BinaryOp,
  defineOp,
  type EagerInput,
  firstOf,
  type OpInput,
  positiveAxis,
  type TernaryOp,
  withArgument,
} from "./define_op.ts";
import { entriesAt, isInTopK, oneHotVectors } from "./one_hot.ts";

/** Entries at indices, along an axis; of all values in a row unless an axis is given. */
export const take = binaryIndices<{ readonly axis?: number | null }>(
  "take",
  { axis: null },
  (x, indices, { axis }) => {
    const tensor = axis === null ? tf.reshape(x, [-1]) : x;
    const at = axis === null ? 0 : positiveAxis("take", axis, x.rank);
    const positive = positiveIndices(indices, tensor.shape[at]);
    return tf.gather(tensor, positive as tf.Tensor1D, at);
  },
);

/** At every index the entry along an axis that the indices there name; of all values in a row unless an axis is given. */
export const takeAlongAxis = binaryIndices<{ readonly axis?: number | null }>(
  "takeAlongAxis",
  { axis: null },
  (x, indices, { axis }) => {
    if (axis === null) return alongLast(tf.reshape(x, [-1]), tf.reshape(indices, [-1]));
    const order = swapped(x.rank, positiveAxis("takeAlongAxis", axis, x.rank));
    return tf.transpose(alongLast(tf.transpose(x, order), tf.transpose(indices, order)), order);
  },
);

function alongLast(values: tf.Tensor, positions: tf.Tensor): tf.Tensor {
  const rows = tf.expandDims(values, values.rank - 1);
  const entries = entriesAt(rows, positiveIndices(positions, values.shape.at(-1)!));
  return tf.cast(entries, values.dtype);
}

/** Indices of which negative ones count from the end. */
function positiveIndices(indices: tf.Tensor, size: number): tf.Tensor {
  const isNegative = tf.less(indices, tf.scalar(0, "int32"));
  return tf.where(isNegative, tf.add(indices, tf.scalar(size, "int32")), indices);
}

function swapped(rank: number, axis: number): number[] {
  const order = Array.from({ length: rank }, (_, k) => k);
  [order[axis], order[rank - 1]] = [order[rank - 1], order[axis]];
  return order;
}

function binaryIndices<Options extends object>(
  name: string,
  defaults: Required<Options>,
  run: (x: tf.Tensor, indices: tf.Tensor, options: Required<Options>) => tf.Tensor,
) {
  return defineOp(
    name,
    (x: unknown, indices: unknown, options?: Options) => {
      const own = readOptions(name, options, defaults as Record<string, unknown>);
      return run(asTensor(x), tf.cast(asTensor(indices), "int32"), own as Required<Options>);
    },
    [2, firstOf(defaults)],
  ) as unknown as BinaryOp<Options>;
}

/** x1 where the condition holds, else x2. */
export const where: TernaryOp = defineOp("where", (condition: unknown, a: unknown, b: unknown) => {
  const [x, y] = asPair(a, b);
  return tf.where(tf.cast(asTensor(condition), "bool"), x, y);
}) as unknown as TernaryOp;

/** Options of {@linkcode oneHot}. */
export interface OneHotOptions {
  /** Which axis of the result the classes are; the last unless given. */
  readonly axis?: number;
  /** float32 unless given. */
  readonly dtype?: tf.DataType;
}

/** One-hot vectors of class indices, on a new axis. */
export const oneHot = withArgument<number, OneHotOptions>(
  "oneHot",
  { axis: -1, dtype: "float32" },
  (x, numClasses, { axis, dtype }) => {
    const rows = tf.cast(oneHotVectors(x, numClasses), dtype);
    const at = positiveAxis("oneHot", axis, rows.rank);
    if (at === rows.rank - 1) return rows;
    const axes = x.shape.map((_, i) => i);
    return tf.transpose(rows, axes.toSpliced(at, 0, x.rank));
  },
);
/** 1 at all classes of a row: [..., labels] to [..., classes]. */
export const multiHot = withArgument<number, { readonly dtype?: tf.DataType }>(
  "multiHot",
  { dtype: "float32" },
  (x, numClasses, { dtype }) => {
    const hot = tf.cast(oneHotVectors(x, numClasses), "float32");
    return tf.cast(hot.rank > 1 ? tf.max(hot, -2) : hot, dtype);
  },
);

/** The k largest values of every row, and where they stand. */
export const topK = defineOp(
  "topK",
  (x: unknown, k: number, options: { readonly sorted?: boolean } = {}) => {
    const { sorted } = readOptions("topK", options, { sorted: true });
    checkNumber("topK", "k", k, { from: 1, integer: true });
    const { values, indices } = tf.topk(asTensor(x), k, sorted);
    return { values, indices };
  },
) as unknown as {
  (x: KerasTensor, k: number, options?: { readonly sorted?: boolean }): {
    values: KerasTensor;
    indices: KerasTensor;
  };
  (x: EagerInput, k: number, options?: { readonly sorted?: boolean }): {
    values: tf.Tensor;
    indices: tf.Tensor;
  };
};

/** Whether a target's prediction is among the k largest of its row. */
export const inTopK = defineOp(
  "inTopK",
  (targets: unknown, predictions: unknown, k: number) =>
    isInTopK(asTensor(predictions), tf.cast(asTensor(targets), "int32"), k),
) as unknown as (targets: EagerInput, predictions: EagerInput, k: number) => tf.Tensor;

/** Zeros with updates added at indices [n, rank of the shape]. */
export const scatter = defineOp(
  "scatter",
  (indices: unknown, updates: unknown, shape: readonly number[]) =>
    tf.scatterND(tf.cast(asTensor(indices), "int32"), asTensor(updates), [...shape]),
) as unknown as (indices: EagerInput, updates: EagerInput, shape: readonly number[]) => tf.Tensor;

/** The tensor with entries at indices [n, leading axes] replaced. */
export const scatterUpdate: TernaryOp = defineOp(
  "scatterUpdate",
  (x: unknown, indices: unknown, updates: unknown) =>
    tf.tensorScatterUpdate(asTensor(x), tf.cast(asTensor(indices), "int32"), asTensor(updates)),
) as unknown as TernaryOp;

/** The tensor with a part from `start` on replaced. */
export const sliceUpdate = defineOp(
  "sliceUpdate",
  (x: unknown, start: readonly number[], updates: unknown) => {
    const [tensor, part] = [asTensor(x), asTensor(updates)];
    const edges = start.map((begin, k) =>
      [begin, tensor.shape[k] - begin - part.shape[k]] as [number, number]
    );
    const isInside = tf.cast(tf.pad(tf.onesLike(part), edges), "bool");
    return tf.where(isInside, tf.pad(part, edges), tensor);
  },
) as unknown as {
  (x: KerasTensor, start: readonly number[], updates: OpInput): KerasTensor;
  (x: EagerInput, start: readonly number[], updates: EagerInput): tf.Tensor;
};

/** Sums of the rows of each segment: [n, ...] and segment indices [n] to [segments, ...]. */
export const segmentSum = withArgument<EagerInput, { readonly numSegments?: number }>(
  "segmentSum",
  { numSegments: 0 },
  (x, ids, { numSegments }) => {
    checkNumber("segmentSum", "numSegments", numSegments, { from: 1, integer: true });
    const chosen = tf.cast(
      oneHotVectors(tf.cast(asTensor(ids), "int32") as tf.Tensor1D, numSegments),
      "float32",
    );
    const rows = tf.reshape(tf.cast(x, "float32"), [x.shape[0], -1]);
    const sums = tf.matMul(chosen as tf.Tensor2D, rows as tf.Tensor2D, true);
    return tf.cast(tf.reshape(sums, [numSegments, ...x.shape.slice(1)]), x.dtype);
  },
);
