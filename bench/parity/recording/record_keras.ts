/**
 * A pass through the Keras model: every layer's result, the loss and the gradients, as values.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type LazyArray, recordOps } from "../../../onnx/mod.ts";
import type { Layer } from "../../../keras_style/layers/layer.ts";
import { activeBackend } from "../../../keras_style/engine/mod.ts";
import { GradientTape } from "../../../keras_style/mod.ts";
import { kerasBatch, type ParityBatch } from "../models/batches.ts";
import { evaluatedIn, type RecordedFunctions, recordFunctions } from "./curves.ts";
import { Dataflow } from "./dataflow.ts";
import {
  activationRearrangement,
  type FeatureLayout,
  sameLayout,
} from "../comparing/feature_layout.ts";
import { arrayOf, type KerasCall, KerasCallWatch } from "./keras_calls.ts";
import { kerasForward, type PreparedPair } from "../models/prepared_pair.ts";
import type { Output, Result } from "./results.ts";
import { sliceOf, type WeightPair } from "../pairing/weight_pairs.ts";

/** What a pass is to be. */
export interface PassOptions {
  readonly batch: ParityBatch;
  readonly training: boolean;
  readonly backward: boolean;
}

/** A result with what only this idiom knows. */
export interface KerasResult extends Result {
  readonly call: KerasCall;
  /** Which call of the layer it is of. */
  readonly turn: number;
  readonly isActivation: boolean;
  /** Of the loss of the predictions; null where there is none. */
  readonly gradient: Float32Array | null;
}

/** What a pass found. */
export interface KerasPass {
  readonly results: readonly KerasResult[];
  readonly outputs: readonly Output[];
  /** The loss of the predictions alone, and with penalties. */
  readonly dataLoss: number;
  readonly loss: number;
  /** Gradients of both losses by trained weight, in Keras' layout. */
  readonly dataGradients: ReadonlyMap<WeightPair, Float32Array>;
  readonly gradients: ReadonlyMap<WeightPair, Float32Array>;
}

interface Draft {
  readonly call: KerasCall;
  readonly array: LazyArray;
  readonly tensor: tf.Tensor;
  readonly isActivation: boolean;
  readonly turn: number;
}

/** Runs the Keras model on a batch; running statistics move while training. */
export async function recordKeras(
  prepared: PreparedPair,
  { batch, training, backward }: PassOptions,
): Promise<KerasPass> {
  const [x, y] = kerasBatch(batch);
  using tape = backward ? new GradientTape({ persistent: true }) : null;
  using watch = new KerasCallWatch(prepared.keras, {
    flattening: prepared.flattening,
    onTensor(tensor) {
      if (tensor.dtype === "float32") tape?.watch(tensor);
    },
  });
  const { result: { forward, predicted }, nodes } = recordOps(() => {
    const forward = kerasForward(prepared, x, y, training);
    return { forward, predicted: forward.predictions.map(arrayOf) };
  });
  const dataflow = new Dataflow(nodes);
  const drafts = draftsOf(watch.calls);
  const functions = recordFunctions(drafts, x.map(arrayOf), dataflow);
  const trained = trainedWeights(prepared);
  const variables = [...new Set(trained.map(({ variable }) => variable))];
  const tensors = drafts.map(({ tensor }) => tensor);
  const { dataLoss, loss, predictions } = forward;
  const ofData = tape?.gradient(dataLoss, [...variables, ...tensors]) ?? [];
  const ofAll = tape && loss !== dataLoss ? tape.gradient(loss, variables) : ofData;
  const gradientArrays = [...ofData, ...ofAll].map((one) => one && arrayOf(one));
  const inputArrays = drafts.map(({ call, array }) => inputToShow(call, array));
  const scalars = [dataLoss, loss].map(arrayOf);
  await activeBackend()!.flush(
    ...[
      ...drafts.map(({ array }) => array),
      ...gradientArrays,
      ...inputArrays,
      ...functions.flatMap(evaluatedIn),
      ...scalars,
      ...predicted,
    ]
      .filter((array) => array !== null),
  );
  const gradientOf = (at: number) => gradientArrays[at] && floats(gradientArrays[at]!);
  const weightGradients = (from: number) =>
    new Map(trained.flatMap((weight) => {
      const gradient = gradientOf(from + variables.indexOf(weight.variable));
      return gradient ? [[weight, sliceOf(weight, gradient)] as const] : [];
    }));
  const results = resultsOf(
    drafts,
    inputArrays,
    functions,
    dataflow,
    prepared,
    (i) => gradientOf(variables.length + i) ?? null,
  );
  const pass = {
    results,
    outputs: outputsOf(prepared, predicted, drafts, dataflow),
    dataLoss: floats(scalars[0])[0],
    loss: floats(scalars[1])[0],
    dataGradients: tape ? weightGradients(0) : new Map(),
    gradients: tape ? weightGradients(ofAll === ofData ? 0 : ofData.length) : new Map(),
  };
  tf.dispose([
    x,
    y,
    predictions,
    dataLoss,
    loss,
    ...ofData.filter((g) => g !== null),
    ...ofAll.filter((g) => g !== null),
  ]);
  return pass;
}

