/**
 * Numbers of the gamma, beta and binomial distributions. Follows https://keras.io/api/random/random_ops/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { readOptions } from "../options.ts";
import { type DrawOptions, type Source, sourceOf, standardNormal } from "./draw.ts";

/** A number, or a tensor of them that broadcasts to the shape that is drawn. */
export type Parameter = number | tf.Tensor;

/** How often a number is tried: each try fails in less than one of twenty cases. */
const TRIES = 10;

/** Least share of a sum, so that two numbers of next to nothing have one. */
const TINY = 1e-37;

/**
 * Numbers of the gamma distribution with scale 1 (Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables", 2000).
 *
 * @param alpha the distribution's shape, above 0
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * console.log(keras.random.gamma([2, 3], 0.5).shape); // [ 2, 3 ]
 * ```
 */
export function gamma(
  shape: readonly number[],
  alpha: Parameter,
  options: DrawOptions = {},
): tf.Tensor {
  const { dtype, seed } = readOptions("gamma", options, { dtype: "float32", seed: null });
  const source = sourceOf("gamma", seed);
  return tf.tidy(() =>
    tf.cast(gammaOf(source, shape, positive("gamma", "alpha", alpha, shape)), dtype)
  );
}

/**
 * Numbers of the beta distribution, between 0 and 1.
 *
 * @param alpha above 0; pulls to 1
 * @param beta above 0; pulls to 0
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const shares = keras.random.beta([32], 0.2, 0.2); // As mixup mixes.
 * console.log(shares.shape); // [ 32 ]
 * ```
 */
export function beta(
  shape: readonly number[],
  alpha: Parameter,
  beta: Parameter,
  options: DrawOptions = {},
): tf.Tensor {
  const { dtype, seed } = readOptions("beta", options, { dtype: "float32", seed: null });
  const source = sourceOf("beta", seed);
  return tf.tidy(() => {
    const values = betaOf(
      source,
      shape,
      positive("beta", "alpha", alpha, shape),
      positive("beta", "beta", beta, shape),
    );
    return tf.cast(values, dtype);
  });
}

/**
 * How often something happens in so many trials.
 *
 * @param counts trials; a tensor's largest value is read at once
 * @param probabilities that it happens in one of them
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const heads = keras.random.binomial([4], 10, 0.5);
 * console.log(heads.shape); // [ 4 ]
 * ```
 */
export function binomial(
  shape: readonly number[],
  counts: Parameter,
  probabilities: Parameter,
  options: DrawOptions = {},
): tf.Tensor {
  const { dtype, seed } = readOptions("binomial", options, { dtype: "float32", seed: null });
  const source = sourceOf("binomial", seed);
  return tf.tidy(() => {
    const most = counts instanceof tf.Tensor ? tf.max(counts).dataSync()[0] : counts;
    if (!(Number.isInteger(most) && most >= 0)) {
      throw new RangeError(`binomial: counts is ${most}, expected integers of at least 0`);
    }
    if (most === 0) return tf.zeros([...shape], dtype as "float32");
    const [trials, share] = [counts, probabilities].map((value) =>
      tf.expandDims(filled(value, shape), -1)
    );
    const happens = tf.less(source([...shape, most]), share);
    const isTried = tf.less(tf.range(0, most), trials);
    return tf.cast(tf.sum(tf.cast(tf.logicalAnd(happens, isTried), "float32"), -1), dtype);
  });
}

function filled(value: Parameter, shape: readonly number[]): tf.Tensor {
  if (!(value instanceof tf.Tensor)) return tf.fill([...shape], value);
  return tf.broadcastTo(tf.cast(value, "float32"), [...shape]);
}

function positive(
  owner: string,
  name: string,
  value: Parameter,
  shape: readonly number[],
): tf.Tensor {
  if (typeof value === "number" && !(value > 0)) {
    throw new RangeError(`${owner}: ${name} is ${value}, expected a number above 0`);
  }
  return filled(value, shape);
}

/** Beta numbers of what draws uniform ones; both parameters are of the shape, and alike unless two are given. */
export function betaOf(
  source: Source,
  shape: readonly number[],
  alpha: tf.Tensor,
  beta: tf.Tensor = alpha,
): tf.Tensor {
  const [first, second] = [alpha, beta].map((parameter) => gammaOf(source, shape, parameter));
  return tf.div(first, tf.maximum(tf.add(first, second), TINY));
}

/** Gamma numbers of what draws uniform ones, alpha being of the shape. */
export function gammaOf(source: Source, shape: readonly number[], alpha: tf.Tensor): tf.Tensor {
  // The method is for 1 and above; below, a number for one more is made smaller.
  const isSmall = tf.less(alpha, 1);
  const d = tf.sub(tf.where(isSmall, tf.add(alpha, 1), alpha), 1 / 3);
  const c = tf.div(1 / 3, tf.sqrt(d));
  let found: tf.Tensor = tf.onesLike(d);
  for (let i = 0; i < TRIES; i++) {
    const x = standardNormal(source, shape);
    const root = tf.add(1, tf.mul(c, x));
    const v = tf.pow(root, 3);
    const isPossible = tf.greater(root, 0);
    const logV = tf.log(tf.where(isPossible, v, tf.onesLike(v)));
    const bound = tf.add(
      tf.mul(tf.square(x), 0.5),
      tf.mul(d, tf.add(tf.sub(1, v), logV)),
    );
    const isTaken = tf.logicalAnd(isPossible, tf.less(tf.log(tf.sub(1, source(shape))), bound));
    found = tf.where(isTaken, v, found);
  }
  const factor = tf.pow(tf.sub(1, source(shape)), tf.div(1, alpha));
  return tf.mul(tf.mul(d, found), tf.where(isSmall, factor, tf.onesLike(factor)));
}
