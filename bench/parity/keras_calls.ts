/**
 * Watches the calls of a Keras model's layers, from the inside of its forward pass.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { KerasTensor, Node } from "../../keras_style/layers/keras_tensor.ts";
import { Layer } from "../../keras_style/layers/layer.ts";
import { serialize } from "../../keras_style/activations/get.ts";
import { activations, Model } from "../../keras_style/mod.ts";
import { randomStream } from "../../keras_style/tracing/mod.ts";
import { type FeatureLayout, inputLayout, outputLayout } from "./feature_layout.ts";
import type { Flattening } from "./model_pair.ts";

/** One call of one layer; its tensors are copies that live as long as the watch. */
export interface KerasCall {
  readonly layer: Layer;
  readonly input: tf.Tensor;
  readonly inputLayout: FeatureLayout;
  /** The result before the layer's own activation function. */
  readonly output: tf.Tensor;
  /** The result; `output` where there is no activation function. */
  readonly activated: tf.Tensor;
  readonly outputLayout: FeatureLayout;
  /** Name of the activation function, such as `relu`; null where there is none. */
  readonly activation: string | null;
  /** How many random masks were drawn in it. */
  readonly draws: number;
  /** The tensors themselves, which may be disposed: to differentiate for, and to tell what became the input of what. */
  readonly identity: Readonly<Record<"input" | "output" | "activated", tf.Tensor>>;
}

/** A layer with an activation function, which may be replaced. */
interface WithActivation {
  activation?: activations.ActivationFunction;
}

const splittable = /^(Dense|(Separable|Depthwise)?Conv[123]D(Transpose)?)$/;

/** Layers of a model and of the models in it, in the order of computation. */
export function leafLayers(model: { layers: Layer[] }): Layer[] {
  return model.layers.flatMap((layer) => layer instanceof Model ? leafLayers(layer) : [layer])
    .filter((layer) => layer.getClassName() !== "InputLayer");
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
    else if (operation instanceof Layer) found.add(operation);
  };
  model.graph?.outputTensors.forEach(visit);
  const all = leafLayers(model);
  return [...new Set([...[...found].filter((layer) => all.includes(layer)), ...all])];
}

/** Options of {@linkcode KerasCallWatch}. */
export interface KerasCallWatchOptions {
  /** In which order the PyTorch model flattens. */
  readonly flattening: Flattening;
  /** Told of each result while the pass goes on. */
  onTensor?(tensor: tf.Tensor): void;
}

/** Records calls from when it is made until it is disposed; its tensors live as long. */
export class KerasCallWatch implements Disposable {
  readonly calls: KerasCall[] = [];
  readonly #layers: Layer[];
  readonly #layouts = new WeakMap<tf.Tensor, FeatureLayout>();
  readonly #kept: tf.Tensor[] = [];

  readonly #options: KerasCallWatchOptions;

  constructor(model: Model, options: KerasCallWatchOptions) {
    this.#options = options;
    this.#layers = leafLayers(model);
    for (const layer of this.#layers) {
      const { call } = layer;
      layer.call = (inputs, ...more) =>
        this.#record(layer, inputs, () => call.call(layer, inputs, ...more) as tf.Tensor);
    }
  }

  /** The layouts of the units of every mask, in the order of drawing. */
  get drawLayouts(): FeatureLayout[] {
    return this.calls.flatMap(({ draws, inputLayout }) =>
      Array.from({ length: draws }, () => inputLayout)
    );
  }

  #record(
    layer: Layer,
    inputs: tf.Tensor | tf.Tensor[],
    run: () => tf.Tensor,
  ): tf.Tensor {
    const input = [inputs].flat()[0];
    const before = this.#layouts.get(input) ?? inputLayout(input.rank, layer);
    const drawsBefore = randomStream().state[1];
    const { output, activated, activation } = distinctFrom(input, this.#runInTwo(layer, run));
    const draws = randomStream().state[1] - drawsBefore;
    const { flattening } = this.#options;
    const after = outputLayout(layer, before, input.shape, activated.shape, flattening);
    this.#layouts.set(activated, after);
    for (const tensor of new Set([output, activated])) this.#options.onTensor?.(tensor);
    this.calls.push({
      layer,
      input: this.#keep(input),
      inputLayout: before,
      output: this.#keep(output),
      activated: this.#keep(activated),
      outputLayout: after,
      activation,
      draws,
      identity: { input, output, activated },
    });
    return activated;
  }

  /** Runs a layer without its activation function, and then that. */
  #runInTwo(layer: Layer, run: () => tf.Tensor): LayerResult {
    const holder = layer as unknown as WithActivation;
    const { activation } = holder;
    const name = activation ? serialize(activation) : "linear";
    if (
      !activation || typeof name !== "string" || name === "linear" ||
      !splittable.test(layer.getClassName())
    ) {
      const output = run();
      return { output, activated: output, activation: null };
    }
    holder.activation = activations.linear;
    try {
      const output = run();
      return { output, activated: activation(output), activation: name };
    } finally {
      holder.activation = activation;
    }
  }

  #keep(tensor: tf.Tensor): tf.Tensor {
    const kept = tf.keep(tf.clone(tensor));
    this.#kept.push(kept);
    return kept;
  }

  [Symbol.dispose](): void {
    for (const layer of this.#layers) delete (layer as { call?: unknown }).call;
    for (const tensor of this.#kept) tensor.dispose();
  }
}

interface LayerResult {
  readonly output: tf.Tensor;
  readonly activated: tf.Tensor;
  readonly activation: string | null;
}

/** A layer that hands its input on gets a copy of it: TensorFlow.js would make one where it is not seen. */
function distinctFrom(input: tf.Tensor, result: LayerResult): LayerResult {
  if (result.activated !== input) return result;
  const copy = tf.clone(input);
  return { ...result, output: copy, activated: copy };
}
