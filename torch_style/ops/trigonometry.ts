/**
 * Angles and hyperbolic functions. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#pointwise-ops
 *
 * ONNX Runtime computes them in float32; float64 goes through it.
 * @module
 */
import { type Call, signature } from "../arguments.ts";
import { type Operand, operandKind, type Tensor, tensorKind } from "../tensor.ts";
import { type LazyArray, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { add, div, mul, sin, where } from "./elementwise.ts";
import { ofOne } from "./operand_arguments.ts";
import { fractional, promotedToFraction } from "./type_promotion.ts";

type Unary = (input: Tensor) => Tensor;

function unary(name: string, compute: (x: LazyArray) => LazyArray): Unary {
  return ofOne(name, (input) => apply(name, [fractional(input)], ([x]) => compute(x)));
}

/** Tangent of an angle in radians */
export const tan: Unary = unary("Tan", ops.tan);
/** Inverse of the sine, in radians */
export const asin: Unary = unary("Asin", ops.asin);
/** Inverse of the cosine, in radians */
export const acos: Unary = unary("Acos", ops.acos);
/** Inverse of the tangent, in radians */
export const atan: Unary = unary("Atan", ops.atan);
/** Hyperbolic sine */
export const sinh: Unary = unary("Sinh", ops.sinh);
/** Hyperbolic cosine */
export const cosh: Unary = unary("Cosh", ops.cosh);
/** Inverse of the hyperbolic sine */
export const asinh: Unary = unary("Asinh", ops.asinh);
/** Inverse of the hyperbolic cosine */
export const acosh: Unary = unary("Acosh", ops.acosh);
/** Inverse of the hyperbolic tangent */
export const atanh: Unary = unary("Atanh", ops.atanh);

/** Another name of {@linkcode asin}. */
export const arcsin = asin;
/** Another name of {@linkcode acos}. */
export const arccos = acos;
/** Another name of {@linkcode atan}. */
export const arctan = atan;
/** Another name of {@linkcode asinh}. */
export const arcsinh = asinh;
/** Another name of {@linkcode acosh}. */
export const arccosh = acosh;
/** Another name of {@linkcode atanh}. */
export const arctanh = atanh;

const ATAN2 = signature("atan2", ["input", tensorKind], ["other", operandKind]);

/** The angle in radians, -π to π, of the point with height `input` and width `other`. */
export function atan2(
  ...given: Call<typeof ATAN2, Record<never, never>, [input: Tensor, other: Operand]>
): Tensor {
  const { input, other } = ATAN2.read(given);
  return apply("Atan2", promotedToFraction(input, other), ([y, x]) => ops.atan2(y, x));
}

/** Another name of {@linkcode atan2}. */
export const arctan2 = atan2;

const SINC = signature("sinc", ["input", tensorKind]);

/** sin(π x) / (π x), 1 at 0 */
export function sinc(...given: Call<typeof SINC, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = SINC.read(given);
  const x = mul(fractional(input), Math.PI);
  // Near 0 by its series, whose gradient is exact: that of the quotient is a difference of nearly equal terms.
  const near = x.detach().abs().lt(1);
  const inner = where(near, x, 0);
  const square = mul(inner, inner);
  const series = SINC_SERIES.reduce((sum, c) => add(mul(sum, square), c), mul(square, 0));
  const outer = where(near, 1, x);
  return where(near, series, div(sin(outer), outer));
}

/** Taylor's series of sin(x) / x in x squared, highest power first; below 1 the rest is less than 1e-15. */
const SINC_SERIES = [16, 14, 12, 10, 8, 6, 4, 2, 0].map((power, i) =>
  (i % 2 === 0 ? 1 : -1) / factorial(power + 1)
);

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

const DEG2RAD = signature("deg2rad", ["input", tensorKind]);

/** Degrees as radians */
export function deg2rad(
  ...given: Call<typeof DEG2RAD, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = DEG2RAD.read(given);
  return mul(fractional(input), Math.PI / 180);
}

const RAD2DEG = signature("rad2deg", ["input", tensorKind]);

/** Radians as degrees */
export function rad2deg(
  ...given: Call<typeof RAD2DEG, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = RAD2DEG.read(given);
  return mul(fractional(input), 180 / Math.PI);
}

const HYPOT = signature("hypot", ["input", tensorKind], ["other", operandKind]);

/** sqrt(input² + other²), the longest side of a right triangle; without overflow. */
export function hypot(
  ...given: Call<typeof HYPOT, Record<never, never>, [input: Tensor, other: Operand]>
): Tensor {
  const { input, other } = HYPOT.read(given);
  return apply("Hypot", promotedToFraction(input, other), ([a, b]) => ops.hypot(a, b));
}

const ANGLE = signature("angle", ["input", tensorKind]);

/** The angle of a real number: 0, π for negative ones, and NaN of NaN. */
export function angle(...given: Call<typeof ANGLE, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = ANGLE.read(given);
  const x = fractional(input).detach();
  return where(x.isnan(), x, where(x.lt(0), Math.PI, 0).to(x.dtype));
}

const methods = {
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  asinh,
  acosh,
  atanh,
  arcsin,
  arccos,
  arctan,
  arcsinh,
  arccosh,
  arctanh,
  atan2,
  arctan2,
  sinc,
  deg2rad,
  rad2deg,
  hypot,
  angle,
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
