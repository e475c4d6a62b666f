/**
 * Kernels that fold axes.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constant, isFloating, type LazyArray, ops } from "../../../onnx/mod.ts";
import { defineKernel } from "../kernel.ts";
import { floating } from "./elementwise.ts";

interface ReductionAttrs {
  readonly axis?: number | number[];
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}

type Reduce = (x: LazyArray, options: ops.ReductionOptions) => LazyArray;

function reduction(name: string, prepare: (x: LazyArray) => LazyArray, reduce: Reduce): void {
  defineKernel<ReductionAttrs>(name, ({ x }, { axis, reductionIndices, keepDims }) => {
    const axes = tf.util.parseAxisParam(axis ?? reductionIndices!, [...x.shape]);
    return reduce(prepare(x), { axes: [...new Set(axes)], keepDims });
  });
}

/** Booleans are counted. */
function countable(x: LazyArray): LazyArray {
  return x.dtype === "bool" ? ops.cast(x, "int32") : x;
}

reduction(tf.Sum, countable, ops.sum);
reduction(tf.Mean, floating, ops.mean);
reduction(tf.Prod, countable, ops.prod);
for (const [name, reduce] of [[tf.Max, ops.max], [tf.Min, ops.min]] as const) {
  reduction(name, (x) => x, throughIntegers(reduce));
}
reduction(tf.All, (x) => x, throughIntegers(ops.min));
reduction(tf.Any, (x) => x, throughIntegers(ops.max));

function throughIntegers(reduce: Reduce): Reduce {
  return (x, options) =>
    x.dtype === "bool"
      ? ops.cast(reduce(ops.cast(x, "int32"), options), "bool")
      : reduce(x, options);
}

/** What is not a number is never the best. */
function defineSearch(
  name: string,
  find: (x: LazyArray, axis: number) => LazyArray,
  worst: number,
): void {
  defineKernel<tf.ArgMaxAttrs>(name, ({ x }, { axis }) => {
    const [first] = tf.util.parseAxisParam(axis, [...x.shape]);
    const values = isFloating(x.dtype)
      ? ops.where(ops.isNaN(x), constant(worst, x.dtype), x)
      : countable(x);
    return ops.cast(find(values, first), "int32");
  });
}

defineSearch(tf.ArgMax, ops.argMax, -Infinity);
defineSearch(tf.ArgMin, ops.argMin, Infinity);

defineKernel<tf.SoftmaxAttrs>(
  tf.Softmax,
  ({ logits }, { dim }) => ops.softmax(floating(logits), dim),
);

defineKernel<tf.LogSoftmaxAttrs>(
  tf.LogSoftmax,
  ({ logits }, { axis }) => ops.logSoftmax(floating(logits), axis),
);

defineKernel<tf.CumsumAttrs>(tf.Cumsum, ({ x }, { axis, exclusive, reverse }) => {
  const [first] = tf.util.parseAxisParam(axis, [...x.shape]);
  return ops.cumSum(countable(x), first, { exclusive, reverse });
});

/** ONNX has no running product: each element is the product of those before it, the others masked by ones. */
defineKernel<tf.CumprodAttrs>(tf.Cumprod, ({ x }, { axis, exclusive, reverse }) => {
  const [along] = tf.util.parseAxisParam(axis, [...x.shape]);
  const order = x.shape.map((_, i) => i).filter((i) => i !== along);
  order.push(along);
  const last = ops.transpose(countable(x), order);
  const n = x.shape[along];
  const indices = Array.from({ length: n }, (_, i) => i);
  const [own, other] = [constant(indices, "int32", [n, 1]), constant(indices, "int32")];
  const [later, earlier] = reverse ? [other, own] : [own, other];
  const taken = exclusive ? ops.greater(later, earlier) : ops.greaterEqual(later, earlier);
  const rows = ops.reshape(last, [...last.shape.slice(0, -1), 1, n]);
  const masked = ops.where(taken, rows, constant(1, rows.dtype));
  return ops.transpose(ops.prod(masked, { axes: -1 }), ops.inversePermutation(order));
});

function emptyTopK(x: LazyArray, k: number): LazyArray[] {
  const shape = [...x.shape.slice(0, -1), k];
  return [ops.expand(constant(0, x.dtype), shape), ops.expand(constant(0, "int32"), shape)];
}

/** Sorted also where that is not asked for: of equal elements the first come first then. */
defineKernel<tf.TopKAttrs>(tf.TopK, ({ x }, { k }) => {
  // ONNX Runtime divides by the number of rows: without any, the process would end.
  if (x.size === 0) return emptyTopK(x, k);
  const [values, indices] = ops.topK(isFloating(x.dtype) ? x : countable(x), k);
  return [values, ops.cast(indices, "int32")];
});
