/** Every op with arguments to try it on: shared by the tests of gradients, of host rules and of shape rules. */
import { constant, type LazyArray, ops, type Shape } from "../../onnx/mod.ts";
import { layerOpCases } from "./layer_op_cases.ts";
import {
  type Argument,
  boolean,
  distinct,
  each,
  type OpCase,
  over,
  positive,
  x,
} from "./op_case.ts";
import { orderingOpCases } from "./ordering_op_cases.ts";

const broadcasts = [
  [x(2, 3), x(2, 3)],
  [x(2, 3), x(3)],
  [x(2, 1), x(4, 1, 3)],
  [x(), x(2, 2)],
  [x(1), x(1)],
];
const positives = broadcasts.map((list) => list.map(({ shape }) => positive(...shape)));
/** No quotient is near an integer. */
const divisions = [[x(2, 3), positive(2, 3)], [x(4), positive()]];
const distincts = [[distinct(2, 3), distinct(2, 3)], [distinct(3), distinct(2, 3)]];
const unary = (f: (x: LazyArray) => LazyArray, argument: Argument = x(2, 3), more = {}) =>
  each([[argument], [{ ...argument, shape: [] }]], ([a]) => f(a), more);
const binary = (
  f: (a: LazyArray, b: LazyArray) => LazyArray,
  inputs: readonly (readonly Argument[])[] = broadcasts,
  more = {},
) => each(inputs, ([a, b]) => f(a, b), more);
const long = (values: number[], shape?: Shape) => constant(values, "int64", shape);

const axes = [{}, { axes: 0 }, { axes: [0, 2], keepDims: true }, { axes: -1 }];

