/**
 * Matrix product and normalization kernels.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constant, type LazyArray, ops } from "../../../onnx/mod.ts";
import { defineKernel } from "../kernel.ts";
import { activate, floating } from "./elementwise.ts";

/** TensorFlow.js takes plain matrices for a batch of one; as matrices, ONNX Runtime transposes them for nothing. */
function product(
  a: LazyArray,
  b: LazyArray,
  { transposeA, transposeB }: tf.BatchMatMulAttrs,
): LazyArray {
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw new Error(`matMul: a [${a.shape}] and b [${b.shape}], expected at least 2 axes each`);
  }
  const isPlain = [a, b].every(({ shape }) => shape.length === 3 && shape[0] === 1);
  const [x, w] = [a, b].map(floating).map((m) => isPlain ? ops.reshape(m, m.shape.slice(1)) : m);
  const y = ops.cast(ops.matmul(x, w, transposeA, transposeB), a.dtype);
  return isPlain ? ops.reshape(y, [1, ...y.shape]) : y;
}

defineKernel<tf.BatchMatMulAttrs>(tf.BatchMatMul, ({ a, b }, attrs) => product(a, b, attrs));

defineKernel<tf._FusedMatMulAttrs>(
  tf._FusedMatMul,
  ({ a, b, bias, preluActivationWeights }, attrs) => {
    const y = product(a, b, attrs);
    const shifted = bias ? ops.add(y, bias) : y;
    const { activation, leakyreluAlpha } = attrs;
    return activate(tf._FusedMatMul, shifted, activation, preluActivationWeights, leakyreluAlpha);
  },
);

defineKernel<tf.FusedBatchNormAttrs>(
  tf.FusedBatchNorm,
  ({ x, mean, variance, scale, offset }, { varianceEpsilon }) => {
    const deviation = ops.sqrt(ops.add(variance, constant(varianceEpsilon ?? 0.001)));
    const factor = scale ? ops.div(scale, deviation) : ops.reciprocal(deviation);
    const y = ops.mul(ops.sub(x, mean), factor);
    return offset ? ops.add(y, offset) : y;
  },
);

defineKernel<tf.EinsumAttrs>(tf.Einsum, (_x, { equation }, list) => {
  const plain = equation.replace(/\s/g, "");
  const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(plain, list.length);
  const tensors = list.map(({ shape }) => ({ shape: [...shape] }) as tf.Tensor);
  tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors);
  return ops.einsum(list.map(floating), plain);
});
