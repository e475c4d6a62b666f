/**
 * Runs both models on one batch and pairs everything they compute on the way.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Layer } from "../../keras_style/layers/layer.ts";
import type { LazyArray } from "../../onnx/mod.ts";
import { GradientTape } from "../../keras_style/mod.ts";
import { noGrad, type Tensor } from "../../torch_style/mod.ts";
import { kerasBatch, type ParityBatch, torchBatch } from "./batches.ts";
import { type CallPair, pairCalls } from "./call_pairs.ts";
import { activationRearrangement, type FeatureLayout, sameLayout } from "./feature_layout.ts";
import { type KerasCall, KerasCallWatch } from "./keras_calls.ts";
import { seedBoth, withSharedMasks } from "./masks.ts";
import { kerasForward, type PreparedPair, torchLoss } from "./prepared_pair.ts";
import { type Probe, resolveProbes } from "./probes.ts";
import { unchanged } from "./rearrangement.ts";
import type { LayerRow, RowKind, RowPass } from "./report.ts";
import { TorchCallWatch } from "./torch_calls.ts";
import { partOf, type WeightPair } from "./weight_pairs.ts";

/** What a pass found. */
export interface PassResult {
  readonly rows: LayerRow[];
  readonly notes: string[];
  /** Keras' gradients of the trained weights, where it has them. */
  readonly gradients: ReadonlyMap<WeightPair, Float32Array>;
  /** Shape of each layer's input, in Keras' layout. */
  readonly inputShapes: ReadonlyMap<Layer, readonly number[]>;
  /** Whether PyTorch's forward pass ran to its end. */
  readonly complete: boolean;
}

/** Both models in training mode, forward and backward. Running statistics move. */
export async function trainingPass(
  prepared: PreparedPair,
  batch: ParityBatch,
  seed: number,
): Promise<PassResult> {
  seedBoth(seed, 0);
  using keras = kerasTrainingPass(prepared, batch);
  using torch = torchTrainingPass(prepared, batch);
  const pairs = pairCalls(keras.watch.calls, torch.watch.calls, prepared.layers);
  const forward = [
    ...pairs.flatMap((pair) => forwardProbes(pair, "training")),
    ...outputProbes(prepared, keras, torch, pairs, "training"),
    ...lossProbes(keras.loss, torch.loss),
  ];
  const backward = torch.error ? [] : backwardProbes(prepared, keras, pairs);
  const rows = await resolveProbes([...forward, ...backward]);
  const gradients = new Map<WeightPair, Float32Array>();
  for (const [weight, gradient] of keras.gradients) {
    if (gradient) gradients.set(weight, Float32Array.from(await gradient.data()));
  }
  const notes = [...errorNotes(torch.error), ...drawNotes(prepared, torch.draws, torch.error)];
  const inputShapes = new Map(keras.watch.calls.map(({ layer, input }) => [layer, input.shape]));
  return { rows, notes, gradients, inputShapes, complete: torch.error === undefined };
}

/** Both models in evaluation mode, forward only. */
export async function evaluationPass(
  prepared: PreparedPair,
  batch: ParityBatch,
  seed: number,
): Promise<LayerRow[]> {
  seedBoth(seed, 0);
  const [x, y] = kerasBatch(batch);
  using watch = new KerasCallWatch(prepared.keras, prepared);
  const predictions = prepared.keras(x);
  using torch = torchEvaluationPass(prepared, batch);
  const pairs = pairCalls(watch.calls, torch.watch.calls, prepared.layers);
  try {
    return await resolveProbes([
      ...pairs.flatMap((pair) => forwardProbes(pair, "evaluation")),
      ...outputProbes(prepared, { watch, predictions }, torch, pairs, "evaluation"),
    ]);
  } finally {
    tf.dispose([x, y, predictions]);
  }
}

interface KerasPass extends Disposable {
  readonly watch: KerasCallWatch;
  readonly predictions: tf.Tensor;
  readonly loss: tf.Tensor;
  readonly gradients: ReadonlyMap<WeightPair, tf.Tensor | null>;
  readonly activationGradients: ReadonlyMap<tf.Tensor, tf.Tensor | null>;
}

function kerasTrainingPass(prepared: PreparedPair, batch: ParityBatch): KerasPass {
  const [x, y] = kerasBatch(batch);
  using tape = new GradientTape();
  const watch = new KerasCallWatch(prepared.keras, {
    flattening: prepared.flattening,
    onTensor(tensor) {
      if (tensor.dtype === "float32") tape.watch(tensor);
    },
  });
  const { predictions, loss } = kerasForward(prepared, x, y);
  const trained = prepared.weights.both.filter(({ statistic }) => !statistic);
  const results = [
    ...new Set(watch.calls.flatMap(({ identity }) => [identity.output, identity.activated])),
  ].filter(({ dtype }) => dtype === "float32");
  const sources = [...trained.map(({ variable }) => variable), ...results];
  const gradients = tape.gradient(loss, sources);
  return {
    watch,
    predictions,
    loss,
    gradients: new Map(trained.map((weight, i) => [weight, gradients[i]])),
    activationGradients: new Map(results.map((t, i) => [t, gradients[trained.length + i]])),
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      tf.dispose([x, y, predictions, loss, ...gradients.filter((g) => g !== null)]);
    },
  };
}

interface TorchPass extends Disposable {
  readonly watch: TorchCallWatch;
  readonly output: Tensor | undefined;
  readonly loss: Tensor | undefined;
  readonly draws: number;
  /** What the forward pass failed with. */
  readonly error: unknown;
}

