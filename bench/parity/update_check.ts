/**
 * Compares what the two optimizers do with the same gradients, and what the batch did to running statistics.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Layer } from "../../keras_style/layers/layer.ts";
import { evaluate, fromHost } from "../../onnx/mod.ts";
import { Tensor } from "../../torch_style/mod.ts";
import { newOptimizers, type PreparedPair } from "./prepared_pair.ts";
import { type Probe, resolveProbes } from "./probes.ts";
import { product, rearrange } from "./rearrangement.ts";
import type { LayerRow } from "./report.ts";
import { partOf, type WeightPair, wholeTensors, writeWeights } from "./weight_pairs.ts";

/** One is not enough: a momentum shows from the second step on. */
const STEPS = 3;

/**
 * Makes some steps with both optimizers on the same gradients and compares how far each weight moved. The models have
 * their initial weights afterwards.
 *
 * @param gradients Keras', which both get: rounding in PyTorch's own would be taken for another rule
 */
export async function updateRows(
  prepared: PreparedPair,
  gradients: ReadonlyMap<WeightPair, Float32Array>,
): Promise<LayerRow[]> {
  const weights = [...gradients.keys()];
  writeWeights(prepared.initial);
  const optimizers = newOptimizers(prepared);
  const variables = weights.map(({ variable }) => variable);
  optimizers.keras.build(variables);
  for (let step = 0; step < STEPS; step++) {
    const tensors = weights.map((weight) =>
      tf.tensor(gradients.get(weight)!.slice(), weight.variable.shape)
    );
    optimizers.keras.apply(tensors, variables);
    tf.dispose(tensors);
    for (const [tensor, gradient] of wholeTensors(gradients)) {
      tensor.grad = new Tensor(fromHost(gradient, tensor.shape));
    }
    await optimizers.torch.step();
  }
  const probes = await Promise.all(weights.map((weight) => updateProbe(prepared, weight)));
  optimizers.keras.dispose();
  writeWeights(prepared.initial);
  return await resolveProbes(probes);
}

async function updateProbe({ initial }: PreparedPair, weight: WeightPair): Promise<Probe> {
  const { pair, part, path, arrangement, variable } = weight;
  const before = initial.get(weight)!;
  const rearranged = rearrange(before, arrangement);
  const after = partOf(weight, weight.tensor).detach();
  await evaluate([after.array]);
  return {
    keras: pair.layer.name,
    torch: path,
    part: `${part} after ${STEPS} updates`,
    kind: "weight",
    pass: "update",
    first: moved(await variable.data() as Float32Array, before),
    arrangement,
    second: moved(after.array.hostData() as Float32Array, rearranged),
  };
}

function moved(after: Float32Array, before: Float32Array): Float32Array {
  return after.map((value, i) => value - before[i]);
}

/**
 * Compares running statistics after one training pass.
 *
 * PyTorch keeps the variance of a sample (divided by n - 1), Keras that of the batch (divided by n); what Keras would have
 * with the former is compared.
 */
export async function statisticRows(
  { weights, initial }: PreparedPair,
  inputShapes: ReadonlyMap<Layer, readonly number[]>,
): Promise<LayerRow[]> {
  const counted = weights.both.filter(({ statistic }) => statistic);
  const probes = await Promise.all(counted.map(async (weight): Promise<Probe> => {
    const { pair, part, path, arrangement, variable, tensor, statistic } = weight;
    const before = initial.get(weight)!;
    const after = Float32Array.from(await variable.data());
    const { momentum } = pair.layer as unknown as { momentum: number };
    const count = countPerFeature(inputShapes.get(pair.layer)!);
    const expected = statistic === "mean"
      ? after
      : after.map((value, i) => value + (value - momentum * before[i]) / (count - 1));
    const rearranged = rearrange(before, arrangement);
    await evaluate([tensor.array]);
    return {
      keras: pair.layer.name,
      torch: path,
      part: `${part} after a batch`,
      kind: "weight",
      pass: "update",
      first: moved(expected, before),
      arrangement,
      second: moved(tensor.array.hostData() as Float32Array, rearranged),
    };
  }));
  return await resolveProbes(probes);
}

/** How many values of an input are one feature's. */
function countPerFeature(shape: readonly number[]): number {
  return product(shape.slice(0, -1));
}
