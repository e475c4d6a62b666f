/**
 * Losses by name.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { toCamelCase } from "../naming.ts";
import {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  SparseCategoricalCrossentropy,
} from "./crossentropy.ts";
import { Loss } from "./loss.ts";
import { MeanAbsoluteError, MeanSquaredError } from "./regression.ts";

/** A function that gives the loss of every sample (or of all of them). */
export type LossFunction = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

/** A loss, its name, or a function. */
export type LossIdentifier = Loss | LossFunction | string;

const byName: Readonly<Record<string, () => Loss>> = {
  sparseCategoricalCrossentropy: () => new SparseCategoricalCrossentropy(),
  categoricalCrossentropy: () => new CategoricalCrossentropy(),
  binaryCrossentropy: () => new BinaryCrossentropy(),
  meanSquaredError: () => new MeanSquaredError(),
  mse: () => new MeanSquaredError(),
  meanAbsoluteError: () => new MeanAbsoluteError(),
  mae: () => new MeanAbsoluteError(),
};

/** A function of the user's, as a loss. */
class FunctionLoss extends Loss {
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

/** The loss that is meant. Throws for an unknown name. */
export function getLoss(identifier: LossIdentifier): Loss {
  if (identifier instanceof Loss) return identifier;
  if (typeof identifier === "function") return new FunctionLoss(identifier);
  const name = toCamelCase(String(identifier));
  if (Object.hasOwn(byName, name)) return byName[name]();
  throw new Error(
    `compile: loss is ${JSON.stringify(identifier)}, expected a loss, a function or one of ` +
      Object.keys(byName).join(", "),
  );
}
