/**
 * Kernels that count, search and sample among few integers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constant, fromHost, type LazyArray, ops } from "../../../onnx/mod.ts";
import { activeBackend } from "../onnxruntime_backend.ts";
import { defineKernel } from "../kernel.ts";
import { floating, like } from "./elementwise.ts";

/** How often (or with which weights together) each number below `size` stands in each row of [rows, n]. */
function countRows(
  kernel: string,
  x: LazyArray,
  weights: LazyArray,
  size: number,
): LazyArray {
  refuseNegative(kernel, x);
  const [rows, n] = x.shape;
  // Values that are not counted go to one more bin, which is cut off.
  const outside = ops.logicalOr(ops.less(x, like(x, 0)), ops.greaterEqual(x, like(x, size)));
  const kept = ops.where(outside, like(x, size), x);
  const starts = Array.from({ length: rows }, (_, row) => row * (size + 1));
  const indices = ops.add(kept, constant(starts, "int32", [rows, 1]));
  const amounts = weights.size > 0 ? weights : ops.expand(like(weights, 1), [rows, n]);
  const counts = ops.scatterNdAdd(
    ops.expand(like(weights, 0), [rows * (size + 1)]),
    ops.reshape(indices, [rows * n, 1]),
    ops.reshape(amounts, [rows * n]),
  );
  return ops.slice(ops.reshape(counts, [rows, size + 1]), [0, 0], [rows, size]);
}

function refuseNegative(kernel: string, x: LazyArray): void {
  if (!x.isOnHost) return;
  const wrong = (x.buffer.data as Int32Array).find((value) => value < 0);
  if (wrong !== undefined) {
    throw new Error(`${kernel}: Input x must be non-negative!, got ${wrong}`);
  }
}

defineKernel<tf.BincountAttrs>(tf.Bincount, ({ x, weights }, { size }) => {
  const row = ops.reshape(x, [1, x.size]);
  return ops.reshape(countRows(tf.Bincount, row, weights, size), [size]);
});

defineKernel<tf.DenseBincountAttrs>(
  tf.DenseBincount,
  ({ x, weights }, { size, binaryOutput }) => {
    const rows = x.shape.length === 1 ? ops.reshape(x, [1, x.size]) : x;
    // Whether a number stands there at all has nothing to do with weights.
    const amounts = binaryOutput ? fromHost(new Float32Array(), [0]) : weights;
    const counts = countRows(tf.DenseBincount, rows, amounts, size);
    const result = binaryOutput ? ops.minimum(counts, constant(1)) : counts;
    return ops.cast(ops.reshape(result, [...x.shape.slice(0, -1), size]), weights.dtype);
  },
);

/** Before how many elements of its sorted row each value belongs. */
defineKernel<tf.SearchSortedAttrs>(
  tf.SearchSorted,
  ({ sortedSequence, values }, { side }) => {
    const [rows, n] = sortedSequence.shape;
    const sequence = ops.reshape(sortedSequence, [rows, 1, n]);
    const wanted = ops.reshape(values, [...values.shape, 1]);
    const before = side === "left" ? ops.less(sequence, wanted) : ops.lessEqual(sequence, wanted);
    return ops.sum(ops.cast(before, "int32"), { axes: 2 });
  },
);

/** The seed's 64 bits as a key; inside a traced function a key that is made afresh at every call. */
function keyOf(seed: number): LazyArray {
  const trace = activeBackend()?.trace;
  return trace ? trace.drawKey() : fromHost(new Uint32Array(new Float64Array([seed]).buffer), [2]);
}

/** Samples by inverting the distribution function: how many of its steps lie below a uniform number. */
defineKernel<tf.MultinomialAttrs>(
  tf.Multinomial,
  ({ logits }, { numSamples, seed, normalized }) => {
    const [rows, outcomes] = logits.shape;
    const chances = normalized ? floating(logits) : ops.softmax(floating(logits), -1);
    const steps = ops.slice(ops.cumSum(chances, 1), [0, 0], [rows, outcomes - 1]);
    const draws = ops.uniform(keyOf(seed), [rows, numSamples, 1]);
    const below = ops.lessEqual(ops.reshape(steps, [rows, 1, outcomes - 1]), draws);
    return ops.sum(ops.cast(below, "int32"), { axes: 2 });
  },
);
