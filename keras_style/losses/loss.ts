/**
 * The base class of losses.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Callable } from "../callable.ts";
import { toSnakeCase } from "../naming.ts";

/** How the losses of the samples become one number. */
export type Reduction = "sumOverBatchSize" | "sum" | "none";

const REDUCTIONS: readonly Reduction[] = ["sumOverBatchSize", "sum", "none"];

/** Options all losses take. */
export interface LossOptions {
  /** The mean of all samples unless given. */
  readonly reduction?: Reduction;
  readonly name?: string;
}

export interface Loss {
  /** The loss, reduced to one number. */
  (yTrue: tf.Tensor, yPred: tf.Tensor, sampleWeight?: tf.Tensor): tf.Tensor;
}

/**
 * Base class of losses: {@linkcode Loss.call} gives a number a sample, a call of the object reduces them.
 * Follows https://keras.io/api/losses/
 */
export abstract class Loss extends Callable {
  readonly name: string;
  readonly reduction: Reduction;

  constructor(options: LossOptions = {}) {
    super();
    this.name = options.name ?? toSnakeCase(this.constructor.name);
    this.reduction = options.reduction ?? "sumOverBatchSize";
    if (!REDUCTIONS.includes(this.reduction)) {
      throw new RangeError(
        `${this.constructor.name}: reduction is ${
          JSON.stringify(this.reduction)
        }, expected one of ` +
          REDUCTIONS.join(", "),
      );
    }
  }

  /** The loss of every sample; shape as `yPred` without the last axis. */
  abstract call(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor;

  /**
   * Looks at labels on the host before they are trained on.
   *
   * @param values all labels
   * @param outputShape the model's output, batch axis included
   * @returns what is wrong with them, such as "y[3] is 12, expected a class from 0 to 9"
   */
  findFault(_values: ArrayLike<number>, _outputShape: readonly (number | null)[]): string | null {
    return null;
  }

  /**
   * Shape of the labels of one sample that fits an output, or null where the loss takes any.
   *
   * @param outputShape the model's output without the batch axis
   */
  labelShape(outputShape: readonly (number | null)[]): readonly (number | null)[] | null {
    return outputShape;
  }

  /** The settings to make another such loss from. */
  getConfig(): Record<string, unknown> {
    return { name: this.name, reduction: this.reduction };
  }

  /** @param weight how much each sample counts: [n], [n, 1], or a number for every loss */
  protected override invoke(yTrue: tf.Tensor, yPred: tf.Tensor, weight?: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const losses = this.call(yTrue, yPred);
      const weighted = weight ? tf.mul(losses, alongFirstAxes(weight, losses)) : losses;
      if (this.reduction === "none") return weighted;
      return this.reduction === "sum" ? tf.sum(weighted) : tf.mean(weighted);
    });
  }
}

/** Weights with axes of 1 behind (or taken away), so that they fit numbers of another rank. */
export function alongFirstAxes(weights: tf.Tensor, numbers: tf.Tensor): tf.Tensor {
  if (weights.rank === numbers.rank) return weights;
  const shape = numbers.shape.map((_, axis) => weights.shape[axis] ?? 1);
  return tf.reshape(weights, shape);
}
