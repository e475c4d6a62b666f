/**
 * The model of the Keras idiom: a graph of layers that is compiled, trained, evaluated and asked for predictions.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Callable } from "../callable.ts";
import type { CallOptions } from "../layers/layer_class.ts";
import { watchSoftmax } from "../losses/softmax_logits.ts";
import type { Metric } from "../metrics/mod.ts";
import { autoName } from "../naming.ts";
import { get as getOptimizer } from "../optimizers/get.ts";
import type { Optimizer } from "../optimizers/mod.ts";
import { tfFunction } from "../tracing/mod.ts";
import { evaluateModel, type EvaluateOptions } from "./evaluate.ts";
import { exportModel, type ExportOptions } from "./export.ts";
import { fitModel, type FitOptions } from "./fit.ts";
import { predictModel, type PredictOptions } from "./predict.ts";
import { loadWeights } from "../saving/load_weights.ts";
import { saveModel, saveWeights } from "../saving/save_model.ts";
import type { CompiledSteps, CompileOptions, ModelOptions } from "./model_options.ts";
import { Objective } from "./objective.ts";
import { printSummary, type SummaryOptions } from "./summary.ts";
import type { History, Logs } from "../callbacks/mod.ts";
import type { Dataset, Element } from "../data/dataset.ts";
import type { SampleSet } from "./check_data.ts";
import type { Step } from "./run_steps.ts";
import { type StepParts, testOnBatch, trainOnBatch } from "./steps.ts";

export interface Model {
  /** Becomes part of a larger model. */
  (inputs: tf.SymbolicTensor | tf.SymbolicTensor[], options?: CallOptions): tf.SymbolicTensor;
  /** Predicts at once. */
  (inputs: tf.Tensor | tf.Tensor[], options?: CallOptions): tf.Tensor;
}

/**
 * A model of layers between inputs and outputs. Follows https://keras.io/api/models/model/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const inputs = keras.Input({ shape: [4] });
 * const hidden = new keras.layers.Dense({ units: 8, activation: "relu" })(inputs);
 * const outputs = new keras.layers.Dense({ units: 3, activation: "softmax" })(hidden);
 * const model = new keras.Model({ inputs, outputs });
 * model.compile({ optimizer: "rmsprop", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
 * ```
 */
export class Model extends Callable {
  readonly name: string;
  /** Set it (in a callback) to end training after the step. */
  stopTraining = false;
  #network: tf.LayersModel | undefined;
  #compiled: CompiledSteps | undefined;
  readonly #predict = tfFunction((x: tf.Tensor[]) => this.predictStep(x));

  constructor(options?: ModelOptions, name = options?.name) {
    super();
    this.name = name ?? autoName(options ? "Functional" : this.constructor.name);
    if (options) this.setNetwork(options.inputs, options.outputs);
  }

