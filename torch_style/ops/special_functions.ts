/**
 * Functions of mathematical physics and statistics. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/special.html
 *
 * Those without an ONNX operator are computed in JavaScript, in double precision, when their values are asked for.
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Operand, type Tensor, tensorKind } from "../tensor.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { exp, mul, neg, square } from "./elementwise.ts";
import { computeOnHost, hostUnary } from "./host_function.ts";
import { ofTwo } from "./operand_arguments.ts";
import { promotedToFraction } from "./type_promotion.ts";

/** 1 - erf(x), right for large x too */
export const erfc: (input: Tensor) => Tensor = hostUnary(
  "Erfc",
  complementaryError,
  (x) => mul(exp(neg(square(x))), -2 / Math.sqrt(Math.PI)),
);

function complementaryError(x: number): number {
  if (Number.isNaN(x)) return NaN;
  return x < 0 ? 2 - upperGammaHalf(-x) : upperGammaHalf(x);
}

function upperGammaHalf(x: number): number {
  return x === 0 ? 1 : upperGamma(0.5, x * x);
}

/** Inverse of the error function on (-1, 1) */
export const erfinv: (input: Tensor) => Tensor = hostUnary("Erfinv", inverseError, (x) => {
  return mul(exp(square(erfinv(x))), Math.sqrt(Math.PI) / 2);
});

/** Starts from Giles' approximation (2010) and takes two steps of Newton's method. */
function inverseError(y: number): number {
  if (!(y > -1 && y < 1)) return y === 1 ? Infinity : y === -1 ? -Infinity : NaN;
  const w = -Math.log((1 - y) * (1 + y));
  const [shift, coefficients] = w < 5
    ? [w - 2.5, [
      2.81022636e-8,
      3.43273939e-7,
      -3.5233877e-6,
      -4.39150654e-6,
      0.00021858087,
      -0.00125372503,
      -0.00417768164,
      0.246640727,
      1.50140941,
    ]]
    : [Math.sqrt(w) - 3, [
      -0.000200214257,
      0.000100950558,
      0.00134934322,
      -0.00367342844,
      0.00573950773,
      -0.0076224613,
      0.00943887047,
      1.00167406,
      2.83297682,
    ]];
  let x = (coefficients as number[]).reduce((sum, c) => sum * (shift as number) + c, 0) * y;
  for (let step = 0; step < 2; step++) {
    // erf(x) - y, without the digits that 1 - erf loses.
    const excess = y > 0 ? (1 - y) - complementaryError(x) : complementaryError(-x) - (1 + y);
    const slope = 2 / Math.sqrt(Math.PI) * Math.exp(-x * x);
    if (slope > 0) x -= excess / slope;
  }
  return x;
}

/** Logarithm of the absolute value of the gamma function */
export const lgamma: (input: Tensor) => Tensor = hostUnary("Lgamma", logGamma, (x) => digamma(x));

/** Lanczos' approximation (g = 7, 9 coefficients), reflected for x < 0.5. */
function logGamma(x: number): number {
  if (x <= 0 && Number.isInteger(x)) return Infinity;
  if (!Number.isFinite(x)) return Number.isNaN(x) ? NaN : Infinity;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  const z = x - 1;
  const c = [
    0.99999999999980993,
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7,
  ];
  const sum = c.reduce((total, value, i) => i === 0 ? value : total + value / (z + i), 0);
  const t = z + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Logarithmic derivative of the gamma function */
export const digamma: (input: Tensor) => Tensor = hostUnary(
  "Digamma",
  (x) => polygammaOf(0, x),
  (x) => polygamma(1, x),
);

const POLYGAMMA = signature("polygamma", ["n", kinds.integer], ["input", tensorKind]);

/** Derivative number n of the digamma function. @throws {Error} if n is negative */
export function polygamma(
  ...given: Call<typeof POLYGAMMA, Record<never, never>, [n: number, input: Tensor]>
): Tensor {
  const { n, input } = POLYGAMMA.read(given);
  if (!Number.isInteger(n) || n < 0) {
    throw new Error(`polygamma(n, x) does not support negative n, got ${n}`);
  }
  return hostUnary("Polygamma", (x) => polygammaOf(n, x), (x) => polygamma(n + 1, x))(input);
}

/** What is there at 0 and at negative integers. */
function poleOf(n: number, x: number): number {
  if (n > 0) return n % 2 === 0 ? -Infinity : Infinity;
  return Object.is(x, 0) ? -Infinity : Object.is(x, -0) ? Infinity : NaN;
}

/** Moved to x >= 20 by the recurrence, then the asymptotic series (Abramowitz and Stegun 6.4.11). */
function polygammaOf(n: number, x: number): number {
  // At Infinity PyTorch's series meets infinity times 0 from n = 2 on.
  if (Number.isNaN(x) || (n >= 2 && x === Infinity)) return NaN;
  if (x <= 0) {
    if (Number.isInteger(x)) return poleOf(n, x);
    if (x === -Infinity) return n < 2 ? NaN : poleOf(n, x);
    if (n === 0) return polygammaOf(0, 1 - x) - Math.PI / Math.tan(Math.PI * x);
    if (n === 1) return (Math.PI / Math.sin(Math.PI * x)) ** 2 - polygammaOf(1, 1 - x);
    // The sum of n! (x + k)^-(n + 1) over all integers k, which the fraction of x gives, without what lies below x.
    const fraction = x - Math.floor(x);
    const below = polygammaOf(n, 1 - fraction) - polygammaOf(n, 1 - x);
    return polygammaOf(n, fraction) + (n % 2 === 0 ? -below : below);
  }
  const sign = n % 2 === 0 ? -1 : 1;
  const factorial = (m: number): number => m <= 1 ? 1 : m * factorial(m - 1);
  let sum = 0;
  let z = x;
  for (; z < 20; z++) sum += sign * factorial(n) / z ** (n + 1);
  const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6];
  if (n === 0) {
    const tail = bernoulli.reduce((total, b, k) => total - b / ((2 * k + 2) * z ** (2 * k + 2)), 0);
    return sum + Math.log(z) - 1 / (2 * z) + tail;
  }
  const tail = bernoulli.reduce(
    (total, b, k) =>
      total + b * factorial(2 * k + 1 + n) / (factorial(2 * k + 2) * z ** (2 * k + 2 + n)),
    factorial(n - 1) / z ** n + factorial(n) / (2 * z ** (n + 1)),
  );
  return sum + sign * tail;
}

