/**
 * In-place variants of functions that keep the shape: `x.exp2_()` writes what `x.exp2()` gives into x.
 * @module
 */
import { defineMethods, type Methods } from "../methods.ts";
import type { Tensor } from "../tensor.ts";
import * as aliases from "./aliases.ts";
import * as bitwise from "./bitwise.ts";
import * as comparison from "./comparison.ts";
import { cumprod, cumsum } from "./cumulative.ts";
import * as elementwise from "./elementwise.ts";
import * as fused from "./fused_arithmetic.ts";
import * as indexed from "./index_add.ts";
import { inPlace } from "./in_place.ts";
import { tril, triu } from "./linear_algebra.ts";
import * as powers from "./powers_and_logarithms.ts";
import * as rounding from "./rounding.ts";
import * as scattering from "./scattering.ts";
import * as special from "./special_functions.ts";
import { renorm } from "./statistics.ts";
import * as trigonometry from "./trigonometry.ts";

const functions = {
  absolute: aliases.absolute,
  negative: aliases.negative,
  subtract: aliases.subtract,
  multiply: aliases.multiply,
  divide: aliases.divide,
  trueDivide: aliases.trueDivide,
  greater: aliases.greater,
  greaterEqual: aliases.greaterEqual,
  less: aliases.less,
  lessEqual: aliases.lessEqual,
  notEqual: aliases.notEqual,
  eq: comparison.eq,
  ne: comparison.ne,
  gt: comparison.gt,
  ge: comparison.ge,
  lt: comparison.lt,
  le: comparison.le,
  logicalAnd: comparison.logicalAnd,
  logicalOr: comparison.logicalOr,
  logicalXor: comparison.logicalXor,
  logicalNot: comparison.logicalNot,
  bitwiseAnd: bitwise.bitwiseAnd,
  bitwiseOr: bitwise.bitwiseOr,
  bitwiseXor: bitwise.bitwiseXor,
  bitwiseNot: bitwise.bitwiseNot,
  bitwiseLeftShift: bitwise.bitwiseLeftShift,
  bitwiseRightShift: bitwise.bitwiseRightShift,
  gcd: bitwise.gcd,
  lcm: bitwise.lcm,
  cumsum,
  cumprod,
  ceil: elementwise.ceil,
  cos: elementwise.cos,
  erf: elementwise.erf,
  expm1: elementwise.expm1,
  floor: elementwise.floor,
  floorDivide: elementwise.floorDivide,
  log: elementwise.log,
  log1p: elementwise.log1p,
  reciprocal: elementwise.reciprocal,
  remainder: elementwise.remainder,
  round: elementwise.round,
  rsqrt: elementwise.rsqrt,
  sign: elementwise.sign,
  sin: elementwise.sin,
  square: elementwise.square,
  trunc: elementwise.trunc,
  addcmul: fused.addcmul,
  addcdiv: fused.addcdiv,
  addmm: fused.addmm,
  addmv: fused.addmv,
  addr: fused.addr,
  addbmm: fused.addbmm,
  baddbmm: fused.baddbmm,
  tril,
  triu,
  exp2: powers.exp2,
  log2: powers.log2,
  log10: powers.log10,
  xlogy: powers.xlogy,
  logit: powers.logit,
  floatPower: powers.floatPower,
  ldexp: powers.ldexp,
  nanToNum: powers.nanToNum,
  fix: rounding.fix,
  frac: rounding.frac,
  fmod: rounding.fmod,
  copysign: rounding.copysign,
  sgn: rounding.sgn,
  heaviside: rounding.heaviside,
  clampMin: rounding.clampMin,
  clampMax: rounding.clampMax,
  clip: rounding.clip,
  nextafter: rounding.nextafter,
  scatter: scattering.scatter,
  scatterAdd: scattering.scatterAdd,
  scatterReduce: scattering.scatterReduce,
  indexAdd: indexed.indexAdd,
  indexCopy: indexed.indexCopy,
  indexFill: indexed.indexFill,
  indexReduce: indexed.indexReduce,
  maskedScatter: scattering.maskedScatter,
  put: scattering.put,
  erfc: special.erfc,
  erfinv: special.erfinv,
  lgamma: special.lgamma,
  digamma: special.digamma,
  polygamma: (input: Tensor, n: number) => special.polygamma(n, input),
  mvlgamma: special.mvlgamma,
  i0: special.i0,
  igamma: special.igamma,
  igammac: special.igammac,
  renorm,
  tan: trigonometry.tan,
  asin: trigonometry.asin,
  acos: trigonometry.acos,
  atan: trigonometry.atan,
  sinh: trigonometry.sinh,
  cosh: trigonometry.cosh,
  asinh: trigonometry.asinh,
  acosh: trigonometry.acosh,
  atanh: trigonometry.atanh,
  arcsin: trigonometry.arcsin,
  arccos: trigonometry.arccos,
  arctan: trigonometry.arctan,
  arcsinh: trigonometry.arcsinh,
  arccosh: trigonometry.arccosh,
  arctanh: trigonometry.arctanh,
  atan2: trigonometry.atan2,
  arctan2: trigonometry.arctan2,
  sinc: trigonometry.sinc,
  deg2rad: trigonometry.deg2rad,
  rad2deg: trigonometry.rad2deg,
  hypot: trigonometry.hypot,
};

/** A function of a tensor and more. */
// deno-lint-ignore no-explicit-any
type Of = (...given: any[]) => Tensor;
type InPlace<T> = { [Name in keyof T & string as `${Name}_`]: T[Name] };

const variants = Object.fromEntries(
  Object.entries(functions).map(([name, call]) => [`${name}_`, inPlace(call as Of)]),
) as InPlace<typeof functions>;

type Own = Methods<typeof variants>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(variants);
