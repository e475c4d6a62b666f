/**
 * Maximum pooling where a provider does not tell where the maxima lay: the window's elements are compared one after the
 * other, each a block of the (padded) input in the stride's steps. Of equal largest elements the first counts, of several
 * NaN the last, as everywhere.
 * @module
 */
import { type DType, floatLimits, isFloating, lowestOf, memoryType } from "../../dtype.ts";
import { constant, type LazyArray } from "../../lazy_array.ts";
import { applyOp } from "../../op.ts";
import { add } from "../../ops/arithmetic.ts";
import { greater, isNaN, logicalOr, where } from "../../ops/comparison.ts";
import { like } from "../../ops/elementwise.ts";
import { pad, slice } from "../../ops/movement.ts";
import { MAX_POOL, type PoolAttributes, UNPOOL } from "../../ops/pooling.ts";
import { windowElements } from "../../ops/window.ts";
import { sizeOf } from "../../shape.ts";
import type { NamedRules } from "../apply_rules.ts";
import { array, node, rule } from "../pattern.ts";

/** What never wins. Not -Infinity: a window of nothing else still tells where its first element lay. */
function lowest(dtype: DType): number {
  return isFloating(dtype) ? -floatLimits("float32").max : lowestOf(dtype);
}

/** Poolings of which somebody reads the indices. */
export const poolingByComparison = rule(
  node(MAX_POOL, [array("x")]),
  ({ root: { attributes, outputUses: [, usesOfIndices] }, x }) =>
    usesOfIndices === 0 ? undefined : comparison(x, attributes),
);

/** Poolings of element types without a kernel. @param has whether the provider has one */
export function poolingOfMissingTypes(has: (key: string, dtype: string) => boolean): NamedRules {
  const lacks = ({ dtype }: LazyArray) => !has("MaxPool", memoryType(dtype));
  const pattern = node(MAX_POOL, [array("x", lacks)]);
  return {
    typedPoolingByComparison: rule(
      pattern,
      ({ root: { attributes }, x }) => comparison(x, attributes),
    ),
  };
}

/** The maxima, and where they lie. */
function comparison(x: LazyArray, window: PoolAttributes): [LazyArray, LazyArray] {
  const [{ shape: [n, c, ...outputs] }] = MAX_POOL.infer([x], window);
  const candidates = elementsOf(x, window, outputs);
  let [best, at] = [candidates[0].values, candidates[0].positions];
  for (const { values, positions } of candidates.slice(1)) {
    const isBetter = greater(values, best);
    const wins = window.ignoresNaN || !isFloating(x.dtype)
      ? isBetter
      : logicalOr(isBetter, isNaN(values));
    best = where(wins, values, best);
    at = where(wins, positions, at);
  }
  const size = sizeOf(x.shape.slice(2));
  const planes = Array.from({ length: n * c }, (_, i) => i * size);
  return [best, add(at, constant(planes, "int64", [n, c, ...outputs.map(() => 1)]))];
}

/** For each element of the window what it meets, and where that lies in its plane; beyond the edge at the nearest element. */
function elementsOf(x: LazyArray, window: PoolAttributes, outputs: readonly number[]) {
  const { kernel, stride, padding, dilation, ignoresNaN } = window;
  const [, , ...sizes] = x.shape;
  const rank = kernel.length;
  const reach = outputs.map((count, i) =>
    (count - 1) * stride[i] + (kernel[i] - 1) * dilation[i] + 1
  );
  const before = padding.slice(0, rank);
  const after = reach.map((length, i) => Math.max(0, length - sizes[i] - before[i]));
  const isNumber = !ignoresNaN || !isFloating(x.dtype);
  const numbers = isNumber ? x : where(isNaN(x), like(x, lowest(x.dtype)), x);
  const padded = pad(numbers, [0, 0, ...before], [0, 0, ...after], lowest(x.dtype));
  return windowElements(kernel).map((element) => {
    const begin = element.map((k, i) => k * dilation[i]);
    const end = begin.map((b, i) => b + (outputs[i] - 1) * stride[i] + 1);
    const values = slice(padded, [0, 0, ...begin], [...x.shape.slice(0, 2), ...end], [
      1,
      1,
      ...stride,
    ]);
    const along = outputs.map((count, i) =>
      Array.from(
        { length: count },
        (_, k) => Math.min(Math.max(begin[i] + k * stride[i] - before[i], 0), sizes[i] - 1),
      )
    );
    const flat = along.reduce<number[]>(
      (all, axis, i) => all.flatMap((a) => axis.map((b) => a * sizes[i] + b)),
      [0],
    );
    return { values, positions: constant(flat, "int64", [1, 1, ...outputs]) };
  });
}

/** The gradient of a pooling for providers without MaxUnpool: it adds to where the maxima lay. */
export const unpoolingByScatter = rule(
  node(UNPOOL, undefined, { where: ({ attributes }) => !attributes.overlapping }),
  ({ root: { op, inputs, attributes } }) =>
    applyOp(op, inputs, { ...attributes, overlapping: true }),
);
