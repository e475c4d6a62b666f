/**
 * What training, callbacks and files need of a model.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Layer, OwnWeight } from "../layers/layer.ts";
import type { Weight } from "../layers/weight.ts";
import type { Loss } from "../losses/mod.ts";
import type { Metric } from "../metrics/mod.ts";
import type { OptimizerIdentifier } from "../optimizers/get.ts";
import type { Optimizer } from "../optimizers/mod.ts";
import type { TensorSpec } from "../tracing/mod.ts";
import type { Dataset, Element } from "../data/dataset.ts";
import type { LabelSet, SampleSet } from "./check_data.ts";
import type { Objective, ObjectiveOptions } from "./objective.ts";

/** Options of `compile`. */
export interface CompileOptions extends ObjectiveOptions {
  /** RMSprop with Keras' settings unless given. */
  readonly optimizer?: OptimizerIdentifier;
  /**
   * How many batches `fit`, `evaluate` and `predict` run in one call into ONNX Runtime; 1 unless given. Weights and the
   * optimizer's state stay on the device between them, and the values are those of single steps; callbacks hear of each call
   * only.
   */
  readonly stepsPerExecution?: number;
  /** Whether a model with the policy "mixed_float16" gets a `LossScaleOptimizer` around its optimizer; true unless given. */
  readonly autoScaleLoss?: boolean;
}

/** What `compile` takes; none of it has to be given. */
export const COMPILE_OPTIONS = {
  optimizer: undefined,
  loss: undefined,
  lossWeights: undefined,
  metrics: undefined,
  weightedMetrics: undefined,
  stepsPerExecution: undefined,
  autoScaleLoss: undefined,
};

/** A traced step: inputs, labels and weights of the samples; weights are empty where all count alike. */
export type Step = (
  x: tf.Tensor[],
  y: tf.Tensor[],
  sampleWeight: tf.Tensor[],
) => Record<string, tf.Tensor>;

/** The functions a compiled model runs: each is one call into ONNX Runtime. */
export interface CompiledSteps {
  /** What `compile` was given. */
  readonly options: CompileOptions;
  readonly optimizer: Optimizer;
  readonly objective: Objective;
  readonly stepsPerExecution: number;
  readonly train: Step;
  readonly test: Step;
}

/** A symbolic tensor, or what is known of it. */
export interface NamedSpec extends TensorSpec {
  readonly name: string;
}

/** What callbacks may say when they ask a model. */
export interface AskingOptions {
  /** Samples a step; 32 unless given. */
  readonly batchSize?: number;
  /** 0 prints nothing, 1 a bar, 2 a line. */
  readonly verbose?: "auto" | 0 | 1 | 2;
}

/** Options of `loadWeights`. */
export interface LoadWeightsOptions {
  /** Whether weights that do not fit are left as they are, with a warning; false unless given. */
  readonly skipMismatch?: boolean;
}

/** What a training gave: a list a number, an entry an epoch. */
export interface EpochValues {
  readonly epoch: readonly number[];
  readonly history: Readonly<Record<string, readonly number[]>>;
}

/** A model while it is trained, asked or written. */
export interface TrainedModel {
  readonly name: string;
  /** Set it (in a callback) to end training after the step. */
  stopTraining: boolean;
  /** What the last `fit` gave. */
  history: EpochValues | undefined;
  /** Whether the shapes of all layers are known and the weights are there. */
  readonly built: boolean;
  /** What goes in and what comes out, in order. @throws {Error} while the model is not built */
  readonly inputSpecs: readonly NamedSpec[];
  readonly outputSpecs: readonly NamedSpec[];
  /** Shapes of the inputs that a class with `call` was built for, nested as they are; undefined for graphs. */
  readonly buildShape: unknown;
  readonly layers: Layer[];
  readonly weights: Weight[];
  readonly trainableVariables: Weight[];
  readonly nonTrainableVariables: tf.Variable[];
  readonly variables: tf.Variable[];
  readonly optimizer: Optimizer;
  readonly metrics: Metric[];
  readonly isCompiled: boolean;
  /** Whether a class of the user's computes the loss, or makes a step, itself. */
  readonly hasOwnStep: boolean;
  /** Whether it is known what goes in. */
  readonly isSpecified: boolean;
  /** Makes the weights for inputs of a shape, where that was unknown so far. */
  specify(inputShape: unknown): void;
  /** What `compile` made. @throws {Error} if it was not called */
  compiled(method: string): CompiledSteps;
  resetMetrics(): void;
  countParams(): number;
  getWeights(): tf.Tensor[];
  setWeights(weights: readonly tf.Tensor[]): void;
  getConfig(): Record<string, unknown>;
  getClassName(): string;
  /** The model's own weights, beside those of its layers. */
  ownWeights(): OwnWeight[];
  predictStep(x: tf.Tensor[]): tf.Tensor[];
  /** The layer of a name. @throws {Error} naming the layers there are */
  getLayer(name: string): Layer;
  /** Predictions for samples. */
  predict<R = tf.Tensor>(x: SampleSet | Dataset<Element>, options?: AskingOptions): Promise<R>;
  /** Loss and metrics over samples, in order. */
  evaluate(
    x: SampleSet | Dataset<Element>,
    y?: LabelSet | null,
    options?: AskingOptions,
  ): Promise<number[]>;
  save(path: string | URL): Promise<void>;
  saveWeights(path: string | URL): Promise<void>;
  loadWeights(path: string | URL, options?: LoadWeightsOptions): Promise<void>;
  /** Writes weights, the optimizer's state and that of the random numbers. */
  saveTrainingState(path: string | URL): Promise<void>;
  /** Takes over what {@linkcode TrainedModel.saveTrainingState} wrote. */
  loadTrainingState(path: string | URL): Promise<void>;
}

/** What a model takes and gives, and what it is trained towards. */
export interface Network {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly losses: readonly (Loss | null)[];
}
