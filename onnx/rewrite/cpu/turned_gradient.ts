/**
 * Gradients of weights with fewer inputs than outputs, over many rows, the other way round:
 *
 *   aᵀ b  ->  (bᵀ a)ᵀ
 *
 * ONNX Runtime's kernels lay the second factor out anew, so the smaller one goes there: of [2048, 128] and [2048, 512] 2.2
 * instead of 2.8 ms. Sums are the same to the bit.
 * @module
 */
import { TURNED } from "./costs.ts";
import { MATMUL, matmul } from "../../ops/linear_algebra.ts";
import { transpose } from "../../ops/movement.ts";
import { array, node, type Rule, rule } from "../pattern.ts";

/** Products of two transposed matrices that no other rule wants. */
export const turnedGradient: Rule = rule(
  node(MATMUL, [array("a"), array("b")], {
    where: ({ attributes: { transA, transB } }) => transA && !transB,
  }),
  ({ a, b }) => {
    if (a.shape.length !== 2 || b.shape.length !== 2 || a.dtype !== "float32") return undefined;
    const [rows, narrow] = a.shape;
    const suits = rows >= TURNED.fewestRows && narrow >= TURNED.fewestColumns &&
      2 * narrow <= b.shape[1];
    return suits ? [transpose(matmul(b, a, true, false), [1, 0])] : undefined;
  },
);
