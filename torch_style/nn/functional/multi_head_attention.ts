/**
 * Attention of several heads, each over a part of the features.
 * @module
 */
import { constant, isFloating, type LazyArray, ops, showShape } from "../../../onnx/mod.ts";
import { kind, kinds, signature } from "../../arguments.ts";
import { applyMany } from "../../autograd/apply.ts";
import { Tensor, tensorKind } from "../../tensor.ts";
import { masked, weightsOf } from "./attention.ts";
import { dropMask } from "./dropout.ts";
import { project } from "./linear.ts";

/** What multi-head attention learns; e are the features of queries and of the result. */
export interface MultiHeadWeights {
  /** [3 e, e], for queries, keys and values; or three matrices [e, ...]. */
  readonly inProjection: Tensor | readonly [Tensor, Tensor, Tensor];
  /** [3 e] */
  readonly inBias: Tensor | null;
  /** [e, e] */
  readonly outWeight: Tensor;
  /** [e] */
  readonly outBias: Tensor | null;
  /** One more key [1, 1, e]. */
  readonly keyBias?: Tensor | null;
  /** One more value [1, 1, e]. */
  readonly valueBias?: Tensor | null;
}

/** Options of {@linkcode multiHeadAttention}. */
export interface MultiHeadOptions {
  readonly numHeads: number;
  /** Which keys of each sample count for nothing [n, s]: true, or values added to the scores. */
  readonly keyPaddingMask?: Tensor | null;
  /** Which keys a query does not see (true), or values added to the scores: [l, s] or [n heads, l, s]. */
  readonly attnMask?: Tensor | null;
  /** One more key and value of zeros. */
  readonly addZeroAttn?: boolean;
  /** Probability of dropping a weight. */
  readonly dropoutP?: number;
  /** Whether weights are asked for; if not, a query that sees no key gets zeros and not NaN. True unless given. */
  readonly needWeights?: boolean;
}

const MULTI_HEAD_WEIGHTS = signature(
  "multiHeadAttention weights",
  "*",
  ["inProjection", kinds.either(tensorKind, kinds.listOf(tensorKind))],
  ["inBias", kinds.nullable(tensorKind)],
  ["outWeight", tensorKind],
  ["outBias", kinds.nullable(tensorKind)],
  ["keyBias", kinds.nullable(tensorKind), null],
  ["valueBias", kinds.nullable(tensorKind), null],
);

const MULTI_HEAD = signature(
  "multiHeadAttention",
  ["query", tensorKind],
  ["key", tensorKind],
  ["value", tensorKind],
  [
    "weights",
    kind<MultiHeadWeights>(
      "an object of weights",
      (value) => typeof value === "object" && value !== null && !(value instanceof Tensor),
    ),
  ],
  ["numHeads", kinds.integer],
  "*",
  ["keyPaddingMask", kinds.nullable(tensorKind), null],
  ["attnMask", kinds.nullable(tensorKind), null],
  ["addZeroAttn", kinds.boolean, false],
  ["dropoutP", kinds.number, 0],
  ["needWeights", kinds.boolean, true],
);

/**
 * Multi-head attention of batches, batch first (Vaswani et al. 2017).
 *
 * @param query [n, l, e]
 * @param key [n, s, ...]
 * @param value [n, s, ...]
 * @returns the result [n, l, e] and the weights of all heads [n, heads, l, s]
 */
