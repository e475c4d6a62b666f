/**
 * What a pair of models takes and gives, found by passes that compute nothing.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { fromHost, type GraphNode, type LazyArray, ops, recordOps } from "../../../onnx/mod.ts";
import type { Layer } from "../../../keras_style/layers/layer.ts";
import { leavesOfKind } from "../../../keras_style/layers/nested.ts";
import type { Model } from "../../../keras_style/mod.ts";
import { type nn, noGrad, Tensor } from "../../../torch_style/mod.ts";
import { type UniformDraw, withUniformDraw } from "../../../torch_style/random.ts";
import { Dataflow } from "../recording/dataflow.ts";
import {
  activationRearrangement,
  type FeatureLayout,
  inputLayout,
} from "../comparing/feature_layout.ts";
import { arrayOf, type KerasCall, KerasCallWatch } from "../recording/keras_calls.ts";
import type { LayerPair } from "../pairing/layer_pairs.ts";
import { holdsWeights, layerLabels, moduleLabels } from "../pairing/layer_parameters.ts";
import type { Flattening } from "./model_pair.ts";
import { product, rearrange } from "../comparing/rearrangement.ts";
import { TorchCallWatch } from "../recording/torch_calls.ts";
import { type Positions, positionsOf, type UnitCall } from "../pairing/unit_positions.ts";
import { isKnownModule, isOfKind, weightRulesOf } from "../pairing/weight_rules.ts";

/** One input of both models. */
export interface ModelInput {
  /** Without the batch axis, channels last. */
  readonly shape: readonly number[];
  /** The layer that takes it. */
  readonly firstLayer: Layer | undefined;
  readonly takesIntegers: boolean;
  /** Integers are below this. */
  readonly vocabulary: number;
}

/** What a pass through the Keras model shows. */
export interface KerasGlance {
  readonly inputs: readonly ModelInput[];
  /** Shapes of the outputs without the batch axis. */
  readonly outputShapes: readonly (readonly number[])[];
  readonly layouts: ReadonlyMap<Layer, FeatureLayout>;
  readonly calls: readonly KerasCall[];
  readonly dataflow: Dataflow;
  /** The calls that draw masks, in order. */
  readonly drawingCalls: readonly KerasCall[];
  readonly endsInSoftmax: boolean;
}

/** How many samples a pass has that computes nothing. */
const SAMPLES = 2;

/** The inputs as the Keras model takes them. */
export function asKerasInput(tensors: tf.Tensor[]): tf.Tensor {
  return (tensors.length === 1 ? tensors[0] : tensors) as tf.Tensor;
}

/**
 * Runs the Keras model without computing anything, to see what it is made of.
 *
 * @param training whether as in training, which changes running statistics
 */
export function glanceAtKeras(
  keras: Model,
  shapes: readonly (readonly number[])[],
  flattening: Flattening,
  training: boolean,
): KerasGlance {
  const specs = keras.inputSpecs;
  const x = shapes.map((shape, i) =>
    tf.zeros([SAMPLES, ...shape], specs[i]?.dtype === "int32" ? "int32" : "float32")
  );
  using watch = new KerasCallWatch(keras, { flattening });
  const given = x.map(arrayOf);
  const { result: { outputs, predicted }, nodes } = recordOps(() => {
    const outputs = leavesOfKind(keras(asKerasInput(x), { training }), tf.Tensor);
    return { outputs, predicted: outputs.map(arrayOf) };
  });
  const dataflow = new Dataflow(nodes);
  const { calls } = watch;
  const layouts = new Map(calls.map(({ layer, inputLayout }) => [layer, inputLayout]));
  const inputs = shapes.map((shape, i) =>
    inputOf(shape, given[i], calls, dataflow, specs[i]?.dtype)
  );
  const output = dataflow.root(predicted[0]);
  const last = calls.findLast(({ activated }) => dataflow.root(activated) === output) ??
    calls.at(-1);
  const glance = {
    inputs,
    outputShapes: outputs.map(({ shape }) => shape.slice(1)),
    layouts,
    calls,
    dataflow,
    drawingCalls: watch.drawingCalls,
    endsInSoftmax: last?.activation === "softmax" || isSoftmax(last?.layer),
  };
  tf.dispose([x, outputs]);
  return glance;
}

function inputOf(
  shape: readonly number[],
  array: LazyArray,
  calls: readonly KerasCall[],
  dataflow: Dataflow,
  dtype: tf.DataType | undefined,
): ModelInput {
  const results = new Set(
    calls.flatMap(({ activated, others }) => [activated, ...others]).map((one) =>
      dataflow.root(one)
    ),
  );
  const root = dataflow.root(array);
  const first = calls.find(({ inputs }) => {
    const known = (one: LazyArray) => one === root || results.has(one);
    return dataflow.sources(inputs, known).arrays.includes(root);
  });
  const embedding = first?.layer.getClassName() === "Embedding";
  const { inputDim = 2 } = (first?.layer ?? {}) as unknown as { inputDim?: number };
  return {
    shape,
    firstLayer: first?.layer,
    takesIntegers: embedding || dtype === "int32",
    vocabulary: embedding ? inputDim : 2,
  };
}

function isSoftmax(layer: Layer | undefined): boolean {
  return layer?.getClassName() === "Softmax" ||
    (layer?.getClassName() === "Activation" && layer.getConfig().activation === "softmax");
}

