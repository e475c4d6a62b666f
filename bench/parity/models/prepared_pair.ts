/**
 * A pair of models made ready: built, paired, with the same weights, and with something to train on.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Layer } from "../../../keras_style/layers/layer.ts";
import { leavesOfKind } from "../../../keras_style/layers/nested.ts";
import type { ImageDataset } from "../../../fixtures/mod.ts";
import { losses, Model, setRandomSeed } from "../../../keras_style/mod.ts";
import { manualSeed, nn, type optim, type Tensor } from "../../../torch_style/mod.ts";
import { dataFor, type ParityData } from "./batches.ts";
import { type FeatureLayout, sameLayout } from "../comparing/feature_layout.ts";
import { layersAsWritten } from "../recording/keras_calls.ts";
import { type LayerPairing, pairLayers } from "../pairing/layer_pairs.ts";
import type { MaskLayout, MaskPlan } from "./masks.ts";
import {
  asKerasInput,
  glanceAtKeras,
  glanceAtTorch,
  type KerasGlance,
  kerasPositions,
  matchDraws,
  type ModelInput,
} from "./model_inputs.ts";
import type { ModelSpec } from "../../models/bench_model.ts";
import { placedIn } from "../../user_module.ts";
import { sameShape } from "../comparing/rearrangement.ts";
import type { Flattening, ModelPair } from "./model_pair.ts";
import { kerasRmsprop, KerasRuleRMSprop } from "../comparing/optimizers.ts";
import { ParityError } from "../parity_error.ts";
import {
  type PairedWeights,
  pairWeights,
  readWeights,
  type WeightValues,
  writeWeights,
} from "../pairing/weight_pairs.ts";

/** Two models that are ready to be compared. */
export interface PreparedPair {
  readonly pair: ModelPair;
  readonly keras: Model;
  readonly torch: nn.AnyModule;
  readonly inputs: readonly ModelInput[];
  readonly pairing: LayerPairing;
  readonly weights: PairedWeights;
  /** What both start from. */
  readonly initial: WeightValues;
  readonly masks: MaskPlan;
  /** Whether the Keras model ends in a softmax, which PyTorch's loss applies itself. */
  readonly endsInSoftmax: boolean;
  readonly flattening: Flattening;
  readonly data: ParityData;
  readonly learningRate: number;
  readonly seed: number;
  /** Pairs the weights anew, with flattened axes in other orders. */
  withOrders(orders: ReadonlyMap<Layer, readonly number[]>): PreparedPair;
  /** How a layer's input stands, with the order that was found for it. */
  layoutNow(layer: Layer, layout: FeatureLayout): FeatureLayout;
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
  const { keras, torch } = buildModels(pair, options.seed, options.dataset);
  const shapes = inputShapesOf(pair, keras);
  const flattening = pair.flattens ?? "channelsFirst";
  const glance = keepingStatistics(
    keras,
    () => glanceAtKeras(keras, shapes, flattening, true),
  );
  const { inputs, outputShapes, drawingCalls, endsInSoftmax } = glance;
  const seen = glanceAtTorch(torch, inputs, drawingCalls.length > 1);
  const positions = { keras: kerasPositions(glance), torch: seen.positions };
  const pairing = pairLayers(layersAsWritten(keras), torch, pair.pairs, positions);
  const layoutOf = (layer: Layer) => glance.layouts.get(layer) ?? sameLayout;
  const order = matchDraws(glance, seen.draws, pairing.pairs);
  const classes = pair.classes ?? outputShapes[0].at(-1) ?? 1;
  const needs = { inputs, outputShapes, classes, ...options };
  const data = dataFor(pair, needs, options.dataset);
  const withWeights = (
    weights: PairedWeights,
    initial: WeightValues,
    orders: ReadonlyMap<Layer, readonly number[]>,
  ): PreparedPair => ({
    pair,
    keras,
    torch,
    inputs,
    pairing,
    weights,
    initial,
    masks: { layouts: maskLayouts(glance, orders), order },
    endsInSoftmax,
    flattening,
    data,
    learningRate: options.learningRate,
    seed: options.seed,
    layoutNow: (layer, layout) => inOrder(layout, orders.get(layer)),
    withOrders(orders) {
      const ordered = pairWeights(
        pairing.pairs,
        (layer) => inOrder(layoutOf(layer), orders.get(layer)),
      );
      // The values are Keras': only where they go is another place.
      const values = ordered.both.map((weight, i) =>
        [weight, initial.get(weights.both[i])!] as const
      );
      const again = new Map(values);
      writeWeights(again, ordered.constant);
      return withWeights(ordered, again, orders);
    },
  });
  const weights = pairWeights(pairing.pairs, layoutOf);
  const initial = await readWeights(weights);
  writeWeights(initial, weights.constant);
  return withWeights(weights, initial, new Map());
}

/** A pass in training mode moves running statistics, which are to start where the model has them. */
function keepingStatistics<T>(keras: Model, run: () => T): T {
  const kept = keras.variables.map((variable) => [variable, tf.clone(variable)] as const);
  try {
    return run();
  } finally {
    for (const [variable, values] of kept) {
      variable.assign(values);
      values.dispose();
    }
  }
}

/** How the units of each mask stand: a flattened image's as the layers take it that are given it. */
function maskLayouts(
  { drawingCalls, layouts }: KerasGlance,
  orders: ReadonlyMap<Layer, readonly number[]>,
): MaskLayout[] {
  const orderWhere = (isGiven: (layout: FeatureLayout) => boolean) =>
    [...orders].find(([layer]) => isGiven(layouts.get(layer) ?? sameLayout))?.[1];
  return drawingCalls.map(({ inputLayout: layout, inputs: [{ shape }] }) => {
    if (layout.kind === "flattened") {
      return { layout, image: { from: layout.from, order: orderWhere((one) => one === layout) } };
    }
    if (layout.kind !== "channelsLast") return { layout };
    const from = shape.slice(1);
    const order = orderWhere((one) => one.kind === "flattened" && sameShape(one.from, from));
    return { layout, image: { from, order } };
  });
}

