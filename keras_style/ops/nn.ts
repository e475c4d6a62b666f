/**
 * What networks are made of. Follows https://keras.io/api/ops/nn/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import * as activations from "../activations/functions.ts";
import { large } from "../engine/mod.ts";
import { convolve } from "../layers/convolutional/convolve.ts";
import type { KerasTensor } from "../layers/keras_tensor.ts";
import { readSizes, type Sizes } from "../layers/sizes.ts";
import { standardize } from "../layers/normalization/standardize.ts";
import * as losses from "../losses/mod.ts";
import { binaryEntropies } from "../losses/probabilistic.ts";
import { checkChoice, readOptions } from "../options.ts";
import {
  asFloats,
  binaryWith,
  defineOp,
  type EagerInput,
  type OpInput,
  positiveAxes,
  unaryWith,
  withArgument,
} from "./define_op.ts";

export {
  celu,
  elu,
  glu,
  hardShrink,
  hardSigmoid,
  hardSilu,
  hardSwish,
  hardTanh,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softShrink,
  softsign,
  sparsemax,
  sparsePlus,
  sparseSigmoid,
  squareplus,
  swish,
  tanhShrink,
  threshold,
} from "../activations/functions.ts";

/** x times the share of a normal distribution below x; by a hyperbolic tangent unless set otherwise, as in Keras. */
export const gelu = unaryWith<{ readonly approximate?: boolean }>(
  "gelu",
  { approximate: true },
  (x, options) => activations.gelu(x, options),
);

/** Options of convolutions and poolings. */
export interface WindowOptions {
  readonly strides?: Sizes | null;
  /** "valid" unless given. */
  readonly padding?: "valid" | "same";
}

/** Options of {@linkcode conv}. */
export interface ConvOptions extends WindowOptions {
  readonly dilationRate?: Sizes;
}

/** A convolution of [n, ..., channels] with a kernel [..., channels / groups, filters], over one to three axes. */
export const conv = binaryWith<ConvOptions>(
  "conv",
  { strides: 1, padding: "valid", dilationRate: 1 },
  (x, kernel, { strides, padding, dilationRate }) => {
    const rank = x.rank - 2;
    return convolve(x, kernel, {
      strides: readSizes("conv", "strides", strides ?? 1, rank),
      padding: checkChoice("conv", "padding", padding, ["valid", "same"]),
      dilationRate: readSizes("conv", "dilationRate", dilationRate, rank),
      groups: x.shape.at(-1)! / kernel.shape.at(-2)!,
    });
  },
);

/** A convolution of every channel by itself: [n, rows, columns, channels] with [..., channels, multiplier]. */
export const depthwiseConv = binaryWith<WindowOptions>(
  "depthwiseConv",
  { strides: 1, padding: "valid" },
  (x, kernel, { strides, padding }) => {
    const [row, column] = readSizes("depthwiseConv", "strides", strides ?? 1, 2);
    return tf.depthwiseConv2d(
      x as tf.Tensor4D,
      kernel as tf.Tensor4D,
      [row, column],
      checkChoice<"valid" | "same">("depthwiseConv", "padding", padding, ["valid", "same"]),
    );
  },
);

type PoolKind = "max" | "avg";

function pool(name: string, kind: PoolKind) {
  return withArgument<Sizes, WindowOptions>(
    name,
    { strides: null, padding: "valid" },
    (x, poolSize, { strides, padding }) => {
      const rank = x.rank - 2;
      const window = readSizes(name, "poolSize", poolSize, rank);
      const step = strides === null ? window : readSizes(name, "strides", strides, rank);
      return pooled(
        x,
        kind,
        window,
        step,
        checkChoice(name, "padding", padding, ["valid", "same"]),
      );
    },
  );
}

function pooled(
  x: tf.Tensor,
  kind: PoolKind,
  window: number[],
  strides: number[],
  padding: "valid" | "same",
): tf.Tensor {
  if (window.length === 1) {
    const wide = tf.expandDims(x, 1);
    return tf.squeeze(pooled(wide, kind, [1, ...window], [1, ...strides], padding), [1]);
  }
  if (window.length === 2) {
    const run = kind === "max" ? tf.maxPool : tf.avgPool;
    return run(x as tf.Tensor4D, window as [number, number], strides as [number, number], padding);
  }
  const run = kind === "max" ? tf.maxPool3d : tf.avgPool3d;
  const sizes = (list: number[]) => list as [number, number, number];
  return run(x as tf.Tensor5D, sizes(window), sizes(strides), padding);
}

