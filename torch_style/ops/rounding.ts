/**
 * Signs, fractions and remainders. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#pointwise-ops
 * @module
 */
import { type Call, signature } from "../arguments.ts";
import { type Operand, operandKind, Tensor, tensorKind } from "../tensor.ts";
import { constant, isFloating, isShortFloat, type LazyArray, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { clamp, sign, sub, trunc, where } from "./elementwise.ts";
import { computeOnHost } from "./host_function.ts";
import { ofTwo } from "./operand_arguments.ts";
import { promoted, promotedToFraction } from "./type_promotion.ts";

/** Another name of trunc. */
export const fix = trunc;

const FRAC = signature("frac", ["input", tensorKind]);

/** x less its integer part */
export function frac(...given: Call<typeof FRAC, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = FRAC.read(given);
  if (!isFloating(input.dtype)) {
    throw new Error(`frac: expected a floating point dtype, got ${input.dtype}`);
  }
  return sub(input, trunc(input));
}

const FMOD = signature("fmod", ["input", tensorKind], ["other", operandKind]);

/** What is left of input / other rounded towards zero; has the sign of `input`. */
export function fmod(
  ...given: Call<typeof FMOD, Record<never, never>, [input: Tensor, other: Operand]>
): Tensor {
  const { input, other } = FMOD.read(given);
  const operands = promoted(input, other);
  if (operands[0].dtype === "bool") {
    throw new Error("fmod is not implemented for bool, expected numbers");
  }
  return apply("Fmod", operands, ([x, y]) => ops.fmod(x, y));
}

const COPYSIGN = signature("copysign", ["input", tensorKind], ["other", operandKind]);

/** |input| with the sign of `other`, -0 counting as negative. */
export function copysign(
  ...given: Call<typeof COPYSIGN, Record<never, never>, [input: Tensor, other: Operand]>
): Tensor {
  const { input, other } = COPYSIGN.read(given);
  return apply("Copysign", promotedToFraction(input, other), ([x, y]) => ops.copySign(x, y));
}

/** Below zero, or -0, whose reciprocal is. */
function negative(x: LazyArray): LazyArray {
  const zero = constant(0, x.dtype);
  const minusZero = ops.less(ops.div(constant(1, x.dtype), x), zero);
  return ops.logicalOr(ops.less(x, zero), ops.logicalAnd(ops.equal(x, zero), minusZero));
}

const SIGNBIT = signature("signbit", ["input", tensorKind]);

/** Whether the sign is minus, also that of -0. */
export function signbit(
  ...given: Call<typeof SIGNBIT, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = SIGNBIT.read(given);
  if (isFloating(input.dtype)) return new Tensor(negative(input.array));
  return input.dtype === "bool"
    ? new Tensor(ops.cast(ops.mul(ops.cast(input.array, "int32"), constant(0, "int32")), "bool"))
    : input.lt(0);
}

/** The sign: of real numbers what sign gives. */
export const sgn = sign;

const HEAVISIDE = signature("heaviside", ["input", tensorKind], ["values", tensorKind]);

/** 0 below zero, 1 above, `values` at zero. */
export function heaviside(
  ...given: Call<typeof HEAVISIDE, Record<never, never>, [input: Tensor, values: Tensor]>
): Tensor {
  const { input, values } = HEAVISIDE.read(given);
  if (input.dtype !== values.dtype) {
    throw new Error(
      `heaviside is not yet implemented for tensors with different dtypes, got ${input.dtype} and ${values.dtype}`,
    );
  }
  const x = input.detach();
  return where(x.eq(0), values, where(x.gt(0), 1, 0).to(values.dtype));
}

const CLAMP_MIN = signature("clampMin", ["input", tensorKind], ["min", operandKind]);

/** Elements below `min` become `min`. */
export function clampMin(
  ...given: Call<typeof CLAMP_MIN, Record<never, never>, [input: Tensor, min: Operand]>
): Tensor {
  const { input, min } = CLAMP_MIN.read(given);
  return clamp(input, { min });
}

const CLAMP_MAX = signature("clampMax", ["input", tensorKind], ["max", operandKind]);

/** Elements above `max` become `max`. */
export function clampMax(
  ...given: Call<typeof CLAMP_MAX, Record<never, never>, [input: Tensor, max: Operand]>
): Tensor {
  const { input, max } = CLAMP_MAX.read(given);
  return clamp(input, { max });
}

/** Another name of clamp. */
export const clip = clamp;

function numberWins(name: string, choose: (a: LazyArray, b: LazyArray) => LazyArray) {
  return ofTwo(name, (input: Tensor, other: Tensor) => {
    const [a, b] = promoted(input, other);
    if (!isFloating(a.dtype)) return apply(name, [a, b], ([x, y]) => choose(x, y));
    const [left, right] = [a.detach().isnan(), b.detach().isnan()];
    return apply(name, [where(left, b, a), where(right, a, b)], ([x, y]) => choose(x, y));
  });
}

/** The larger one, a number beating NaN. */
export const fmax: (input: Tensor, other: Tensor) => Tensor = numberWins("Fmax", ops.maximum);
/** The smaller one, a number beating NaN. */
export const fmin: (input: Tensor, other: Tensor) => Tensor = numberWins("Fmin", ops.minimum);

const NEXTAFTER = signature("nextafter", ["input", tensorKind], ["other", tensorKind]);

/** The next number of the dtype from `input` towards `other`. */
export function nextafter(
  ...given: Call<typeof NEXTAFTER, Record<never, never>, [input: Tensor, other: Tensor]>
): Tensor {
  const { input, other } = NEXTAFTER.read(given);
  const [a, b] = promotedToFraction(input, other);
  if (isShortFloat(a.dtype)) throw new Error(`nextafter is not implemented for ${a.dtype}`);
  const shape = a.detach().add(b.detach()).shape;
  const step = a.dtype === "float32"
    ? neighbour(new Float32Array(1), (bits) => new Int32Array(bits), 1)
    : neighbour(new Float64Array(1), (bits) => new BigInt64Array(bits), 1n);
  const [x, y] = [a.expand(shape), b.expand(shape)];
  return computeOnHost([x, y], [x], (p, q) => [p.map((v, i) => step(v, q[i]))])[0];
}

/** Values of one sign follow each other as their bits do. */
function neighbour<Bits extends Int32Array | BigInt64Array>(
  number: Float32Array | Float64Array,
  bitsOf: (buffer: ArrayBufferLike) => Bits,
  one: number | bigint,
): (from: number, to: number) => number {
  const bits = bitsOf(number.buffer) as unknown as (number | bigint)[];
  return (from, to) => {
    if (Number.isNaN(from) || Number.isNaN(to)) return NaN;
    if (from === to) return to;
    if (from === 0) {
      bits[0] = one;
      return to > 0 ? number[0] : -number[0];
    }
    number[0] = from;
    const grows = (to > from) === (from > 0);
    bits[0] = (bits[0] as number) + (grows ? one as number : -(one as number));
    return number[0];
  };
}

const methods = {
  fix,
  frac,
  fmod,
  copysign,
  signbit,
  sgn,
  heaviside,
  clampMin,
  clampMax,
  clip,
  fmax,
  fmin,
  nextafter,
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