/** By the name under which the op is exported. */
export const opCases: Readonly<Record<string, readonly OpCase[]>> = {
  ...layerOpCases,
  ...orderingOpCases,
  neg: unary(ops.neg),
  abs: unary(ops.abs),
  sign: unary(ops.sign),
  exp: unary(ops.exp),
  log: unary(ops.log, positive(2, 3)),
  sqrt: unary(ops.sqrt, positive(2, 3)),
  reciprocal: unary(ops.reciprocal, positive(2, 3)),
  relu: unary(ops.relu),
  sigmoid: unary(ops.sigmoid),
  tanh: unary(ops.tanh),
  sin: unary(ops.sin),
  cos: unary(ops.cos),
  erf: unary(ops.erf, x(2, 3), { float32: true }),
  expm1: unary(ops.expm1),
  log1p: unary(ops.log1p, positive(2, 3)),
  sqrtFlatAtZero: unary(ops.sqrtFlatAtZero, positive(2, 3)),
  trunc: unary(ops.trunc),
  clamp: [
    ...unary((a) => ops.clamp(a, -0.7, 1.2)),
    ...unary((a) => ops.clamp(a, null, 0.3)),
    ...unary((a) => ops.clamp(a, -0.3, null)),
  ],
  floor: unary(ops.floor),
  ceil: unary(ops.ceil),
  round: unary(ops.round),
  step: unary(ops.step),
  isNaN: unary(ops.isNaN, x(2, 3), { constant: true }),
  logicalNot: unary(ops.logicalNot, boolean(4), { constant: true }),
  leakyRelu: unary((a) => ops.leakyRelu(a, 0.1)),
  cast: [
    ...unary((a) => ops.cast(a, "float64"), x(2, 3), { float32: true }),
    ...unary((a) => ops.cast(a, "int32"), x(4), { constant: true }),
    ...unary((a) => ops.cast(a, "bool"), x(4), { constant: true }),
  ],
  add: binary(ops.add),
  sub: binary(ops.sub),
  mul: binary(ops.mul),
  div: binary(ops.div, positives),
  pow: binary(ops.pow, positives),
  xlogy: binary(ops.xlogy, positives),
  fmod: binary(ops.fmod, divisions, { float32: true }),
  remainder: binary(ops.remainder, divisions, { float32: true }),
  floorDivide: binary(ops.floorDivide, divisions, { constant: true, float32: true }),
  atan2: binary(ops.atan2, broadcasts, { float32: true }),
  hypot: binary(ops.hypot),
  copySign: binary(ops.copySign),
  maximum: binary(ops.maximum, distincts),
  minimum: binary(ops.minimum, distincts),
  equal: binary(ops.equal, broadcasts, { constant: true }),
  greater: binary(ops.greater, broadcasts, { constant: true }),
  greaterEqual: binary(ops.greaterEqual, broadcasts, { constant: true }),
  less: binary(ops.less, broadcasts, { constant: true }),
  lessEqual: binary(ops.lessEqual, broadcasts, { constant: true }),
  logicalAnd: binary(ops.logicalAnd, [[boolean(3), boolean(2, 3)]], { constant: true }),
  logicalOr: binary(ops.logicalOr, [[boolean(3), boolean(2, 3)]], { constant: true }),
  where: each(
    [[boolean(2, 3), x(2, 3), x(3)], [boolean(3), x(2, 1), x()]],
    ([condition, a, b]) => ops.where(condition, a, b),
  ),

  sum: over(axes, [x(2, 3, 2)], ([a], o) => ops.sum(a, o)),
  mean: over(axes, [x(2, 3, 2)], ([a], o) => ops.mean(a, o)),
  max: over(axes, [distinct(2, 3, 2)], ([a], o) => ops.max(a, o)),
  min: over(axes, [distinct(2, 3, 2)], ([a], o) => ops.min(a, o)),
  variance: [
    ...over(axes, [x(2, 3, 2)], ([a], o) => ops.variance(a, o)),
    ...over(axes, [x(2, 3, 2)], ([a], o) => ops.variance(a, { ...o, correction: 1 })),
  ],
  logSumExp: over(axes, [x(2, 3, 2)], ([a], o) => ops.logSumExp(a, o)),
  prod: over(axes, [positive(2, 3, 2)], ([a], o) => ops.prod(a, o)),
  argMax: over([0, -1], [distinct(3, 4)], ([a], axis) => ops.argMax(a, axis), { constant: true }),
  argMin: over([0, -1], [distinct(3, 4)], ([a], axis) => ops.argMin(a, axis), { constant: true }),
  softmax: over([0, -1], [x(3, 4)], ([a], axis) => ops.softmax(a, axis)),
  logSoftmax: over([0, -1], [x(3, 4)], ([a], axis) => ops.logSoftmax(a, axis)),
  sumTo: over(
    [[3], [2, 1], []],
    [x(4, 2, 3)],
    ([a], shape) => ops.sumTo(a, [...new Array(3 - shape.length).fill(1), ...shape]),
  ),

  reshape: over([[6], [3, -1], [1, 2, 3]], [x(2, 3)], ([a], shape) => ops.reshape(a, shape)),
  transpose: [
    ...over([[1, 0, 2], [2, 0, 1]], [x(2, 3, 4)], ([a], order) => ops.transpose(a, order)),
    ...each([[x(2, 3)]], ([a]) => ops.transpose(a)),
  ],
  slice: [
    ...each([[x(4, 5)]], ([a]) => ops.slice(a, [1, 0], [3, 4])),
    ...each([[x(5, 6)]], ([a]) => ops.slice(a, [0, 1], [5, 6], [2, 3])),
    ...each([[x(6)]], ([a]) => ops.slice(a, [1], [5], [2])),
  ],
  dilate: [
    ...each([[x(2, 3)]], ([a]) => ops.dilate(a, [4, 6], [0, 0], [2, 2])),
    ...each([[x(3, 2)]], ([a]) => ops.dilate(a, [7, 6], [1, 2], [2, 3])),
    ...each([[x(3)]], ([a]) => ops.dilate(a, [5], [2], [1])),
  ],
  concat: over([0, 1, -1], [x(2, 3), x(2, 3)], (list, axis) => ops.concat(list, axis)),
  pad: each([[x(2, 3)]], ([a]) => ops.pad(a, [1, 0], [0, 2], 2)),
  expand: over([[2, 3], [4, 2, 3]], [x(2, 1)], ([a], shape) => ops.expand(a, shape)),
  gather: [
    ...over([0, 1, 2], [x(3, 3, 3)], ([a], axis) => ops.gather(a, long([2, 0, 2, -1]), axis)),
    ...each([[x(4, 2)]], ([a]) => ops.gather(a, long([0, 3, 3, 1], [2, 2]), 0)),
  ],
  gatherElements: over(
    [0, 1],
    [x(3, 2)],
    ([a], axis) => ops.gatherElements(a, long([0, 1, 1, -1, 1, 0], [3, 2]), axis),
  ),
  scatterAdd: each(
    [[x(4, 2), x(3, 2)]],
    ([a, u]) => ops.add(a, ops.scatterAdd(a, long([1, 3, 1]), u)),
  ),
  scatterElementsAdd: over(
    [0, 1],
    [x(3, 2), x(3, 2)],
    ([a, u], axis) =>
      ops.add(a, ops.scatterElementsAdd(a, long([0, 1, 1, 1, 1, 0], [3, 2]), u, axis)),
  ),
  scatterRows: each([[x(4, 2), x(2, 2)]], ([a, u]) => ops.scatterRows(a, long([3, 1]), u)),
  tile: over([[2, 1], [3, 2]], [x(2, 3)], ([a], repeats) => ops.tile(a, repeats)),
  withinRange: each(
    [[x(4, 2)]],
    ([a]) => ops.gather(a, ops.withinRange("rows", long([0, 3, 3]), { to: 3 }), 0),
  ),
  gatherNd: [
    ...each([[x(3, 4)]], ([a]) => ops.gatherNd(a, long([2, 0, 0, 3, 2, 0], [3, 2]))),
    ...each([[x(3, 4)]], ([a]) => ops.gatherNd(a, long([2, 0, 2], [3, 1]))),
  ],
  scatterNdAdd: each(
    [[x(3, 4), x(3)]],
    ([a, u]) => ops.scatterNdAdd(a, long([2, 0, 0, 3, 2, 0], [3, 2]), u),
  ),
  scatterNd: each(
    [[x(3, 4), x(2, 4)]],
    ([a, u]) => ops.scatterNd(a, long([2, 0], [2, 1]), u),
  ),
  copy: unary(ops.copy),

  einsum: [
    ...each([[x(2, 3), x(3, 4)]], (list) => ops.einsum(list, "ij,jk->ki")),
    ...each([[x(2, 3, 4), x(2, 4)]], (list) => ops.einsum(list, "bij, bj -> bi")),
    ...each([[x(2, 3), x(4)]], (list) => ops.einsum(list, "ij,k->i")),
    ...each([[x(2, 3, 2)]], (list) => ops.einsum(list, "abc->ca")),
  ],
  fourier: over([false, true], [x(2, 5, 2)], ([a], inverse) => ops.fourier(a, inverse)),
  matmul: [
    ...each(
      [
        [x(2, 3), x(3, 4)],
        [x(5, 2, 3), x(5, 3, 2)],
        [x(4, 2, 3), x(3, 2)],
        [x(3), x(3, 2)],
        [
          x(2, 3),
          x(3),
        ],
        [x(3), x(3)],
        [x(1, 2, 3), x(4, 3, 2)],
      ],
      ([a, b]) => ops.matmul(a, b),
    ),
    ...each([[x(3, 2), x(3, 4)]], ([a, b]) => ops.matmul(a, b, true)),
    ...each([[x(2, 3), x(4, 3)]], ([a, b]) => ops.matmul(a, b, false, true)),
    ...each([[x(3, 2), x(4, 3)]], ([a, b]) => ops.matmul(a, b, true, true)),
    ...each([[x(2, 3, 2), x(2, 4, 3)]], ([a, b]) => ops.matmul(a, b, true, true)),
  ],
};

/** Exports of onnx/ops that are no functions from arrays to an array. */
export const notOps = new Set([
  "AVERAGE_POOL",
  "HARDTANH",
  "MAX_POOL",
  "UNPOOL",
  "RESHAPE",
  "TRANSPOSE",
  "averagePoolByConvolution",
  "checkIndexType",
  "divisor",
  "inversePermutation",
  "safeQuotient",
  "uniformAt",
  "windowCount",
  "windowSpan",
  "RandomStream",
  "checkRandomState",
  // Tested in random_test.ts: it has no numeric input.
  "uniform",
]);