/** The largest number of each window of [n, ..., channels]. */
export const maxPool = pool("maxPool", "max");
/** The mean of each window of [n, ..., channels]; what lies beyond the edge does not count. */
export const averagePool = pool("averagePool", "avg");

/** (x - mean) / sqrt(variance + epsilon), scaled and shifted. */
export interface BatchNormalizationOptions {
  readonly offset?: tf.Tensor | null;
  readonly scale?: tf.Tensor | null;
  /** 0.001 unless given. */
  readonly epsilon?: number;
}

/** Values normalized with statistics along an axis. */
export const batchNormalization = defineOp(
  "batchNormalization",
  (
    x: unknown,
    mean: unknown,
    variance: unknown,
    axis: number,
    options: BatchNormalizationOptions = {},
  ) => {
    const { offset, scale, epsilon } = readOptions("batchNormalization", options, {
      offset: null,
      scale: null,
      epsilon: 1e-3,
    });
    const tensor = asFloats(x);
    const [at] = positiveAxes("batchNormalization", axis, tensor.rank);
    const along = (v: unknown) =>
      tf.reshape(asFloats(v), tensor.shape.map((size, k) => k === at ? size : 1));
    const factor = tf.div(1, tf.sqrt(tf.add(along(variance), epsilon)));
    const scaled = tf.mul(
      tf.sub(tensor, along(mean)),
      scale === null ? factor : tf.mul(factor, along(scale)),
    );
    return offset === null ? scaled : tf.add(scaled, along(offset));
  },
) as unknown as {
  (
    x: KerasTensor,
    mean: OpInput,
    variance: OpInput,
    axis: number,
    options?: BatchNormalizationOptions,
  ): KerasTensor;
  (
    x: EagerInput,
    mean: EagerInput,
    variance: EagerInput,
    axis: number,
    options?: BatchNormalizationOptions,
  ): tf.Tensor;
};

/** Options of {@linkcode layerNormalization} and {@linkcode rmsNormalization}. */
export interface NormalizationOptions {
  readonly gamma?: tf.Tensor | null;
  readonly beta?: tf.Tensor | null;
  /** The last unless given. */
  readonly axis?: number | readonly number[];
  readonly epsilon?: number | null;
}

/** Values of mean 0 and variance 1 over axes, times gamma, plus beta. */
export const layerNormalization = unaryWith<NormalizationOptions, never>(
  "layerNormalization",
  { gamma: null, beta: null, axis: -1, epsilon: null },
  (x, { gamma, beta, axis, epsilon }) => {
    const axes = positiveAxes("layerNormalization", axis, x.rank);
    const { output } = standardize(asFloats(x), axes, epsilon ?? 1e-7);
    const scaled = gamma === null ? output : tf.mul(output, gamma);
    return beta === null ? scaled : tf.add(scaled, beta);
  },
);

/** Values whose mean square over axes is 1, times a scale. */
export const rmsNormalization = unaryWith<
  {
    readonly scale?: tf.Tensor | number;
    readonly axis?: number | readonly number[];
    readonly epsilon?: number | null;
  },
  "scale"
>("rmsNormalization", { scale: 1, axis: -1, epsilon: null }, (x, { scale, axis, epsilon }) => {
  const axes = positiveAxes("rmsNormalization", axis, x.rank);
  const square = tf.mean(tf.square(asFloats(x)), axes, true);
  return tf.mul(tf.div(x, tf.sqrt(tf.add(square, epsilon ?? 1e-7))), scale);
});

/** Options of the cross entropies. */
export interface EntropyOptions {
  /** Whether the output are logits; false unless given. */
  readonly fromLogits?: boolean;
}

/** The cross entropy of every number by itself. */
export const binaryCrossentropy = binaryWith<EntropyOptions, "fromLogits">(
  "binaryCrossentropy",
  { fromLogits: false },
  (target, output, { fromLogits }) =>
    binaryEntropies(asFloats(target), asFloats(output), fromLogits),
);
/** The cross entropy of distributions over an axis. */
export const categoricalCrossentropy = binaryWith<
  EntropyOptions & { readonly axis?: number },
  "fromLogits"
