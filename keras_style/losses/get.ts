/**
 * Losses by name.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { type BothSpellings, Registry, type SavedObject } from "../registry.ts";
import {
  CategoricalCrossentropy,
  CategoricalFocalCrossentropy,
  CategoricalGeneralizedCrossEntropy,
  SparseCategoricalCrossentropy,
} from "./crossentropy.ts";
import { CTC } from "./ctc.ts";
import { CategoricalHinge, Hinge, SquaredHinge } from "./hinge.ts";
import { Loss } from "./loss.ts";
import { BinaryCrossentropy, BinaryFocalCrossentropy, KLDivergence } from "./probabilistic.ts";
import {
  Huber,
  LogCosh,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredLogarithmicError,
  Poisson,
} from "./regression.ts";
import { Dice, Tversky } from "./segmentation.ts";
import { Circle, CosineSimilarity } from "./similarity.ts";

/** A loss without its call signature, so that TypeScript knows the arguments of a function in its place. */
type LossObject = Pick<Loss, keyof Loss>;

/** A function that gives the loss of every sample (or of all of them). */
export type LossFunction = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

const CLASSES = {
  BinaryCrossentropy,
  BinaryFocalCrossentropy,
  CTC,
  CategoricalCrossentropy,
  CategoricalFocalCrossentropy,
  CategoricalGeneralizedCrossEntropy,
  CategoricalHinge,
  Circle,
  CosineSimilarity,
  Dice,
  Hinge,
  Huber,
  KLDivergence,
  LogCosh,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredLogarithmicError,
  Poisson,
  SparseCategoricalCrossentropy,
  SquaredHinge,
  Tversky,
};

const ALIASES = {
  bce: "BinaryCrossentropy",
  kld: "KLDivergence",
  mae: "MeanAbsoluteError",
  mape: "MeanAbsolutePercentageError",
  mse: "MeanSquaredError",
  msle: "MeanSquaredLogarithmicError",
};

/** Names of losses: as functions (also in Keras' spelling), as classes, or short ones. */
export type LossName =
  | BothSpellings<Uncapitalize<Exclude<keyof typeof CLASSES, "CTC" | "KLDivergence">>>
  | "ctc"
  | BothSpellings<"klDivergence">
  | keyof typeof CLASSES
  | keyof typeof ALIASES;

/** A loss, its name, a function, or what `serialize` gave. */
export type LossIdentifier = LossObject | LossFunction | LossName | SavedObject;

const registry = new Registry<Loss>("loss", Loss, CLASSES, ALIASES);

/** A function of the user's, as a loss. */
class UserLoss extends Loss {
  readonly run: LossFunction;

  constructor(run: LossFunction) {
    super({ name: run.name || "loss" });
    this.run = run;
  }

  override call(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    return this.run(yTrue, yPred);
  }

  override labelShape(): null {
    return null;
  }
}

/**
 * The loss that is meant.
 *
 * @param option where it stands, for errors: "compile: loss"
 * @throws {TypeError} for what is none, naming the known ones
 */
export function getLoss(identifier: LossIdentifier, option: string = "compile: loss"): Loss {
  const found = registry.resolve(identifier, option);
  if (found) return found;
  if (typeof identifier === "function") return new UserLoss(identifier as LossFunction);
  throw registry.unknown(option, identifier);
}

/** Class and configuration of a loss. */
export function serialize(loss: Loss): SavedObject {
  return registry.serialize(loss);
}

/** A loss as it was saved. */
export function deserialize(saved: SavedObject): Loss {
  return registry.deserialize(saved);
}
