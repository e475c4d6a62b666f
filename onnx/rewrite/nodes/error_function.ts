/**
 * The error function to all digits of float64, which no provider has a kernel for.
 *
 * Coefficients are of Chebyshev's expansions, computed with 40 digits and written as powers of u in [-1, 1], lowest first:
 *   erf(x) / x           in x² for |x| up to 1
 *   erfc(x) e^(x²)       in 1 / (x + 1.5) for x from 1 to 6
 * @module
 */
import { composed, type Composition, type Expressions } from "./node_writer.ts";

const NEAR = [
  0.9654687386698673,
  -0.1405360890227171,
  0.019852496688984218,
  -0.0022854855611441132,
  0.00021751715603563404,
  -1.7537169441124826e-05,
  1.2233827638116999e-06,
  -7.51156928660089e-08,
  4.115751497588646e-09,
  -2.035228404899467e-10,
  9.211251258348265e-12,
  -3.8078827395263415e-13,
];

const FAR = [
  0.23108725873039174,
  0.16591219276640498,
  0.02951798435757883,
  0.0015273171636837255,
  -0.0004390838583187405,
  -3.622139688502185e-05,
  1.4477136705637787e-05,
  1.5063682313176703e-07,
  -5.805736654137928e-07,
  7.113952236095802e-08,
  1.5844619318488324e-08,
  -6.4026060197158545e-09,
  4.108660473532785e-10,
  2.7047671694595493e-10,
  -7.000487061674019e-11,
  2.144672055226536e-13,
];

/** From here on erf(x) is 1. */
const END = 6;
const SHIFT = 1.5;
const [LOWEST, HIGHEST] = [1 / (END + SHIFT), 1 / (1 + SHIFT)];

function polynomial(e: Expressions, u: string, coefficients: readonly number[]): string {
  return coefficients.toReversed().reduce<string>(
    (sum, c) => sum === "" ? e.number(c) : e.add(e.mul(sum, u), c),
    "",
  );
}

export const erf: Composition = composed((e, [x]) => {
  if (e.dtype !== "float64") return undefined;
  const square = e.mul(x, x);
  const near = e.mul(x, polynomial(e, e.sub(e.mul(square, 2), 1), NEAR));
  const size = e.abs(x);
  const inverse = e.div(1, e.add(e.min(size, END), SHIFT));
  const u = e.div(
    e.sub(e.mul(inverse, 2), HIGHEST + LOWEST),
    HIGHEST - LOWEST,
  );
  const far = e.sub(1, e.mul(e.exp(e.neg(square)), polynomial(e, u, FAR)));
  return e.where(e.greater(size, 1), e.mul(e.side(x), far), near);
});
