/**
 * How the weights of each class of layers are laid out in PyTorch.
 * @module
 */
import type { Layer } from "../../../keras_style/layers/layer.ts";
import type { nn } from "../../../torch_style/mod.ts";
import type { FeatureLayout } from "../comparing/feature_layout.ts";
import { product, type Rearrangement, reordered, unchanged } from "../comparing/rearrangement.ts";

/** What is counted along instead of trained. */
export type Statistic = "mean" | "variance";

/** One weight. */
export interface WeightRule {
  /** Keras' name; behind the names of the layers that it is in: `query/kernel`. */
  readonly keras: string;
  /** PyTorch's name, in module number `module`. */
  readonly torch: string;
  readonly module: number;
  readonly statistic?: Statistic;
  /** What a Keras layer computes with that has no such weight: PyTorch has it there as a weight that is not trained. */
  readonly withoutIt?: number;
  /** Which of several parts of equal size along the first axis of PyTorch's tensor it is; the whole unless given. */
  readonly part?: readonly [index: number, count: number];
  /** Which of several parts of equal size along the first axis of Keras' variable it is; the whole unless given. */
  readonly kerasPart?: readonly [index: number, count: number];
  /** @param input how the layer's input is laid out */
  arrange(shape: readonly number[], input: FeatureLayout): Rearrangement;
}

