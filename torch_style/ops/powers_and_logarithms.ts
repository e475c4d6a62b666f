/**
 * Powers, exponentials and logarithms beyond the usual ones. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#pointwise-ops
 * @module
 */
import { constant, isFloating, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { type Operand, scalar, Tensor } from "../tensor.ts";
import { exp, log, mul, pow, sub, where } from "./elementwise.ts";
import { computeOnHost } from "./host_function.ts";
import { fractional, promotedToFraction } from "./type_promotion.ts";

/** 2 to the power of x */
export function exp2(input: Tensor): Tensor {
  return exp(mul(fractional(input), Math.LN2));
}

function logarithm(name: string, base: number): (input: Tensor) => Tensor {
  return (input) =>
    apply(
      name,
      [fractional(input)],
      ([x]) => ops.div(ops.log(x), constant(Math.log(base), x.dtype)),
    );
}

/** Logarithm to base 2 */
export const log2: (input: Tensor) => Tensor = logarithm("Log2", 2);
/** Logarithm to base 10 */
export const log10: (input: Tensor) => Tensor = logarithm("Log10", 10);

function sumOfPowers(name: string, base: number) {
  return (input: Tensor, other: Operand): Tensor =>
    apply(name, promotedToFraction(input, other), ([a, b]) => {
      const factor = constant(Math.log(base), a.dtype);
      // Equal numbers differ by 0, infinite ones too, which would be no number.
      const apart = ops.where(ops.equal(a, b), constant(0, a.dtype), ops.sub(a, b));
      const below = ops.neg(ops.abs(apart));
      const top = ops.maximum(a, b);
      const more = ops.softplus(ops.cast(ops.mul(below, factor), "float32"));
      return ops.add(top, ops.div(ops.cast(more, a.dtype), factor));
    });
}

/** log(exp(input) + exp(other)), without overflow */
export const logaddexp: (input: Tensor, other: Operand) => Tensor = sumOfPowers(
  "Logaddexp",
  Math.E,
);
/** log2(2^input + 2^other), without overflow */
export const logaddexp2: (input: Tensor, other: Operand) => Tensor = sumOfPowers("Logaddexp2", 2);

/** input log(other), 0 where input is 0 */
export function xlogy(input: Operand, other: Operand): Tensor {
  return apply("Xlogy", promotedToFraction(input, other), ([x, y]) => ops.xlogy(x, y));
}

/**
 * log(x / (1 - x)), the inverse of the sigmoid.
 *
 * @param eps x is kept between eps and 1 - eps first; not unless given
 */
export function logit(input: Tensor, eps: number | null = null): Tensor {
  const x = fractional(input);
  const kept = eps === null ? x : x.clamp({ min: eps, max: 1 - eps });
  // Outside of [0, 1] the gradient is NaN as well.
  const inside = kept.detach().ge(0).logicalAnd(kept.detach().le(1));
  return mul(sub(log(kept), log(sub(1, kept))), where(inside, 1, NaN));
}

/** input to the power of other, in float64 */
export function floatPower(input: Operand, exponent: Operand): Tensor {
  const wide = (x: Operand) => x instanceof Tensor ? x.to("float64") : scalar(x, "float64");
  return pow(wide(input), wide(exponent));
}

/** input 2^other */
export function ldexp(input: Tensor, other: Tensor): Tensor {
  return mul(input, exp2(other));
}

/** Mantissa in [0.5, 1) and exponent (int32): input = mantissa 2^exponent. Gradients do not flow. */
export function frexp(input: Tensor): { mantissa: Tensor; exponent: Tensor } {
  if (!isFloating(input.dtype)) {
    throw new Error(`torch.frexp() only supports floating-point dtypes, got ${input.dtype}`);
  }
  const [mantissa, exponent] = computeOnHost(
    [input],
    [input, { dtype: "int32", shape: input.shape }],
    (data) => {
      const exponents = data.map(exponentOf);
      // In two steps: 2^-exponent may be too large for a number.
      const mantissas = data.map((x, i) =>
        x * 2 ** -Math.floor(exponents[i] / 2) * 2 ** -Math.ceil(exponents[i] / 2)
      );
      return [mantissas, exponents];
    },
  );
  return { mantissa, exponent };
}

function exponentOf(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return 0;
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(x))) + 1);
  while (Math.abs(x) * 2 ** -exponent >= 1) exponent++;
  while (Math.abs(x) * 2 ** -exponent < 0.5) exponent--;
  return exponent;
}

/** NaN, infinity and minus infinity replaced by numbers: 0 and the dtype's largest and smallest unless given. */
export function nanToNum(
  input: Tensor,
  nan = 0,
  posinf: number | null = null,
  neginf: number | null = null,
): Tensor {
  if (!isFloating(input.dtype)) return input;
  const largest = { float16: 65504, float32: 3.4028234663852886e38 }[input.dtype as "float16"] ??
    Number.MAX_VALUE;
  const x = input.detach();
  const whole = where(x.isnan(), nan, input);
  const above = where(x.eq(Infinity), posinf ?? largest, whole);
  return where(x.eq(-Infinity), neginf ?? -largest, above);
}

/** x itself: for symmetry with neg. */
export function positive(input: Tensor): Tensor {
  if (input.dtype !== "bool") return input;
  throw new Error("The `+` operator, on a bool tensor is not supported.");
}

const methods = {
  exp2,
  log2,
  log10,
  logaddexp,
  logaddexp2,
  xlogy,
  logit,
  floatPower,
  ldexp,
  frexp,
  nanToNum,
  positive,
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
