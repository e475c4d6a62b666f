/**
 * Powers, exponentials and logarithms beyond the usual ones. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#pointwise-ops
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Operand, operandKind, scalar, Tensor, tensorKind } from "../tensor.ts";
import { constant, type DType, isFloating, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { exp, log, mul, pow, sub, where } from "./elementwise.ts";
import { computeOnHost } from "./host_function.ts";
import { ofOne, ofTwo } from "./operand_arguments.ts";
import { fractional, promotedToFraction } from "./type_promotion.ts";
import { type NamedTuple, namedTuple } from "./named_tuple.ts";

const EXP2 = signature("exp2", ["input", tensorKind]);

/** 2 to the power of x */
export function exp2(...given: Call<typeof EXP2, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = EXP2.read(given);
  return exp(mul(fractional(input), Math.LN2));
}

function logarithm(name: string, base: number): (input: Tensor) => Tensor {
  return ofOne(name, (input) =>
    apply(
      name,
      [fractional(input)],
      ([x]) => ops.div(ops.log(x), constant(Math.log(base), x.dtype)),
    ));
}

/** Logarithm to base 2 */
export const log2: (input: Tensor) => Tensor = logarithm("Log2", 2);
/** Logarithm to base 10 */
export const log10: (input: Tensor) => Tensor = logarithm("Log10", 10);

function sumOfPowers(name: string, base: number) {
  return ofTwo(
    name,
    (input: Tensor, other: Operand) =>
      apply(name, promotedToFraction(input, other), ([a, b]) => {
        const factor = constant(Math.log(base), a.dtype);
        // Equal values differ by 0, infinite ones too, which would be no number.
        const apart = ops.where(ops.equal(a, b), constant(0, a.dtype), ops.sub(a, b));
        const below = ops.neg(ops.abs(apart));
        const top = ops.maximum(a, b);
        const more = ops.softplus(ops.cast(ops.mul(below, factor), "float32"));
        return ops.add(top, ops.div(ops.cast(more, a.dtype), factor));
      }),
  );
}

/** log(exp(input) + exp(other)), without overflow */
export const logaddexp: (input: Tensor, other: Operand) => Tensor = sumOfPowers(
  "Logaddexp",
  Math.E,
);
/** log2(2^input + 2^other), without overflow */
export const logaddexp2: (input: Tensor, other: Operand) => Tensor = sumOfPowers("Logaddexp2", 2);

const XLOGY = signature("xlogy", ["input", operandKind], ["other", operandKind]);

/** input log(other), 0 where input is 0 */
export function xlogy(
  ...given: Call<typeof XLOGY, Record<never, never>, [input: Operand, other: Operand]>
): Tensor {
  const { input, other } = XLOGY.read(given);
  return apply("Xlogy", promotedToFraction(input, other), ([x, y]) => ops.xlogy(x, y));
}

const LOGIT = signature("logit", ["input", tensorKind], [
  "eps",
  kinds.nullable(kinds.number),
  null,
]);

/**
 * log(x / (1 - x)), the inverse of the sigmoid.
 *
 * @param eps x is kept between eps and 1 - eps first; not unless given
 */
export function logit(
  ...given: Call<typeof LOGIT, { readonly eps?: number | null }, [input: Tensor]>
): Tensor {
  const { input, eps } = LOGIT.read(given);
  const x = fractional(input);
  const kept = eps === null ? x : x.clamp({ min: eps, max: 1 - eps });
  // Outside of [0, 1] the gradient is NaN as well.
  const inside = kept.detach().ge(0).logicalAnd(kept.detach().le(1));
  return mul(sub(log(kept), log(sub(1, kept))), where(inside, 1, NaN).to(x.dtype));
}

const FLOAT_POWER = signature("floatPower", ["input", operandKind], ["exponent", operandKind]);

/** input to the power of other, in float64 */
export function floatPower(
  ...given: Call<typeof FLOAT_POWER, Record<never, never>, [input: Operand, exponent: Operand]>
): Tensor {
  const { input, exponent } = FLOAT_POWER.read(given);
  const wide = (x: Operand) => x instanceof Tensor ? x.to("float64") : scalar(x, "float64");
  return pow(wide(input), wide(exponent));
}

const LDEXP = signature("ldexp", ["input", tensorKind], ["other", tensorKind]);

/** input 2^other */
export function ldexp(
  ...given: Call<typeof LDEXP, Record<never, never>, [input: Tensor, other: Tensor]>
): Tensor {
  const { input, other } = LDEXP.read(given);
  return mul(input, exp2(other));
}

const FREXP = signature("frexp", ["input", tensorKind]);

/** Mantissa in [0.5, 1) and exponent (int32): input = mantissa 2^exponent. Gradients do not flow. */
export function frexp(
  ...given: Call<typeof FREXP, Record<never, never>, [input: Tensor]>
): NamedTuple<{ mantissa: Tensor; exponent: Tensor }> {
  const { input } = FREXP.read(given);
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
  return namedTuple({ mantissa, exponent });
}

function exponentOf(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return 0;
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(x))) + 1);
  while (Math.abs(x) * 2 ** -exponent >= 1) exponent++;
  while (Math.abs(x) * 2 ** -exponent < 0.5) exponent--;
  return exponent;
}

const NAN_TO_NUM = signature("nanToNum", ["input", tensorKind], ["nan", kinds.number, 0], [
  "posinf",
  kinds.nullable(kinds.number),
  null,
], ["neginf", kinds.nullable(kinds.number), null]);

/** The largest numbers of dtypes. */
const LARGEST: Partial<Record<DType, number>> = {
  float16: 65504,
  bfloat16: 3.3895313892515355e38,
  float32: 3.4028234663852886e38,
};

/** NaN, infinity and minus infinity replaced by values: 0 and the dtype's largest and smallest unless given. */
export function nanToNum(
  ...given: Call<
    typeof NAN_TO_NUM,
    { readonly nan?: number; readonly posinf?: number | null; readonly neginf?: number | null },
    [input: Tensor]
  >
): Tensor {
  const { input, nan, posinf, neginf } = NAN_TO_NUM.read(given);
  if (!isFloating(input.dtype)) return input;
  const largest = LARGEST[input.dtype] ?? Number.MAX_VALUE;
  const x = input.detach();
  const whole = where(x.isnan(), nan, input);
  const above = where(x.eq(Infinity), posinf ?? largest, whole);
  return where(x.eq(-Infinity), neginf ?? -largest, above);
}

const POSITIVE = signature("positive", ["input", tensorKind]);

/** x itself: for symmetry with neg. */
export function positive(
  ...given: Call<typeof POSITIVE, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = POSITIVE.read(given);
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
