/**
 * Where values stand among others, and what follows from it. Follows https://keras.io/api/ops/numpy/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkChoice, readOptions } from "../options.ts";
import {
  asFloats,
  asTensor,
  type BinaryOp,
  defineOp,
  type EagerInput,
  positiveAxis,
  unaryWith,
  withArgument,
} from "./define_op.ts";

/** Options of {@linkcode searchsorted}. */
export interface SearchsortedOptions {
  /** Whether equal values stand behind ("left", unless given) or in front of the position. */
  readonly side?: "left" | "right";
}

/** How many of some values in order are smaller (or not larger) than each value: int32. */
function positionsOf(sorted: tf.Tensor, values: tf.Tensor, side: "left" | "right"): tf.Tensor {
  const value = tf.expandDims(values, -1);
  const isBefore = side === "left" ? tf.less(sorted, value) : tf.lessEqual(sorted, value);
  return tf.sum(tf.cast(isBefore, "int32"), -1);
}

/** Where values would have to be put into values in order: int32. */
export const searchsorted = defineOp(
  "searchsorted",
  (sorted: unknown, values: unknown, options: SearchsortedOptions = {}) => {
    const { side } = readOptions("searchsorted", options, { side: "left" });
    checkChoice("searchsorted", "side", side, ["left", "right"]);
    return positionsOf(asFloats(sorted), asFloats(values), side);
  },
) as unknown as BinaryOp<SearchsortedOptions>;

/** The number of the range, between boundaries in order, that each value falls into: int32. */
export const digitize = withArgument<readonly number[]>(
  "digitize",
  {},
  (x, bins) => positionsOf(tf.tensor1d([...bins]), asFloats(x), "right"),
);

/** Whether each number is one of some others. */
export const isin = defineOp("isin", (x: unknown, others: unknown) => {
  const among = tf.reshape(asFloats(others), [-1]);
  return tf.any(tf.equal(tf.expandDims(asFloats(x), -1), among), -1);
}) as unknown as BinaryOp;

/** Options of {@linkcode nanargmax}. */
export interface NanArgOptions {
  /** Along which axis; over all values in a row unless given. */
  readonly axis?: number | null;
}

function withoutNaN(
  name: string,
  filling: number,
  find: (x: tf.Tensor, axis: number) => tf.Tensor,
) {
  return unaryWith<NanArgOptions>(name, { axis: null }, (x, { axis }) => {
    const known = tf.where(tf.isNaN(x), tf.fill(x.shape, filling), x);
    if (axis === null) return find(tf.reshape(known, [-1]), 0);
    return find(known, positiveAxis(name, axis, x.rank));
  });
}

/** Where the largest number stands that is not NaN. */
export const nanargmax = withoutNaN("nanargmax", -Infinity, (x, axis) => tf.argMax(x, axis));
/** Where the smallest number stands that is not NaN. */
export const nanargmin = withoutNaN("nanargmin", Infinity, (x, axis) => tf.argMin(x, axis));

/** The powers of values as columns, the highest first. */
export const vander = unaryWith<
  { readonly N?: number | null; readonly increasing?: boolean }
>("vander", { N: null, increasing: false }, (x, { N, increasing }) => {
  const count = N ?? x.shape[0];
  const powers = Array.from({ length: count }, (_, i) => increasing ? i : count - 1 - i);
  const columns = powers.map((power) =>
    power === 0 ? tf.onesLike(asFloats(x)) : tf.pow(asFloats(x), power)
  );
  return tf.stack(columns, 1);
});

/** Indices into a shape of indices into all its values in a row: one tensor an axis. */
export const unravelIndex = defineOp(
  "unravelIndex",
  (indices: unknown, shape: readonly number[]) => {
    let rest = tf.cast(asTensor(indices), "int32");
    const found: tf.Tensor[] = [];
    for (const size of shape.toReversed()) {
      const divisor = tf.scalar(size, "int32");
      found.unshift(tf.mod(rest, divisor));
      rest = tf.floorDiv(rest, divisor);
    }
    return found;
  },
) as unknown as (indices: EagerInput, shape: readonly number[]) => tf.Tensor[];

/** Pearson's correlations of the rows of a matrix with each other. */
export const corrcoef = unaryWith<Record<never, never>>("corrcoef", {}, (x) => {
  const away = tf.sub(asFloats(x), tf.mean(asFloats(x), -1, true)) as tf.Tensor2D;
  const covariance = tf.matMul(away, away, false, true);
  const norm = tf.sqrt(tf.sum(tf.square(away), -1, true)) as tf.Tensor2D;
  return tf.div(covariance, tf.matMul(norm, norm, false, true));
});
