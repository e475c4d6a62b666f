/**
 * What a compiled model is trained towards: a loss an output, their weighted sum, and metrics.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { maskOf } from "../layers/masks.ts";
import {
  FittingCrossentropy,
  type FittingLossName,
  isFittingLoss,
} from "../losses/fitting_crossentropy.ts";
import { getLoss, type LossIdentifier } from "../losses/get.ts";
import type { Loss } from "../losses/mod.ts";
import { checkMetric, getMetric, type MetricIdentifier } from "../metrics/get.ts";
import { Mean, MeanMetricWrapper, type Metric } from "../metrics/mod.ts";

/** One thing for all outputs, one each in order, or one each by the output's name. */
export type PerOutput<T> = T | readonly T[] | Readonly<Record<string, T>>;

/** Metrics as `compile` takes them. */
export type MetricOption = PerOutput<MetricIdentifier> | PerOutput<readonly MetricIdentifier[]>;

/** A loss as `compile` takes it. */
export type LossOption = LossIdentifier | FittingLossName;

/** Losses and metrics as `compile` takes them. */
export interface ObjectiveOptions {
  /** A loss, or one for each output; null for an output that is not trained. "crossentropy" fits labels and output. */
  readonly loss?: PerOutput<LossOption | null>;
  readonly lossWeights?: readonly number[] | Readonly<Record<string, number>>;
  readonly metrics?: MetricOption;
  /** Metrics in which samples count as much as `sampleWeight` and `classWeight` say. */
  readonly weightedMetrics?: MetricOption;
}

/** Shapes of one output and of the labels it is compared with, batch axes included. */
export interface OutputShapes {
  readonly labels: readonly number[];
  readonly output: readonly (number | null)[];
}

interface NamedMetric {
  readonly name: string;
  readonly metric: Metric;
  /** Which output it looks at. */
  readonly output: number;
  readonly weighted: boolean;
}

/** Losses and metrics of a compiled model, with their running state. */
export class Objective {
  readonly #options: ObjectiveOptions;
  readonly #lossTracker = new Mean({ name: "loss", direction: "down" });
  #outputNames: readonly string[] = [];
  #losses: (Loss | null)[] = [];
  #weights: number[] = [];
  #parts: { name: string; tracker: Mean; output: number }[] = [];
  #metrics: NamedMetric[] = [];
  #built = false;
  #lastParts: readonly (tf.Tensor | null)[] = [];

  /** @throws {Error} for names of losses or metrics that there are not */
  constructor(options: ObjectiveOptions) {
    this.#options = options;
    for (const option of leaves<LossOption | null>(options.loss)) lossOf(option);
    for (const option of [options.metrics, options.weightedMetrics]) {
      for (const identifier of leaves<MetricIdentifier>(option)) checkMetric(identifier);
    }
  }

  /** The loss of every output; null where an output is not trained. */
  get losses(): readonly (Loss | null)[] {
    return this.#losses;
  }

