/**
 * A pair of models made ready: built, paired, with the same weights, and with something to train on.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Layer } from "../../keras_style/layers/layer.ts";
import type { ImageDataset } from "../../fixtures/mod.ts";
import { losses, Model, setRandomSeed } from "../../keras_style/mod.ts";
import { keepingLogits } from "../../keras_style/losses/softmax_logits.ts";
import { manualSeed, nn, type optim, type Tensor } from "../../torch_style/mod.ts";
import { dataFor, type ParityData } from "./batches.ts";
import { type FeatureLayout, sameLayout } from "./feature_layout.ts";
import { layersAsWritten, leafLayers } from "./keras_calls.ts";
import { type LayerPair, pairLayers } from "./layer_pairs.ts";
import { lookThrough } from "./look_through.ts";
import type { ModelSpec } from "../models/bench_model.ts";
import { placedIn } from "../user_module.ts";
import type { Flattening, ModelPair } from "./model_pair.ts";
import { kerasRmsprop, KerasRuleRMSprop } from "./optimizers.ts";
import { ParityError } from "./parity_error.ts";
import {
  type PairedWeights,
  pairWeights,
  readWeights,
  type WeightValues,
  writeWeights,
} from "./weight_pairs.ts";

/** Two models that are ready to be compared. */
export interface PreparedPair {
  readonly pair: ModelPair;
  readonly keras: Model;
  readonly torch: nn.AnyModule;
  readonly firstLayer: Layer | undefined;
  readonly layers: readonly LayerPair[];
  readonly weights: PairedWeights;
  /** What both start from. */
  readonly initial: WeightValues;
  /** How the units of each random mask stand in the Keras model, in the order of drawing. */
  readonly drawLayouts: readonly FeatureLayout[];
  /** Whether the Keras model ends in a softmax, which PyTorch's loss applies itself. */
  readonly endsInSoftmax: boolean;
  readonly flattening: Flattening;
  readonly data: ParityData;
  readonly learningRate: number;
}

/** What {@linkcode prepare} needs. */
export interface PrepareOptions {
  readonly seed: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly dataset?: ImageDataset;
}

/** @throws {ParityError} if the models cannot be built or paired */
export async function prepare(pair: ModelPair, options: PrepareOptions): Promise<PreparedPair> {
  const spec = specOf(pair, options.dataset);
  setRandomSeed(options.seed);
  const keras = built(pair, "kerasModel", "keras.Model", Model, () => pair.kerasModel(spec));
  manualSeed(options.seed);
  const torchSpec = { ...spec, inputShape: channelsFirst(spec.inputShape) };
  const torch = built(
    pair,
    "torchModel",
    "torch.nn.Module",
    nn.Module,
    () => pair.torchModel(torchSpec),
  );
  const { inputShape, classes } = shapesOf(pair, keras);
  const layers = leafLayers(keras);
  const layerPairs = pairLayers(layersAsWritten(keras), torch, pair.pairs);
  const flattening = pair.flattens ?? "channelsFirst";
  const seen = lookThrough(keras, inputShape, layers[0], flattening, true);
  const layoutOf = (layer: Layer) => seen.layouts.get(layer) ?? sameLayout;
  const weights = pairWeights(layerPairs, layoutOf);
  const initial = await readWeights(weights);
  writeWeights(initial);
  const needs = { inputShape, classes, firstLayer: layers[0], ...options };
  return {
    pair,
    keras,
    torch,
    firstLayer: layers[0],
    layers: layerPairs,
    weights,
    initial,
    drawLayouts: seen.drawLayouts,
    endsInSoftmax: seen.endsInSoftmax,
    flattening,
    data: dataFor(pair, needs, options.dataset),
    learningRate: options.learningRate,
  };
}

// deno-lint-ignore no-explicit-any
type Class<T> = abstract new (...args: any[]) => T;

/** What the models are made for: what the pair says, else the images, else those of CIFAR-10's shape. */
function specOf(pair: ModelPair, dataset: ImageDataset | undefined): ModelSpec {
  return {
    inputShape: pair.inputShape ?? dataset?.imageShape ?? [32, 32, 3],
    classes: pair.classes ?? dataset?.classNames.length ?? 10,
  };
}

function channelsFirst(shape: readonly number[]): readonly number[] {
  return [...shape.slice(-1), ...shape.slice(0, -1)];
}

function built<T>(
  { file }: ModelPair,
  name: string,
  expected: string,
  kind: Class<T>,
  make: () => T,
): T {
  let made: unknown;
  try {
    made = make();
  } catch (error) {
    const placed = file === undefined ? null : placedIn("--model", file, error);
    if (placed !== null) throw new ParityError(placed);
    const why = error instanceof Error ? error.message : String(error);
    throw new ParityError(`${name}() failed: ${why.split("\n")[0]}`);
  }
  if (made instanceof kind) return made;
  throw new ParityError(`${name}() returned ${describe(made)}, expected a ${expected}`);
}

function describe(value: unknown): string {
  const isObject = value !== null && (typeof value === "object" || typeof value === "function");
  return isObject ? `a ${value.constructor?.name ?? "object"}` : JSON.stringify(value) ?? "nothing";
}

function shapesOf(pair: ModelPair, keras: Model): { inputShape: number[]; classes: number } {
  const { inputSpecs: inputs, outputSpecs: outputs } = keras;
  if (inputs.length !== 1 || outputs.length !== 1) {
    throw new ParityError(
      `kerasModel: has ${inputs.length} inputs and ${outputs.length} outputs, expected one each`,
    );
  }
  const inputShape = pair.inputShape ?? inputs[0].shape.slice(1);
  if (inputShape.some((dimension) => !Number.isInteger(dimension))) {
    throw new ParityError(
      `kerasModel: its input shape [${inputShape.map((n) => n ?? "?")}] has unknown dimensions; ` +
        `export inputShape to say which to compare with`,
    );
  }
  const classes = pair.classes ?? outputs[0].shape.at(-1)!;
  return { inputShape: inputShape as number[], classes };
}

/** The Keras model's predictions and loss, as `fit` computes them. */
export function kerasForward(
  { pair, keras, endsInSoftmax }: PreparedPair,
  x: tf.Tensor,
  y: tf.Tensor,
): { predictions: tf.Tensor; loss: tf.Tensor } {
  const lossOf = pair.kerasLoss ??
    new losses.SparseCategoricalCrossentropy({ fromLogits: !endsInSoftmax });
  return keepingLogits(() => {
    const predictions = keras(x, { training: true });
    return { predictions, loss: lossOf(y, predictions) };
  });
}

/** The PyTorch model's loss of an output. */
export function torchLoss({ pair }: PreparedPair, output: Tensor, target: Tensor): Tensor {
  return pair.torchLoss
    ? pair.torchLoss(output, target)
    : new nn.CrossEntropyLoss()(output, target);
}

/** New optimizers without any history. */
export function newOptimizers({ pair, torch, learningRate }: PreparedPair) {
  const parameters = torch.parameters();
  return {
    keras: pair.kerasOptimizer?.() ?? kerasRmsprop(learningRate),
    torch: (pair.torchOptimizer?.(parameters) ??
      new KerasRuleRMSprop(parameters, { lr: learningRate })) as optim.Optimizer,
  };
}
