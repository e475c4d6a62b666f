/**
 * The functions. Formulas are those of https://keras.io/api/layers/activations/ (keras/src/activations/activations.py of Keras 3)
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { applyOperation, type KerasTensor, registerOperation } from "../layers/keras_tensor.ts";
import { rememberLogits, withLogitsOf } from "../losses/softmax_logits.ts";
import { firstOf, onLastAxis, type OptionsInPlace, withOptions } from "../ops/define_op.ts";
import { withoutGradient } from "../ops/gradients.ts";
import { readOptions } from "../options.ts";

/** A function of a layer's results, number by number or along the last axis. */
export type ActivationFunction = (x: tf.Tensor) => tf.Tensor;

/** What a function of this folder can be called with: a symbolic tensor gives a symbolic one. */
export interface KnownActivation<
  Options = Record<never, never>,
  First extends keyof Options = keyof Options,
> {
  (x: tf.Tensor | tf.TensorLike, ...options: OptionsInPlace<Options, First>): tf.Tensor;
  (x: KerasTensor, ...options: OptionsInPlace<Options, First>): KerasTensor;
}

function defined<
  Options extends object = Record<never, never>,
  First extends keyof Options = keyof Options,
>(
  name: string,
  compute: (x: tf.Tensor, options: Required<Options>) => tf.Tensor,
  defaults: Required<Options> = {} as Required<Options>,
): KnownActivation<Options, First> {
  const first = firstOf(defaults);
  const run = (x: unknown, options?: Options) =>
    tf.tidy(() => {
      const own = readOptions(name, options, defaults as Record<string, unknown>);
      const given = tf.cast(x as tf.Tensor, "float32");
      const result = compute(given, own as Required<Options>);
      return result === given ? withLogitsOf(x as tf.Tensor, result) : result;
    });
  const saved = `activations.${name}`;
  registerOperation(saved, run as (...args: unknown[]) => tf.Tensor);
  const known = (...args: unknown[]) =>
    applyOperation(
      name,
      run as (...args: unknown[]) => tf.Tensor,
      withOptions(name, args, 1, first),
      {
        saved,
      },
    );
  return known as unknown as KnownActivation<Options, First>;
}

/** A choice by a condition, which no gradient flows through. A product with 0 and 1 would make NaN of infinities. */
function where(condition: () => tf.Tensor, yes: tf.Tensor, no: tf.Tensor | number): tf.Tensor {
  return tf.where(withoutGradient(condition), yes, no);
}

/** x above 0, alpha (exp(x) - 1) below. */
export const elu = defined<{ readonly alpha?: number }>("elu", (x, { alpha }) => {
  if (alpha === 1) return tf.elu(x);
  return tf.add(tf.relu(x), tf.mul(alpha, tf.sub(tf.exp(tf.minimum(x, 0)), 1)));
}, { alpha: 1 });
/** x above 0, alpha (exp(x / alpha) - 1) below. */
export const celu = defined<{ readonly alpha?: number }>("celu", (x, { alpha }) => {
  if (alpha === 1) return tf.elu(x);
  const below = tf.sub(tf.exp(tf.div(tf.minimum(x, 0), alpha)), 1);
  return tf.add(tf.relu(x), tf.mul(alpha, below));
}, { alpha: 1 });
/** exp(x). */
export const exponential = defined("exponential", (x) => tf.exp(x));
/** x times the share of a standard normal distribution below x; by a hyperbolic tangent if `approximate`. */
export const gelu = defined<{ readonly approximate?: boolean }>("gelu", (x, { approximate }) => {
  if (!approximate) return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
  const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3))));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}, { approximate: false });
/** One half of an axis times the sigmoid of the other half. */
export const glu = defined<{ readonly axis?: number }>("glu", (x, { axis }) => {
  const at = axis < 0 ? axis + x.rank : axis;
  if (!(x.shape[at] % 2 === 0)) {
    throw new RangeError(
      `glu: axis ${axis} of [${x.shape}] cannot be halved, expected an even size`,
    );
  }
  const [value, gate] = tf.split(x, 2, at);
  return tf.mul(value, tf.sigmoid(gate));
}, { axis: -1 });
/** x further than the threshold from 0, else 0. */
export const hardShrink = defined<{ readonly threshold?: number }>(
  "hardShrink",
  (x, { threshold }) => where(() => tf.greater(tf.abs(x), threshold), x, 0),
  { threshold: 0.5 },
);
/** x / 6 + 0.5, from 0 to 1. */
export const hardSigmoid = defined("hardSigmoid", (x) => tf.div(tf.relu6(tf.add(x, 3)), 6));
/** x times hardSigmoid(x). */
export const hardSilu = defined(
  "hardSilu",
  (x) => tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6)),
);
/** Another name of hardSilu. */
export const hardSwish = hardSilu;
/** x, from -1 to 1. */
export const hardTanh = defined("hardTanh", (x) => tf.clipByValue(x, -1, 1));
/** x above 0, negativeSlope x below. */
export const leakyRelu = defined<{ readonly negativeSlope?: number }>(
  "leakyRelu",
  (x, { negativeSlope }) => tf.leakyRelu(x, negativeSlope),
  { negativeSlope: 0.2 },
);
/** x itself. */
export const linear = defined("linear", (x) => x);
/** The logarithm of the sigmoid. */
export const logSigmoid = defined("logSigmoid", (x) => tf.neg(tf.softplus(tf.neg(x))));
/** The logarithm of softmax. */
export const logSoftmax = defined<{ readonly axis?: number }>(
  "logSoftmax",
  (x, { axis }) => onLastAxis(x, axis, (y) => tf.logSoftmax(y)),
  { axis: -1 },
);
/** x tanh(softplus(x)). */
export const mish = defined("mish", (x) => tf.mul(x, tf.tanh(tf.softplus(x))));
/** x above the threshold, at most maxValue; negativeSlope (x - threshold) below. */
export const relu = defined<
  {
    readonly negativeSlope?: number;
    readonly maxValue?: number | null;
    readonly threshold?: number;
  },
  "negativeSlope"