function torchTrainingPass(prepared: PreparedPair, batch: ParityBatch): TorchPass {
  const { torch, firstLayer, drawLayouts } = prepared;
  torch.train();
  torch.zeroGrad();
  const watch = new TorchCallWatch(torch, true);
  const [x, target] = torchBatch(batch, firstLayer);
  let output: Tensor | undefined;
  let loss: Tensor | undefined;
  let draws = 0;
  let error: unknown;
  try {
    const masked = withSharedMasks(drawLayouts, () => torch(x) as Tensor);
    [output, draws] = [masked.result, masked.draws];
    loss = torchLoss(prepared, output, target);
    loss.backward();
  } catch (cause) {
    error = cause ?? "nothing";
  }
  return { watch, output, loss, draws, error, [Symbol.dispose]: () => watch[Symbol.dispose]() };
}

function torchEvaluationPass({ torch, firstLayer }: PreparedPair, batch: ParityBatch): TorchPass {
  torch.eval();
  const watch = new TorchCallWatch(torch, false);
  const [x] = torchBatch(batch, firstLayer);
  try {
    const output = noGrad(() => torch(x)) as Tensor;
    const rest = { loss: undefined, draws: 0, error: undefined };
    return { watch, output, ...rest, [Symbol.dispose]: () => watch[Symbol.dispose]() };
  } finally {
    torch.train();
  }
}

function forwardProbes(pair: CallPair, pass: RowPass): Probe[] {
  const { keras, torch, input } = pair;
  const names = { keras, torch, kind: "activation" as RowKind, pass };
  const probe = (part: string, first: tf.Tensor, layout: FeatureLayout, second: LazyArray) => ({
    ...names,
    part,
    first,
    arrangement: activationRearrangement(first.shape, layout),
    second,
  });
  return [
    ...(input ? [probe("input", input.keras, input.layout, input.torch)] : []),
    probe("output", pair.kerasOutput, pair.layout, pair.torchCall.output),
  ];
}

/** What the model returns, unless that is the last pair's result. */
function outputProbes(
  prepared: PreparedPair,
  keras: { readonly watch: KerasCallWatch; readonly predictions: tf.Tensor },
  { output }: TorchPass,
  pairs: readonly CallPair[],
  pass: RowPass,
): Probe[] {
  if (!output || pairs.some((pair) => pair.torchCall.identity.output === output)) return [];
  const last = keras.watch.calls.at(-1);
  const [first, layout] = modelOutput(prepared, last, keras.predictions);
  return [{
    keras: first === keras.predictions ? "the model's output" : "the model's logits",
    torch: "the model's output",
    part: "output",
    kind: "activation",
    pass,
    first,
    arrangement: activationRearrangement(first.shape, layout),
    second: output.array,
  }];
}

/** PyTorch's cross entropy takes what Keras' softmax is given. */
function modelOutput(
  { pair, endsInSoftmax }: PreparedPair,
  last: KerasCall | undefined,
  predictions: tf.Tensor,
): [tf.Tensor, FeatureLayout] {
  if (!last) return [predictions, sameLayout];
  if (!endsInSoftmax || pair.torchLoss) return [predictions, last.outputLayout];
  return [last.activation === null ? last.input : last.output, last.outputLayout];
}

function lossProbes(keras: tf.Tensor, torch: Tensor | undefined): Probe[] {
  if (!torch) return [];
  const names = { keras: "loss", torch: "loss", part: "output" };
  const arrangement = unchanged([]);
  const second = torch.array;
  return [{ ...names, kind: "activation", pass: "training", first: keras, arrangement, second }];
}

/** From the last layer to the first: each result's gradient, then that of the layer's weights. */
function backwardProbes(
  { weights }: PreparedPair,
  { gradients, activationGradients }: KerasPass,
  pairs: readonly CallPair[],
): Probe[] {
  const done = new Set<WeightPair>();
  return [...pairs].reverse().flatMap((pair) => {
    const { keras, torch, layer } = pair;
    const names = { kind: "gradient", pass: "training" } as const;
    const own = activationGradients.get(pair.kerasTensor) ?? null;
    const grad = pair.torchCall.gradient;
    const arrangement = activationRearrangement(pair.kerasOutput.shape, pair.layout);
    const result = {
      keras,
      torch,
      part: "output",
      ...names,
      first: own,
      arrangement,
      second: grad,
    };
    const trained = weights.both.filter((weight) =>
      weight.pair.layer === layer && !weight.statistic && !done.has(weight)
    );
    trained.forEach((weight) => done.add(weight));
    const probes = trained.map((weight) => ({
      keras: layer.name,
      torch: weight.path,
      part: weight.part,
      ...names,
      first: gradients.get(weight) ?? null,
      arrangement: weight.arrangement,
      second: weight.tensor.grad && partOf(weight, weight.tensor.grad).array,
    }));
    return [result, ...probes].filter(({ first, second }) => first || second);
  });
}

function errorNotes(error: unknown): string[] {
  if (error === undefined) return [];
  const why = error instanceof Error ? error.message : String(error);
  return [`the PyTorch model's pass ended in an error: ${why.split("\n")[0]}`];
}

function drawNotes({ drawLayouts }: PreparedPair, draws: number, error: unknown): string[] {
  if (error !== undefined || draws === drawLayouts.length) return [];
  return [
    `the Keras model drew ${drawLayouts.length} random masks a step, the PyTorch model ${draws}: ` +
    `dropout differs in number, rate 0 or training mode`,
  ];
}
