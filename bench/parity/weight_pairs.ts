/**
 * The single weights of paired layers, and how they are copied from Keras to PyTorch.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Layer } from "../../keras_style/layers/layer.ts";
import { fromHost } from "../../onnx/mod.ts";
import { noGrad, Tensor } from "../../torch_style/mod.ts";
import type { FeatureLayout } from "./feature_layout.ts";
import { type LayerPair, layerText, moduleText } from "./layer_pairs.ts";
import { ParityError } from "./parity_error.ts";
import { product, rearrange, type Rearrangement, sameShape } from "./rearrangement.ts";
import type { Statistic, WeightRule } from "./weight_rules.ts";

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

/** A weight that is not trained in PyTorch, where Keras computes with a constant. */
export interface ConstantWeight {
  readonly path: string;
  readonly tensor: Tensor;
  readonly value: number;
}

/** All weights of paired layers. */
export interface PairedWeights {
  readonly both: readonly WeightPair[];
  readonly constant: readonly ConstantWeight[];
  readonly lone: readonly LoneWeight[];
}

/**
 * Finds every weight's counterpart.
 *
 * @param layoutOf how a layer's input is laid out
 * @throws {ParityError} naming all weights whose shapes do not fit
 */
export function pairWeights(
  pairs: readonly LayerPair[],
  layoutOf: (layer: Layer) => FeatureLayout,
): PairedWeights {
  const both: WeightPair[] = [];
  const constant: ConstantWeight[] = [];
  const lone: LoneWeight[] = [];
  const wrong: string[] = [];
  for (const pair of pairs) {
    for (const rule of pair.rule.weights) {
      const found = pairWeight(pair, rule, layoutOf(pair.layer));
      if (typeof found === "string") wrong.push(found);
      else if (found && "side" in found) lone.push(found);
      else if (found && "value" in found) constant.push(found);
      else if (found) both.push(found);
    }
  }
  if (wrong.length > 0) {
    throw new ParityError(`shapes that cannot be paired: ${wrong.join("; ")}`);
  }
  return { both, constant, lone };
}

function pairWeight(
  pair: LayerPair,
  { keras, torch, module, statistic, part, arrange, withoutIt }: WeightRule,
  layout: FeatureLayout,
): WeightPair | ConstantWeight | LoneWeight | string | undefined {
  const owner = pair.modules[module];
  const variable = variableOf(pair.layer, keras);
  const tensor = tensorOf(owner.module, torch);
  const path = owner.path === "" ? torch : `${owner.path}.${torch}`;
  if (!variable && !tensor) return undefined;
  if (!variable && withoutIt !== undefined && !tensor!.requiresGrad) {
    return { path, tensor: tensor!, value: withoutIt };
  }
  if (!variable) return { pair, part: keras, path, shape: tensor!.shape, side: "PyTorch" };
  if (!tensor) return { pair, part: keras, path, shape: variable.shape, side: "Keras" };
  const arrangement = arrange(variable.shape, layout);
  const [index, count] = part ?? [0, 1];
  const [first, ...others] = arrangement.shape;
  const expected = part ? [first * count, ...others] : arrangement.shape;
  if (!sameShape(expected, tensor.shape)) {
    return `${layerText(pair.layer)} and ${moduleText(owner)}: ${keras} ` +
      `[${variable.shape}] would be ${torch} [${expected}], PyTorch has [${tensor.shape}]`;
  }
  const rows = part ? { from: index * first, count: first } : null;
  return { pair, part: keras, variable, path, tensor, rows, arrangement, statistic };
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

/** @param name of the weight, behind that of the layer in the layer that it is in: `query/kernel` */
function variableOf(
  layer: Pick<Layer, "ownWeights" | "sublayers">,
  name: string,
): tf.Variable | undefined {
  const [first, rest] = name.split("/");
  if (rest === undefined) {
    return layer.ownWeights().find((weight) => weight.name === name)?.variable;
  }
  const inner = layer.sublayers().find((sublayer) => sublayer.name === first);
  return inner && variableOf(inner, rest);
}

function tensorOf(owner: LayerPair["modules"][number]["module"], name: string): Tensor | undefined {
  return [...owner.ownParameters(), ...owner.ownBuffers()].find(([own]) => own === name)?.[1];
}

/** The values of all paired weights, in Keras' layout. */
export type WeightValues = ReadonlyMap<WeightPair, Float32Array>;

/** Reads what the Keras model has now. */
export async function readWeights({ both }: PairedWeights): Promise<WeightValues> {
  const values = await Promise.all(
    both.map(async (weight) => [weight, (await weight.variable.data()).slice()] as const),
  );
  return new Map(values) as WeightValues;
}

/** Gives both models these values. */
export function writeWeights(values: WeightValues): void {
  using _ = noGrad();
  for (const [{ variable }, data] of values) {
    tf.tidy(() => variable.assign(tf.tensor(data.slice(), variable.shape)));
  }
  for (const [tensor, data] of wholeTensors(values)) {
    tensor.copy_(new Tensor(fromHost(data, tensor.shape)));
    tensor.grad = null;
  }
}
