/**
 * Trigonometric and hyperbolic functions and their inverses, from sine, cosine, exponential, logarithm and root.
 * @module
 */
import { composed, type Composition, type Expressions } from "./node_writer.ts";

/** Coefficients of (atan(z) - z) / z³ in z² for |z| <= tan(π/8), highest first (Cephes, atanf). */
const ATAN = [8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1];

/**
 * The angle of float32 is a first guess g of one of float64: x and g differ by the angle whose tangent is
 * (x cos g - sin g) / (cos g + x sin g), which is so small that it is its tangent.
 */
function refinedAtan(e: Expressions, x: string): string {
  const finite = e.max(e.min(x, 1e300), -1e300);
  const guess = e.cast(e.writer.node("Atan", [e.cast(finite, "float32")]), e.dtype);
  const [s, c] = ["Sin", "Cos"].map((type) => e.writer.node(type, [guess]));
  const away = e.div(e.sub(e.mul(finite, c), s), e.add(c, e.mul(finite, s)));
  return e.where(e.greater(e.abs(x), 0), e.add(guess, away), x);
}

/** Angles above tan(3π/8) and tan(π/8) are turned by π/2 and π/4 first. */
function atan(e: Expressions, x: string): string {
  if (e.dtype === "float64") return refinedAtan(e, x);
  const size = e.abs(x);
  const isLarge = e.greater(size, Math.tan(3 * Math.PI / 8));
  const isMiddle = e.greater(size, Math.tan(Math.PI / 8));
  const turned = e.where(
    isLarge,
    e.div(-1, e.max(size, 1)),
    e.where(isMiddle, e.div(e.sub(size, 1), e.add(size, 1)), size),
  );
  const base = e.where(
    isLarge,
    e.number(Math.PI / 2),
    e.where(isMiddle, e.number(Math.PI / 4), e.number(0)),
  );
  const square = e.mul(turned, turned);
  const [first, ...others] = ATAN;
  const polynomial = others.reduce((sum, c) => e.add(e.mul(sum, square), c), e.number(first));
  const angle = e.add(base, e.add(turned, e.mul(e.mul(turned, square), polynomial)));
  return e.mul(e.side(x), e.where(e.equal(x, x), angle, x));
}

/** asin(x) = 2 atan(x / (1 + sqrt(1 - x²))); the root is NaN outside of [-1, 1]. */
function asin(e: Expressions, x: string): string {
  const root = e.sqrt(e.mul(e.sub(1, x), e.add(1, x)));
  return e.mul(2, e.writer.node("Atan", [e.div(x, e.add(root, 1))]));
}

/** log(1 + x) for x >= 0, exact near 0 (Kahan). */
function log1p(e: Expressions, x: string): string {
  const sum = e.add(x, 1);
  const away = e.sub(sum, 1);
  const isTiny = e.equal(away, 0);
  const scaled = e.mul(e.log(sum), e.div(x, e.where(isTiny, e.number(1), away)));
  return e.where(isTiny, x, e.where(e.equal(sum, Infinity), sum, scaled));
}

/** From where on x² + 1 and x² - 1 are x². */
function farOut(e: Expressions): number {
  return e.dtype === "float64" ? 1e8 : 1e4;
}

/** sign(x) log(|x| + sqrt(x² + 1)), as log1p so that small x keep their digits. */
function asinh(e: Expressions, x: string): string {
  const size = e.abs(x);
  const small = e.min(size, farOut(e));
  const square = e.mul(small, small);
  const root = e.sqrt(e.add(square, 1));
  const near = log1p(e, e.add(small, e.div(square, e.add(root, 1))));
  const far = e.add(e.log(size), Math.LN2);
  const found = e.mul(e.side(x), e.where(e.less(size, farOut(e)), near, far));
  return e.where(e.greater(size, 0), found, x);
}

/** log(x + sqrt(x² - 1)), NaN below 1. */
function acosh(e: Expressions, x: string): string {
  const small = e.min(x, farOut(e));
  const above = e.sub(small, 1);
  const near = log1p(e, e.add(above, e.sqrt(e.mul(above, e.add(small, 1)))));
  const right = e.where(e.less(x, farOut(e)), near, e.add(e.log(x), Math.LN2));
  return e.where(e.less(x, 1), e.number(NaN), right);
}

/** log((1 + x) / (1 - x)) / 2, infinite at -1 and 1, NaN beyond. */
function atanh(e: Expressions, x: string): string {
  const size = e.abs(x);
  const inner = e.min(size, 1 - 2 ** (e.dtype === "float64" ? -53 : -24));
  const found = e.mul(0.5, log1p(e, e.div(e.mul(2, inner), e.sub(1, inner))));
  const edge = e.where(e.equal(size, 1), e.number(Infinity), found);
  const outside = e.where(e.greater(size, 1), e.number(NaN), e.where(e.equal(x, x), edge, x));
  return e.where(e.greater(size, 0), e.mul(e.side(x), outside), x);
}

/** (e^x - e^-x) / 2, with e^x - 1 = tanh(x / 2) (e^x + 1) near 0. */
function sinh(e: Expressions, x: string): string {
  const tanh = e.writer.node("Tanh", [e.mul(0.5, x)]);
  const grown = e.mul(tanh, e.add(e.exp(x), 1));
  const near = e.mul(0.5, e.add(grown, e.div(grown, e.add(grown, 1))));
  const [up, down] = [x, e.neg(x)].map((power) => e.mul(0.5, e.exp(power)));
  return e.where(e.greater(e.abs(x), 1), e.sub(up, down), near);
}

export const TRIGONOMETRY: Readonly<Record<string, Composition>> = {
  Tan: composed((e, [x]) => e.div(e.writer.node("Sin", [x]), e.writer.node("Cos", [x]))),
  Atan: composed((e, [x]) => atan(e, x)),
  Asin: composed((e, [x]) => asin(e, x)),
  Acos: composed((e, [x]) => {
    // 2 atan(sqrt((1 - x) / (1 + x))), whose quotient is infinite at -1.
    const quotient = e.div(e.sub(1, x), e.add(1, x));
    return e.mul(2, e.writer.node("Atan", [e.sqrt(quotient)]));
  }),
  Asinh: composed((e, [x]) => asinh(e, x)),
  Acosh: composed((e, [x]) => acosh(e, x)),
  Atanh: composed((e, [x]) => atanh(e, x)),
  Sinh: composed((e, [x]) => sinh(e, x)),
  Cosh: composed((e, [x]) => e.mul(0.5, e.add(e.exp(x), e.exp(e.neg(x))))),
};