const MVLGAMMA = signature("mvlgamma", ["input", tensorKind], ["p", kinds.number]);

/** Logarithm of the multivariate gamma function of dimension p. */
export function mvlgamma(
  ...given: Call<typeof MVLGAMMA, Record<never, never>, [input: Tensor, p: number]>
): Tensor {
  const { input, p } = MVLGAMMA.read(given);
  if (!Number.isInteger(p) || p < 1) {
    throw new Error(`p has to be greater than or equal to 1, got ${p}`);
  }
  const parts = Array.from({ length: p }, (_, i) => lgamma(input.sub(i / 2)));
  return parts.reduce((sum, part) => sum.add(part)).add(p * (p - 1) / 4 * Math.log(Math.PI));
}

/** Modified Bessel function of the first kind, order 0 */
export const i0: (input: Tensor) => Tensor = besselOf(0);

/** Of an integer order. The slope is half the sum of both neighbours (Abramowitz and Stegun 9.6.26). */
function besselOf(order: number): (input: Tensor) => Tensor {
  return hostUnary(`I${order}`, (x) => bessel(order, x), (x) => {
    const above = besselOf(order + 1)(x);
    return order === 0 ? above : besselOf(order - 1)(x).add(above).mul(0.5);
  });
}

/** The power series, whose terms are all of one sign. */
function bessel(order: number, x: number): number {
  const half = x / 2;
  let term = 1;
  for (let k = 1; k <= order; k++) term *= half / k;
  let sum = term;
  for (let k = 1; k < 500 && Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
    term *= half * half / (k * (k + order));
    sum += term;
  }
  return sum;
}

function incompleteGamma(name: string, compute: (a: number, x: number) => number) {
  return ofTwo(name, (input: Tensor, other: Operand) => {
    const [a, x] = promotedToFraction(input, other);
    const shape = a.detach().mul(x.detach()).shape;
    const [left, right] = [a.expand(shape), x.expand(shape)];
    return computeOnHost([left, right], [left], (p, q) => [p.map((v, i) => compute(v, q[i]))])[0];
  });
}

/** Regularized lower incomplete gamma function. Gradients do not flow. */
export const igamma: (input: Tensor, other: Operand) => Tensor = incompleteGamma(
  "igamma",
  (a, x) => 1 - upperGamma(a, x),
);
/** Regularized upper incomplete gamma function. Gradients do not flow. */
export const igammac: (input: Tensor, other: Operand) => Tensor = incompleteGamma(
  "igammac",
  upperGamma,
);

/** The series for small x, Lentz' continued fraction for large ones (Numerical Recipes, 6.2). */
function upperGamma(a: number, x: number): number {
  if (!(x >= 0) || !(a >= 0)) return NaN;
  if (x === 0) return 1;
  if (x === Infinity || a === 0) return 0;
  const scale = Math.exp(-x + a * Math.log(x) - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 10000 && Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - sum * scale;
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 10000; i++) {
    const step = -i * (i - a);
    b += 2;
    d = 1 / (step * d + b || 1e-300);
    c = b + step / c || 1e-300;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return scale * h;
}

const methods = { erfc, erfinv, lgamma, digamma, mvlgamma, i0, igamma, igammac };
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {
    /** Derivative number n of the digamma function. */
    polygamma(n: number): Tensor;
  }
}
defineMethods({ ...methods, polygamma: (input: Tensor, n: number) => polygamma(n, input) });
