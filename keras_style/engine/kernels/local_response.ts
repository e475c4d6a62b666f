/**
 * Local response normalization: each element divided by a power of the squares of its neighbours' channels.
 *
 * Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks" (2012),
 * section 3.3, in TensorFlow's form (`tf.nn.local_response_normalization`).
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constant, fromHost, type LazyArray, ops } from "../../../onnx/mod.ts";
import { defineKernel } from "../kernel.ts";

/** For each channel the sum of the channels at most `radius` away from it. */
function neighbours(x: LazyArray, radius: number): LazyArray {
  const c = x.shape[x.shape.length - 1];
  const band = Float32Array.from({ length: c * c }, (_, i) => {
    const distance = Math.abs(Math.floor(i / c) - i % c);
    return distance <= radius ? 1 : 0;
  });
  const rows = ops.reshape(x, [x.size / c, c]);
  return ops.reshape(ops.matmul(rows, fromHost(band, [c, c])), x.shape);
}

/** What each element is divided by a power of. */
function base(x: LazyArray, { depthRadius, bias, alpha }: tf.LRNAttrs): LazyArray {
  const squares = neighbours(ops.mul(x, x), depthRadius);
  return ops.add(ops.mul(squares, constant(alpha)), constant(bias));
}

defineKernel<tf.LRNAttrs>(
  tf.LRN,
  ({ x }, attrs) => ops.mul(x, ops.pow(base(x, attrs), constant(-attrs.beta))),
);

defineKernel<tf.LRNGradAttrs>(tf.LRNGrad, ({ x, y, dy }, attrs) => {
  const divisor = base(x, attrs);
  const own = ops.mul(dy, ops.pow(divisor, constant(-attrs.beta)));
  const others = neighbours(ops.div(ops.mul(dy, y), divisor), attrs.depthRadius);
  const factor = constant(2 * attrs.alpha * attrs.beta);
  return ops.sub(own, ops.mul(ops.mul(x, factor), others));
});
