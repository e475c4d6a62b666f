/**
 * Elements written to, or folded into, indices known only when the graph runs.
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, failShape, type Op } from "../op.ts";
import { normalizeAxis, sameShape, showShape, sizeOf } from "../shape.ts";
import { add, div, mul } from "./arithmetic.ts";
import { equal, logicalAnd, where } from "./comparison.ts";
import { like, zerosLike } from "./elementwise.ts";
import { checkIndexType, gatherElements, scatterElementsAdd } from "./indexing.ts";
import { cast } from "./rounding.ts";
import { foldingScatter } from "./scatter_node.ts";

/** How an element and what is there become one. */
export type ScatterReduction = "none" | "mul" | "max" | "min";

interface ScatterAttributes {
  readonly [name: string]: number | string;
  readonly axis: number;
  readonly reduction: ScatterReduction;
}

const SCATTER_ELEMENTS: Op<ScatterAttributes> = {
  name: "ScatterElements",
  infer: ([x, indices, updates], { axis }) => {
    checkIndexType("scatterElements", indices);
    const fits = sameShape(indices.shape, updates.shape) && x.dtype === updates.dtype &&
      indices.shape.length === x.shape.length &&
      indices.shape.every((n, i) => i === axis || n <= x.shape[i]);
    if (!fits) {
      failShape(
        "scatterElements",
        `updates ${updates.dtype}${showShape(updates.shape)} at indices ${
          showShape(indices.shape)
        } do not fit ${x.dtype}${showShape(x.shape)} along axis ${axis}`,
      );
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  flops: ([, , updates], _, { reduction }) => reduction === "none" ? 0 : sizeOf(updates.shape),
  lower: (writer, inputs, { axis, reduction }, { inputs: [{ dtype }] }) => [
    foldingScatter(writer, { op: "ScatterElements", axis, reduction }, inputs, dtype),
  ],
  gradient: ({ inputs, outputs: [y], attributes, upstream: [dy] }) => {
    const [x, indices, updates] = inputs;
    const { axis, reduction } = attributes;
    const [dx, du] = RULES[reduction](x, indices, updates, y, dy!, axis);
    return [dx, null, du];
  },
};

type Rule = (
  x: LazyArray,
  indices: LazyArray,
  updates: LazyArray,
  y: LazyArray,
  dy: LazyArray,
  axis: number,
) => [dx: LazyArray, du: LazyArray];

const RULES: Readonly<Record<ScatterReduction, Rule>> = {
  none: (_x, indices, updates, _y, dy, axis) => [
    scatterElements(dy, indices, zerosLike(updates), axis),
    gatherElements(dy, indices, axis),
  ],
  mul: productGradient,
  max: shareAmongEqual,
  min: shareAmongEqual,
};

/** The product of the others: of an element that is the only 0 it is computed without it; where more are 0, none has a gradient. */
function productGradient(
  ...[x, indices, updates, y, dy, axis]: Parameters<Rule>
): ReturnType<Rule> {
  const [one, none] = [like(x, 1), like(x, 0)];
  const isZero = equal(updates, none);
  const zeros = scatterElementsAdd(x, indices, cast(isZero, x.dtype), axis);
  const isOnly = logicalAnd(isZero, equal(gatherElements(zeros, indices, axis), one));
  const given = where(equal(x, none), one, x);
  const withoutZeros = where(isOnly, one, updates);
  const product = (start: LazyArray, factors: LazyArray) =>
    scatterElements(start, indices, factors, axis, "mul");
  const others = div(product(given, updates), given);
  const ofOnly = gatherElements(mul(dy, product(x, withoutZeros)), indices, axis);
  const plain = div(gatherElements(mul(dy, y), indices, axis), where(isZero, one, updates));
  return [mul(dy, others), where(isOnly, ofOnly, plain)];
}

/** All elements that are the extreme take the same share of its gradient. */
function shareAmongEqual(
  ...[x, indices, updates, y, dy, axis]: Parameters<Rule>
): ReturnType<Rule> {
  const own = cast(equal(x, y), x.dtype);
  const come = cast(equal(updates, gatherElements(y, indices, axis)), x.dtype);
  const count = add(own, scatterElementsAdd(x, indices, come, axis));
  const share = div(dy, count);
  return [mul(share, own), mul(gatherElements(share, indices, axis), come)];
}

/**
 * x with `updates` at the indices along an axis (those of {@linkcode gatherElements}), or folded into what is there. Of
 * several updates for one index the last one stays. ONNX operator ScatterElements.
 */
export function scatterElements(
  x: LazyArray,
  indices: LazyArray,
  updates: LazyArray,
  axis: number,
  reduction: ScatterReduction = "none",
): LazyArray {
  return applyOp(SCATTER_ELEMENTS, [x, indices, updates], {
    axis: normalizeAxis("scatterElements", axis, x.shape.length),
    reduction,
  })[0];
}
