/**
 * Products of few rows with a large matrix that lies transposed, as a dense layer's weights do in PyTorch's idiom and in Keras'
 * gradients, the other way round:
 *
 *   a bᵀ  ->  (b aᵀ)ᵀ
 *
 * ONNX Runtime's kernels lay the second factor out anew at every call and read the first one as it lies: of [32, 3072] by
 * [512, 3072] transposed, fresh from memory, 0.9 instead of 1.6 ms.
 * @module
 */
import { TURNED } from "./costs.ts";
import { add } from "../../ops/arithmetic.ts";
import { MATMUL, matmul } from "../../ops/linear_algebra.ts";
import { transpose } from "../../ops/movement.ts";
import { array, node, type Rule, rule } from "../pattern.ts";

/** Products of two matrices, with a bias or without. */
export const turnedProduct: Rule = rule(
  node(MATMUL),
  ({ root: { inputs: [a, b, ...bias], attributes: { transA, transB } } }) => {
    const isPlain = a.shape.length === 2 && b.shape.length === 2 && a.dtype === "float32";
    const [rows, columns] = [a.shape[transA ? 1 : 0], b.shape[0]];
    if (!isPlain || !transB || rows > TURNED.mostRows || columns <= TURNED.mostRows) {
      return undefined;
    }
    if (b.size < TURNED.fewestElements) return undefined;
    const product = transpose(matmul(b, a, false, !transA), [1, 0]);
    return [bias.reduce((sum, other) => add(sum, other), product)];
  },
);

/**
 * Gradients of weights with fewer inputs than outputs, over many rows, from transposed images too:
 *
 *   aᵀ b  ->  (bᵀ a)ᵀ
 *
 * of [2048, 128] and [2048, 512] 2.2 instead of 2.8 ms. For products that no other rule wants.
 */
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
