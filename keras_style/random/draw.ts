/**
 * Random tensors: of the idiom's own stream, drawn afresh at every call of a traced function; the same ones for a number as
 * seed; of its own stream for a `SeedGenerator`. Follows https://keras.io/api/random/random_ops/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { RandomStream } from "../../onnx/mod.ts";
import { type PositionalArguments, readArguments } from "../keras_class.ts";
import { checkNumber, readOptions } from "../options.ts";
import { randomUniform } from "../tracing/mod.ts";
import { checkSeed, type Seed, SeedGenerator } from "./seed.ts";

/** Options of all functions that draw. */
export interface DrawOptions {
  /** From the idiom's own stream unless given. */
  readonly seed?: Seed | null;
  /** float32 (int32 for integers) unless given. */
  readonly dtype?: tf.DataType;
}

/** Draws uniform numbers in [0, 1) of a shape; another call draws others. */
export type Source = (shape: readonly number[]) => tf.Tensor;

/** What draws for a seed. */
export function sourceOf(owner: string, seed: Seed | null): Source {
  if (seed === null) return (shape) => randomUniform([...shape]);
  const checked = checkSeed(owner, seed);
  if (checked instanceof SeedGenerator) {
    return (shape) => randomUniform([...shape], checked.stream);
  }
  const stream = new RandomStream(checked);
  return (shape) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return tf.tensor(stream.uniform(count), [...shape], "float32");
  };
}

/** Options of {@linkcode uniform}. */
export interface UniformDrawOptions extends DrawOptions {
  /** 0 unless given. */
  readonly minval?: number;
  /** 1 unless given. */
  readonly maxval?: number;
}

const RANGE_BY_POSITION = ["minval", "maxval", "dtype"] as const;

/**
 * Uniform numbers in [minval, maxval): `uniform(shape, 0, 10, { seed: 1 })`, or all of it by name.
 * Follows https://keras.io/api/random/random_ops/
 */
export function uniform(
  shape: readonly number[],
  ...range: PositionalArguments<UniformDrawOptions, typeof RANGE_BY_POSITION>
): tf.Tensor {
  const [options] = readArguments("uniform", RANGE_BY_POSITION, range);
  const { minval, maxval, dtype, seed } = readOptions("uniform", options as UniformDrawOptions, {
    minval: 0,
    maxval: 1,
    dtype: "float32",
    seed: null,
  });
  const source = sourceOf("uniform", seed);
  return tf.tidy(() => tf.cast(tf.add(tf.mul(source(shape), maxval - minval), minval), dtype));
}

/** Options of {@linkcode normal} and {@linkcode truncatedNormal}. */
export interface NormalDrawOptions extends DrawOptions {
  /** 0 unless given. */
  readonly mean?: number;
  /** Standard deviation; 1 unless given. */
  readonly stddev?: number;
}

const MOMENTS_BY_POSITION = ["mean", "stddev", "dtype"] as const;
const NORMAL = { mean: 0, stddev: 1, dtype: "float32", seed: null };

function readMoments(owner: string, args: readonly unknown[]) {
  const [options] = readArguments(owner, MOMENTS_BY_POSITION, args);
  return readOptions(owner, options as NormalDrawOptions, NORMAL);
}

/** Normal numbers (Box and Muller). */
export function normal(
  shape: readonly number[],
  ...moments: PositionalArguments<NormalDrawOptions, typeof MOMENTS_BY_POSITION>
): tf.Tensor {
  const { mean, stddev, dtype, seed } = readMoments("normal", moments);
  const source = sourceOf("normal", seed);
  return tf.tidy(() => tf.cast(tf.add(tf.mul(standardNormal(source, shape), stddev), mean), dtype));
}

/** Normal numbers of mean 0 and variance 1. */
export function standardNormal(source: Source, shape: readonly number[]): tf.Tensor {
  // 1 - u lies above 0, so that the logarithm is finite.
  const radius = tf.sqrt(tf.mul(tf.log(tf.sub(1, source(shape))), -2));
  return tf.mul(radius, tf.cos(tf.mul(source(shape), 2 * Math.PI)));
}

/** erf(2 / sqrt(2)): how much of a normal distribution lies within two standard deviations. */
const WITHIN_TWO = 0.9544997361036416;