>("relu", (x, { negativeSlope, maxValue, threshold }) => {
  const cap = (y: tf.Tensor) => maxValue === null ? y : tf.minimum(y, maxValue);
  if (threshold === 0 && negativeSlope === 0) return maxValue === 6 ? tf.relu6(x) : cap(tf.relu(x));
  if (threshold === 0) return cap(tf.leakyRelu(x, negativeSlope));
  const kept = where(() => tf.greater(x, threshold), x, 0);
  // Keras clips at 0 as well where it clips.
  const above = cap(threshold < 0 && maxValue !== null ? tf.maximum(kept, 0) : kept);
  if (negativeSlope === 0) return above;
  return tf.sub(above, tf.mul(negativeSlope, tf.relu(tf.sub(threshold, x))));
}, { negativeSlope: 0, maxValue: null, threshold: 0 });
/** relu, at most 6. */
export const relu6 = defined("relu6", (x) => tf.relu6(x));
/** elu, scaled so that mean and variance stay 0 and 1. */
export const selu = defined("selu", (x) => tf.selu(x));
/** 1 / (1 + exp(-x)). */
export const sigmoid = defined("sigmoid", (x) => rememberLogits(x, tf.sigmoid(x)));
/** x sigmoid(x). */
export const silu = defined("silu", (x) => tf.mul(x, tf.sigmoid(x)));
/** Another name of silu. */
export const swish = silu;
/** x moved towards 0 by the threshold, 0 within it. */
export const softShrink = defined<{ readonly threshold?: number }>(
  "softShrink",
  (x, { threshold }) => {
    const below = where(() => tf.less(x, -threshold), tf.add(x, threshold), 0);
    return where(() => tf.greater(x, threshold), tf.sub(x, threshold), below);
  },
  { threshold: 0.5 },
);
/** exp(x), divided by its sum over an axis, the last unless given. */
export const softmax = defined<{ readonly axis?: number }>("softmax", (x, { axis }) => {
  return rememberLogits(x, onLastAxis(x, axis, (y) => tf.softmax(y)));
}, { axis: -1 });
/** log(exp(x) + 1). */
export const softplus = defined("softplus", (x) => tf.softplus(x));
/** x / (|x| + 1). */
export const softsign = defined("softsign", (x) => tf.div(x, tf.add(tf.abs(x), 1)));
/** 0 up to -1, (x + 1)² / 4 up to 1, then x. */
export const sparsePlus = defined("sparsePlus", (x) => {
  const middle = tf.div(tf.square(tf.add(tf.clipByValue(x, -1, 1), 1)), 4);
  return tf.add(middle, tf.relu(tf.sub(x, 1)));
});
/** 0 up to -1, (x + 1) / 2 up to 1, then 1. */
export const sparseSigmoid = defined(
  "sparseSigmoid",
  (x) => {
    const line = tf.mul(0.5, tf.add(x, 1));
    const above = where(() => tf.greaterEqual(x, 1), tf.onesLike(x), line);
    return where(() => tf.lessEqual(x, -1), tf.zerosLike(x), above);
  },
);
/** The nearest distribution over an axis: a softmax with zeros (Martins and Astudillo, 2016). */
export const sparsemax = defined<{ readonly axis?: number }>(
  "sparsemax",
  (x, { axis }) => onLastAxis(x, axis, nearestDistribution),
  { axis: -1 },
);
/** (x + sqrt(x² + b)) / 2. */
export const squareplus = defined<{ readonly b?: number }>(
  "squareplus",
  (x, { b }) => tf.div(tf.add(x, tf.sqrt(tf.add(tf.square(x), b))), 2),
  { b: 4 },
);
/** The hyperbolic tangent. */
export const tanh = defined("tanh", (x) => tf.tanh(x));
/** x - tanh(x). */
export const tanhShrink = defined("tanhShrink", (x) => tf.sub(x, tf.tanh(x)));
/** x above the threshold, else the default value; both 0 unless given. */
export const threshold = defined<
  { readonly threshold?: number; readonly defaultValue?: number },
  "threshold"
>(
  "threshold",
  (x, { threshold, defaultValue }) => where(() => tf.greater(x, threshold), x, defaultValue),
  { threshold: 0, defaultValue: 0 },
);

/** relu(x - t), t so that the sum is 1; which values stay above 0 is found without gradients. */
function nearestDistribution(x: tf.Tensor): tf.Tensor {
  const isKept = withoutGradient(() => {
    const { values } = tf.topk(x, x.shape.at(-1)!);
    const indices = tf.range(1, x.shape.at(-1)! + 1);
    const isLarge = tf.greater(tf.add(tf.mul(values, indices), 1), tf.cumsum(values, -1));
    const count = tf.sum(tf.cast(isLarge, "float32"), -1, true);
    const sum = tf.sum(tf.mul(values, tf.cast(isLarge, "float32")), -1, true);
    return tf.cast(tf.greater(x, tf.div(tf.sub(sum, 1), count)), "float32");
  });
  const count = tf.sum(isKept, -1, true);
  const bound = tf.div(tf.sub(tf.sum(tf.mul(x, isKept), -1, true), 1), count);
  return tf.mul(tf.sub(x, bound), isKept);
}