function inOrder(layout: FeatureLayout, order: readonly number[] | undefined): FeatureLayout {
  return layout.kind === "flattened" && order ? { ...layout, order } : layout;
}

/** Makes both models from a seed. */
export function buildModels(
  pair: ModelPair,
  seed: number,
  dataset: ImageDataset | undefined,
): { keras: Model; torch: nn.AnyModule } {
  const spec = specOf(pair, dataset);
  setRandomSeed(seed);
  const keras = built(pair, "kerasModel", "keras.Model", Model, () => pair.kerasModel(spec));
  manualSeed(seed);
  const torchSpec = { ...spec, inputShape: channelsFirst(spec.inputShape) };
  const torch = built(
    pair,
    "torchModel",
    "torch.nn.Module",
    nn.Module,
    () => pair.torchModel(torchSpec),
  );
  return { keras, torch };
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
  pair: ModelPair,
  name: string,
  expected: string,
  kind: Class<T>,
  make: () => T,
): T {
  let made: unknown;
  try {
    made = make();
  } catch (error) {
    throw new ParityError(errorText(pair, `${name}() failed`, error));
  }
  if (made instanceof kind) return made;
  throw new ParityError(`${name}() returned ${describe(made)}, expected a ${expected}`);
}

/** A line for an error of a user's code: its place in the file where it is known. */
export function errorText({ file }: ModelPair, what: string, error: unknown): string {
  const placed = file === undefined ? null : placedIn("--model", file, error);
  if (placed !== null) return placed;
  const why = error instanceof Error ? error.message : String(error);
  return `${what}: ${why.split("\n")[0]}`;
}

function describe(value: unknown): string {
  const isObject = value !== null && (typeof value === "object" || typeof value === "function");
  return isObject ? `a ${value.constructor?.name ?? "object"}` : JSON.stringify(value) ?? "nothing";
}

function inputShapesOf(pair: ModelPair, keras: Model): number[][] {
  const specs = keras.inputSpecs;
  return specs.map((spec) => {
    const shape = specs.length === 1 && pair.inputShape ? pair.inputShape : spec.shape.slice(1);
    if (shape.every((dimension) => Number.isInteger(dimension))) return shape as number[];
    throw new ParityError(
      `kerasModel: its input shape [${shape.map((n) => n ?? "?")}] has unknown dimensions; ` +
        `export inputShape to say which to compare with`,
    );
  });
}

/** What the Keras model makes of a batch. */
export interface KerasForward {
  readonly predictions: tf.Tensor[];
  /** Of the predictions alone. */
  readonly dataLoss: tf.Tensor;
  /** With regularizers' penalties and what layers added, as `fit` trains towards it. */
  readonly loss: tf.Tensor;
}

/** The Keras model's predictions and loss, as `fit` computes them. */
export function kerasForward(
  { pair, keras, endsInSoftmax }: PreparedPair,
  x: readonly tf.Tensor[],
  y: readonly tf.Tensor[],
  training = true,
): KerasForward {
  const predicted = keras(asKerasInput([...x]), { training });
  const predictions = leavesOfKind(predicted, tf.Tensor);
  const dataLoss = pair.kerasLoss
    ? pair.kerasLoss(asKerasInput([...y]), predicted)
    : predictions.map((prediction, i) =>
      new losses.SparseCategoricalCrossentropy({ fromLogits: !endsInSoftmax })(y[i], prediction)
    ).reduce((sum, loss) => tf.add(sum, loss));
  const loss = keras.losses.reduce((sum, penalty) => tf.add(sum, penalty), dataLoss);
  return { predictions, dataLoss, loss };
}

/** The PyTorch model's loss of its outputs. */
export function torchLoss(
  { pair }: PreparedPair,
  outputs: readonly Tensor[],
  targets: readonly Tensor[],
): Tensor {
  if (pair.torchLoss) {
    const one = <T>(list: readonly T[]) => (list.length === 1 ? list[0] : list) as T;
    return pair.torchLoss(one(outputs), one(targets));
  }
  return outputs.map((output, i) =>
    new nn.CrossEntropyLoss()(classesSecond(output, targets[i]), targets[i])
  )
    .reduce((sum, loss) => sum.add(loss));
}

/** Cross entropy takes classes along the second axis; sequences [n, steps, classes] have them along the last one. */
function classesSecond(output: Tensor, target: Tensor): Tensor {
  const { shape } = output;
  const last = shape.length - 1;
  const isSecond = shape.length !== target.shape.length + 1 || last < 2 ||
    target.shape.slice(1).every((size, i) => size === shape[i + 2]);
  return isSecond ? output : output.movedim(last, 1);
}

/** New optimizers without any history. */
export function newOptimizers({ pair, torch, learningRate }: PreparedPair) {
  const parameters = torch.parameters();
  return {
    keras: pair.kerasOptimizer?.() ?? kerasRmsprop(learningRate),
    torch: (pair.torchOptimizer?.(parameters) ??
      new KerasRuleRMSprop(parameters.filter(({ requiresGrad }) => requiresGrad), {
        lr: learningRate,
      })) as optim.Optimizer,
  };
}

/** What stands behind `loss.backward()`. */
export async function torchStepOf(
  { pair, torch }: PreparedPair,
  optimizer: optim.Optimizer,
  step: number,
): Promise<void> {
  if (pair.torchStep) return await pair.torchStep(optimizer, step, torch);
  await optimizer.step();
  optimizer.zeroGrad();
}
