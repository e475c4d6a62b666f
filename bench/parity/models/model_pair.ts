/**
 * A model written twice: what is compared.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { ModelSpec } from "../../models/bench_model.ts";
import type { Flattening, LayerNames } from "../../models/conversion.ts";
import type * as keras from "../../../keras_style/mod.ts";
import type * as torch from "../../../torch_style/mod.ts";

export type { Flattening, LayerNames };

/** A batch of a user's own: inputs as Keras has them, channels last; a list where there are several inputs or outputs. */
export interface OwnBatch {
  /** [batch, ...inputShape], row by row. */
  readonly inputs: ArrayLike<number> | readonly ArrayLike<number>[];
  /** Class indices as an Int32Array [batch], anything else as a Float32Array [batch, ...]. */
  readonly labels: Labels | readonly Labels[];
}

/** Class indices, or values to reach. */
export type Labels = Int32Array | Float32Array;

/** Two models that are to compute the same. */
export interface ModelPair {
  /** @param spec of the images that there are, channels last; a model that takes something else does not look at it */
  kerasModel(spec: ModelSpec): keras.Model;
  /** @param spec of the same images, channels first */
  torchModel(spec: ModelSpec): torch.nn.Module;
  /** The user's file; errors of its models are placed in it. */
  readonly file?: string;
  /** Shape of one input, channels last; the Keras model's own unless given. */
  readonly inputShape?: readonly number[];
  /** Number of classes; the last dimension of the Keras model's output unless given. */
  readonly classes?: number;
  /** Which layer is which module; in the order in which they were made unless given. */
  readonly pairs?: readonly LayerNames[];
  /**
   * How the PyTorch model flattens images: `channelsFirst` as they are, unless given; `channelsLast` after a permutation
   * that brings them in Keras' order.
   */
  readonly flattens?: Flattening;
  /** Data to train on; images of the data set where they fit, else random values. */
  batch?(step: number, batchSize: number): OwnBatch;
  /** Sparse categorical cross entropy unless given, the sum of them for several outputs; those come as lists. */
  kerasLoss?(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor;
  /** `CrossEntropyLoss` unless given, the sum of them for several outputs; those come as lists. */
  torchLoss?(output: torch.Tensor, target: torch.Tensor): torch.Tensor;
  /** RMSprop with Keras' constants unless given. */
  kerasOptimizer?(): keras.optimizers.Optimizer;
  /** RMSprop by Keras' rule and constants unless given. */
  torchOptimizer?(parameters: torch.nn.Parameter[]): torch.optim.Optimizer;
  /**
   * What stands behind `loss.backward()` in the training loop: clip gradients, step, schedule, forget gradients.
   * `optimizer.step()` and `optimizer.zeroGrad()` unless given.
   */
  torchStep?(
    optimizer: torch.optim.Optimizer,
    step: number,
    model: torch.nn.AnyModule,
  ): void | Promise<void>;
  /**
   * Averages of the model's weights, updated after each step: compared with those of a Keras optimizer with `useEma`. None
   * unless given.
   */
  torchAverage?(model: torch.nn.AnyModule): torch.optim.swaUtils.AveragedModel<
    torch.nn.AnyModule
  >;
  /** What a callback does after a batch, such as setting the learning rate. Nothing unless given. */
  kerasAfterStep?(
    optimizer: keras.optimizers.Optimizer,
    step: number,
    model: keras.Model,
  ): void;
}
