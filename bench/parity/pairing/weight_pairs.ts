/**
 * The single weights of paired layers, and how they are copied from Keras to PyTorch.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Layer } from "../../../keras_style/layers/layer.ts";
import { fromHost } from "../../../onnx/mod.ts";
import { type nn, noGrad, Tensor } from "../../../torch_style/mod.ts";
import type { FeatureLayout } from "../comparing/feature_layout.ts";
import { arrangedShape, type LayerPair, layerText, moduleText } from "./layer_pairs.ts";
import { tensorOf, variableOf } from "./layer_parameters.ts";
import { product, rearrange, type Rearrangement } from "../comparing/rearrangement.ts";
import { isKnownModule, type Statistic, type WeightRule } from "./weight_rules.ts";

/** One weight in both models. */
export interface WeightPair {
  readonly pair: LayerPair;
  /** Keras' name in the layer, such as `kernel`. */
  readonly part: string;
  readonly variable: tf.Variable;
  /** Path in the PyTorch model. */
  readonly path: string;
  readonly tensor: Tensor;
  /** Where it lies in the tensor, along the first axis; null where it is the whole. */
  readonly rows: { readonly from: number; readonly count: number } | null;
  /** Which part of Keras' variable it is, in elements; null where it is the whole. */
  readonly slice: { readonly from: number; readonly count: number } | null;
  readonly arrangement: Rearrangement;
  /** Set for running statistics, which are not trained. */
  readonly statistic: Statistic | undefined;
}

/** A weight that only one model has. */
export interface LoneWeight {
  readonly pair: LayerPair;
  readonly part: string;
  readonly path: string;
  readonly shape: readonly number[];
  readonly side: "Keras" | "PyTorch";
}

/** Weights of paired layers whose shapes cannot be each other's. */
export interface MisfittingWeight {
  readonly pair: LayerPair;
  readonly part: string;
  readonly path: string;
  readonly shape: readonly number[];
  readonly torchShape: readonly number[];
  readonly text: string;
}

/** A weight of PyTorch's where Keras computes with a constant: a scale that is not trained, the second bias of an LSTM. */
export interface ConstantWeight {
  readonly path: string;
  readonly tensor: Tensor;
  readonly value: number;
}

/** All weights of paired layers. */
export interface PairedWeights {
  readonly both: readonly WeightPair[];
  readonly lone: readonly LoneWeight[];
  readonly misfitting: readonly MisfittingWeight[];
  readonly constant: readonly ConstantWeight[];
}

/**
 * Finds every weight's counterpart.
 *
 * @param layoutOf how a layer's input is laid out
 */
export function pairWeights(
  pairs: readonly LayerPair[],
  layoutOf: (layer: Layer) => FeatureLayout,
): PairedWeights {
  const both: WeightPair[] = [];
  const lone: LoneWeight[] = [];
  const misfitting: MisfittingWeight[] = [];
  const constant: ConstantWeight[] = [];
  for (const pair of pairs) {
    for (const rule of pair.rule.weights) {
      const found = pairWeight(pair, rule, layoutOf(pair.layer));
      if (!found) continue;
      if ("value" in found) constant.push(found);
      else if ("text" in found) misfitting.push(found);
      else if ("side" in found) lone.push(found);
      else both.push(found);
    }
  }
  for (const { modules: [owner], rule } of pairs) {
    for (const name of rule.zeroed ?? []) {
      const tensor = tensorOf(owner.module, name);
      if (tensor) constant.push({ path: pathOf(owner.path, name), tensor, value: 0 });
    }
  }
  return { both, lone: [...lone, ...parametersLeft(pairs)], misfitting, constant };
}

/** What paired modules have beside the weights that their layers' rules name. */
function parametersLeft(pairs: readonly LayerPair[]): LoneWeight[] {
  const used = new Map<nn.AnyModule, Set<string>>();
  for (const { modules, rule } of pairs) {
    modules.forEach(({ module }, at) => {
      const names = rule.weights.filter((weight) => weight.module === at).map((one) => one.torch);
      const more = at === 0 ? rule.zeroed ?? [] : [];
      used.set(module, new Set([...used.get(module) ?? [], ...names, ...more]));
    });
  }
  const seen = new Set<nn.AnyModule>();
  return pairs.flatMap((pair) =>
    pair.modules.flatMap(({ module, path }) => {
      if (seen.has(module) || !isKnownModule(module)) return [];
      seen.add(module);
      return module.ownParameters().filter(([name]) => !used.get(module)!.has(name))
        .map(([name, { shape }]): LoneWeight => ({
          ...{ pair, part: name, path: pathOf(path, name), shape },
          side: "PyTorch",
        }));
    })
  );
}

