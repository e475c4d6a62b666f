/**
 * Watches the calls of a Keras model's layers, from the inside of its forward pass.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { LazyArray } from "../../../onnx/mod.ts";
import { serialize } from "../../../keras_style/activations/get.ts";
import { activeBackend } from "../../../keras_style/engine/mod.ts";
import type { KerasTensor, Node } from "../../../keras_style/layers/keras_tensor.ts";
import { Layer } from "../../../keras_style/layers/layer.ts";
import { isOwnLayer } from "../../../keras_style/layers/layer_registry.ts";
import { leavesOfKind } from "../../../keras_style/layers/nested.ts";
import { activations, Model } from "../../../keras_style/mod.ts";
import { randomStream } from "../../../keras_style/tracing/mod.ts";
import { type FeatureLayout, inputLayout, outputLayout } from "../comparing/feature_layout.ts";
import type { Flattening } from "../models/model_pair.ts";

/** One call of one layer. */
export interface KerasCall {
  readonly layer: Layer;
  readonly inputs: readonly LazyArray[];
  readonly inputLayout: FeatureLayout;
  /** The result before the layer's own activation function. */
  readonly output: LazyArray;
  /** The result; `output` where there is no activation function. */
  readonly activated: LazyArray;
  /** Further results, such as states. */
  readonly others: readonly LazyArray[];
  readonly outputLayout: FeatureLayout;
  /** Name of the activation function, such as `relu`; null where there is none. */
  readonly activation: string | null;
  /** How many random masks were drawn in it. */
  readonly draws: number;
  /** The tensors of `output` and `activated`, which may be disposed: to differentiate for. */
  readonly tensors: Readonly<Record<"output" | "activated", tf.Tensor>>;
}

/** A layer with an activation function, which may be replaced. */
interface WithActivation {
  activation?: activations.ActivationFunction;
}

const splittable = /^(Dense|(Separable|Depthwise)?Conv[123]D(Transpose)?)$/;

/** Layers of a model, of the models in it and of layers of one's own that are made of layers, each once. */
export function leafLayers(model: { readonly layers: readonly Layer[] }): Layer[] {
  return [...new Set(model.layers.flatMap(leavesOf))];
}

function leavesOf(layer: Layer): Layer[] {
  if (layer.getClassName() === "InputLayer") return [];
  if (layer instanceof Model) return leafLayers(layer);
  if (isOwnLayer(layer.getClassName()) || layer.sublayers().length === 0) return [layer];
  const inside = layer.sublayers().flatMap(leavesOf);
  return layer.ownWeights().length > 0 ? [...inside, layer] : inside;
}

/** The same layers in the order in which a model is written: what a call is given comes before it, argument by argument. */
export function layersAsWritten(model: Model): Layer[] {
  const found = new Set<Layer>();
  const visited = new Set<Node>();
  const visit = ({ node }: KerasTensor): void => {
    if (visited.has(node)) return;
    visited.add(node);
    node.inputs.forEach(visit);
    const { operation } = node;
    if (operation instanceof Model) layersAsWritten(operation).forEach((layer) => found.add(layer));
    else if (operation instanceof Layer) leavesOf(operation).forEach((layer) => found.add(layer));
  };
  model.graph?.outputTensors.forEach(visit);
  const all = leafLayers(model);
  return [...new Set([...[...found].filter((layer) => all.includes(layer)), ...all])];
}

/** The array behind a tensor of the engine that parity runs on. */
export function arrayOf(tensor: tf.Tensor): LazyArray {
  return activeBackend()!.array(tensor);
}

/** Options of {@linkcode KerasCallWatch}. */
export interface KerasCallWatchOptions {
  /** In which order the PyTorch model flattens. */
  readonly flattening: Flattening;
  /** Told of each result while the pass goes on. */
  onTensor?(tensor: tf.Tensor): void;
}

/** Records calls from when it is made until it is disposed. */
export class KerasCallWatch implements Disposable {
  readonly calls: KerasCall[] = [];
  readonly #layers: Layer[];
  readonly #layouts = new WeakMap<tf.Tensor, FeatureLayout>();
  readonly #options: KerasCallWatchOptions;
  /** What layers were given, kept alive: the memory of what a layer's caller makes for it alone would be used again. */
  readonly #given: tf.Tensor[] = [];

  constructor(model: Model, options: KerasCallWatchOptions) {
    this.#options = options;
    this.#layers = leafLayers(model);
    for (const layer of this.#layers) {
      const { call } = layer;
      layer.call = (inputs, ...more) =>
        this.#record(layer, inputs, more, () => call.call(layer, inputs, ...more));
    }
  }

  /** The call that drew each mask, in the order of drawing. */
  get drawingCalls(): KerasCall[] {
    return this.calls.flatMap((call) => Array.from({ length: call.draws }, () => call));
  }

  #record(layer: Layer, given: unknown, more: readonly unknown[], run: () => unknown): unknown {
    const tensors = leavesOfKind([given, ...more], tf.Tensor);
    const [input] = tensors;
    const before = this.#layouts.get(input) ?? inputLayout(input.rank, layer);
    const drawsBefore = randomStream().state[1];
    const inputs = tensors.map(arrayOf);
    for (const tensor of tensors) this.#given.push(tf.keep(tf.clone(tensor)));
    const { result, output, activated, activation } = this.#runInTwo(layer, input, run);
    const { flattening } = this.#options;
    const after = outputLayout(layer, before, input.shape, activated.shape, flattening);
    this.#layouts.set(activated, after);
    for (const tensor of new Set([output, activated])) this.#options.onTensor?.(tensor);
    this.calls.push({
      layer,
      inputs,
      inputLayout: before,
      output: arrayOf(output),
      activated: arrayOf(activated),
      others: leavesOfKind(result, tf.Tensor).slice(1).map(arrayOf),
      outputLayout: after,
      activation,
      draws: randomStream().state[1] - drawsBefore,
      tensors: { output, activated },
    });
    return result;
  }

  /** Runs a layer without its activation function, and then that. */
  #runInTwo(layer: Layer, input: tf.Tensor, run: () => unknown): LayerResult {
    const holder = layer as unknown as WithActivation;
    const { activation } = holder;
    const name = activation ? serialize(activation) : "linear";
    if (
      !activation || typeof name !== "string" || name === "linear" ||
      !splittable.test(layer.getClassName())
    ) {
      return distinctFrom(input, run());
    }
    holder.activation = activations.linear;
    try {
      const output = run() as tf.Tensor;
      const activated = activation(output);
      return { result: activated, output, activated, activation: name };
    } finally {
      holder.activation = activation;
    }
  }

  [Symbol.dispose](): void {
    for (const layer of this.#layers) delete (layer as { call?: unknown }).call;
    tf.dispose(this.#given);
  }
}

interface LayerResult {
  readonly result: unknown;
  readonly output: tf.Tensor;
  readonly activated: tf.Tensor;
  readonly activation: string | null;
}

/** A layer that hands its input on gets a copy of it: TensorFlow.js would make one where it is not seen. */
function distinctFrom(input: tf.Tensor, result: unknown): LayerResult {
  const [first] = leavesOfKind(result, tf.Tensor);
  const output = first === input ? tf.clone(input) : first;
  return {
    result: result === input ? output : result,
    output,
    activated: output,
    activation: null,
  };
}
