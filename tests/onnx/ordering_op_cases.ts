/** Cases of the ops of trigonometry.ts, sorting.ts, cumulative.ts, scattering.ts and bitwise.ts; see op_cases.ts. */
import { constant, type LazyArray, ops } from "../../onnx/mod.ts";
import { distinct, type OpCase, x } from "./op_case.ts";

/** Elements as the function wants them, computed from any. */
function float32(
  f: (x: LazyArray) => LazyArray,
  prepare: (x: LazyArray) => LazyArray = (x) => x,
): OpCase[] {
  return [[2, 3], []].map((shape) => ({
    inputs: [{ shape }],
    call: ([a]) => f(prepare(a)),
    float32: true,
  }));
}

/** Inside (-1, 1). */
const inside = (a: LazyArray) => ops.tanh(ops.div(a, ops.add(ops.abs(a), ops.exp(a))));
/** Above 1. */
const above = (a: LazyArray) => ops.add(ops.exp(a), ops.exp(ops.neg(a)));
const integer = (a: LazyArray) =>
  ops.cast(ops.mul(a, ops.exp(ops.cast(ops.abs(a), a.dtype))), "int64");

const bitwise = (f: (a: LazyArray, b: LazyArray) => LazyArray): OpCase[] => [
  { inputs: [x(2, 3), x(3)], call: ([a, b]) => f(integer(a), integer(b)), constant: true },
];

/** By the name under which the op is exported. */
export const orderingOpCases: Readonly<Record<string, readonly OpCase[]>> = {
  tan: float32(ops.tan, inside),
  asin: float32(ops.asin, inside),
  acos: float32(ops.acos, inside),
  atan: float32(ops.atan),
  sinh: float32(ops.sinh),
  cosh: float32(ops.cosh),
  asinh: float32(ops.asinh),
  acosh: float32(ops.acosh, above),
  atanh: float32(ops.atanh, inside),
  topK: [
    { inputs: [distinct(3, 4)], call: ([a]) => ops.topK(a, 2)[0] },
    { inputs: [distinct(3, 4)], call: ([a]) => ops.topK(a, 3, { axis: 0, largest: false })[0] },
    { inputs: [distinct(3, 4)], call: ([a]) => ops.topK(a, 4)[1], constant: true },
  ],
  cumSum: [
    { inputs: [x(3, 4)], call: ([a]) => ops.cumSum(a, 1) },
    { inputs: [x(2, 3, 2)], call: ([a]) => ops.cumSum(a, -2, { reverse: true }) },
    { inputs: [x(3, 4)], call: ([a]) => ops.cumSum(a, 0, { exclusive: true }) },
    {
      inputs: [x(2, 4)],
      call: ([a]) => ops.cumSum(a, 1, { exclusive: true, reverse: true }),
    },
  ],
  scatterElements: (["none", "mul", "max", "min"] as const).map((reduction) => ({
    inputs: [distinct(4, 2), { shape: [2, 2], kind: "positive" }],
    call: ([a, u]) =>
      ops.scatterElements(
        ops.add(a, constant(0.3, a.dtype)),
        constant([1, 0, 3, 2], "int64", [2, 2]),
        u,
        0,
        reduction,
      ),
  })),
  bitwiseAnd: bitwise(ops.bitwiseAnd),
  bitwiseOr: bitwise(ops.bitwiseOr),
  bitwiseXor: bitwise(ops.bitwiseXor),
  bitwiseNot: [{ inputs: [x(2, 3)], call: ([a]) => ops.bitwiseNot(integer(a)), constant: true }],
};
