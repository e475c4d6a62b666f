/**
 * The base class of losses.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Callable } from "../callable.ts";
import { toSnakeCase } from "../naming.ts";
import { checkChoice, readOptions, takeOptions } from "../options.ts";
import { floats, type Values } from "./same_rank.ts";

/** How the losses of the samples become one number; "mean" is another name of "sumOverBatchSize". */
export type Reduction = "sumOverBatchSize" | "sum" | "mean" | "meanWithSampleWeight" | "none";

const REDUCTIONS: readonly Reduction[] = [
  "sumOverBatchSize",
  "sum",
  "mean",
  "meanWithSampleWeight",
  "none",
];

/** Options all losses take. */
export interface LossOptions {
  /** The mean of all samples unless given; null is "none". */
  readonly reduction?: Reduction | null;
  readonly name?: string;
}

export interface Loss {
  /**
   * The loss, reduced to one number.
   *
   * @param sampleWeight how much each sample counts: [n], [n, 1], or a number for every loss
   * @param mask which of the losses count at all: their shape, or that of the samples
   */
  (yTrue: Values, yPred: Values, sampleWeight?: Values, mask?: tf.Tensor): tf.Tensor;
}

/** Which losses count, where that follows from the labels; found by the tensor of losses. */
const masks = new WeakMap<tf.Tensor, tf.Tensor>();

/** Says which losses count in a mean: those where the mask is true. */
export function withLossMask(losses: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  masks.set(losses, mask);
  return losses;
}

/** Which losses count; undefined where all do. */
export function lossMask(losses: tf.Tensor): tf.Tensor | undefined {
  const mask = masks.get(losses);
  return mask?.isDisposed ? undefined : mask;
}

/**
 * Base class of losses: {@linkcode Loss.call} gives a number a sample, a call of the object reduces them.
 * Follows https://keras.io/api/losses/
 *
 * @throws {TypeError} for an unknown option
 * @throws {RangeError} for a reduction that there is not
 */
export abstract class Loss extends Callable {
  readonly name: string;
  readonly reduction: Reduction;

  /** @param defaultName made of the class' name unless given */
  constructor(options: LossOptions = {}, defaultName?: string) {
    super();
    const owner = new.target.name;
    const { name, reduction } = readOptions(owner, options, {
      name: defaultName ?? toSnakeCase(owner),
      reduction: "sumOverBatchSize",
    });
    this.name = name;
    this.reduction = checkChoice(owner, "reduction", reduction ?? "none", REDUCTIONS);
  }

  /** The loss of every sample; shape as `yPred` without the last axis. */
  abstract call(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor;

  /**
   * Looks at labels on the host before they are trained on.
   *
   * @param values all labels
   * @param outputShape the model's output, batch axis included
   * @param _labels shape of the labels, batch axis included
   * @returns what is wrong with them, such as "y[3] is 12, expected a class from 0 to 9"
   */
  findFault(
    _values: ArrayLike<number>,
    _outputShape: readonly (number | null)[],
    _labels: readonly number[],
  ): string | null {
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

  protected override invoke(
    yTrue: Values,
    yPred: Values,
    sampleWeight?: Values,
    mask?: tf.Tensor,
  ): tf.Tensor {
    return tf.tidy(() => {
      const losses = this.call(tensorOf(yTrue), tensorOf(yPred));
      const weights = maskedWeights(losses, sampleWeight, mask, this.reduction);
      return reduce(losses, weights, this.reduction);
    });
  }
}

function tensorOf(values: Values): tf.Tensor {
  return values instanceof tf.Tensor ? values : tf.tensor(values as tf.TensorLike);
}

function maskedWeights(
  losses: tf.Tensor,
  sampleWeight: Values | undefined,
  mask: tf.Tensor | undefined,
  reduction: Reduction,
): tf.Tensor | undefined {
  const given = sampleWeight === undefined
    ? undefined
    : alongFirstAxes(floats(sampleWeight), losses);
  const known = [mask, lossMask(losses)].filter((each) => each !== undefined)
    .map((each) => alongFirstAxes(each, losses));
  if (known.length === 0) return given;
  const both = known.reduce((a, b) => tf.logicalAnd(a, b));
  const counted = tf.cast(both, "float32");
  // A mean is to be one over the losses that count.
  const isMean = reduction === "mean" || reduction === "sumOverBatchSize";
  const share = isMean
    ? tf.mul(counted, tf.divNoNan(tf.scalar(counted.size), tf.sum(counted)))
    : counted;
  return given ? tf.mul(given, share) : share;
}

function reduce(
  losses: tf.Tensor,
  weights: tf.Tensor | undefined,
  reduction: Reduction,
): tf.Tensor {
  const weighted = weights ? tf.mul(losses, weights) : losses;
  if (reduction === "none") return weighted;
  if (reduction === "sum") return tf.sum(weighted);
  if (reduction === "meanWithSampleWeight" && weights) {
    return tf.divNoNan(tf.sum(weighted), tf.sum(weights));
  }
  return tf.mean(weighted);
}

/** Weights with axes of 1 behind (or taken away), so that they fit values of another rank. */
export function alongFirstAxes(weights: tf.Tensor, values: tf.Tensor): tf.Tensor {
  if (weights.rank === values.rank) return weights;
  const shape = values.shape.map((_, axis) => weights.shape[axis] ?? 1);
  return tf.reshape(weights, shape);
}

/** A function that gives the loss of every sample. */
type PerSample<Settings> = (yTrue: tf.Tensor, yPred: tf.Tensor, settings: Settings) => tf.Tensor;

/** A loss that is a function with settings. */
export abstract class FunctionLoss<Settings extends object = Record<never, never>> extends Loss {
  /** The function's settings. */
  readonly settings: Readonly<Required<Settings>>;
  readonly #run: PerSample<Required<Settings>>;

  /** @param defaults of the settings */
  constructor(
    run: PerSample<Required<Settings>>,
    options: LossOptions & Settings,
    defaults: Required<Settings>,
    defaultName?: string,
  ) {
    const [own, rest] = takeOptions(
      new.target.name,
      options,
      defaults as Readonly<Record<string, unknown>>,
    );
    super(rest, defaultName);
    this.settings = own as Required<Settings>;
    this.#run = run;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...this.settings };
  }

  override call(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    return this.#run(yTrue, yPred, this.settings);
  }
}