/** The weights of a class of layers. */
export interface LayerRule {
  /** Which modules it is in PyTorch. */
  readonly modules: readonly RegExp[];
  readonly weights: readonly WeightRule[];
  /** Tensors of the first module that Keras has no counterpart of, held at zero: the second bias of an LSTM. */
  readonly zeroed?: readonly string[];
  /** Whether the module computes more behind it, so that the layer's result is none of the module's. */
  readonly isInner?: boolean;
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

/** Height, width, in, multiplier to in times multiplier, 1, height, width; along one axis likewise. */
const depthwise: Arrange = (shape) => {
  const spatial = shape.slice(0, -2);
  const [inputs, multiplier] = shape.slice(-2);
  const order = [spatial.length, spatial.length + 1, ...spatial.map((_, axis) => axis)];
  return reordered(shape, order, [inputs * multiplier, 1, ...spatial]);
};

/** In, out to out, in; behind a flattened image the inputs change places. */
const dense: Arrange = ([inputs, outputs], layout) => {
  if (layout.kind !== "flattened" || product(layout.from) !== inputs) {
    return reordered([inputs, outputs], [1, 0]);
  }
  const { from, order = channelsFirstOf(from) } = layout;
  return reordered([...from, outputs], [from.length, ...order], [outputs, inputs]);
};

/** One number a feature. */
const perFeature: Arrange = (shape, layout) => {
  if (layout.kind !== "flattened" || product(layout.from) !== shape[0]) return unchanged(shape);
  const { from, order = channelsFirstOf(from) } = layout;
  return reordered(from, order, shape);
};

/** Last axis first. */
function channelsFirstOf(shape: readonly number[]): number[] {
  return [shape.length - 1, ...shape.slice(0, -1).map((_, axis) => axis)];
}

function weight(keras: string, torch: string, arrange: Arrange, module = 0): WeightRule {
  return { keras, torch, module, arrange };
}

const bias = weight("bias", "bias", asItIs);

function convolution(name: RegExp, arrange: Arrange = kernel): LayerRule {
  return { modules: [name], weights: [weight("kernel", "weight", arrange), bias] };
}

/** [size, heads, features of one] to [heads times features, size]. */
const toHeads: Arrange = ([size, heads, features]) => reordered([size, heads * features], [1, 0]);

/** [heads, features of one, size] to [size, heads times features]. */
const fromHeads: Arrange = ([heads, features, size]) => reordered([heads * features, size], [1, 0]);

/** [heads, features of one] to one axis. */
const ofHeads: Arrange = (shape) => unchanged([product(shape)]);

const projections = ["query", "key", "value"] as const;

/** Queries, keys and values are projected by one matrix in PyTorch. */
function packedAttention(
  modules: readonly RegExp[],
  [matrix, bias]: readonly [matrix: string, bias: string],
): LayerRule {
  return {
    modules,
    weights: [
      ...projections.flatMap((name, i): WeightRule[] => [
        { ...weight(`${name}/kernel`, matrix, toHeads), part: [i, 3] },
        { ...weight(`${name}/bias`, bias, ofHeads), part: [i, 3] },
      ]),
      weight("attention_output/kernel", "weight", fromHeads, 1),
      weight("attention_output/bias", "bias", asItIs, 1),
    ],
  };
}

/** Each projection a module of its own. */
const openAttention: LayerRule = {
  modules: [/^Linear$/, /^Linear$/, /^Linear$/, /^Linear$/],
  weights: [
    ...projections.flatMap((name, i) => [
      weight(`${name}/kernel`, "weight", toHeads, i),
      weight(`${name}/bias`, "bias", ofHeads, i),
    ]),
    weight("attention_output/kernel", "weight", fromHeads, 3),
    weight("attention_output/bias", "bias", asItIs, 3),
  ],
};

/** [in, gates times units] to [gates times units, in], gates in another order. */
function gates(order: readonly number[]): Arrange {
  return (shape) => {
    const [width] = shape.slice(-1);
    const units = width / order.length;
    const rows = order.flatMap((gate) => Array.from({ length: units }, (_, i) => gate * units + i));
    const turned = shape.length === 2 && shape[0] > 1
      ? reordered(shape, [1, 0])
      : shape.length === 2
      ? reordered(shape, [1, 0], [width, 1])
      : unchanged(shape);
    return { ...turned, rows };
  };
}

/** Keras' order of an LSTM's gates is PyTorch's: input, forget, cell, output. */
const lstmGates = [0, 1, 2, 3];
/** Keras: update, reset, new; PyTorch: reset, update, new. */
const gruGates = [1, 0, 2];

/** The weights of one direction; `at` leads to the layer, `end` is PyTorch's ending. */
function recurrent(order: readonly number[], at: string, end: string): WeightRule[] {
  const inCell = (name: string) => `${at}cell/${name}`;
  const bias = (torch: string, part: number): WeightRule => ({
    // [2, width]; with one row only (`resetAfter: false`) it is not PyTorch's rule.
    ...weight(
      inCell("bias"),
      `${torch}${end}`,
      (shape, input) =>
        shape.length === 2 ? gates(order)(shape.slice(-1), input) : unchanged([...shape, 0]),
    ),
    kerasPart: [part, 2],
  });
  return [
    weight(inCell("kernel"), `weight_ih${end}`, gates(order)),
    weight(inCell("recurrent_kernel"), `weight_hh${end}`, gates(order)),
    ...(order === gruGates
      ? [bias("bias_ih", 0), bias("bias_hh", 1)]
      : [weight(inCell("bias"), `bias_ih${end}`, gates(order))]),
  ];
}

/** A recurrent layer in one direction, or as it stands in a `Bidirectional`; `at` counts those of a stack. */
function recurrentRule(name: RegExp, order: readonly number[], both = false, at = 0): LayerRule {
  const ends = both ? [`_l${at}`, `_l${at}_reverse`] : [`_l${at}`];
  return {
    modules: [name],
    weights: ends.flatMap((end, i) =>
      recurrent(order, both ? ["forwardLayer/", "backwardLayer/"][i] : "", end)
    ),
    zeroed: order === gruGates ? [] : ends.map((end) => `bias_hh${end}`),
  };
}

const normalization = (modules: RegExp, arrange: Arrange = perFeature): LayerRule => ({
  modules: [modules],
  weights: [weight("gamma", "weight", arrange), weight("beta", "bias", arrange)],
});

const recurrentLayers = {
  LSTM: [/^LSTM$/, lstmGates],
  GRU: [/^GRU$/, gruGates],
  SimpleRNN: [/^RNN$/, [0]],
} as const;

/** The rule of one of a stack of recurrent layers that is one module in PyTorch; null for other layers. */
export function stackedRule(layer: Layer, at: number, count: number): LayerRule | null {
  const inner = (layer as unknown as { forwardLayer?: Layer }).forwardLayer;
  const name = (inner ?? layer).getClassName();
  if (!Object.hasOwn(recurrentLayers, name)) return null;
  const [kind, order] = recurrentLayers[name as keyof typeof recurrentLayers];
  return { ...recurrentRule(kind, order, inner !== undefined, at), isInner: at < count - 1 };
}

/** A `Bidirectional` is told by the layer that it is around. */
const rules: Readonly<Record<string, LayerRule | readonly LayerRule[]>> = {
  Dense: [
    { modules: [/^Linear$/], weights: [weight("kernel", "weight", dense), bias] },
    { modules: [/^Conv[123]d$/], weights: [weight("kernel", "weight", dense), bias] },
    // Queries, keys and values as one layer.
    {
      modules: [/^MultiheadAttention$/],
      weights: [weight("kernel", "in_proj_weight", dense), weight("bias", "in_proj_bias", asItIs)],
      isInner: true,
    },
  ],
  Conv1D: [convolution(/^Conv1d$/), convolution(/^Linear$/)],
  Conv2D: [convolution(/^Conv2d$/), convolution(/^Linear$/)],
  Conv3D: convolution(/^Conv3d$/),
  Conv1DTranspose: convolution(/^ConvTranspose1d$/),
  Conv2DTranspose: convolution(/^ConvTranspose2d$/),
  Conv3DTranspose: convolution(/^ConvTranspose3d$/),
  DepthwiseConv1D: convolution(/^Conv1d$/, depthwise),
  DepthwiseConv2D: convolution(/^Conv2d$/, depthwise),
  SeparableConv1D: separable(/^Conv1d$/),
  SeparableConv2D: separable(/^Conv2d$/),
  BatchNormalization: {
    modules: [/^BatchNorm[123]d$/],
    weights: [
      { ...weight("gamma", "weight", perFeature), withoutIt: 1 },
      { ...weight("beta", "bias", perFeature), withoutIt: 0 },
      { ...weight("moving_mean", "running_mean", perFeature), statistic: "mean" },
      { ...weight("moving_variance", "running_var", perFeature), statistic: "variance" },
    ],
  },
  LayerNormalization: [normalization(/^LayerNorm$/), normalization(/^GroupNorm$/)],
  GroupNormalization: [normalization(/^GroupNorm$/), normalization(/^InstanceNorm[123]d$/)],
  PReLU: { modules: [/^PReLU$/], weights: [weight("alpha", "weight", perFeature)] },
  MultiHeadAttention: [
    packedAttention([/^MultiheadAttention$/, /^Linear$/], ["in_proj_weight", "in_proj_bias"]),
    openAttention,
    packedAttention([/^Linear$/, /^Linear$/], ["weight", "bias"]),
  ],
  Embedding: [
    { modules: [/^Embedding$/], weights: [weight("embeddings", "weight", asItIs)] },
  ],
  ...Object.fromEntries(
    Object.entries(recurrentLayers).flatMap(([name, [kind, order]]) => [
      [name, recurrentRule(kind, order)],
      [`Bidirectional(${name})`, recurrentRule(kind, order, true)],
    ]),
  ),
};

function separable(name: RegExp): LayerRule {
  return {
    modules: [name, name],
    weights: [
      weight("depthwise_kernel", "weight", depthwise),
      weight("pointwise_kernel", "weight", kernel, 1),
      weight("bias", "bias", asItIs, 1),
    ],
  };
}

/** The classes of layers whose weights can be mapped. */
export const mappedClasses: readonly string[] = Object.keys(rules);

/** The rules of a layer's class or of the one it is derived from, the first that fits to be taken; none where none is known. */
export function weightRulesOf(layer: Layer): readonly LayerRule[] {
  const inner = (layer as unknown as { forwardLayer?: Layer }).forwardLayer;
  if (inner) return [rules[`Bidirectional(${inner.getClassName()})`] ?? []].flat();
  for (const name of classNames(layer)) if (Object.hasOwn(rules, name)) return [rules[name]].flat();
  return [];
}

/** Names of an object's class and of those it is derived from. */
export function classNames(of: object): string[] {
  const names: string[] = [];
  let constructor = of.constructor as { readonly name: string };
  while (constructor?.name) {
    names.push(constructor.name);
    constructor = Object.getPrototypeOf(constructor);
  }
  return names;
}

/** Whether a module is of a class, or of one derived from it. */
export function isOfKind(module: nn.AnyModule, kind: RegExp): boolean {
  return classNames(module).some((name) => kind.test(name));
}

const kinds = Object.values(rules).flat().flatMap(({ modules }) => modules);

/** Whether some layer's weights are known to be in such modules. */
export function isKnownModule(module: nn.AnyModule): boolean {
  return kinds.some((kind) => isOfKind(module, kind));
}
