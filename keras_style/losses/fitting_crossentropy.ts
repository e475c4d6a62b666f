/**
 * The cross entropy that fits labels and output. Source: keras/src/trainers/compile_utils.py of Keras 3.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { CategoricalCrossentropy, SparseCategoricalCrossentropy } from "./crossentropy.ts";
import { Loss } from "./loss.ts";
import { BinaryCrossentropy } from "./probabilistic.ts";

/** What `compile` takes for it. */
export type FittingLossName = "crossentropy" | "ce";

/** Whether what `compile` was given is its name. */
export function isFittingLoss(identifier: unknown): identifier is FittingLossName {
  return typeof identifier === "string" &&
    ["crossentropy", "ce"].includes(identifier.toLowerCase());
}

/** What labels of an output are: yes or no, class indices, or a number for every class; shapes with the batch axis. */
export function labelKind(
  labels: readonly number[],
  output: readonly (number | null)[],
): "binary" | "sparse" | "categorical" {
  if (output.at(-1) === 1) return "binary";
  return labels.length < output.length || labels.at(-1) === 1 ? "sparse" : "categorical";
}

const CLASSES = {
  binary: BinaryCrossentropy,
  sparse: SparseCategoricalCrossentropy,
  categorical: CategoricalCrossentropy,
};

/** A binary, sparse or categorical cross entropy, by the shapes of labels and output. */
export class FittingCrossentropy extends Loss {
  override call(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    return new CLASSES[labelKind(yTrue.shape, yPred.shape)]().call(yTrue, yPred);
  }

  override findFault(
    values: ArrayLike<number>,
    outputShape: readonly (number | null)[],
    labels: readonly number[],
  ): string | null {
    return new CLASSES[labelKind(labels, outputShape)]().findFault(values, outputShape, labels);
  }

  override labelShape(): null {
    return null;
  }
}
