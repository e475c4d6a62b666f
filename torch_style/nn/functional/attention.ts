/**
 * Attention: means of values, weighted by how well their keys match a query.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { constant, isFloating, type LazyArray, ops, showShape } from "../../../onnx/mod.ts";
import { apply } from "../../autograd/apply.ts";
import { checkProbability, dropMask } from "./dropout.ts";

/** Options of {@linkcode scaledDotProductAttention}. */
export interface AttentionOptions {
  /** Which keys a query sees (bool, true: sees it), or values added to the scores; broadcast to [..., l, s]. */
  readonly attnMask?: Tensor | null;
  /** Probability of dropping a weight, 0 unless given; applies always, so give 0 at evaluation. */
  readonly dropoutP?: number;
  /** Whether query i sees keys 0 to i only. */
  readonly isCausal?: boolean;
  /** What scores are multiplied with; 1 / sqrt(e) unless given. */
  readonly scale?: number | null;
}

const SCALED_DOT_PRODUCT_ATTENTION = signature(
  "scaledDotProductAttention",
  ["query", tensorKind],
  ["key", tensorKind],
  ["value", tensorKind],
  ["attnMask", kinds.nullable(tensorKind), undefined],
  ["dropoutP", kinds.number, undefined],
  ["isCausal", kinds.boolean, undefined],
  "*",
  ["scale", kinds.nullable(kinds.number), undefined],
);

/**
 * softmax(query keyᵀ scale) value.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
 *
 * @param query [..., l, e]
 * @param key [..., s, e]
 * @param value [..., s, v]
 * @returns [..., l, v]
 * @throws {Error} if the shapes do not fit, or both a mask and `isCausal` are given.
 */
export function scaledDotProductAttention(
  ...given: Call<
    typeof SCALED_DOT_PRODUCT_ATTENTION,
    AttentionOptions,
    [query: Tensor, key: Tensor, value: Tensor]
  >
): Tensor {
  const { query, key, value, attnMask = null, dropoutP = 0, isCausal = false, scale = null } =
    SCALED_DOT_PRODUCT_ATTENTION.read(given);
  checkShapes(query, key, value);
  checkProbability(dropoutP);
  if (attnMask && isCausal) {
    throw new Error("scaledDotProductAttention: explicit attnMask should not be set when isCausal");
  }
  const [l, s] = [query.shape.at(-2)!, key.shape.at(-2)!];
  const leading = longest([query, key].map((tensor) => tensor.shape.slice(0, -2)));
  const dropped = dropoutP > 0 ? dropMask(dropoutP, [...leading, l, s], query.dtype) : null;
  const inputs = attnMask ? [query, key, value, attnMask] : [query, key, value];
  return apply("ScaledDotProductAttention", inputs, ([q, k, v, given]) => {
    const factor = constant(scale ?? 1 / Math.sqrt(q.shape.at(-1)!), q.dtype);
    const scores = ops.matmul(ops.mul(q, factor), k, false, true);
    const mask = isCausal ? causalMask(l, s) : given;
    const weights = mask ? weightsOf(masked(scores, mask)) : ops.softmax(scores, -1);
    return ops.matmul(dropped ? ops.mul(weights, dropped) : weights, v);
  });
}

function checkShapes(query: Tensor, key: Tensor, value: Tensor): void {
  const fits = [query, key, value].every((tensor) => tensor.ndim >= 2) &&
    query.shape.at(-1) === key.shape.at(-1) && key.shape.at(-2) === value.shape.at(-2);
  if (fits) return;
  throw new Error(
    `scaledDotProductAttention: expected query [..., l, e], key [..., s, e] and value [..., s, v], got ` +
      [query, key, value].map((tensor) => showShape(tensor.shape)).join(", "),
  );
}

function longest(shapes: readonly (readonly number[])[]): readonly number[] {
  return shapes.reduce((a, b) =>
    a.length >= b.length ? a.map((n, i) => Math.max(n, b[i] ?? 1)) : b
  );
}

/** True where query i may see key j: j is not later. */
function causalMask(queries: number, keys: number): LazyArray {
  const sees = Array.from({ length: queries * keys }, (_, k) => k % keys <= Math.floor(k / keys));
  return constant(sees.map(Number), "bool", [queries, keys]);
}

/** Softmax of rows, and nothing for queries that see no key, as in PyTorch since 2.5. */
export function weightsOf(scores: LazyArray): LazyArray {
  const none = constant(0, scores.dtype);
  const endless = constant(-Infinity, scores.dtype);
  const blind = ops.equal(ops.max(scores, { axes: -1, keepDims: true }), endless);
  return ops.where(blind, none, ops.softmax(ops.where(blind, none, scores), -1));
}

/** Scores where the mask is true, minus infinity elsewhere; or scores plus a mask of values. */
export function masked(scores: LazyArray, mask: LazyArray): LazyArray {
  if (isFloating(mask.dtype)) return ops.add(scores, ops.cast(mask, scores.dtype));
  return ops.where(mask, scores, constant(-Infinity, scores.dtype));
}
