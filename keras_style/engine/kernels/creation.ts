/**
 * Kernels that make arrays from nothing.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  constant,
  type DType,
  fromHost,
  type LazyArray,
  ops,
  sizeOf,
  storageFrom,
} from "../../../onnx/mod.ts";
import { floatType } from "../float_scope.ts";
import { defineKernel } from "../kernel.ts";

/** Below this size the values lie on the host at once; larger arrays are expanded in the graph. */
const SMALL = 64;

function filled(value: number, shape: readonly number[], dtype: DType): LazyArray {
  if (sizeOf(shape) > SMALL) return ops.expand(constant(value, dtype), shape);
  return fromHost(storageFrom(new Array(sizeOf(shape)).fill(value), dtype), shape, dtype);
}

defineKernel<tf.FillAttrs>(tf.Fill, (_x, { shape, value, dtype }) => {
  if (typeof value !== "number") {
    throw new Error(`Fill: value ${JSON.stringify(value)} is not supported, expected a number`);
  }
  const type = dtype ?? tf.util.inferDtype(value);
  return filled(value, shape, type === "float32" ? floatType() : type as DType);
}, ({ value }) => typeof value === "string");

defineKernel(tf.ZerosLike, ({ x }) => filled(0, x.shape, x.dtype));

defineKernel(tf.OnesLike, ({ x }) => filled(1, x.shape, x.dtype));

defineKernel<tf.RangeAttrs>(tf.Range, (_x, { start, stop, step, dtype }) => {
  // A step of 1 is what stands for none given.
  const by = stop < start && step === 1 ? -1 : step;
  const length = start === stop ? 0 : Math.max(0, Math.ceil((stop - start) / by));
  const values = Array.from({ length }, (_, i) => start + i * by);
  return fromHost(storageFrom(values, dtype), [length], dtype);
});

defineKernel<tf.LinSpaceAttrs>(tf.LinSpace, (_x, { start, stop, num }) => {
  const step = (stop - start) / (num - 1);
  const values = Array.from({ length: num }, (_, i) => i === 0 ? start : start + i * step);
  return fromHost(Float32Array.from(values), [num]);
});

/** The elements on the diagonal of a square, as TensorFlow.js' cpu engine lays them out for any rank. */
defineKernel(tf.Diag, ({ x }) => {
  const indices = Array.from({ length: x.size }, (_, i) => i);
  const onDiagonal = ops.equal(
    constant(indices, "int32", [x.size, 1]),
    constant(indices, "int32"),
  );
  // ONNX Runtime chooses between bytes, not between bools.
  const stored = x.dtype === "bool" ? ops.cast(x, "uint8") : x;
  const square = ops.where(onDiagonal, ops.reshape(stored, [-1]), constant(0, stored.dtype));
  return ops.cast(ops.reshape(square, [...x.shape, ...x.shape]), x.dtype);
});
