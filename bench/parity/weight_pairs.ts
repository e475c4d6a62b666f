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
import { rearrange, type Rearrangement, sameShape } from "./rearrangement.ts";
import { type Statistic, type WeightRule, weightRuleOf } from "./weight_rules.ts";

/** One weight in both models. */
export interface WeightPair {
  readonly pair: LayerPair;
  /** Keras' name in the layer, such as `kernel`. */
  readonly part: string;
  readonly variable: tf.Variable;
  /** Path in the PyTorch model. */
  readonly path: string;
  readonly tensor: Tensor;
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

/** All weights of paired layers. */
export interface PairedWeights {
  readonly both: readonly WeightPair[];
  readonly lone: readonly LoneWeight[];
}

/**
 * Finds every weight's counterpart.
 *
 * @param layoutOf how a layer's input is laid out
 * @throws {ParityError} naming two weights whose shapes do not fit
 */
export function pairWeights(
  pairs: readonly LayerPair[],
  layoutOf: (layer: Layer) => FeatureLayout,
): PairedWeights {
  const both: WeightPair[] = [];
  const lone: LoneWeight[] = [];
  for (const pair of pairs) {
    for (const rule of weightRuleOf(pair.layer)!.weights) {
      const found = pairWeight(pair, rule, layoutOf(pair.layer));
      if (found && "side" in found) lone.push(found);
      else if (found) both.push(found);
    }
  }
  return { both, lone };
}

function pairWeight(
  pair: LayerPair,
  { keras, torch, module, statistic, arrange }: WeightRule,
  layout: FeatureLayout,
): WeightPair | LoneWeight | undefined {
  const owner = pair.modules[module];
  const variable = variableOf(pair.layer, keras);
  const tensor = tensorOf(owner.module, torch);
  const path = owner.path === "" ? torch : `${owner.path}.${torch}`;
  if (!variable && !tensor) return undefined;
  if (!variable) return { pair, part: keras, path, shape: tensor!.shape, side: "PyTorch" };
  if (!tensor) return { pair, part: keras, path, shape: variable.shape, side: "Keras" };
  const arrangement = arrange(variable.shape, layout);
  if (!sameShape(arrangement.shape, tensor.shape)) {
    throw new ParityError(
      `shapes that cannot be paired: ${layerText(pair.layer)} and ${moduleText(owner)}: ${keras} ` +
        `[${variable.shape}] would be ${torch} [${arrangement.shape}], PyTorch has [${tensor.shape}]`,
    );
  }
  return { pair, part: keras, variable, path, tensor, arrangement, statistic };
}

function variableOf(layer: Layer, name: string): tf.Variable | undefined {
  return layer.ownWeights().find((weight) => weight.name === name)?.variable;
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
  for (const [{ variable, tensor, arrangement }, data] of values) {
    tf.tidy(() => variable.assign(tf.tensor(data.slice(), variable.shape)));
    const rearranged = rearrange(data, arrangement).slice();
    tensor.copy_(new Tensor(fromHost(rearranged, tensor.shape)));
    tensor.grad = null;
  }
}