  /** Whether an output's labels are looked at, by a loss or a metric. To be called once outputs are bound. */
  needsLabels(output: number): boolean {
    const isMeasured = (["metrics", "weightedMetrics"] as const)
      .some((option) => this.#metricLists(option)[output].length > 0);
    return this.#losses[output] !== null || isMeasured;
  }

  /** Matches losses with outputs. */
  bindOutputs(outputNames: readonly string[]): void {
    if (this.#outputNames.length > 0) return;
    const { loss, lossWeights } = this.#options;
    this.#losses = perOutput<LossOption | null>("loss", loss, outputNames).map(lossOf);
    this.#weights = perOutput<number>("lossWeights", lossWeights, outputNames)
      .map((weight) => weight ?? 1);
    this.#outputNames = outputNames;
  }

  /** Makes the metrics, which depend on the labels' shapes. To be called before a step is traced. */
  build(shapes: readonly OutputShapes[]): void {
    if (this.#built) return;
    const many = this.#outputNames.length > 1;
    this.#metrics = [];
    for (const option of ["metrics", "weightedMetrics"] as const) {
      this.#metricLists(option).forEach((list, output) => {
        for (const identifier of list) {
          if (!shapes[output]) continue;
          const metric = getMetric(identifier, shapes[output].labels, shapes[output].output);
          const weighted = option === "weightedMetrics";
          const name = this.#freeName(metric.name, many ? output : undefined, weighted);
          this.#metrics.push({ name, metric, output, weighted });
        }
      });
    }
    const isSum = this.#losses.filter((loss) => loss !== null).length > 1;
    this.#parts = !isSum ? [] : this.#losses.flatMap((loss, output) => {
      const name = `${this.#outputNames[output]}_loss`;
      return loss ? [{ name, tracker: new Mean({ name, direction: "down" }), output }] : [];
    });
    this.#built = true;
  }

  /** As keras/src/trainers/compile_utils.py names metrics: a name that is taken gets a number behind it. */
  #freeName(own: string, output: number | undefined, weighted: boolean): string {
    const prefix = output === undefined ? "" : `${this.#outputNames[output]}_`;
    const taken = new Set(this.#metrics.map(({ name }) => name));
    let name = `${prefix}${own}`;
    if (weighted && taken.has(name)) name = `${prefix}weighted_${own}`;
    let candidate = name;
    for (let i = 1; taken.has(candidate); i++) candidate = `${name}_${i}`;
    return candidate;
  }

  #metricLists(option: "metrics" | "weightedMetrics"): (readonly MetricIdentifier[])[] {
    const metrics = this.#options[option];
    const names = this.#outputNames;
    if (metrics === undefined) return names.map(() => []);
    // A flat list belongs to the only output; with several, entry i belongs to output i.
    if (names.length === 1 && Array.isArray(metrics)) return [metrics.flat()];
    const lists = perOutput<MetricIdentifier | readonly MetricIdentifier[]>(
      option,
      metrics as PerOutput<MetricIdentifier>,
      names,
    );
    return lists.map((list) => list === undefined ? [] : [list].flat() as MetricIdentifier[]);
  }

  /** Everything that counts along, the loss first. */
  get metrics(): { name: string; metric: Metric }[] {
    const parts = this.#parts.map(({ name, tracker }) => ({ name, metric: tracker }));
    return [{ name: "loss", metric: this.#lossTracker }, ...this.#metrics, ...parts];
  }

  /** Each output's loss, as {@linkcode Objective.lossOf} found it last; null where an output has none. */
  get lastParts(): readonly (tf.Tensor | null)[] {
    return this.#lastParts;
  }

  /**
   * The weighted sum of all outputs' losses and of what else there is.
   *
   * @param added further losses, of layers and regularizers
   * @throws {Error} if there is no loss at all
   */
  lossOf(
    yTrue: readonly tf.Tensor[],
    yPred: readonly tf.Tensor[],
    sampleWeight: readonly tf.Tensor[],
    added: readonly tf.Tensor[],
  ): tf.Tensor {
    const parts = this.#losses.map((loss, i) =>
      loss ? loss(yTrue[i], yPred[i], sampleWeight[i], maskOf(yPred[i])) : null
    );
    const weighted = parts.flatMap((part, i) =>
      part === null ? [] : this.#weights[i] === 1 ? [part] : [tf.mul(part, this.#weights[i])]
    );
    this.#lastParts = parts;
    const all = [...weighted, ...added];
    if (all.length > 0) return all.reduce((sum, part) => tf.add(sum, part));
    throw new Error("compile: loss is missing, expected a loss to train towards");
  }

  /** Counts a batch. */
  update(
    loss: tf.Tensor,
    yTrue: readonly tf.Tensor[],
    yPred: readonly tf.Tensor[],
    sampleWeight: readonly tf.Tensor[],
  ): void {
    tf.tidy(() => {
      const size = tf.scalar(yPred[0].shape[0] ?? 1);
      this.#lossTracker.updateState(loss, size);
      for (const { tracker, output } of this.#parts) {
        const part = this.#lastParts[output];
        if (part && !part.isDisposed) tracker.updateState(part, size);
      }
      for (const { metric, output, weighted } of this.#metrics) {
        const [truth, prediction] = [yTrue[output], yPred[output]];
        if (!truth) continue;
        const weight = weighted ? sampleWeight[output] : undefined;
        const mask = maskOf(prediction);
        // As in Keras, other metrics do not look at masks.
        if (mask && metric instanceof MeanMetricWrapper) {
          metric.updateState(truth, prediction, weight, mask);
        } else metric.updateState(truth, prediction, ...weight ? [weight] : []);
      }
    });
  }
}

function isNamed<T>(value: PerOutput<T>): value is Readonly<Record<string, T>> {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

/** The loss that is meant; null where there is none. */
function lossOf(option: LossOption | null | undefined): Loss | null {
  if (option === null || option === undefined) return null;
  return isFittingLoss(option) ? new FittingCrossentropy() : getLoss(option);
}

/** All that is named somewhere in an option. */
function leaves<T>(option: unknown): T[] {
  if (option === undefined) return [];
  if (Array.isArray(option)) return option.flatMap((entry) => leaves<T>(entry));
  if (isNamed(option)) return Object.values(option).flatMap((entry) => leaves<T>(entry));
  return [option as T];
}

/** One entry an output. */
function perOutput<T>(
  option: string,
  given: PerOutput<T> | undefined,
  names: readonly string[],
): (T | undefined)[] {
  if (given === undefined) return names.map(() => undefined);
  if (Array.isArray(given)) {
    if (given.length === names.length) return [...given];
    throw new Error(
      `compile: ${option} has ${given.length} entries, expected one for each of the outputs ` +
        names.join(", "),
    );
  }
  if (!isNamed(given)) return names.map(() => given as T);
  const stray = Object.keys(given).find((name) => !names.includes(name));
  if (stray !== undefined) {
    throw new Error(
      `compile: ${option} names "${stray}", expected names of outputs: ${names.join(", ")}`,
    );
  }
  return names.map((name) => given[name]);
}
