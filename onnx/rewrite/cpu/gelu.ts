/**
 * GELU and its gradient in ten passes over the elements, not fifteen. With t = x / sqrt(2):
 *
 *   y = x (1 + erf(t)) / 2              dx = dy ((1 + erf(t)) / 2 + x exp(-t²) / sqrt(2 pi))
 *
 * What automatic differentiation records has a pass for every factor, and takes each of dx' products by itself. Rules of
 * algebra that make the one of the other, and hold elsewhere as well:
 *
 *   (a / 2) (erf(t) + 1) = a line(erf(t))      a line that is not cut off: erf lies between -1 and 1
 *   s exp(c - u)         = exp(c + ln(s) - u)
 *   a p + (a q) e        = a (p + q e)
 *
 * Where no gradient reads anything of it, GELU is one pass of ONNX Runtime's own.
 * @module
 */
import { flopsPerOutput } from "../../flops.ts";
import { constant, type LazyArray } from "../../lazy_array.ts";
import { erf } from "../../ops/activation.ts";
import { add, mul, neg, sub } from "../../ops/arithmetic.ts";
import { exp } from "../../ops/exponential.ts";
import { tanh } from "../../ops/trigonometry.ts";
import { sameShape } from "../../shape.ts";
import { applyOp, type Op } from "../../op.ts";
import { array, computedBy, named, node, rule, type Uses } from "../pattern.ts";
import { clippedLine } from "./clipped_line.ts";

function isNumber(value: number) {
  return (array: LazyArray) => numberOf(array) === value;
}

/** The value of a constant of one element. */
function numberOf(array: LazyArray): number | undefined {
  const { isConstant, shape, dtype } = array;
  return isConstant && shape.length === 0 && dtype === "float32"
    ? Number(array.buffer.data[0])
    : undefined;
}

const GELU: Op = {
  name: "FusedGelu",
  traits: ["elementwise"],
  infer: ([{ dtype, shape }]) => [{ dtype, shape }],
  // As many as what it is made from.
  flops: flopsPerOutput(5),
  lower: (writer, inputs) => [writer.node("Gelu", inputs, { domain: "com.microsoft" })],
};

const HALF = array("half", isNumber(0.5));
const RAISED = node(add.op, [
  named("bell", node([erf.op, tanh.op])),
  array("one", isNumber(1)),
]);

const SIGMA = named(
  "raised",
  node(add.op, [
    named(
      "bell",
      node(erf.op, [
        named("t", node(mul.op, [array("same"), array("c", isNumber(Math.fround(Math.SQRT1_2)))])),
      ]),
    ),
    array("one", isNumber(1)),
  ]),
);

/** (x / 2) (erf(x / sqrt(2)) + 1), of which nothing else reads a part. */
export const halfOfSigma = rule(
  node(mul.op, [named("inner", node(mul.op, [array("x"), HALF])), SIGMA]),
  (found, uses) => geluAlone(found, uses),
);

/** (x (erf(x / sqrt(2)) + 1)) / 2 */
export const sigmaByHalf = rule(
  node(mul.op, [named("inner", node(mul.op, [array("x"), SIGMA])), HALF]),
  (found, uses) => geluAlone(found, uses),
);

type GeluParts =
  & { readonly x: LazyArray; readonly same: LazyArray }
  & Readonly<Record<"inner" | "raised" | "bell" | "t", { readonly array: LazyArray }>>;

function geluAlone({ x, same, inner, raised, bell, t }: GeluParts, uses: Uses) {
  const isAlone = [inner, raised, bell, t].every((part) => uses(part.array) === 1);
  return x === same && isAlone && x.dtype === "float32" ? applyOp(GELU, [x]) : undefined;
}

/** (x / 2) (bell + 1), where the bell lies between -1 and 1. */
export const halfOfRaised = rule(
  node(mul.op, [node(mul.op, [array("x"), HALF]), RAISED]),
  ({ x, bell }) => halves(x, bell.array),
);

/** (x (bell + 1)) / 2 */
export const raisedByHalf = rule(
  node(mul.op, [node(mul.op, [array("x"), RAISED]), HALF]),
  ({ x, bell }) => halves(x, bell.array),
);

function halves(x: LazyArray, bell: LazyArray): LazyArray[] | undefined {
  return bell.dtype === "float32" ? [mul(x, clippedLine(bell, 0.5, 0.5))] : undefined;
}

/** exp(c - u) */
interface Exponential {
  readonly c: number;
  readonly u: LazyArray;
}

function exponentialOf(array: LazyArray): Exponential | undefined {
  const [inner] = computedBy(exp.op, array)?.inputs ?? [];
  if (!inner || inner.dtype !== "float32") return undefined;
  const negative = computedBy(neg.op, inner);
  if (negative) return { c: 0, u: negative.inputs[0] };
  const difference = computedBy(sub.op, inner);
  const c = difference && numberOf(difference.inputs[0]);
  return c === undefined ? undefined : { c, u: difference!.inputs[1] };
}

function scaled({ c, u }: Exponential, factor: number): LazyArray {
  return exp(sub(constant(c + Math.log(factor)), u));
}

const FACTOR = array("factor", (array) => (numberOf(array) ?? 0) > 0);

/** s exp(c - u), and s (q exp(c - u)) */
export const factorIntoExponent = rule(
  node(mul.op, [array("product"), FACTOR]),
  ({ product, factor }, uses) => {
    if (uses(product) > 1) return undefined;
    const own = exponentialOf(product);
    if (own) return [scaled(own, numberOf(factor)!)];
    const [a, b] = computedBy(mul.op, product)?.inputs ?? [];
    for (const [q, e] of a ? [[a, b], [b, a]] : []) {
      const found = uses(e) === 1 ? exponentialOf(e) : undefined;
      if (found) return [mul(q, scaled(found, numberOf(factor)!))];
    }
    return undefined;
  },
);

/** (dy (x s)) exp(c - u) */
export const innerFactorIntoExponent = rule(
  node(mul.op, [
    node(mul.op, [array("dy"), node(mul.op, [array("x"), FACTOR])]),
    array("e"),
  ]),
  ({ dy, x, factor, e }, uses) => {
    const found = uses(e) === 1 ? exponentialOf(e) : undefined;
    return found && [mul(mul(dy, x), scaled(found, numberOf(factor)!))];
  },
);

/** a p + (a q) e, of arrays of one shape. */
export const commonFactor = rule(
  node(add.op, [
    named("left", node(mul.op, [array("a"), array("p")])),
    named(
      "right",
      node(mul.op, [
        named("inner", node(mul.op, [array("same"), array("q")])),
        array("e", (e) => exponentialOf(e) !== undefined),
      ]),
    ),
  ]),
  ({ left, right, inner, a, p, same, q, e }, uses) => {
    const isAlone = [left, right, inner].every((found) => uses(found.array) === 1);
    const fits = a === same && isAlone && [p, q, e].every((x) => sameShape(x.shape, a.shape));
    return fits ? [mul(a, add(p, mul(q, e)))] : undefined;
  },
);
