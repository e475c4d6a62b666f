/**
 * Products of several matrices, of which a side is transposed: ONNX Runtime's own operator reads it as it lies. Laid out anew by
 * Transpose before, a filter gradient's product takes up to twice as long.
 * @module
 */
import type { LazyArray } from "../../lazy_array.ts";
import { applyOp, type Op } from "../../op.ts";
import { MATMUL, matmul, type TransposeAttributes } from "../../ops/linear_algebra.ts";
import { TRANSPOSE } from "../../ops/movement.ts";
import { computedBy, node, type Rule, rule } from "../pattern.ts";

/** {@linkcode MATMUL} by com.microsoft.FusedMatMul. */
const TRANSPOSED_PRODUCT: Op<TransposeAttributes> = {
  name: "TransposedProduct",
  infer: MATMUL.infer,
  flops: MATMUL.flops,
  lower: (writer, inputs, { transA, transB }) => [
    writer.node("FusedMatMul", inputs, {
      domain: "com.microsoft",
      attributes: { transA, transB },
    }),
  ],
};

/** Products of as many matrices on either side. */
export const transposedProduct: Rule = rule(
  node(MATMUL),
  ({ root: { inputs: [left, right], attributes } }) => {
    const rank = left.shape.length;
    if (left.dtype !== "float32" || rank < 3 || right.shape.length !== rank) return undefined;
    const [a, transA] = beforeSwap(left, attributes.transA);
    const [b, transB] = beforeSwap(right, attributes.transB);
    if (transA || transB) return applyOp(TRANSPOSED_PRODUCT, [a, b], { transA, transB });
    return a !== left || b !== right ? [matmul(a, b)] : undefined;
  },
);

/** What matrices were transposed from, and whether the product has to do it then. */
function beforeSwap(x: LazyArray, isTransposed: boolean): [LazyArray, boolean] {
  const moved = computedBy(TRANSPOSE, x);
  const rank = x.shape.length;
  const swaps = moved?.attributes.permutation.every((axis, i) =>
    axis === (i < rank - 2 ? i : i === rank - 2 ? rank - 1 : rank - 2)
  );
  return swaps ? [moved!.inputs[0], !isTransposed] : [x, isTransposed];
}
