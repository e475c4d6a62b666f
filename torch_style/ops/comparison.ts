/**
 * Comparisons and logic: results are booleans, gradients end here. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#comparison-ops
 * @module
 */
import { type Call, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import { isFloating, type LazyArray, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { type Binary, binaryInto } from "./operand_arguments.ts";
import { deliver, type OutOption } from "./out.ts";
import { promoted } from "./type_promotion.ts";

function comparison(name: string, compute: (a: LazyArray, b: LazyArray) => LazyArray): Binary {
  return binaryInto(name, (input, other) => {
    const [a, b] = promoted(input, other);
    return new Tensor(compute(a.array, b.array));
  });
}

/** input = other */
export const eq: Binary = comparison("eq", ops.equal);
/** input ≠ other */
export const ne: Binary = comparison("ne", (a, b) => ops.logicalNot(ops.equal(a, b)));
/** input > other */
export const gt: Binary = comparison("gt", ops.greater);
/** input ≥ other */
export const ge: Binary = comparison("ge", ops.greaterEqual);
/** input < other */
export const lt: Binary = comparison("lt", ops.less);
/** input ≤ other */
export const le: Binary = comparison("le", ops.lessEqual);

function logic(
  name: string,
  compute: (a: LazyArray, b: LazyArray) => LazyArray,
): Binary<Tensor> {
  return binaryInto<Tensor>(
    name,
    (input, other) => new Tensor(compute(booleans(input), booleans(other))),
  );
}

/** Whether each element is not zero. */
function booleans(x: Tensor): LazyArray {
  return ops.cast(x.array, "bool");
}

/** Both are not zero */
export const logicalAnd: Binary<Tensor> = logic("logicalAnd", ops.logicalAnd);
/** One or both are not zero */
export const logicalOr: Binary<Tensor> = logic("logicalOr", ops.logicalOr);
/** Just one is not zero */
export const logicalXor: Binary<Tensor> = logic(
  "logicalXor",
  (a, b) => ops.logicalNot(ops.equal(a, b)),
);

const LOGICAL_NOT = signature("logicalNot", ["input", tensorKind], "*", [
  "out",
  tensorKind,
  undefined,
]);

/** Whether each element is zero. */
export function logicalNot(...given: Call<typeof LOGICAL_NOT, OutOption, [input: Tensor]>): Tensor {
  const { input, ...options } = LOGICAL_NOT.read(given);
  return deliver(new Tensor(ops.logicalNot(booleans(input))), options);
}

const ISNAN = signature("isnan", ["input", tensorKind]);

/** Whether each element is "not a number". */
export function isnan(...given: Call<typeof ISNAN, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = ISNAN.read(given);
  return isFloating(input.dtype) ? new Tensor(ops.isNaN(input.array)) : input.ne(input);
}

const methods = {
  eq,
  ne,
  gt,
  ge,
  lt,
  le,
  logicalAnd,
  logicalOr,
  logicalXor,
  logicalNot,
  isnan,
};

declare module "../tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}

defineMethods(methods);
