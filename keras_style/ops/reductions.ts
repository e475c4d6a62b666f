/**
 * Many values to few: sums, means, extremes, and running ones. Follows https://keras.io/api/ops/numpy/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, readOptions, show } from "../options.ts";
import {
  binaryWith,
  defineOp,
  onLastAxis,
  positiveAxes,
  positiveAxis,
  unaryWith,
  withArgument,
} from "./define_op.ts";
import { withoutGradient } from "./gradients.ts";
import { oneHotVectors } from "./one_hot.ts";

/** Options of reductions. */
export interface ReductionOptions {
  /** Over which axes; all unless given. */
  readonly axis?: number | readonly number[] | null;
  /** Whether the axes stay, of size 1; false unless given. */
  readonly keepdims?: boolean;
}

/** Options of {@linkcode std} and {@linkcode variance}. */
export type SpreadOptions = ReductionOptions;

const DEFAULTS = { axis: null, keepdims: false };

type Reduce = (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor;

function reduction(name: string, reduce: Reduce) {
  return unaryWith<ReductionOptions>(
    name,
    DEFAULTS,
    (x, { axis, keepdims }) => reduce(x, positiveAxes(name, axis, x.rank), keepdims),
  );
}

/** A reduction for which a further number may count. */
function withInitial(name: string, reduce: Reduce, ofTwo: typeof tf.maximum) {
  return unaryWith<ReductionOptions & { readonly initial?: number | null }>(
    name,
    { ...DEFAULTS, initial: null },
    (x, { axis, keepdims, initial }) => {
      const found = reduce(x, positiveAxes(name, axis, x.rank), keepdims);
      return initial === null ? found : ofTwo(found, tf.scalar(initial, found.dtype));
    },
  );
}

const floats = (x: tf.Tensor) => x.dtype === "float32" ? x : tf.cast(x, "float32");
/** Sums of booleans are integers. */
const values = (x: tf.Tensor) => x.dtype === "bool" ? tf.cast(x, "int32") : x;
const isNumber = (x: tf.Tensor) => withoutGradient(() => tf.logicalNot(tf.isNaN(x)));
const orElse = (x: tf.Tensor, value: number) => tf.where(isNumber(x), x, tf.fill(x.shape, value));
const countOf: Reduce = (x, axes, keep) => tf.sum(tf.cast(isNumber(x), "float32"), axes, keep);

export const sum = reduction("sum", (x, axes, keep) => tf.sum(values(x), axes, keep));
export const prod = reduction("prod", (x, axes, keep) => tf.prod(values(x), axes, keep));
export const mean = reduction("mean", (x, axes, keep) => tf.mean(floats(x), axes, keep));
/** The largest number; at least `initial`, where that is given. */
export const max = withInitial("max", (x, axes, keep) => tf.max(x, axes, keep), tf.maximum);
/** The smallest number; at most `initial`, where that is given. */
export const min = withInitial("min", (x, axes, keep) => tf.min(x, axes, keep), tf.minimum);
/** Another name of max. */
export const amax = max;
/** Another name of min. */
export const amin = min;
export const all = reduction("all", (x, axes, keep) => tf.all(tf.cast(x, "bool"), axes, keep));
export const any = reduction("any", (x, axes, keep) => tf.any(tf.cast(x, "bool"), axes, keep));
const varianceOf: Reduce = (x, axes, keep) => {
  const away = tf.sub(floats(x), tf.mean(floats(x), axes, true));
  return tf.mean(tf.square(away), axes, keep);
};
/** The mean square of the distance from the mean. */
export const variance = reduction("var", varianceOf);
/** The root of the variance. */
export const std = reduction("std", (x, axes, keep) => tf.sqrt(varianceOf(x, axes, keep)));
/** Largest minus smallest number. */
export const ptp = reduction(
  "ptp",
  (x, axes, keep) => tf.sub(tf.max(x, axes, keep), tf.min(x, axes, keep)),
);
export const logsumexp = reduction(
  "logsumexp",
  (x, axes, keep) => tf.logSumExp(floats(x), axes, keep),
);
export const countNonzero = reduction(
  "countNonzero",
  (x, axes, keep) => tf.sum(tf.cast(tf.notEqual(x, tf.zerosLike(x)), "int32"), axes, keep),
);
export const nansum = reduction("nansum", (x, axes, keep) => tf.sum(orElse(x, 0), axes, keep));
export const nanprod = reduction("nanprod", (x, axes, keep) => tf.prod(orElse(x, 1), axes, keep));
export const nanmax = reduction(
  "nanmax",
  (x, axes, keep) => tf.max(orElse(x, -Infinity), axes, keep),
);
export const nanmin = reduction(
  "nanmin",
  (x, axes, keep) => tf.min(orElse(x, Infinity), axes, keep),
);
const nanmeanOf: Reduce = (x, axes, keep) =>
  tf.div(tf.sum(orElse(x, 0), axes, keep), countOf(x, axes, keep));
export const nanmean = reduction("nanmean", nanmeanOf);
const nanvarOf: Reduce = (x, axes, keep) =>
  nanmeanOf(tf.square(tf.sub(x, nanmeanOf(x, axes, true))), axes, keep);
export const nanvar = reduction("nanvar", nanvarOf);
export const nanstd = reduction("nanstd", (x, axes, keep) => tf.sqrt(nanvarOf(x, axes, keep)));

/** Options of functions along one axis. */
export interface AxisOptions {
  /** Along which axis; over all values in a row unless given. */
  readonly axis?: number | null;
}

/** A function along one axis, or over all values in a row. */
function alongAxis(name: string, run: (x: tf.Tensor, axis: number) => tf.Tensor) {
  return unaryWith<AxisOptions>(name, { axis: null }, (x, { axis }) => {
    if (axis === null) return run(tf.reshape(x, [-1]), 0);
    return run(x, positiveAxis(name, axis, x.rank));
  });
}

export const argmax = unaryWith<AxisOptions & { readonly keepdims?: boolean }>(
  "argmax",
  { axis: null, keepdims: false },
  (x, { axis, keepdims }) => extreme(x, axis, keepdims, (y, at) => tf.argMax(y, at)),
);
export const argmin = unaryWith<AxisOptions & { readonly keepdims?: boolean }>(
  "argmin",
  { axis: null, keepdims: false },
  (x, { axis, keepdims }) => extreme(x, axis, keepdims, (y, at) => tf.argMin(y, at)),
);

function extreme(
  x: tf.Tensor,
  axis: number | null,
  keepdims: boolean,
  find: (x: tf.Tensor, axis: number) => tf.Tensor,
): tf.Tensor {
  if (axis === null) {
    const found = find(tf.reshape(x, [-1]), 0);
    return keepdims ? tf.reshape(found, x.shape.map(() => 1)) : found;
  }
  const at = positiveAxis("argmax", axis, x.rank);
  const found = find(x, at);
  return keepdims ? tf.expandDims(found, at) : found;
}

export const cumsum = alongAxis("cumsum", (x, axis) => tf.cumsum(values(x), axis));
export const cumprod = alongAxis("cumprod", (x, axis) => tf.cumprod(values(x), axis));
export const nancumsum = alongAxis("nancumsum", (x, axis) => tf.cumsum(orElse(x, 0), axis));

/** Differences of neighbors along an axis, `n` times. */
export const diff = unaryWith<{ readonly n?: number; readonly axis?: number }, "n">(
  "diff",
  { n: 1, axis: -1 },
  (x, { n, axis }) => {
    const at = positiveAxis("diff", axis, x.rank);
    let result = x;
    for (let i = 0; i < n; i++) {
      const size = result.shape.map((length, k) => k === at ? length - 1 : length);
      const begin = result.shape.map((_, k) => k === at ? 1 : 0);
      const zeros = result.shape.map(() => 0);
      result = tf.sub(tf.slice(result, begin, size), tf.slice(result, zeros, size));
    }
    return tf.clone(result);
  },
);

/** The area below values along an axis. */
export const trapezoid = unaryWith<{ readonly dx?: number; readonly axis?: number }, never>(
  "trapezoid",
  { dx: 1, axis: -1 },
  (x, { dx, axis }) => {
    const at = positiveAxis("trapezoid", axis, x.rank);
    const size = x.shape.map((length, k) => k === at ? length - 1 : length);
    const right = tf.slice(x, x.shape.map((_, k) => k === at ? 1 : 0), size);
    const left = tf.slice(x, x.shape.map(() => 0), size);
    return tf.sum(tf.mul(tf.add(left, right), dx / 2), at);
  },
);

/** The mean, weighted. */
export const average = unaryWith<
  AxisOptions & { readonly weights?: tf.Tensor | tf.TensorLike | null }
>(
  "average",
  { axis: null, weights: null },
  (x, { axis, weights }) => {
    const axes = positiveAxes("average", axis, x.rank);
    if (weights === null) return tf.mean(floats(x), axes);
    const given = weights instanceof tf.Tensor ? weights : tf.tensor(weights as tf.TensorLike);
    const along = given.rank === 1 && x.rank > 1
      ? tf.reshape(given, x.shape.map((size, k) => axes.includes(k) ? size : 1))
      : given;
    const broadcast = tf.broadcastTo(along, x.shape);
    return tf.div(tf.sum(tf.mul(x, broadcast), axes), tf.sum(broadcast, axes));
  },
);

/** Values sorted along an axis, the last unless given. */
export const sort = unaryWith<{ readonly axis?: number }>(
  "sort",
  { axis: -1 },
  (x, { axis }) => onLastAxis(x, positiveAxis("sort", axis, x.rank), (y) => sorted(y).values),
);

/** Where sorted values stood along an axis, the last unless given. */
export const argsort = unaryWith<{ readonly axis?: number }>(
  "argsort",
  { axis: -1 },
  (x, { axis }) => onLastAxis(x, positiveAxis("argsort", axis, x.rank), (y) => sorted(y).indices),
);

/** Ascending: the largest of the negative numbers, the first of equal ones first. */
function sorted(x: tf.Tensor): { values: tf.Tensor; indices: tf.Tensor } {
  const { values, indices } = tf.topk(tf.neg(x), x.shape.at(-1)!);
  return { values: tf.neg(values), indices };
}

/** How quantiles between two values are found. */
export type QuantileMethod = "linear" | "lower" | "higher" | "midpoint" | "nearest";

/** Options of {@linkcode quantile}. */
export interface QuantileOptions extends ReductionOptions {
  /** "linear" unless given. */
  readonly method?: QuantileMethod;
}

/** The number below which a share q of the values lies. */
export const quantile = withArgument<number, QuantileOptions>(
  "quantile",
  { ...DEFAULTS, method: "linear" },
  (x, q, { axis, keepdims, method }) => {
    checkNumber("quantile", "q", q, { from: 0, to: 1 });
    return quantileOf(floats(x), q, axis, keepdims, method);
  },
);

/** The number below which q percent of the values lie. */
export const percentile = withArgument<number, QuantileOptions>(
  "percentile",
  { ...DEFAULTS, method: "linear" },
  (x, q, { axis, keepdims, method }) => {
    checkNumber("percentile", "q", q, { from: 0, to: 100 });
    return quantileOf(floats(x), q / 100, axis, keepdims, method);
  },
);

/** The number in the middle. */
export const median = reduction(
  "median",
  (x, axes, keep) => quantileOf(floats(x), 0.5, axes, keep, "linear"),
);

function quantileOf(
  x: tf.Tensor,
  q: number,
  axis: ReductionOptions["axis"],
  keepdims: boolean,
  method: QuantileMethod,
): tf.Tensor {
  const axes = positiveAxes("quantile", axis, x.rank);
  const kept = x.shape.map((_, k) => k).filter((k) => !axes.includes(k));
  const shape = kept.map((k) => x.shape[k]);
  const rows = tf.reshape(tf.transpose(x, [...kept, ...axes]), [...shape, -1]);
  const { values } = sorted(rows);
  const place = q * (rows.shape.at(-1)! - 1);
  const at = (index: number) => {
    const begin = values.shape.map((_, k) => k === values.rank - 1 ? index : 0);
    return tf.reshape(tf.slice(values, begin, [...shape, 1]), shape);
  };
  const [low, high] = [Math.floor(place), Math.ceil(place)];
  const share = { linear: place - low, lower: 0, higher: 1, midpoint: 0.5, nearest: 0 }[method];
  const even = Math.round(place / 2) * 2;
  const nearest = Math.abs(place - low) === 0.5
    ? (even >= low && even <= high ? even : low)
    : Math.round(place);
  const result = method === "nearest"
    ? at(nearest)
    : low === high
    ? at(low)
    : tf.add(tf.mul(at(low), 1 - share), tf.mul(at(high), share));
  if (!keepdims) return tf.clone(result);
  return tf.reshape(result, x.shape.map((size, k) => axes.includes(k) ? 1 : size));
}

/** Means and variances over axes. */
export const moments = defineOp(
  "moments",
  (
    x: tf.Tensor,
    axes: readonly number[],
    options: { readonly keepdims?: boolean } = {},
  ): [mean: tf.Tensor, variance: tf.Tensor] => {
    const { keepdims } = readOptions("moments", options, { keepdims: false });
    const { mean, variance } = tf.moments(x, positiveAxes("moments", axes, x.rank), keepdims);
    return [mean, variance];
  },
);

/** Options of {@linkcode norm}. */
export interface NormOptions extends ReductionOptions {
  /** Of vectors any number, 2 unless given; of matrices "fro", unless given, 1, -1, Infinity or -Infinity. */
  readonly ord?: number | "fro" | null;
}

/** The length of vectors along an axis, or the norm of matrices over two; over all axes unless some are given. */
export const norm = unaryWith<NormOptions, "ord">(
  "norm",
  { ord: null, ...DEFAULTS },
  (x, { axis, keepdims, ord }) => {
    const axes = positiveAxes("norm", axis, x.rank);
    if (axes.length === 1) return vectorNorm(floats(x), axes[0], ord, keepdims);
    if (axes.length === 2) return matrixNorm(floats(x), axes, ord, keepdims);
    throw new RangeError(
      `norm: axis is ${show(axis)} for values of shape [${x.shape}], expected one axis or two`,
    );
  },
);

function vectorNorm(
  x: tf.Tensor,
  axis: number,
  ord: NormOptions["ord"],
  keepdims: boolean,
): tf.Tensor {
  if (ord === null || ord === undefined || ord === 2) {
    return tf.sqrt(tf.sum(tf.square(x), axis, keepdims));
  }
  if (typeof ord !== "number") {
    throw new RangeError(`norm: ord is ${show(ord)}, expected a number for vectors`);
  }
  const size = tf.abs(x);
  if (ord === Infinity) return tf.max(size, axis, keepdims);
  if (ord === -Infinity) return tf.min(size, axis, keepdims);
  if (ord === 1) return tf.sum(size, axis, keepdims);
  if (ord === 0) return tf.sum(tf.cast(tf.notEqual(size, 0), "float32"), axis, keepdims);
  return tf.pow(tf.sum(tf.pow(size, ord), axis, keepdims), 1 / ord);
}

/** @param axes of rows and columns */
function matrixNorm(
  x: tf.Tensor,
  axes: number[],
  ord: NormOptions["ord"],
  keepdims: boolean,
): tf.Tensor {
  if (ord === null || ord === undefined || ord === "fro") {
    return tf.sqrt(tf.sum(tf.square(x), axes, keepdims));
  }
  if (typeof ord !== "number" || (Math.abs(ord) !== 1 && Math.abs(ord) !== Infinity)) {
    throw new RangeError(
      `norm: ord is ${
        show(ord)
      }, expected "fro", 1, -1, Infinity or -Infinity for matrices; norms of their singular ` +
        `values (2, -2, "nuc") are not known here`,
    );
  }
  const [rows, columns] = axes;
  const sums = tf.sum(tf.abs(x), Math.abs(ord) === 1 ? rows : columns, true);
  return ord > 0 ? tf.max(sums, axes, keepdims) : tf.min(sums, axes, keepdims);
}

/** Vectors of length 1 along an axis, the last unless given. */
export const normalize = unaryWith<
  { readonly axis?: number; readonly order?: number; readonly epsilon?: number }
>("normalize", { axis: -1, order: 2, epsilon: 1e-12 }, (x, { axis, order, epsilon }) => {
  const at = positiveAxis("normalize", axis, x.rank);
  if (order === 2) {
    const squares = tf.sum(tf.square(floats(x)), at, true);
    return tf.div(x, tf.sqrt(tf.maximum(squares, epsilon ** 2)));
  }
  const length = tf.pow(tf.sum(tf.pow(tf.abs(floats(x)), order), at, true), 1 / order);
  return tf.div(x, tf.maximum(length, epsilon));
});

/** How many values fall on each index from 0 to below `minlength`, which is needed: int32. Others are left out. */
export const bincount = unaryWith<{ readonly minlength?: number }>(
  "bincount",
  { minlength: 0 },
  (x, { minlength }) => {
    checkNumber("bincount", "minlength", minlength, { from: 1, integer: true });
    const counts = oneHotVectors(tf.reshape(x, [-1]), minlength);
    return tf.sum(tf.cast(counts, "int32"), 0);
  },
);

/** Pairwise distances of the rows of two matrices. */
export const cdist = binaryWith<{ readonly p?: number }>("cdist", { p: 2 }, (a, b, { p }) => {
  const gap = tf.abs(tf.sub(tf.expandDims(a, a.rank - 1), tf.expandDims(b, b.rank - 2)));
  if (p === 2) return tf.sqrt(tf.sum(tf.square(gap), -1));
  return tf.pow(tf.sum(tf.pow(gap, p), -1), 1 / p);
});
