/**
 * min(max(x, 0), c) is a clip, which ONNX Runtime computes within the convolution before it: relu6 of an exported file otherwise
 * leaves and enters the layout of blocked channels around each.
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { hardtanh, relu } from "../ops/activation.ts";
import { minimum } from "../ops/comparison.ts";
import { array, named, node, rule } from "./pattern.ts";

/** A relu that nothing but the cap reads: where gradients are asked for, its mask does. */
export const cappedRelu = rule(
  node(minimum.op, [
    named("positive", node(relu.op, [array("x")])),
    array("cap", isPositiveNumber),
  ]),
  ({ positive, x, cap }, uses) =>
    uses(positive.array) === 1 ? [hardtanh(x, 0, Number(cap.buffer.data[0]))] : undefined,
);

function isPositiveNumber(array: LazyArray): boolean {
  const { isConstant, shape, dtype } = array;
  return isConstant && shape.length === 0 && dtype === "float32" &&
    Number(array.buffer.data[0]) > 0;
}