>(
  "categoricalCrossentropy",
  { fromLogits: false, axis: -1 },
  (target, output, options) => losses.categoricalCrossentropy(target, output, options),
);
/** The cross entropy of class indices. */
export const sparseCategoricalCrossentropy = defineOp(
  "sparseCategoricalCrossentropy",
  (target: unknown, output: unknown, options: EntropyOptions = {}) =>
    losses.sparseCategoricalCrossentropy(target as tf.Tensor, output as tf.Tensor, options),
) as unknown as (target: EagerInput, output: EagerInput, options?: EntropyOptions) => tf.Tensor;

/** Options of {@linkcode dotProductAttention}. */
export interface DotProductAttentionOptions {
  readonly bias?: tf.Tensor | null;
  /** True where a key counts: [n, heads, queries, keys], or 1 instead of any of them. */
  readonly mask?: tf.Tensor | null;
  /** 1 / sqrt(head size) unless given. */
  readonly scale?: number | null;
  /** Whether a query sees only keys up to its own position; false unless given. */
  readonly isCausal?: boolean;
}

/** softmax(query keyᵀ scale) value, of [n, steps, heads, head size]. */
export const dotProductAttention = defineOp(
  "dotProductAttention",
  (query: unknown, key: unknown, value: unknown, options: DotProductAttentionOptions = {}) => {
    const { bias, mask, scale, isCausal } = readOptions("dotProductAttention", options, {
      bias: null,
      mask: null,
      scale: null,
      isCausal: false,
    });
    const [q, k, v] = [query, key, value].map((x) => tf.transpose(asFloats(x), [0, 2, 1, 3]));
    const factor = scale ?? 1 / Math.sqrt(q.shape.at(-1)!);
    let scores = tf.mul(tf.matMul(q as tf.Tensor4D, k as tf.Tensor4D, false, true), factor);
    if (bias !== null) scores = tf.add(scores, bias);
    const [queries, keys] = scores.shape.slice(-2);
    const masks = [
      ...(mask === null ? [] : [tf.cast(mask, "bool")]),
      ...(isCausal ? [causalMask(queries, keys)] : []),
    ];
    const weights = tf.softmax(masks.reduce(
      (logits, allowed) =>
        tf.add(logits, tf.mul(tf.sub(1, tf.cast(allowed, "float32")), -large(logits))),
      scores as tf.Tensor,
    ));
    return tf.transpose(tf.matMul(weights as tf.Tensor4D, v as tf.Tensor4D), [0, 2, 1, 3]);
  },
) as unknown as {
  (q: KerasTensor, k: OpInput, v: OpInput, options?: DotProductAttentionOptions): KerasTensor;
  (q: EagerInput, k: EagerInput, v: EagerInput, options?: DotProductAttentionOptions): tf.Tensor;
};

/** True where a key's position is not behind the query's: [queries, keys]. */
export function causalMask(queries: number, keys: number): tf.Tensor {
  const row = tf.range(0, queries, 1, "int32").reshape([queries, 1]);
  return tf.greaterEqual(row, tf.range(0, keys, 1, "int32").reshape([1, keys]));
}

/** Connectionist temporal classification; see `keras.losses.ctc`. */
export const ctcLoss = defineOp(
  "ctcLoss",
  (target: unknown, output: unknown) => losses.ctc(target as tf.Tensor, output as tf.Tensor),
) as unknown as (target: EagerInput, output: EagerInput) => tf.Tensor;

/** The peak signal-to-noise ratio of two tensors, in decibels. */
export const psnr = binaryWith<{ readonly maxVal?: number }>(
  "psnr",
  { maxVal: 1 },
  (a, b, { maxVal }) => {
    const error = tf.mean(tf.square(tf.sub(a, b)));
    const decibel = tf.mul(tf.log(tf.div(maxVal ** 2, error)), 10 / Math.LN10);
    return decibel;
  },
);

/** Blocks of pixels as channels: [n, h, w, c] to [n, h / b, w / b, c b²]. */
export const spaceToDepth = withArgument<number>("spaceToDepth", {}, (x, block) => {
  const [n, h, w, c] = x.shape;
  const blocks = tf.reshape(x, [n, h / block, block, w / block, block, c]);
  return tf.reshape(tf.transpose(blocks, [0, 1, 3, 2, 4, 5]), [
    n,
    h / block,
    w / block,
    c * block * block,
  ]);
});
/** Channels as blocks of pixels: [n, h, w, c] to [n, h b, w b, c / b²]. */
export const depthToSpace = withArgument<number>(
  "depthToSpace",
  {},
  (x, block) => tf.depthToSpace(x as tf.Tensor4D, block),
);