/** Normal numbers within two standard deviations of the mean, by the inverse of the distribution. */
export function truncatedNormal(
  shape: readonly number[],
  ...moments: PositionalArguments<NormalDrawOptions, typeof MOMENTS_BY_POSITION>
): tf.Tensor {
  const { mean, stddev, dtype, seed } = readMoments("truncatedNormal", moments);
  const source = sourceOf("truncatedNormal", seed);
  return tf.tidy(() => {
    const share = tf.mul(tf.sub(tf.mul(source(shape), 2), 1), WITHIN_TWO);
    const standard = tf.clipByValue(tf.mul(inverseErf(share), Math.SQRT2), -2, 2);
    return tf.cast(tf.add(tf.mul(standard, stddev), mean), dtype);
  });
}

/** Coefficients for w < 5, the highest power first (M. Giles, "Approximating the erfinv function", 2010). */
const GILES = [
  2.81022636e-08,
  3.43273939e-07,
  -3.5233877e-06,
  -4.39150654e-06,
  0.00021858087,
  -0.00125372503,
  -0.00417768164,
  0.246640727,
  1.50140941,
];

/** The number whose error function x is, for |x| < 0.996. */
function inverseErf(x: tf.Tensor): tf.Tensor {
  const w = tf.sub(tf.neg(tf.log(tf.mul(tf.sub(1, x), tf.add(1, x)))), 2.5);
  const series = GILES.slice(1).reduce<tf.Tensor>(
    (sum, coefficient) => tf.add(tf.mul(sum, w), coefficient),
    tf.fill(x.shape, GILES[0]),
  );
  return tf.mul(series, x);
}

/** Integers in [minval, maxval). */
export function randint(
  shape: readonly number[],
  minval: number,
  maxval: number,
  options: DrawOptions = {},
): tf.Tensor {
  const { dtype, seed } = readOptions("randint", options, { dtype: "int32", seed: null });
  checkNumber("randint", "minval", minval, { integer: true });
  checkNumber("randint", "maxval", maxval, { integer: true, from: minval + 1 });
  const source = sourceOf("randint", seed);
  return tf.tidy(() =>
    tf.cast(tf.add(tf.floor(tf.mul(source(shape), maxval - minval)), minval), dtype)
  );
}

/** Class indices [n, numSamples], drawn with the probabilities that are the softmax of logits [n, classes]. */
export function categorical(
  logits: tf.Tensor,
  numSamples: number,
  options: DrawOptions = {},
): tf.Tensor {
  const { dtype, seed } = readOptions("categorical", options, { dtype: "int32", seed: null });
  const source = sourceOf("categorical", seed);
  const [count, classes] = logits.shape as [number, number];
  return tf.tidy(() => {
    // The largest of logits with Gumbel noise is distributed so.
    const draws = tf.sub(1, source([count, numSamples, classes]));
    const noise = tf.neg(tf.log(tf.maximum(tf.neg(tf.log(draws)), 1e-30)));
    return tf.cast(tf.argMax(tf.add(tf.expandDims(logits, 1), noise), -1), dtype);
  });
}

/** The entries along an axis in random order. */
export function shuffle(
  x: tf.Tensor,
  options: { readonly axis?: number; readonly seed?: Seed | null } = {},
): tf.Tensor {
  const { axis, seed } = readOptions("shuffle", options, { axis: 0, seed: null });
  const source = sourceOf("shuffle", seed);
  return tf.tidy(() => {
    const { indices } = tf.topk(source([x.shape[axis]]), x.shape[axis]);
    return tf.gather(x, indices as tf.Tensor1D, axis);
  });
}

/** Options of {@linkcode dropout}. */
export interface DropoutDrawOptions {
  readonly noiseShape?: readonly (number | null)[] | null;
  readonly seed?: Seed | null;
}

/** A share of the values set to 0, the others divided by 1 - rate. */
export function dropout(x: tf.Tensor, rate: number, options: DropoutDrawOptions = {}): tf.Tensor {
  const { noiseShape, seed } = readOptions("dropout", options, { noiseShape: null, seed: null });
  checkNumber("dropout", "rate", rate, { from: 0, below: 1 });
  const source = sourceOf("dropout", seed);
  return tf.tidy(() => {
    const shape = x.shape.map((size, axis) => noiseShape?.[axis] ?? size);
    const kept = tf.cast(tf.greaterEqual(source(shape), rate), "float32");
    return tf.div(tf.mul(x, kept), 1 - rate);
  });
}
