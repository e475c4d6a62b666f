/**
 * How the weights of each class of layers are laid out in PyTorch.
 * @module
 */
import type { Layer } from "../../keras_style/layers/layer.ts";
import type { nn } from "../../torch_style/mod.ts";
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
  /** What a Keras layer computes with that has no such weight: PyTorch has it there as a weight that is not trained. */
  readonly withoutIt?: number;
  /** Which of several parts of equal size along the first axis of PyTorch's tensor it is; the whole unless given. */
  readonly part?: readonly [index: number, count: number];
  /** @param input how the layer's input is laid out */
  arrange(shape: readonly number[], input: FeatureLayout): Rearrangement;
}

/** The weights of a class of layers. */
export interface LayerRule {
  /** Which modules it is in PyTorch. */
  readonly modules: readonly RegExp[];
  readonly weights: readonly WeightRule[];
}

/** As it is in both. */
export function sameWeight(keras: string, torch: string, module: number): WeightRule {
  return weight(keras, torch, asItIs, module);
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

/** [size, heads, features of one] to [heads times features, size]. */
const toHeads: Arrange = ([size, heads, features]) => reordered([size, heads * features], [1, 0]);

/** [heads, features of one, size] to [size, heads times features]. */
const fromHeads: Arrange = ([heads, features, size]) => reordered([heads * features, size], [1, 0]);

/** [heads, features of one] to one axis. */
const ofHeads: Arrange = (shape) => unchanged([product(shape)]);

/** Queries, keys and values are projected by one matrix in PyTorch. */
function attention(
  modules: readonly RegExp[],
  [matrix, bias]: readonly [matrix: string, bias: string],
): LayerRule {
  return {
    modules,
    weights: [
      ...["query", "key", "value"].flatMap((name, i): WeightRule[] => [
        { ...weight(`${name}/kernel`, matrix, toHeads), part: [i, 3] },
        { ...weight(`${name}/bias`, bias, ofHeads), part: [i, 3] },
      ]),
      weight("attention_output/kernel", "weight", fromHeads, 1),
      weight("attention_output/bias", "bias", asItIs, 1),
    ],
  };
}

const rules: Readonly<Record<string, LayerRule | readonly LayerRule[]>> = {
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
      { ...weight("gamma", "weight", perFeature), withoutIt: 1 },
      { ...weight("beta", "bias", perFeature), withoutIt: 0 },
      { ...weight("moving_mean", "running_mean", perFeature), statistic: "mean" },
      { ...weight("moving_variance", "running_var", perFeature), statistic: "variance" },
    ],
  },
  LayerNormalization: {
    modules: [/^LayerNorm$/],
    weights: [weight("gamma", "weight", asItIs), weight("beta", "bias", asItIs)],
  },
  MultiHeadAttention: [
    attention([/^MultiheadAttention$/, /^Linear$/], ["in_proj_weight", "in_proj_bias"]),
    attention([/^Linear$/, /^Linear$/], ["weight", "bias"]),
  ],
  Embedding: { modules: [/^Embedding$/], weights: [weight("embeddings", "weight", asItIs)] },
};

/** The classes of layers whose weights can be mapped. */
export const mappedClasses: readonly string[] = Object.keys(rules);

/** The rules of a layer's class, the first that fits to be taken; none where it is not known. */
export function weightRulesOf(layer: Layer): readonly LayerRule[] {
  return [rules[layer.getClassName()] ?? []].flat();
}

/** Whether a module is of a class, or of one derived from it. */
export function isOfKind(module: nn.AnyModule, kind: RegExp): boolean {
  let constructor = module.constructor;
  while (constructor.name !== "") {
    if (kind.test(constructor.name)) return true;
    constructor = Object.getPrototypeOf(constructor);
  }
  return false;
}

const kinds = Object.values(rules).flat().flatMap(({ modules }) => modules);

/** Whether some layer's weights are known to be in such modules. */
export function isKnownModule(module: nn.AnyModule): boolean {
  return kinds.some((kind) => isOfKind(module, kind));
}
