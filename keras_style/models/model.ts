/**
 * The model of the Keras idiom: a graph of layers that is compiled, trained, evaluated and asked for predictions.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { KerasTensor } from "../layers/keras_tensor.ts";
import type { CallOptions, Layer } from "../layers/layer.ts";
import { savedLayer, sharingLayers } from "../layers/layer_registry.ts";
import { mapShapes, shapesOf } from "../layers/shapes.ts";
import { setMask } from "../layers/masks.ts";
import { isPlainObject, leavesOf, leavesOfKind, mapNested } from "../layers/nested.ts";
import { autoName } from "../naming.ts";
import { listNames, takeOptions } from "../options.ts";
import { jsonText } from "../saving/json_text.ts";
import { toKeras } from "../saving/to_keras.ts";
import { loadWeights } from "../saving/load_weights.ts";
import { saveModel, saveWeights } from "../saving/save_model.ts";
import { exportModel, type ExportOptions } from "./export.ts";
import { FunctionGraph } from "./function_graph.ts";
import { graphConfig } from "./graph_config.ts";
import { graphFromConfig } from "./graph_from_config.ts";
import {
  type ModelArguments,
  type ModelOptions,
  modelOptions,
  type SymbolicNest,
} from "./model_arguments.ts";
import { namedLeaves, namedTensors, packed } from "./named_specs.ts";
import { printSummary, type SummaryOptions } from "./summary.ts";
import type { LoadWeightsOptions, NamedSpec } from "./trained_model.ts";
import { Trainer } from "./trainer.ts";

/** What is known of a class with `call` once it is built. */
interface CallSpecs {
  readonly inputs: unknown;
  /** Found out when somebody asks. */
  readonly outputs: unknown;
}

/**
 * A model of layers between inputs and outputs, or a class of layers with {@linkcode Model.call}.
 * Follows https://keras.io/api/models/model/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const inputs = keras.Input({ shape: [4] });
 * const hidden = new keras.layers.Dense({ units: 8, activation: "relu" })(inputs);
 * const outputs = new keras.layers.Dense({ units: 3, activation: "softmax" })(hidden);
 * const model = new keras.Model({ inputs, outputs });
 * console.log(new keras.Model(inputs, hidden).outputShape); // [ null, 8 ]
 * model.compile({ optimizer: "rmsprop", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
 * ```
 */
export class Model extends Trainer {
  #graph: FunctionGraph | undefined;
  #specs: CallSpecs | undefined;

  /** @throws {TypeError} if inputs or outputs are no symbolic tensors, {@link Error} if they are not connected */
  constructor(...args: ModelArguments) {
    const options = modelOptions(args);
    const [{ inputs, outputs }, rest] = takeOptions(new.target.name, options, {
      inputs: undefined,
      outputs: undefined,
    }) as [ModelOptions, ModelOptions];
    const isGraph = inputs !== undefined || outputs !== undefined;
    const isPlain = isGraph && new.target === Model;
    super({ ...rest, name: rest.name ?? (isPlain ? autoName("Functional") : null) });
    if (isGraph) this.setGraph(inputs, outputs);
  }

  /** The graph of layers, where the model is one and its input shape is known. */
  get graph(): FunctionGraph | undefined {
    return this.#graph;
  }