  /**
   * TensorFlow.js' model of the same layers.
   *
   * @throws {Error} while the input shape is unknown
   */
  get network(): tf.LayersModel {
    if (this.#network) return this.#network;
    throw new Error(
      `model "${this.name}" is not built: its input shape is unknown; give the first layer inputShape, ` +
        `begin with an Input, or call build([null, ...])`,
    );
  }

  /** Whether the shapes of all layers are known and the weights are there. */
  get built(): boolean {
    return this.#network !== undefined;
  }

  /** Replaces the graph of layers. */
  protected setNetwork(
    inputs: tf.SymbolicTensor | tf.SymbolicTensor[],
    outputs: tf.SymbolicTensor | tf.SymbolicTensor[],
  ): void {
    // What was compiled belongs to the layers there were.
    if (this.#network) this.#compiled = undefined;
    this.#network = tf.model({ inputs, outputs, name: this.name });
    this.#network.outputs.forEach((output) => watchSoftmax(output.sourceLayer));
  }

  /** Forgets the graph of layers, not the layers. */
  protected dropNetwork(): void {
    if (this.#network) this.#compiled = undefined;
    this.#network = undefined;
  }

  /**
   * Makes the weights where the input shape was unknown so far.
   *
   * @param inputShape with the batch axis in front; a list of shapes where there are several inputs
   */
  build(inputShape: readonly (number | null)[] | readonly (readonly (number | null)[])[]): void {
    if (this.built || this.call === Model.prototype.call) return void this.network;
    const isList = Array.isArray(inputShape[0]);
    const shapes = (isList ? inputShape : [inputShape]) as (number | null)[][];
    const inputs = shapes.map((shape) => tf.input({ batchShape: [null, ...shape.slice(1)] }));
    this.setNetwork(inputs, this.call(isList ? inputs : inputs[0]));
  }

  /**
   * What the layers compute, for models that are classes of their own: layers are made in the constructor (or as
   * fields) and called here. It is asked once, with symbolic tensors; whether layers train is seen to by the model.
   * Follows https://keras.io/api/models/model/ (subclassing)
   *
   * @example
   * ```ts
   * import type * as tf from "@tensorflow/tfjs";
   * import { keras } from "@tandem/tandem";
   * class Classifier extends keras.Model {
   *   readonly dense = new keras.layers.Dense({ units: 10, activation: "softmax" });
   *   override call = (x: tf.SymbolicTensor) => this.dense(x);
   * }
   * const model = new Classifier();
   * model.build([null, 784]);
   * console.log(model.countParams()); // 7850
   * ```
   */
  // deno-lint-ignore no-explicit-any
  call(_inputs: any): tf.SymbolicTensor | tf.SymbolicTensor[] {
    throw new Error(
      `model "${this.name}" has no call, expected inputs and outputs, or a class with call`,
    );
  }

  /** All layers, in the order of computation. */
  get layers(): tf.layers.Layer[] {
    return this.network.layers;
  }

  /** The layer of a name. */
  getLayer(name: string): tf.layers.Layer {
    const found = this.layers.find((layer) => layer.name === name);
    if (found) return found;
    const names = this.layers.map((layer) => layer.name).join(", ");
    throw new Error(`getLayer: name is "${name}", expected one of ${names}`);
  }

  /** The weights that training changes. */
  get trainableVariables(): tf.Variable[] {
    return this.network.trainableWeights.map((weight) => weight.read() as tf.Variable);
  }

  /** All weights, the trainable ones first. */
  get variables(): tf.Variable[] {
    return this.network.weights.map((weight) => weight.read() as tf.Variable);
  }

  /** The numbers of all weights. They belong to the model: clone what is to live longer. */
  getWeights(): tf.Tensor[] {
    return this.network.getWeights();
  }

  /** Takes over numbers for all weights, in the order of {@linkcode Model.getWeights}. */
  setWeights(weights: tf.Tensor[]): void {
    const own = this.variables;
    const fault = own.findIndex((v, i) => String(v.shape) !== String(weights[i]?.shape));
    if (weights.length !== own.length || fault >= 0) {
      const at = fault < 0 ? own.length : fault;
      throw new Error(
        `setWeights: weights[${at}] is ${
          weights[at] ? `of shape [${weights[at].shape}]` : "missing"
        }, ` +
          `expected ${own[at] ? `shape [${own[at].shape}]` : `${own.length} weights`}`,
      );
    }
    this.network.setWeights(weights);
  }

  /** How many numbers all weights have. */
  countParams(): number {
    return this.network.countParams();
  }

  /**
   * Says how to train. Follows https://keras.io/api/models/model_training_apis/#compile-method
   *
   * @throws {Error} for names of an optimizer, loss or metric that there is not
   */
  compile(options: CompileOptions = {}): void {
    const objective = new Objective(options);
    const optimizer = getOptimizer(options.optimizer ?? "rmsprop", "compile: optimizer");
    this.#compiled = {
      options: { ...options, optimizer },
      optimizer,
      objective,
      train: tfFunction<Parameters<Step>, ReturnType<Step>>((...batch) => this.trainStep(...batch)),
      test: tfFunction<Parameters<Step>, ReturnType<Step>>((...batch) => this.testStep(...batch)),
    };
  }

  /** What `compile` made; for `fit` and `evaluate`. */
  compiled(method: string): CompiledSteps {
    if (this.#compiled) return this.#compiled;
    throw new Error(
      `${method}: model "${this.name}" is not compiled, expected compile({ optimizer, loss, metrics }) ` +
        `to be called before`,
    );
  }

  /** Whether {@linkcode Model.compile} was called. */
  get isCompiled(): boolean {
    return this.#compiled !== undefined;
  }

  /** The optimizer given to {@linkcode Model.compile}. */
  get optimizer(): Optimizer {
    return this.compiled("optimizer").optimizer;
  }

  /** The running loss and metrics given to {@linkcode Model.compile}. */
  get metrics(): Metric[] {
    return this.compiled("metrics").objective.metrics.map(({ metric }) => metric);
  }

  /**
   * One training step: forward, loss, gradients, update, metrics. To be overridden by models with a step of
   * their own; it is traced, and every call is one call into ONNX Runtime.
   *
   * @param x one tensor an input
   * @param y one tensor an output
   * @param sampleWeight how much each sample counts, one tensor an output; empty where all count alike
   * @returns scalars to show and to keep, by name
   */
  trainStep(
    x: tf.Tensor[],
    y: tf.Tensor[],
    sampleWeight: tf.Tensor[] = [],
  ): Record<string, tf.Tensor> {
    return trainOnBatch(this.#parts("trainStep"), x, y, sampleWeight);
  }

  /** One step of evaluation: forward, loss, metrics. */
  testStep(
    x: tf.Tensor[],
    y: tf.Tensor[],
    sampleWeight: tf.Tensor[] = [],
  ): Record<string, tf.Tensor> {
    return testOnBatch(this.#parts("testStep"), x, y, sampleWeight);
  }

  /** One step of prediction: forward. */
  predictStep(x: tf.Tensor[]): tf.Tensor[] {
    return this.run(x, false);
  }

  /** Runs the layers. */
  protected run(x: tf.Tensor[], training: boolean): tf.Tensor[] {
    return tf.tidy(() => {
      const { network } = this;
      const inputs = x.map((tensor, i) => tf.cast(tensor, network.inputs[i].dtype));
      return [network.apply(inputs, { training }) as tf.Tensor | tf.Tensor[]].flat();
    });
  }

  #parts(method: string): StepParts {
    const { optimizer, objective } = this.compiled(method);
    return {
      optimizer,
      objective,
      variables: this.trainableVariables,
      run: (x, training) => this.run(x, training),
      penalties: () => this.network.calculateLosses(),
    };
  }

  /**
   * Trains. Follows https://keras.io/api/models/model_training_apis/#fit-method
   *
   * @param x one row a sample, or a data set of [x, y] batches
   * @param y labels: class numbers [n], or rows
   * @returns the numbers of every epoch
   * @throws {Error} naming the argument, its value and what was expected, before any training starts
   */
  fit(
    x: SampleSet | Dataset<Element>,
    y?: SampleSet,
    options: FitOptions = {},
  ): Promise<History> {
    return fitModel(this, x, y, options);
  }

  /**
   * Loss and metrics over samples. Follows https://keras.io/api/models/model_training_apis/#evaluate-method
   *
   * @returns the loss and the metrics in order; with `returnDict` by name
   */
  evaluate(
    x: SampleSet | Dataset<Element>,
    y: SampleSet | undefined,
    options: EvaluateOptions & { readonly returnDict: true },
  ): Promise<Logs>;
  evaluate(
    x: SampleSet | Dataset<Element>,
    y?: SampleSet,
    options?: EvaluateOptions,
  ): Promise<number[]>;
  async evaluate(
    x: SampleSet | Dataset<Element>,
    y?: SampleSet,
    options: EvaluateOptions = {},
  ): Promise<number[] | Logs> {
    const logs = await evaluateModel(this, x, y, options);
    if (options.returnDict) return logs;
    return this.compiled("evaluate").objective.metrics.map(({ name }) => logs[name]);
  }

  /**
   * Predictions for samples, batch by batch. Follows
   * https://keras.io/api/models/model_training_apis/#predict-method
   *
   * @param x one row a sample, or a data set of batches, of which what follows the inputs is left aside
   * @returns a tensor with a row a sample; for several outputs see {@linkcode Model.predictAll}
   */
  async predict(x: SampleSet | Dataset<Element>, options: PredictOptions = {}): Promise<tf.Tensor> {
    const [first, ...others] = await this.predictAll(x, options);
    tf.dispose(others);
    return first;
  }

  /** Predictions of every output. */
  predictAll(x: SampleSet | Dataset<Element>, options: PredictOptions = {}): Promise<tf.Tensor[]> {
    return predictModel(this, this.#predict, x, options);
  }

  /**
   * Writes the whole model as a safetensors file: layers, weights, what `compile` was told, the optimizer's state and
   * that of the random numbers. The file is written beside its place and then moved there.
   * `loadModel` reads it. Follows https://keras.io/api/models/model_saving_apis/model_saving_and_loading/
   *
   * @throws {Error} if the model is not built, or was compiled with a function that has no name
   */
  save(path: string | URL): Promise<void> {
    return saveModel(this, path);
  }

  /** Writes the weights alone, as a safetensors file. */
  saveWeights(path: string | URL): Promise<void> {
    return saveWeights(this, path);
  }

  /**
   * Takes over weights that {@linkcode Model.saveWeights} or {@linkcode Model.save} wrote for a model of the same
   * layers; their names may differ.
   *
   * @throws {Error} naming the weight that is missing, of another shape or without a layer; nothing is changed then
   */
  loadWeights(path: string | URL): Promise<void> {
    return loadWeights(this, path);
  }

  /** The name of the class that the model is saved under: a class with {@linkcode Model.call} is saved as its layers. */
  getClassName(): string {
    return this.call === Model.prototype.call ? this.constructor.name : "Model";
  }

  /** What the layers can be made from again, as plain data. */
  getConfig(): Record<string, unknown> {
    return this.network.getConfig();
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

  /** Prints a table of the layers with their output shapes and numbers of weights. */
  summary(options: SummaryOptions = {}): void {
    printSummary(this, options);
  }

  protected override invoke(
    inputs: tf.SymbolicTensor | tf.SymbolicTensor[] | tf.Tensor | tf.Tensor[],
    options: CallOptions = {},
  ): tf.SymbolicTensor | tf.Tensor {
    const list = [inputs].flat() as (tf.SymbolicTensor | tf.Tensor)[];
    if (!this.built) this.build(Array.isArray(inputs) ? list.map((x) => x.shape) : list[0].shape);
    if (!(list[0] instanceof tf.Tensor)) {
      return this.network.apply(inputs) as tf.SymbolicTensor;
    }
    const outputs = this.run(list as tf.Tensor[], options.training ?? false);
    return outputs.length === 1 ? outputs[0] : outputs as unknown as tf.Tensor;
  }
}