function pathOf(owner: string, name: string): string {
  return owner === "" ? name : `${owner}.${name}`;
}

function pairWeight(
  pair: LayerPair,
  rule: WeightRule,
  layout: FeatureLayout,
): WeightPair | ConstantWeight | LoneWeight | MisfittingWeight | undefined {
  const { keras, statistic, part, kerasPart, withoutIt } = rule;
  const owner = pair.modules[rule.module];
  const variable = variableOf(pair.layer, keras);
  const tensor = tensorOf(owner.module, rule.torch);
  const path = pathOf(owner.path, rule.torch);
  if (!variable && !tensor) return undefined;
  if (!variable && withoutIt !== undefined && !tensor!.requiresGrad) {
    return { path, tensor: tensor!, value: withoutIt };
  }
  if (!variable) return { pair, part: keras, path, shape: tensor!.shape, side: "PyTorch" };
  if (!tensor) return { pair, part: keras, path, shape: variable.shape, side: "Keras" };
  const expected = arrangedShape(rule, variable.shape, tensor.shape);
  if (!expected) {
    const { shape } = rule.arrange(variable.shape, layout);
    const text = `${layerText(pair.layer)} and ${moduleText(owner)}: ${keras} ` +
      `[${variable.shape}] would be ${rule.torch} [${shape}], PyTorch has [${tensor.shape}]`;
    return { pair, part: keras, path, shape, torchShape: tensor.shape, text };
  }
  const arrangement = rule.arrange(variable.shape, layout);
  const [first] = part ? arrangement.shape : [0];
  const count = variable.size / (kerasPart?.[1] ?? 1);
  return {
    pair,
    part: kerasPart ? `${keras}[${kerasPart[0]}]` : keras,
    variable,
    path,
    tensor,
    rows: part ? { from: part[0] * first, count: first } : null,
    slice: kerasPart ? { from: kerasPart[0] * count, count } : null,
    arrangement: part ? arrangement : { ...arrangement, shape: tensor.shape },
    statistic,
  };
}

/** A weight's part of its variable's values, or of other values of that shape, such as its gradient. */
export function sliceOf({ slice }: WeightPair, values: Float32Array): Float32Array {
  return slice === null ? values : values.slice(slice.from, slice.from + slice.count);
}

/** A weight's part of its tensor, or of another tensor of that shape, such as its gradient. */
export function partOf({ rows }: WeightPair, tensor: Tensor): Tensor {
  return rows === null ? tensor : tensor.narrow(0, rows.from, rows.count);
}

/** The values of whole PyTorch tensors, put together of what Keras' weights have. */
export function wholeTensors(values: WeightValues): Map<Tensor, Float32Array<ArrayBuffer>> {
  const whole = new Map<Tensor, Float32Array<ArrayBuffer>>();
  for (const [{ tensor, rows, arrangement }, data] of values) {
    const target = whole.get(tensor) ?? new Float32Array(product(tensor.shape));
    const start = rows === null ? 0 : rows.from * product(tensor.shape.slice(1));
    target.set(rearrange(data, arrangement), start);
    whole.set(tensor, target);
  }
  return whole;
}

/** The values of all paired weights, in Keras' layout. */
export type WeightValues = ReadonlyMap<WeightPair, Float32Array>;

/** Reads what the Keras model has now. */
export async function readWeights({ both }: PairedWeights): Promise<WeightValues> {
  const values = await Promise.all(
    both.map(async (weight) => {
      const data = Float32Array.from(await weight.variable.data());
      return [weight, sliceOf(weight, data).slice()] as const;
    }),
  );
  return new Map(values);
}

/** The values of whole Keras variables, put together of what the weights have. */
export function wholeVariables(values: WeightValues): Map<tf.Variable, Float32Array> {
  const whole = new Map<tf.Variable, Float32Array>();
  for (const [{ variable, slice }, data] of values) {
    const target = whole.get(variable) ?? new Float32Array(variable.size);
    target.set(data, slice?.from ?? 0);
    whole.set(variable, target);
  }
  return whole;
}

/** Gives both models these values, and PyTorch the constants that Keras computes with. */
export function writeWeights(
  values: WeightValues,
  constant: PairedWeights["constant"] = [],
): void {
  using _ = noGrad();
  for (const [variable, data] of wholeVariables(values)) {
    tf.tidy(() => variable.assign(tf.tensor(data, variable.shape)));
  }
  for (const [tensor, data] of wholeTensors(values)) {
    tensor.copy_(new Tensor(fromHost(data, tensor.shape)));
    tensor.grad = null;
  }
  for (const { tensor, value } of constant) {
    tensor.fill_(value);
    tensor.grad = null;
  }
}