/** An input as the PyTorch model takes it: images channels first, indices as int64. */
export function torchInput(
  values: Float32Array | Int32Array,
  shape: readonly number[],
  { firstLayer, takesIntegers }: ModelInput,
): Tensor {
  if (takesIntegers) return new Tensor(fromHost(BigInt64Array.from(values, BigInt), shape));
  const arrangement = activationRearrangement(shape, inputLayout(shape.length, firstLayer));
  const dimensions = arrangement.order.map((axis) => arrangement.view[axis]);
  // Rearranged before: a transpose in the graph would be taken for one of the module's.
  return new Tensor(fromHost(rearrange(Float32Array.from(values), arrangement), dimensions));
}

/** Where the PyTorch model's modules stand in its graph, and how it draws masks. */
export interface TorchGlance {
  readonly positions: Positions["torch"];
  /** For each mask, the modules with weights nearest above what it is laid on. */
  readonly draws: readonly (readonly nn.AnyModule[])[];
  /** What each module with weights is given first. */
  readonly given: ReadonlyMap<nn.AnyModule, LazyArray>;
  readonly dataflow: Dataflow;
  /** What the pass failed with. */
  readonly error: unknown;
}

/**
 * Runs the PyTorch model without computing anything.
 *
 * @param training whether as in training, which changes running statistics
 */
export function glanceAtTorch(
  torch: nn.AnyModule,
  inputs: readonly ModelInput[],
  training: boolean,
): TorchGlance {
  const x = inputs.map((input) => {
    const shape = [SAMPLES, ...input.shape];
    const size = product(shape);
    return torchInput(
      input.takesIntegers ? new Int32Array(size) : new Float32Array(size),
      shape,
      input,
    );
  });
  torch.train(training);
  using watch = new TorchCallWatch(torch, false);
  const masks: LazyArray[] = [];
  const draw: UniformDraw = (key, shape) => {
    masks.push(ops.uniform(key, shape));
    return masks.at(-1)!;
  };
  let error: unknown;
  const { nodes } = recordOps(() => {
    try {
      withUniformDraw(draw, () => noGrad(() => torch(...x)));
    } catch (cause) {
      error = cause ?? "nothing";
    }
  });
  torch.train();
  const calls = watch.calls.filter(({ module }) => isUnit(module)).map((
    { module, inputs, outputs },
  ): UnitCall<nn.AnyModule> => ({ owner: module, labels: moduleLabels(module), inputs, outputs }));
  const dataflow = new Dataflow(nodes);
  const madeBy = new Map(
    calls.flatMap(({ owner, outputs }) => outputs.map((one) => [dataflow.root(one), owner])),
  );
  const draws = masks.map((mask) => {
    const laidOn = whatMaskIsLaidOn(mask, nodes);
    const { arrays } = dataflow.sources(laidOn, (array) => madeBy.has(array));
    return [...new Set(arrays.map((array) => madeBy.get(array)!))];
  });
  const given = new Map(calls.toReversed().map(({ owner, inputs }) => [owner, inputs[0]]));
  return { positions: positionsOf(calls, dataflow), draws, given, dataflow, error };
}

/** The other inputs of the first op that has some beside the mask, or what was made of it. */
function whatMaskIsLaidOn(mask: LazyArray, nodes: readonly GraphNode[]): LazyArray[] {
  const derived = new Set([mask]);
  for (const { inputs, outputs } of nodes) {
    if (!inputs.some((input) => derived.has(input))) continue;
    const others = inputs.filter((input) => !derived.has(input) && input.size > 1);
    if (others.length > 0) return others;
    for (const output of outputs) derived.add(output);
  }
  return [];
}

/** For each of the PyTorch model's masks: which of the Keras model's it is. */
export function matchDraws(
  { drawingCalls, calls, dataflow }: KerasGlance,
  draws: TorchGlance["draws"],
  pairs: readonly LayerPair[],
): number[] {
  const layerOf = new Map(
    pairs.flatMap(({ layer, modules }) => modules.map((m) => [m.module, layer])),
  );
  const madeBy = new Map(
    calls.filter(({ layer }) => layer.weights.length > 0)
      .flatMap(({ layer, output, activated, others }) =>
        [output, activated, ...others].map((array) => [dataflow.root(array), layer] as const)
      ),
  );
  const text = (layers: readonly (Layer | undefined)[]) =>
    [...new Set(layers.map((layer) => layer?.name ?? "?"))].sort().join();
  const above = drawingCalls.map(({ inputs }) => {
    const { arrays } = dataflow.sources(inputs, (array) => madeBy.has(array));
    return text(arrays.map((array) => madeBy.get(array)));
  });
  const free = new Set(above.keys());
  const take = (at: number | undefined) => {
    if (at !== undefined) free.delete(at);
    return at;
  };
  const exact = draws.map((modules) => {
    const own = text(modules.map((module) => layerOf.get(module)));
    return take([...free].find((at) => above[at] === own));
  });
  return exact.map((at) => at ?? take([...free][0]) ?? above.length);
}

/** Whether a module is one layer with weights of a known kind, and not made of such. */
function isUnit(module: nn.AnyModule): boolean {
  if (!holdsWeights(module) || !isKnownModule(module)) return false;
  return isOfKind(module, /^MultiheadAttention$/) ||
    !module.modules().some((inner) => inner !== module && holdsWeights(inner));
}

/** Where the Keras model's layers stand in its graph. */
export function kerasPositions({ calls, dataflow }: KerasGlance): Positions["keras"] {
  // Parameters of one's own stand in a layer here, in any module there: they tell nothing of places.
  const units = calls.filter(({ layer }) =>
    layer.weights.length > 0 && weightRulesOf(layer).length > 0
  )
    .map(({ layer, inputs, activated, output, others }): UnitCall<Layer> => ({
      owner: layer,
      labels: layerLabels(layer),
      inputs,
      outputs: [activated, output, ...others],
    }));
  return positionsOf(units, dataflow);
}
