/**
 * What every model can do once it is compiled: be trained, evaluated, asked.
 * Follows keras/src/trainers/trainer.py of Keras 3.
 * @module
 */
import { type PositionalArguments, readArguments } from "../keras_class.ts";
import type * as tf from "@tensorflow/tfjs";
import type { History, Logs } from "../callbacks/mod.ts";
import type { Dataset, Element } from "../data/dataset.ts";
import { distribution } from "../distribution/data_parallel.ts";
import { Layer } from "../layers/layer.ts";
import { leavesOf } from "../layers/nested.ts";
import type { Metric } from "../metrics/mod.ts";
import { readOptions } from "../options.ts";
import { get as getOptimizer } from "../optimizers/get.ts";
import { LossScaleOptimizer } from "../optimizers/loss_scale_optimizer.ts";
import type { Optimizer } from "../optimizers/mod.ts";
import { loadTrainingState, saveTrainingState } from "../saving/training_state.ts";
import { tfFunction } from "../tracing/mod.ts";
import { checkCount, isDataset, type LabelSet, type SampleSet } from "./check_data.ts";
import { distributedStep } from "./distributed_step.ts";
import { evaluateModel, type EvaluateOptions } from "./evaluate.ts";
import { fitModel, type FitOptions } from "./fit.ts";
import { Objective } from "./objective.ts";
import { type BatchOptions, predictBatch, runOneBatch } from "./one_batch.ts";
import { predictModel, type PredictOptions } from "./predict.ts";
import { type StepParts, testOnBatch, trainOnBatch } from "./steps.ts";
import {
  COMPILE_OPTIONS,
  type CompiledSteps,
  type CompileOptions,
  type LoadWeightsOptions,
  type NamedSpec,
  type Step,
  type TrainedModel,
} from "./trained_model.ts";

/** What {@linkcode Trainer.compile} takes by position. */
const COMPILED_BY_POSITION = ["optimizer", "loss"] as const;

/** A layer that can be trained by itself: the base class of models. */
export abstract class Trainer extends Layer implements TrainedModel {
  /** Set it (in a callback) to end training after the step. */
  stopTraining = false;
  /** What the last {@linkcode Trainer.fit} gave. */
  history: History | undefined;
  #compiled: CompiledSteps | undefined;
  readonly #predict = tfFunction((x: tf.Tensor[]) => this.predictStep(x));

  abstract readonly isSpecified: boolean;
  abstract specify(inputShape: unknown): void;
  abstract readonly inputSpecs: readonly NamedSpec[];
  abstract readonly outputSpecs: readonly NamedSpec[];
  abstract readonly buildShape: unknown;
  abstract readonly layers: Layer[];
  abstract getLayer(name: string): Layer;
  abstract save(path: string | URL): Promise<void>;
  abstract saveWeights(path: string | URL): Promise<void>;
  abstract loadWeights(path: string | URL, options?: LoadWeightsOptions): Promise<void>;
  /** The tensors of all inputs, nested as the model takes them. */
  protected abstract packInputs(x: readonly tf.Tensor[]): unknown;
  /** The tensors of all outputs, nested as the model gives them. */
  protected abstract packOutputs(y: readonly tf.Tensor[]): unknown;

  /**
   * Says how to train; optimizer and loss may stand by position. Follows https://keras.io/api/models/model_training_apis/#compile-method
   *
   * @throws {TypeError} for an unknown option, {@link Error} for names of an optimizer, loss or metric that there is not
   */
  compile(...args: PositionalArguments<CompileOptions, typeof COMPILED_BY_POSITION>): void {
    const [options] = readArguments("compile", COMPILED_BY_POSITION, args);
    const known = readOptions(
      "compile",
      options as CompileOptions,
      COMPILE_OPTIONS,
    ) as CompileOptions;
    const { stepsPerExecution = 1 } = known;
    checkCount("compile", "stepsPerExecution", stepsPerExecution);
    const objective = new Objective(known);
    const given = getOptimizer(known.optimizer ?? "rmsprop", "compile: optimizer");
    const optimizer = this.#scaled(given, known.autoScaleLoss ?? true);
    const train = tfFunction<Parameters<Step>, ReturnType<Step>>((...batch) =>
      this.trainStep(...batch)
    );
    const distributed = distributedStep(() => this.#parts("distribution"));
    this.#compiled = {
      options: { ...known, optimizer: given },
      optimizer,
      objective,
      stepsPerExecution,
      train: (...batch) => {
        const devices = distribution();
        if (devices === null) return train(...batch);
        this.#checkDistributable(stepsPerExecution);
        return distributed(devices, batch);
      },
      test: tfFunction<Parameters<Step>, ReturnType<Step>>((...batch) => this.testStep(...batch)),
    };
  }

