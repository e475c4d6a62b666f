/**
 * The functions. Formulas are those of https://keras.io/api/layers/activations/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { rememberLogits } from "../losses/softmax_logits.ts";

/** A function of a layer's results, number by number or along the last axis; the shape stays. */
export type ActivationFunction = (x: tf.Tensor) => tf.Tensor;

type Numbers = tf.Tensor | tf.TensorLike;

function defined(compute: (x: tf.Tensor) => tf.Tensor): (x: Numbers) => tf.Tensor {
  return (x) => tf.tidy(() => compute(tf.cast(x as tf.Tensor, "float32")));
}

/** x above 0, exp(x) - 1 below. */
export const elu = defined((x) => tf.elu(x));
/** As elu, with alpha 1: in Keras the two differ in how alpha is taken. */
export const celu = defined((x) => tf.elu(x));
/** exp(x). */
export const exponential = defined((x) => tf.exp(x));
/** x times the share of a standard normal distribution below x. */
export const gelu = defined((x) =>
  tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))
);
/** x / 6 + 0.5, from 0 to 1. */
export const hardSigmoid = defined((x) => tf.div(tf.relu6(tf.add(x, 3)), 6));
/** x times hardSigmoid(x). */
export const hardSilu = defined((x) => tf.mul(x, hardSigmoid(x)));
/** Another name of hardSilu. */
export const hardSwish = hardSilu;
/** x above 0, 0.2 x below. */
export const leakyRelu = defined((x) => tf.leakyRelu(x, 0.2));
/** x itself. */
export const linear = defined((x) => x);
/** The logarithm of softmax. */
export const logSoftmax = defined((x) => tf.logSoftmax(x));
/** x tanh(softplus(x)). */
export const mish = defined((x) => tf.mul(x, tf.tanh(tf.softplus(x))));
/** x above 0, 0 below. */
export const relu = defined((x) => tf.relu(x));
/** relu, at most 6. */
export const relu6 = defined((x) => tf.relu6(x));
/** elu, scaled so that mean and variance stay 0 and 1. */
export const selu = defined((x) => tf.selu(x));
/** 1 / (1 + exp(-x)). */
export const sigmoid = defined((x) => tf.sigmoid(x));
/** x sigmoid(x). */
export const silu = defined((x) => tf.mul(x, tf.sigmoid(x)));
/** Another name of silu. */
export const swish = silu;
/** exp(x), divided by its sum over the last axis. */
export const softmax = defined((x) => rememberLogits(x, tf.softmax(x)));
/** log(exp(x) + 1). */
export const softplus = defined((x) => tf.softplus(x));
/** x / (|x| + 1). */
export const softsign = defined((x) => tf.div(x, tf.add(tf.abs(x), 1)));
/** The hyperbolic tangent. */
export const tanh = defined((x) => tf.tanh(x));