/** Weights that training changes in the Keras model, whether or not PyTorch's are. */
export function trainedWeights({ keras, weights }: PreparedPair): WeightPair[] {
  const trainable = new Set<tf.Variable>(keras.trainableVariables);
  return weights.both.filter(({ statistic, variable }) => !statistic && trainable.has(variable));
}

/** What a result has of the functions that make it. */
export function functionsOf(
  { curve, functions, above }: RecordedFunctions,
): Pick<Result, "curve" | "functions" | "above"> {
  return {
    ...(curve ? { curve: { of: curve.of, values: floats(curve.values) } } : {}),
    functions: functions.map(floats),
    above,
  };
}

/** Values of any element type, as floats. */
export function floats(array: LazyArray): Float32Array {
  const data = array.hostData();
  return data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>, Number);
}

function draftsOf(calls: readonly KerasCall[]): Draft[] {
  const turns = new Map<Layer, number>();
  return calls.flatMap((call): Draft[] => {
    const turn = turns.get(call.layer) ?? 0;
    turns.set(call.layer, turn + 1);
    const { output, activated, tensors, activation } = call;
    const own = { call, turn, array: output, tensor: tensors.output, isActivation: false };
    if (activation === null) return [own];
    return [own, { call, turn, array: activated, tensor: tensors.activated, isActivation: true }];
  });
}

/** What a layer with weights is given. */
function inputToShow({ layer, inputs, output }: KerasCall, array: LazyArray): LazyArray | null {
  return layer.weights.length > 0 && array === output ? inputs[0] : null;
}

function resultsOf(
  drafts: readonly Draft[],
  inputs: readonly (LazyArray | null)[],
  functions: readonly RecordedFunctions[],
  dataflow: Dataflow,
  prepared: PreparedPair,
  gradientOf: (i: number) => Float32Array | null,
): KerasResult[] {
  const madeBy = new Map<LazyArray, number>();
  return drafts.map(({ call, array, isActivation, turn }, i): KerasResult => {
    const given = isActivation ? [call.output] : call.inputs;
    const { arrays, ops } = dataflow.sources(given, (one) => madeBy.has(one));
    const from = [...new Set(arrays.map((one) => madeBy.get(one)!))];
    // A view of an earlier result, such as a flattened one, stands for it from here on.
    for (const made of isActivation ? [array] : [array, ...call.others]) {
      madeBy.set(dataflow.root(made), i);
    }
    const input = inputs[i];
    const layout = prepared.layoutNow(call.layer, call.inputLayout);
    return {
      name: isActivation ? `${call.layer.name}/${call.activation}` : call.layer.name,
      kind: isActivation ? call.activation! : call.layer.getClassName(),
      shape: array.shape,
      values: floats(array),
      from,
      ops,
      isCall: true,
      expected: activationRearrangement(array.shape, call.outputLayout),
      call,
      turn,
      isActivation,
      gradient: gradientOf(i),
      ...(input ? { input: shaped(input, layout) } : {}),
      ...functionsOf(functions[i]),
    };
  });
}

function shaped(array: LazyArray, layout: FeatureLayout) {
  return {
    shape: array.shape,
    values: floats(array),
    expected: activationRearrangement(array.shape, layout),
  };
}

/** The outputs; PyTorch's cross entropy takes what Keras' softmax is given. */
function outputsOf(
  { pair, endsInSoftmax }: PreparedPair,
  predictions: readonly LazyArray[],
  drafts: readonly Draft[],
  dataflow: Dataflow,
): Output[] {
  const at = new Map(drafts.map(({ array }, i) => [dataflow.root(array), i]));
  return predictions.map((array, i): Output => {
    const last = at.get(dataflow.root(array));
    const layout = last === undefined ? sameLayout : drafts[last].call.outputLayout;
    const form = (name: string, one: LazyArray, values = floats(one)) => ({
      name,
      shape: one.shape,
      values,
      expected: activationRearrangement(one.shape, layout),
    });
    const name = predictions.length === 1 ? "output" : `output ${i + 1}`;
    const before = last === undefined ? null : beforeActivation(drafts[last]);
    const whole = form(name, array);
    const logs = form("log-probabilities", array, floats(array).map(Math.log));
    const logits = before && form("logits", before);
    const takesLogits = endsInSoftmax && !pair.torchLoss && logits !== null;
    const from = dataflow.sources([takesLogits ? before! : array], (one) => at.has(one)).arrays;
    const forms = takesLogits ? [logits, logs] : [whole, ...(logits ? [logits, logs] : [])];
    return { name, forms, from: from.map((one) => at.get(one)!) };
  });
}

const ending = /^(Softmax|Activation|softmax|sigmoid)$/;

/** What an activation function at the end was given; null where there is none. */
function beforeActivation({ call, isActivation }: Draft): LazyArray | null {
  if (isActivation) return ending.test(call.activation!) ? call.output : null;
  return ending.test(call.layer.getClassName()) ? call.inputs[0] : null;
}