  /** float16 alone has so small a range that small gradients vanish. */
  #scaled(optimizer: Optimizer, isAutomatic: boolean): Optimizer {
    const isScaled = optimizer instanceof LossScaleOptimizer;
    if (!isAutomatic || isScaled || this.dtypePolicy.name !== "mixed_float16") return optimizer;
    return new LossScaleOptimizer({ innerOptimizer: optimizer, name: "loss_scale_optimizer" });
  }

  /** Forgets what {@linkcode Trainer.compile} was given: it belongs to layers that are no longer there. */
  protected forgetCompiled(): void {
    this.#compiled = undefined;
  }

  compiled(method: string): CompiledSteps {
    if (this.#compiled) return this.#compiled;
    throw new Error(
      `${method}: model "${this.name}" is not compiled, expected compile({ optimizer, loss, metrics }) ` +
        `to be called before`,
    );
  }

  /** Whether {@linkcode Trainer.compile} was called. */
  get isCompiled(): boolean {
    return this.#compiled !== undefined;
  }

  get hasOwnStep(): boolean {
    return this.trainStep !== Trainer.prototype.trainStep ||
      this.testStep !== Trainer.prototype.testStep ||
      this.computeLoss !== Trainer.prototype.computeLoss;
  }

  /** The optimizer given to {@linkcode Trainer.compile}. */
  get optimizer(): Optimizer {
    return this.compiled("optimizer").optimizer;
  }

  /**
   * The running loss, the metrics given to {@linkcode Trainer.compile}, and those in fields of the model and its layers (not
   * those of models within). All of them begin anew at every epoch, and are in the logs. May be overridden.
   */
  get metrics(): Metric[] {
    const compiled = this.#compiled?.objective.metrics.map(({ metric }) => metric) ?? [];
    const own = this.allLayers().flatMap((layer) =>
      layer instanceof Trainer && layer !== this ? [] : layer.ownMetrics()
    );
    return [...new Set([...compiled, ...own])];
  }

  /** The running values of all metrics, by name, in Keras' (alphabetical) order. */
  #metricResults(): Record<string, tf.Tensor> {
    const compiled = this.compiled("metrics").objective.metrics;
    const found = this.metrics.flatMap((metric) => {
      const names = compiled.flatMap((entry) => entry.metric === metric ? [entry.name] : []);
      return (names.length > 0 ? names : [metric.name]).map((name) =>
        [name, metric.result()] as const
      );
    });
    return Object.fromEntries(found.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0));
  }

  /** The model and all layers in it, each once. */
  protected allLayers(): Layer[] {
    const found = new Set<Layer>();
    const visit = (layer: Layer): void => {
      if (found.has(layer)) return;
      found.add(layer);
      layer.sublayers().forEach(visit);
    };
    visit(this);
    return [...found];
  }

  /** Begins to count anew. */
  resetMetrics(): void {
    for (const metric of this.metrics) metric.resetState();
  }

  /**
   * One training step: forward, loss, gradients, update, metrics. To be overridden by models with a step of
   * their own; it is traced, and every call is one call into ONNX Runtime.
   *
   * @param x one tensor an input
   * @param y one tensor an output; empty where there are no labels
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

  /**
   * The loss of a batch: what `compile` was given, and what layers and regularizers add. To be overridden by models
   * with a loss of their own.
   *
   * @param yPred one tensor an output
   * @returns a scalar
   */
  computeLoss(
    _x: tf.Tensor[],
    y: tf.Tensor[],
    yPred: tf.Tensor[],
    sampleWeight: tf.Tensor[] = [],
  ): tf.Tensor {
    return this.compiled("computeLoss").objective.lossOf(y, yPred, sampleWeight, this.losses);
  }

  /** Runs the layers. */
  protected run(x: readonly tf.Tensor[], training: boolean): tf.Tensor[] {
    const call = this as unknown as (inputs: unknown, options: unknown) => unknown;
    return leavesOf(call(this.packInputs(x), { training })) as tf.Tensor[];
  }

  #checkDistributable(stepsPerExecution: number): void {
    const why = this.hasOwnStep
      ? "makes a training step of its own"
      : stepsPerExecution > 1
      ? `runs ${stepsPerExecution} steps in one call`
      : null;
    if (why === null) return;
    throw new Error(
      `distribution: model "${this.name}" ${why}, which devices cannot share; expected setDistribution(null)`,
    );
  }

  #parts(method: string): StepParts {
    const { optimizer, objective } = this.compiled(method);
    return {
      optimizer,
      objective,
      variables: this.trainableVariables,
      results: () => this.#metricResults(),
      run: (x, training) => this.run(x, training),
      computeLoss: (...batch) => this.computeLoss(...batch),
    };
  }

  /**
   * Trains. Follows https://keras.io/api/models/model_training_apis/#fit-method
   *
   * @param x one row a sample, or a data set of [x, y] batches
   * @param y labels: class indices [n], or rows; beside a data set the options may stand in its place
   * @returns the values of every epoch
   * @throws {Error} naming the argument, its value and what was expected, before any training starts
   */
  fit(
    x: SampleSet | Dataset<Element>,
    y?: LabelSet | FitOptions | null,
    options?: FitOptions,
  ): Promise<History> {
    const [labels, others] = labelsAndOptions<FitOptions>(x, y, options);
    return fitModel(this, x, labels, others);
  }

  /**
   * Loss and metrics over samples. Follows https://keras.io/api/models/model_training_apis/#evaluate-method
   *
   * @returns the loss and the metrics in order; with `returnDict` by name
   */
  evaluate(
    x: Dataset<Element>,
    options: EvaluateOptions & { readonly returnDict: true },
  ): Promise<Logs>;
  evaluate(x: Dataset<Element>, options?: EvaluateOptions): Promise<number[]>;
  evaluate(
    x: SampleSet | Dataset<Element>,
    y: LabelSet | null | undefined,
    options: EvaluateOptions & { readonly returnDict: true },
  ): Promise<Logs>;
  evaluate(
    x: SampleSet | Dataset<Element>,
    y?: LabelSet | null,
    options?: EvaluateOptions,
  ): Promise<number[]>;
  async evaluate(
    x: SampleSet | Dataset<Element>,
    y?: LabelSet | EvaluateOptions | null,
    options?: EvaluateOptions,
  ): Promise<number[] | Logs> {
    const [labels, others] = labelsAndOptions<EvaluateOptions>(x, y, options);
    const logs = await evaluateModel(this, x, labels, others);
    return others.returnDict ? logs : this.#inOrder(logs);
  }

  /** Values in the order of the metrics, then the others by name. */
  #inOrder(logs: Logs): number[] {
    const metrics = new Set(this.metrics.map(({ name }) => name));
    const others = Object.keys(logs).filter((name) => !metrics.has(name)).sort();
    const names = [...[...metrics].filter((name) => Object.hasOwn(logs, name)), ...others];
    return names.map((name) => logs[name]);
  }

  /**
   * Predictions for samples, batch by batch. Follows
   * https://keras.io/api/models/model_training_apis/#predict-method
   *
   * @param x one row a sample, or a data set of batches, of which what follows the inputs is left aside
   * @returns a tensor with a row a sample; with several outputs nested as the model gives them: a list, or an object
   */
  async predict<R = tf.Tensor>(
    x: SampleSet | Dataset<Element>,
    options: PredictOptions = {},
  ): Promise<R> {
    return this.packOutputs(await this.predictAll(x, options)) as R;
  }

  /** Predictions of every output, in order. */
  predictAll(x: SampleSet | Dataset<Element>, options: PredictOptions = {}): Promise<tf.Tensor[]> {
    return predictModel(this, this.#predict, x, options);
  }

  /**
   * One training step on one batch. Follows https://keras.io/api/models/model_training_apis/#trainonbatch-method
   *
   * @returns the loss and the metrics since they were reset last, in order; with `returnDict` by name
   */
  trainOnBatch(
    x: SampleSet,
    y: LabelSet | null | undefined,
    options: BatchOptions & { readonly returnDict: true },
  ): Promise<Logs>;
  trainOnBatch(x: SampleSet, y?: LabelSet | null, options?: BatchOptions): Promise<number[]>;
  async trainOnBatch(
    x: SampleSet,
    y?: LabelSet | null,
    options: BatchOptions = {},
  ): Promise<number[] | Logs> {
    const logs = await runOneBatch(this, "trainOnBatch", x, y ?? undefined, options);
    return options.returnDict ? logs : this.#inOrder(logs);
  }

  /** Loss and metrics of one batch. Follows https://keras.io/api/models/model_training_apis/#testonbatch-method */
  testOnBatch(
    x: SampleSet,
    y: LabelSet | null | undefined,
    options: BatchOptions & { readonly returnDict: true },
  ): Promise<Logs>;
  testOnBatch(x: SampleSet, y?: LabelSet | null, options?: BatchOptions): Promise<number[]>;
  async testOnBatch(
    x: SampleSet,
    y?: LabelSet | null,
    options: BatchOptions = {},
  ): Promise<number[] | Logs> {
    const logs = await runOneBatch(this, "testOnBatch", x, y ?? undefined, options);
    return options.returnDict ? logs : this.#inOrder(logs);
  }

  /**
   * Writes where training is: weights, the optimizer's state, that of the random numbers; as a safetensors file.
   *
   * @throws {Error} if the model is not built and compiled
   */
  saveTrainingState(path: string | URL): Promise<void> {
    return saveTrainingState(this, path);
  }

  /**
   * Takes over what {@linkcode Trainer.saveTrainingState} wrote for a model of the same layers and optimizer.
   *
   * @throws {Error} for a file that does not fit; nothing is changed then
   */
  loadTrainingState(path: string | URL): Promise<void> {
    return loadTrainingState(this, path);
  }

  /** Predictions for one batch. Follows https://keras.io/api/models/model_training_apis/#predictonbatch-method */
  async predictOnBatch<R = tf.Tensor>(x: SampleSet): Promise<R> {
    return this.packOutputs(await predictBatch(this, this.#predict, x)) as R;
  }
}

/** Beside a data set the second argument may be the options. */
function labelsAndOptions<O extends object>(
  x: unknown,
  second: unknown,
  options: O | undefined,
): [y: LabelSet | undefined, options: O] {
  const isOptions = options === undefined && isDataset(x) && typeof second === "object" &&
    second !== null && Object.getPrototypeOf(second) === Object.prototype;
  if (isOptions) return [undefined, second as O];
  return [(second ?? undefined) as LabelSet | undefined, options ?? {} as O];
}
