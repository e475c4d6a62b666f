/**
 * How the weights of each class of layers are laid out in PyTorch.
 * @module
 */
import type { Layer } from "../../keras_style/layers/layer.ts";
import type { FeatureLayout } from "./feature_layout.ts";
import { product, type Rearrangement, reordered, unchanged } from "./rearrangement.ts";

/** What is counted along instead of trained. */
export type Statistic = "mean" | "variance";

/** One weight. */
export interface WeightRule {
  /** Keras' name. */
  readonly keras: string;
  /** PyTorch's name, in module number `module`. */
  readonly torch: string;
  readonly module: number;
  readonly statistic?: Statistic;
  /** @param input how the layer's input is laid out */
  arrange(shape: readonly number[], input: FeatureLayout): Rearrangement;
}

/** The weights of a class of layers. */
export interface LayerRule {
  /** Which modules it is in PyTorch. */
  readonly modules: readonly RegExp[];
  readonly weights: readonly WeightRule[];
}

type Arrange = WeightRule["arrange"];

const asItIs: Arrange = (shape) => unchanged(shape);

/** Height, width, in, out to out, in, height, width; with as many axes as there are. */
const kernel: Arrange = (shape) => {
  const spatial = shape.slice(0, -2).map((_, axis) => axis);
  return reordered(shape, [shape.length - 1, shape.length - 2, ...spatial]);
};

/** Height, width, in, multiplier to in times multiplier, 1, height, width. */
const depthwise: Arrange = ([height, width, inputs, multiplier]) =>
  reordered([height, width, inputs, multiplier], [2, 3, 0, 1], [
    inputs * multiplier,
    1,
    height,
    width,
  ]);

/** In, out to out, in; behind a flattened image the inputs change places. */
const dense: Arrange = ([inputs, outputs], layout) => {
  if (layout.kind !== "flattened" || product(layout.from) !== inputs) {
    return reordered([inputs, outputs], [1, 0]);
  }
  const { from } = layout;
  const inner = from.slice(0, -1).map((_, axis) => axis);
  return reordered([...from, outputs], [from.length, from.length - 1, ...inner], [outputs, inputs]);
};

/** One number a feature. */
const perFeature: Arrange = (shape, layout) => {
  if (layout.kind !== "flattened" || product(layout.from) !== shape[0]) return unchanged(shape);
  const { from } = layout;
  return reordered(from, [from.length - 1, ...from.slice(0, -1).map((_, axis) => axis)], shape);
};

function weight(keras: string, torch: string, arrange: Arrange, module = 0): WeightRule {
  return { keras, torch, module, arrange };
}

const bias = weight("bias", "bias", asItIs);

function convolution(dimensions: number): LayerRule {
  return {
    modules: [new RegExp(`^Conv${dimensions}d$`)],
    weights: [weight("kernel", "weight", kernel), bias],
  };
}

function transposed(dimensions: number): LayerRule {
  return {
    modules: [new RegExp(`^ConvTranspose${dimensions}d$`)],
    weights: [weight("kernel", "weight", kernel), bias],
  };
}

const rules: Readonly<Record<string, LayerRule>> = {
  Dense: { modules: [/^Linear$/], weights: [weight("kernel", "weight", dense), bias] },
  Conv1D: convolution(1),
  Conv2D: convolution(2),
  Conv3D: convolution(3),
  Conv2DTranspose: transposed(2),
  Conv3DTranspose: transposed(3),
  DepthwiseConv2D: {
    modules: [/^Conv2d$/],
    weights: [weight("kernel", "weight", depthwise), bias],
  },
  SeparableConv2D: {
    modules: [/^Conv2d$/, /^Conv2d$/],
    weights: [
      weight("depthwise_kernel", "weight", depthwise),
      weight("pointwise_kernel", "weight", kernel, 1),
      weight("bias", "bias", asItIs, 1),
    ],
  },
  BatchNormalization: {
    modules: [/^BatchNorm[123]d$/],
    weights: [
      weight("gamma", "weight", perFeature),
      weight("beta", "bias", perFeature),
      { ...weight("moving_mean", "running_mean", perFeature), statistic: "mean" },
      { ...weight("moving_variance", "running_var", perFeature), statistic: "variance" },
    ],
  },
  LayerNormalization: {
    modules: [/^LayerNorm$/],
    weights: [weight("gamma", "weight", asItIs), weight("beta", "bias", asItIs)],
  },
  Embedding: { modules: [/^Embedding$/], weights: [weight("embeddings", "weight", asItIs)] },
};

/** The classes of layers whose weights can be mapped. */
export const mappedClasses: readonly string[] = Object.keys(rules);

/** The rule of a layer's class, if there is one. */
export function weightRuleOf(layer: Layer): LayerRule | undefined {
  return rules[layer.getClassName()];
}