  /** Replaces the graph of layers. */
  protected setGraph(inputs: unknown, outputs: unknown): void {
    // What was compiled belongs to the layers there were.
    if (this.#graph) this.forgetCompiled();
    this.#graph = new FunctionGraph(inputs, outputs);
    // Its layers cast by themselves.
    this.autocast = false;
    this.built = true;
    if (!this.trainable) this.trainable = false;
  }

  /** Forgets the graph of layers, not the layers. */
  protected dropGraph(): void {
    if (this.#graph) this.forgetCompiled();
    this.#graph = undefined;
    this.built = false;
  }

  /**
   * Makes the weights where the input shape was unknown so far.
   *
   * @param inputShape with the batch axis in front; nested as the inputs are
   */
  // deno-lint-ignore no-explicit-any
  override build(inputShape: any): void {
    if (this.isSpecified) return;
    // A step of one's own need not call the model as a whole.
    if (!this.#hasCall && !this.hasOwnStep) this.#refuseUnbuilt();
    const inputs = mapShapes(
      inputShape,
      (shape) => new KerasTensor([null, ...shape.slice(1)], "float32"),
    );
    this.#specs = { inputs, outputs: this.#hasCall ? undefined : [] };
    this.built = true;
    void this.outputSpecs;
  }

  get isSpecified(): boolean {
    return this.#graph !== undefined || this.#specs !== undefined;
  }

  get #hasCall(): boolean {
    return this.call !== Model.prototype.call;
  }

  specify(inputShape: unknown): void {
    if (this.isSpecified) return;
    this.build(inputShape);
    // A class' own build makes weights; what goes in is kept here.
    Model.prototype.build.call(this, inputShape);
  }

  #refuseUnbuilt(): never {
    throw new Error(
      `model "${this.name}" is not built: its input shape is unknown; give the first layer inputShape, ` +
        `begin with an Input, or call build([null, ...])`,
    );
  }

  protected override computeOutputSpec(
    args: readonly unknown[],
    options: Readonly<Record<string, unknown>>,
  ): unknown {
    return this.inferResult(args, options);
  }

  /** The first input tells a class with `call` what it takes. */
  protected override ensureBuilt(args: readonly unknown[]): void {
    if (this.isSpecified) return;
    if (!this.#hasCall) return super.ensureBuilt(args);
    if (Object.getPrototypeOf(this).build !== Model.prototype.build) super.ensureBuilt(args);
    const inputs = mapNested(args[0], (leaf) => {
      if (!(leaf instanceof KerasTensor) && !(leaf instanceof tf.Tensor)) return leaf;
      return new KerasTensor([null, ...leaf.shape.slice(1)], leaf.dtype);
    });
    this.#specs = { inputs, outputs: undefined };
    this.built = true;
  }

  /**
   * What the layers compute, for models that are classes of their own: layers are made in the constructor (or as
   * fields) and called here, and any other function of tensors. Follows https://keras.io/api/models/model/ (subclassing)
   *
   * @example
   * ```ts
   * import * as tf from "@tensorflow/tfjs";
   * import { keras } from "@tandem/tandem";
   * class Classifier extends keras.Model {
   *   readonly dense = new keras.layers.Dense({ units: 10, activation: "softmax" });
   *   override call(x: tf.Tensor) {
   *     return this.dense(tf.div(x, 255));
   *   }
   * }
   * const model = new Classifier();
   * model.build([null, 784]);
   * console.log(model.countParams()); // 7850
   * ```
   */
  // deno-lint-ignore no-explicit-any
  override call(inputs: any, options: CallOptions = {}): any {
    if (!this.#graph) {
      throw new Error(
        `model "${this.name}" has no call, expected inputs and outputs, or a class with call`,
      );
    }
    const tensors = this.#inOrder(inputs);
    const masks = options.mask === undefined ? [] : leavesOf(options.mask);
    tensors.forEach((tensor, i) => {
      if (masks[i] instanceof tf.Tensor) setMask(tensor, masks[i] as tf.Tensor);
    });
    return this.#graph.run(tensors);
  }

  /** One tensor an input; objects by the names of inputs. */
  #inOrder(inputs: unknown): tf.Tensor[] {
    const { inputs: nest, inputTensors } = this.#graph!;
    const names = isPlainObject(nest) ? Object.keys(nest) : inputTensors.map(({ name }) => name);
    const given = isPlainObject(inputs)
      ? names.map((name) => inputs[name] ?? inputs[name.replace(/_output$/, "")])
      : inputs;
    const found = leavesOfKind(given, tf.Tensor);
    if (found.length === inputTensors.length) return found;
    throw new TypeError(
      `model "${this.name}": called with ${
        isPlainObject(inputs)
          ? `inputs ${Object.keys(inputs).join(", ")}`
          : `${found.length} tensors`
      }, expected ${inputTensors.length}, for ${this.inputNames.join(", ")}`,
    );
  }

  // A graph's own masks go with its tensors.
  override computeMask(inputs: unknown, mask: unknown): unknown {
    return this.#graph || !this.supportsMasking ? undefined : super.computeMask(inputs, mask);
  }

  /** All layers; those of a graph in the order of computation. */
  get layers(): Layer[] {
    return this.#graph ? this.#graph.layers : super.sublayers();
  }

  override sublayers(): Layer[] {
    return this.#graph
      ? [...new Set([...this.#graph.layers, ...super.sublayers()])]
      : super.sublayers();
  }

  /**
   * The layer of a name, or the one at an index of {@linkcode Model.layers}.
   *
   * @throws {Error} naming the layers there are
   */
  getLayer(which: string | { readonly name?: string; readonly index?: number }): Layer {
    const { name, index } = typeof which === "string" ? { name: which, index: undefined } : which;
    const { layers } = this;
    const found = index === undefined
      ? layers.find((layer) => layer.name === name)
      : layers.at(index);
    if (found) return found;
    if (index !== undefined) {
      throw new RangeError(`getLayer: index is ${index}, expected below ${layers.length}`);
    }
    const names = listNames(layers.map((layer) => layer.name), name);
    throw new Error(`getLayer: name is "${name}", expected one of ${names}`);
  }

  /** The symbolic tensors that the model begins with. @throws {Error} for a class with `call` */
  get inputs(): readonly KerasTensor[] {
    return this.#graphOf("inputs").inputTensors;
  }

  /** The symbolic tensors that the model ends in. @throws {Error} for a class with `call` */
  get outputs(): readonly KerasTensor[] {
    return this.#graphOf("outputs").outputTensors;
  }

  /** Shape of the input with the batch axis in front; nested as the inputs are. @throws {Error} if the model is not built */
  get inputShape(): unknown {
    if (this.#graph) return shapesOf(this.#graph.inputs);
    if (!this.#specs) this.#refuseUnbuilt();
    return shapesOf(this.#specs.inputs);
  }

  /** Shape of the output with the batch axis in front; nested as the outputs are. @throws {Error} if the model is not built */
  get outputShape(): unknown {
    if (this.#graph) return shapesOf(this.#graph.outputs);
    void this.outputSpecs;
    return mapNested(this.#specs!.outputs, (leaf) => [...(leaf as KerasTensor).shape]);
  }

  #graphOf(what: string): FunctionGraph {
    if (this.#graph) return this.#graph;
    if (!this.built) this.#refuseUnbuilt();
    throw new Error(
      `${what}: model "${this.name}" is a class with call, expected one of inputs and outputs`,
    );
  }

  get inputSpecs(): readonly NamedSpec[] {
    if (this.#graph) return namedTensors(this.#graph.inputs);
    if (!this.#specs) this.#refuseUnbuilt();
    return namedLeaves(this.#specs.inputs, "input");
  }

  get outputSpecs(): readonly NamedSpec[] {
    if (this.#graph) return namedTensors(this.#graph.outputs);
    if (!this.#specs) this.#refuseUnbuilt();
    const { inputs } = this.#specs;
    if (this.#specs.outputs === undefined) {
      this.#specs = { inputs, outputs: this.inferResult([inputs], {}) };
    }
    return namedLeaves(this.#specs.outputs, "output");
  }

  get buildShape(): unknown {
    return this.#graph || !this.#specs ? undefined : shapesOf(this.#specs.inputs);
  }

  /** What inputs are called, in order. */
  get inputNames(): string[] {
    return this.inputSpecs.map(({ name }) => name);
  }

  /** What outputs are called, in order: as the layers they come from, or as in the object they are in. */
  get outputNames(): string[] {
    return this.outputSpecs.map(({ name }) => name);
  }

  protected override packInputs(x: readonly tf.Tensor[]): unknown {
    return packed(this.#graph?.inputs ?? this.#specs?.inputs, x);
  }

  protected override packOutputs(y: readonly tf.Tensor[]): unknown {
    return packed(this.#graph?.outputs ?? this.#specs?.outputs, y);
  }

  override countParams(): number {
    if (!this.built) this.#refuseUnbuilt();
    return super.countParams();
  }

  /**
   * Writes the whole model: layers, weights, what `compile` was given, the optimizer's state and that of the random
   * numbers; as Keras 3's archive, which Python's `keras.models.load_model` reads, where the path ends in `.keras`, else as a
   * safetensors file. The file is written beside its place and then moved there. `loadModel` reads both. Follows https://keras.io/api/models/model_saving_apis/model_saving_and_loading/
   *
   * @throws {Error} if the model is not built, or was compiled with a function that has no name; for `.keras` also if it
   * computes what Keras has no class for
   */
  override save(path: string | URL): Promise<void> {
    return saveModel(this, path);
  }

  /** Writes the weights: as Keras 3's file where the path ends in `.weights.h5`, else as a safetensors file. */
  override saveWeights(path: string | URL): Promise<void> {
    return saveWeights(this, path);
  }

  /**
   * Takes over weights that {@linkcode Model.saveWeights} or {@linkcode Model.save}, or Python's Keras, wrote for a model of
   * the same layers; their names may differ. Weights of Keras 2 (`.h5`) are taken in the layers' order.
   *
   * @throws {Error} listing the weights that are missing, of another shape or without a layer; nothing is changed then
   */
  override loadWeights(path: string | URL, options: LoadWeightsOptions = {}): Promise<void> {
    return loadWeights(this, path, options);
  }

  /** What the layers can be made from again, as plain data. */
  override getConfig(): Record<string, unknown> {
    if (!this.built) this.#refuseUnbuilt();
    const { name, trainable } = this;
    return this.#graph ? { name, trainable, ...graphConfig(this.#graph) } : { name, trainable };
  }

  /** A model of the settings that {@linkcode Model.getConfig} gave, with weights of its own. */
  // deno-lint-ignore no-explicit-any
  static override fromConfig(config: any): Model {
    const { name, trainable, layers } = config;
    if (layers === undefined) return new this({ name, trainable });
    const { inputs, outputs } = graphFromConfig(config);
    return new this({
      inputs: inputs as SymbolicNest,
      outputs: outputs as SymbolicNest,
      name,
      trainable,
    });
  }

  /** The architecture as Keras 3's JSON, without weights; `modelFromJSON` reads it, and Python's `model_from_json`. */
  toJSON(): string {
    return jsonText(toKeras(sharingLayers(() => savedLayer(this))));
  }

  /**
   * Writes what the model predicts as an ONNX file: weights inside, the first axis of inputs and outputs dynamic and
   * named "batch". Nothing half-written stays behind. As Keras' `model.export(path, format="onnx")`.
   *
   * @throws {Error} if an axis beside the first is unknown, or if the work depends on the batch size in another way
   * than keeping the axis
   */
  export(path: string | URL, options: ExportOptions = {}): Promise<void> {
    return exportModel(this, path, options);
  }

  /** Prints a table of the layers with their output shapes and values of weights. */
  summary(options: SummaryOptions = {}): void {
    printSummary(this, options);
  }
}
