/**
 * Compares what the two optimizers do with the same gradients, and what the batch did to running statistics.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { evaluate, fromHost } from "../../../onnx/mod.ts";
import { GradientTape } from "../../../keras_style/mod.ts";
import { Tensor } from "../../../torch_style/mod.ts";
import type { ShapedValues } from "./alignment.ts";
import { averageRows } from "./average_check.ts";
import { moved, movedRow } from "./moved_row.ts";
import { optimizerReasons } from "./optimizer_verdict.ts";
import type { PassResult } from "../recording/passes.ts";
import { newOptimizers, type PreparedPair, torchStepOf } from "../models/prepared_pair.ts";
import { rearrange, reordered } from "./rearrangement.ts";
import { trainedWeights } from "../recording/record_keras.ts";
import type { LayerRow } from "../report/report.ts";
import { rootMeanSquare } from "./difference.ts";
import { comparedRow, loneRow } from "../report/rows.ts";
import {
  sliceOf,
  type WeightPair,
  wholeTensors,
  wholeVariables,
  writeWeights,
} from "../pairing/weight_pairs.ts";

/**
 * What gradients are multiplied with, step by step. A momentum shows from the second step on; where gradients stay the same,
 * the constants of Adam do not show at all.
 */
const FACTORS = [1, -0.5, 2, 0.25, 1, 0.5];

/**
 * Makes some steps with both optimizers on the same gradients and compares how far each weight moved. The models have
 * their initial weights afterwards.
 */
export async function updateRows(
  prepared: PreparedPair,
  gradients: PassResult["gradients"],
): Promise<LayerRow[]> {
  const { initial, weights: { constant } } = prepared;
  const trained = trainedWeights(prepared);
  const weights = trained.filter((weight) => gradients.has(weight) && weight.tensor.requiresGrad);
  if (weights.length === 0) return [];
  writeWeights(initial, constant);
  const optimizers = newOptimizers(prepared);
  const variables = [...new Set(weights.map(({ variable }) => variable))];
  optimizers.keras.build(variables);
  const average = prepared.pair.torchAverage?.(prepared.torch) ?? null;
  for (const [at, factor] of FACTORS.entries()) {
    const own = new Map(weights.map((weight) => {
      const { data } = gradients.get(weight)!;
      return [weight, data.map((value) => value * factor)];
    }));
    const penalties = await applyKeras(prepared, optimizers.keras, wholeVariables(own));
    prepared.pair.kerasAfterStep?.(optimizers.keras, at + 1, prepared.keras);
    const other = new Map([...own].map(([weight, values]) => {
      const penalty = gradients.get(weight)!.penaltyInLoss && penalties.get(weight.variable);
      return [weight, penalty ? sum(values, sliceOf(weight, penalty)) : values];
    }));
    for (const [tensor, values] of wholeTensors(other)) {
      const gradient = new Tensor(fromHost(values, tensor.shape));
      // Where the loop forgets none, gradients add up.
      tensor.grad = tensor.grad ? tensor.grad.add(gradient) : gradient;
    }
    await torchStepOf(prepared, optimizers.torch, at + 1);
    average?.updateParameters(prepared.torch);
  }
  const rows = await Promise.all(weights.map((weight) => updateRow(prepared, weight)));
  const wrong = rows.filter(({ agrees }) => !agrees);
  const reasons = wrong.length > 0
    ? optimizerReasons(prepared, optimizers, wrong.length, rows.length)
    : null;
  const averages = await averageRows(optimizers.keras, average, initial, FACTORS.length);
  optimizers.keras.dispose();
  writeWeights(initial, constant);
  if (!reasons) return [...rows, ...averages];
  const names = {
    keras: optimizers.keras.constructor.name,
    torch: optimizers.torch.constructor.name,
    part: "updates",
    kind: "weight",
    pass: "update",
  } as const;
  return [loneRow(names, [], reasons), ...rows, ...averages];
}