export function multiHeadAttention(
  ...given: [
    query: Tensor,
    key: Tensor,
    value: Tensor,
    weights: MultiHeadWeights,
    options: MultiHeadOptions,
  ]
): [output: Tensor, weights: Tensor] {
  const { query, key, value, weights: learned, ...options } = MULTI_HEAD.read(given);
  const [n, l] = query.shape;
  const { keyBias, valueBias, inProjection, inBias, outWeight, outBias } = MULTI_HEAD_WEIGHTS
    .read([learned]);
  const extra = (keyBias ? 1 : 0) + (options.addZeroAttn ? 1 : 0);
  const s = key.shape[1] + extra;
  const { numHeads, dropoutP, attnMask, keyPaddingMask } = options;
  checkMasks(n, numHeads, l, key.shape[1], attnMask, keyPaddingMask);
  const dropped = dropoutP > 0 ? dropMask(dropoutP, [n, numHeads, l, s], query.dtype) : null;
  const tensorsByName = {
    query,
    key,
    value,
    inWeights: inProjection,
    inBias,
    outWeight,
    outBias,
    keyBias,
    valueBias,
    attnMask,
    keyPaddingMask,
  };
  const names = Object.entries(tensorsByName).flatMap(([name, tensors]) =>
    [tensors].flat().flatMap((tensor) => tensor ? [{ name, tensor: tensor as Tensor }] : [])
  );
  const [output, all] = applyMany("MultiHeadAttention", names.map((e) => e.tensor), (arrays) => {
    const all = (name: string) => arrays.filter((_, i) => names[i].name === name);
    const one = (name: keyof typeof tensorsByName): LazyArray | undefined => all(name)[0];
    const same = query === key && key === value;
    const inputs = [one("query")!, one("key")!, one("value")!] as const;
    const [q, k, v] = projected(inputs, same, all("inWeights"), one("inBias"));
    const keys = heads(withMore(k, one("keyBias"), options), numHeads, [0, 2, 3, 1]);
    const values = heads(withMore(v, one("valueBias"), options), numHeads, [0, 2, 1, 3]);
    const scale = constant(1 / Math.sqrt(q.shape[2] / numHeads), q.dtype);
    const queries = heads(ops.mul(q, scale), numHeads, [0, 2, 1, 3]);
    let scores = ops.matmul(queries, keys);
    const padding = one("keyPaddingMask");
    if (padding) scores = maskedOut(scores, ops.reshape(padding, [n, 1, 1, s - extra]), extra);
    const mask = one("attnMask");
    if (mask) {
      const shape = mask.shape.length === 3 ? [n, numHeads, l, s - extra] : mask.shape;
      scores = maskedOut(scores, ops.reshape(mask, shape), extra);
    }
    const mayBeBlind = !options.needWeights && extra === 0 && (padding || mask);
    const shares = mayBeBlind ? weightsOf(scores) : ops.softmax(scores, -1);
    const used = dropped ? ops.mul(shares, dropped) : shares;
    const joined = ops.reshape(ops.transpose(ops.matmul(used, values), [0, 2, 1, 3]), q.shape);
    return [project(joined, one("outWeight")!, one("outBias")), used];
  });
  return [output, all];
}

function checkMasks(
  n: number,
  numHeads: number,
  l: number,
  s: number,
  attnMask: Tensor | null,
  keyPaddingMask: Tensor | null,
): void {
  const expected = attnMask?.ndim === 3 ? [n * numHeads, l, s] : [l, s];
  if (attnMask && showShape(attnMask.shape) !== showShape(expected)) {
    throw new Error(
      `The shape of the ${attnMask.ndim}D attn_mask is ${
        showShape(attnMask.shape)
      }, but should be ` +
        `${showShape(expected)}.`,
    );
  }
  if (keyPaddingMask && showShape(keyPaddingMask.shape) !== showShape([n, s])) {
    throw new Error(
      `The shape of the key_padding_mask is ${showShape(keyPaddingMask.shape)}, but should be ` +
        `${showShape([n, s])}.`,
    );
  }
}

/** Queries, keys and values [n, l or s, e]. */
function projected(
  [query, key, value]: readonly [LazyArray, LazyArray, LazyArray],
  same: boolean,
  weights: readonly LazyArray[],
  bias: LazyArray | undefined,
): LazyArray[] {
  const width = weights[0].shape[0] / (weights.length === 1 ? 3 : 1);
  const part = (x: LazyArray, axis: number, i: number) =>
    ops.slice(
      x,
      x.shape.map((_, k) => k === axis ? i * width : 0),
      x.shape.map((dimension, k) => k === axis ? (i + 1) * width : dimension),
    );
  if (same && weights.length === 1) {
    const all = project(query, weights[0], bias);
    return [0, 1, 2].map((i) => part(all, 2, i));
  }
  return [query, key, value].map((x, i) =>
    project(x, weights.length === 1 ? part(weights[0], 0, i) : weights[i], bias && part(bias, 0, i))
  );
}

/** Keys or values with a learned one and one of zeros after them. */
function withMore(
  x: LazyArray,
  bias: LazyArray | undefined,
  { addZeroAttn = false }: MultiHeadOptions,
): LazyArray {
  const [n, , e] = x.shape;
  const more = [x];
  if (bias) more.push(ops.expand(bias, [n, 1, e]));
  if (addZeroAttn) more.push(ops.expand(constant(0, x.dtype, [1, 1, 1]), [n, 1, e]));
  return ops.concat(more, 1);
}

/** [n, l, e] as [n, l, heads, e / heads], with the axes in another order. */
function heads(x: LazyArray, numHeads: number, order: readonly number[]): LazyArray {
  const [n, l, e] = x.shape;
  return ops.transpose(ops.reshape(x, [n, l, numHeads, e / numHeads]), order);
}

/** Scores where the mask is not true, or with its values added. Keys that were added after it count. */
function maskedOut(scores: LazyArray, mask: LazyArray, extra: number): LazyArray {
  const none = mask.shape.map(() => 0);
  const after = none.with(-1, extra);
  if (isFloating(mask.dtype)) return masked(scores, ops.pad(mask, none, after));
  const sees = ops.logicalNot(mask);
  if (extra === 0) return masked(scores, sees);
  const padded = ops.pad(ops.cast(sees, "int32"), none, after, 1);
  return masked(scores, ops.cast(padded, "bool"));
}
