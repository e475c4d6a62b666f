/** Products of matrices that are added onto something, as optimizers add gradients of dense layers. */
import { constant, type LazyArray, ops } from "../../../onnx/mod.ts";
import type { CpuCase } from "./cpu_case.ts";

/** A number, factors, and what they are added onto. */
const shapes = [[1], [4, 128], [4, 96], [128, 96]] as const;
const half = () => constant(0.5);
const gradient = (x: LazyArray, dy: LazyArray) => ops.matmul(x, dy, true, false);

function onto(
  build: (product: LazyArray, m: LazyArray, rate: LazyArray) => readonly LazyArray[],
  expected: CpuCase["expected"],
): CpuCase {
  return { shapes, build: ([rate, x, dy, m]) => build(gradient(x, dy), m, rate), expected };
}

const scaled = { MatMul: 1, Sub: 0, Mul: 1 };
const apart = { MatMul: 1 };

export const productCases: Record<string, CpuCase> = {
  "of momentum less a scaled product the product's small factor is scaled, the sum is one pass":
    onto(
      (product, m, rate) => [ops.sub(ops.mul(m, half()), ops.mul(rate, product))],
      { ...scaled, ChannelLine: 1, Add: 0 },
    ),
  "a product and momentum, in either order, are one pass": onto(
    (product, m) => [ops.add(product, ops.mul(half(), m))],
    { ...apart, ChannelLine: 1, Add: 0, Mul: 0 },
  ),
  "of weights less a scaled product the small factor is scaled": onto(
    (product, m, rate) => [ops.sub(m, ops.mul(product, rate))],
    { ...scaled, Add: 1 },
  ),
  "the smaller factor is scaled, transposed as it is": {
    shapes: [[1], [96, 4], [4, 128], [128, 96]],
    build: ([rate, x, dy, m]) => [ops.sub(m, ops.mul(rate, ops.matmul(dy, x, true, true)))],
    expected: { ...scaled, Add: 1, Transpose: 0 },
  },
  "few rows times a large matrix, however both lie, are computed the other way round": {
    shapes: [[32, 512], [256, 512], [256], [512, 32], [640, 256], [256, 300]],
    build: ([x, w, bias, turned, v, u]) => {
      const hidden = ops.relu(ops.add(ops.matmul(x, w, false, true), bias));
      return [
        ops.matmul(turned, w, true, true),
        ops.matmul(hidden, v, false, true),
        ops.matmul(hidden, u),
      ];
    },
    expected: { MatMul: 4, Add: 1, Transpose: 4 },
  },
  "of more rows, or by a matrix that is small in one direction, they are not": {
    shapes: [[65, 512], [256, 512], [32, 4096], [255, 4096]],
    build: ([x, w, y, v]) => [ops.matmul(x, w, false, true), ops.matmul(y, v, false, true)],
    expected: { MatMul: 2, Transpose: 0 },
  },
  "gradients of weights with few inputs are computed the other way round": {
    shapes: [[256, 32], [256, 64], [256, 63], [255, 32], [255, 64]],
    build: ([x, dy, narrow, y, dz]) => [
      ops.matmul(x, dy, true, false),
      ops.matmul(dy, x, true, false),
      ops.matmul(x, narrow, true, false),
      ops.matmul(y, dz, true, false),
    ],
    // The first is the second turned then, so both are one.
    expected: { MatMul: 3, Transpose: 1 },
  },
  "products of several matrices read what is transposed as it lies": {
    shapes: [[3, 2, 5, 7], [3, 2, 6, 7], [3, 2, 7, 5], [1, 2, 7, 6]],
    build: ([a, b, c, d]) => [
      ops.matmul(a, b, false, true),
      ops.matmul(c, ops.transpose(b, [0, 1, 3, 2]), true, false),
      ops.matmul(ops.transpose(a, [0, 1, 3, 2]), b, true, true),
      ops.matmul(c, d, true, false),
      ops.matmul(ops.transpose(a, [0, 1, 3, 2]), d, true, false),
    ],
    // Two of them are the same; of the last one nothing is transposed.
    expected: { TransposedProduct: 3, MatMul: 1, Transpose: 0 },
  },
  "a mere sum with a product stays": onto((product, m) => [ops.add(m, product)], apart),
  "a product that is read elsewhere stays": onto(
    (product, m, rate) => [ops.sub(m, ops.mul(rate, product)), ops.exp(ops.neg(ops.abs(product)))],
    apart,
  ),
  "a scaled product that is read elsewhere stays": onto((product, m, rate) => {
    const step = ops.mul(rate, product);
    return [ops.sub(ops.mul(m, half()), step), ops.abs(step)];
  }, apart),
  "a number with more axes than the product scales no factor": onto((product, m, rate) => {
    const step = ops.mul(ops.reshape(rate, [1, 1, 1]), product);
    return [ops.sub(ops.reshape(m, [1, 128, 96]), step)];
  }, apart),
  "a number with more axes than a vector gives the sum its own": {
    shapes: [[8192], [8192], [1, 1]],
    build: ([y, x, rate]) => [ops.add(y, ops.mul(x, rate))],
    expected: { Add: 1, Mul: 1 },
  },
  "factors that are as large as their product are not scaled": {
    shapes: [[1], [96, 100], [96, 100], [100, 100]],
    build: ([rate, x, dy, m]) => [ops.sub(m, ops.mul(rate, gradient(x, dy)))],
    expected: apart,
  },
};