/** One step towards the loss with its penalties, whose gradients follow the weights; returns those of the penalties. */
async function applyKeras(
  { keras }: PreparedPair,
  optimizer: ReturnType<typeof newOptimizers>["keras"],
  gradients: ReadonlyMap<tf.Variable, Float32Array>,
): Promise<ReadonlyMap<tf.Variable, Float32Array>> {
  const variables = [...gradients.keys()];
  const added = tf.tidy(() => {
    const own = variables.map((variable) => tf.tensor(gradients.get(variable)!, variable.shape));
    const penalized = keras.trainableWeights.filter(({ regularizer }) => regularizer);
    using tape = new GradientTape();
    const penalties = penalized.map((weight) => weight.regularizer!(weight) as tf.Tensor);
    const added = penalties.length > 0 ? tape.gradient(penalties, variables) : [];
    const total = own.map((gradient, i) => added[i] ? tf.add(gradient, added[i]!) : gradient);
    optimizer.apply(total, variables);
    return added as tf.Tensor[];
  });
  const values = new Map<tf.Variable, Float32Array>();
  for (const [i, tensor] of added.entries()) {
    if (tensor) values.set(variables[i], Float32Array.from(await tensor.data()));
  }
  tf.dispose(added.filter((tensor) => tensor !== null));
  return values;
}

function sum(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value + b[i]);
}

async function updateRow({ initial }: PreparedPair, weight: WeightPair): Promise<LayerRow> {
  const { part, variable, tensor } = weight;
  const steps = FACTORS.length;
  const what = `${part} after ${steps} updates`;
  return await movedRow(weight, initial.get(weight)!, variable, tensor, steps, what);
}

/**
 * Compares running statistics after one training pass.
 *
 * PyTorch keeps the variance of a sample (divided by n - 1), Keras that of the batch (divided by n); what Keras would have
 * with the former is compared.
 */
export async function statisticRows(
  { weights, initial }: PreparedPair,
  { keras }: PassResult,
): Promise<LayerRow[]> {
  const inputs = Map.groupBy(
    keras.results.flatMap(({ call, input }) => input ? [{ layer: call.layer, input }] : []),
    ({ layer }) => layer,
  );
  const counted = weights.both.filter(({ statistic }) => statistic);
  return await Promise.all(counted.map(async (weight): Promise<LayerRow> => {
    const { pair, part, path, arrangement, variable, tensor, statistic } = weight;
    const before = initial.get(weight)!;
    const after = Float32Array.from(await variable.data());
    const { momentum, axis } = pair.layer as unknown as { momentum: number; axis: number };
    const calls = (inputs.get(pair.layer) ?? []).map(({ input }) => perChannel(input, axis));
    // A mean near zero is the rounding of what it is the mean of.
    const scale = Math.max(0, ...calls.flat().map(rootMeanSquare));
    const floor = 0.01 * (1 - momentum) * (statistic === "mean" ? scale : scale * scale);
    const isStill = after.every((value, i) => value === before[i]);
    const expected = statistic === "mean" || isStill
      ? after
      : after.map((value, channel) => value + ofSamples(calls, channel, momentum));
    await evaluate([tensor.array]);
    return comparedRow({
      keras: pair.layer.name,
      torch: path,
      part: `${part} after a batch`,
      kind: "weight",
      pass: "update",
      first: rearrange(moved(expected, before), arrangement),
      second: moved(tensor.array.hostData() as Float32Array, rearrange(before, arrangement)),
      shape: arrangement.shape,
    }, floor);
  }));
}

/** The values of each channel, normalized together. */
function perChannel({ shape, values }: ShapedValues, axis: number): Float32Array[] {
  const at = (axis + shape.length) % shape.length;
  const order = [at, ...shape.keys().filter((other) => other !== at)];
  const rows = rearrange(values, reordered(shape, order));
  const count = rows.length / shape[at];
  return Array.from({ length: shape[at] }, (_, i) => rows.subarray(i * count, (i + 1) * count));
}

/** What a running variance of samples has more than one of batches, of which each call takes in one. */
function ofSamples(
  calls: readonly (readonly Float32Array[])[],
  channel: number,
  momentum: number,
): number {
  return calls.reduce((sum, channels) => {
    const values = channels[channel];
    const count = values.length;
    const more = count < 2 ? 0 : varianceOf(values) / (count - 1);
    return momentum * sum + (1 - momentum) * more;
  }, 0);
}

function varianceOf(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
