/**
 * Metrics by name.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { toCamelCase, toSnakeCase } from "../naming.ts";
import { BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy } from "./accuracy.ts";
import { MeanOverSamples, Metric } from "./metric.ts";
import { MeanAbsoluteError, MeanSquaredError } from "./regression.ts";

/** A function that gives a number a sample. */
export type MetricFunction = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

/** A metric, its name, or a function. `accuracy` is the one that fits the labels. */
export type MetricIdentifier = Metric | MetricFunction | string;

const byName: Readonly<Record<string, (name?: string) => Metric>> = {
  sparseCategoricalAccuracy: (name) => new SparseCategoricalAccuracy({ name }),
  categoricalAccuracy: (name) => new CategoricalAccuracy({ name }),
  binaryAccuracy: (name) => new BinaryAccuracy({ name }),
  meanSquaredError: (name) => new MeanSquaredError({ name }),
  mse: (name) => new MeanSquaredError({ name }),
  meanAbsoluteError: (name) => new MeanAbsoluteError({ name }),
  mae: (name) => new MeanAbsoluteError({ name }),
};

/** Names whose metric depends on the labels. */
const FITTING = ["accuracy", "acc"];

/** A function of the user's, as a metric. */
class FunctionMetric extends MeanOverSamples {
  readonly run: MetricFunction;

  constructor(run: MetricFunction) {
    super({ name: toSnakeCase(run.name || "metric") });
    this.run = run;
  }

  override measure(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    return this.run(yTrue, yPred);
  }
}

/** Refuses names that no metric has, before anything is built. */
export function checkMetric(identifier: MetricIdentifier): void {
  if (identifier instanceof Metric || typeof identifier === "function") return;
  const name = toCamelCase(String(identifier));
  if (FITTING.includes(name) || Object.hasOwn(byName, name)) return;
  throw new Error(
    `compile: metrics has ${JSON.stringify(identifier)}, expected a metric, a function or one of ` +
      [...FITTING, ...Object.keys(byName)].join(", "),
  );
}

/**
 * The metric that is meant.
 *
 * @param labelShape shape of a batch of labels: tells class numbers from one-hot answers
 */
export function getMetric(
  identifier: MetricIdentifier,
  labelShape: readonly number[],
  outputShape: readonly (number | null)[],
): Metric {
  if (identifier instanceof Metric) return identifier;
  if (typeof identifier === "function") return new FunctionMetric(identifier);
  const name = toCamelCase(identifier);
  if (!FITTING.includes(name)) return byName[name](identifier);
  return fittingAccuracy(name, labelShape, outputShape);
}

/** As keras/src/trainers/compile_utils.py chooses. */
function fittingAccuracy(
  name: string,
  labels: readonly number[],
  output: readonly (number | null)[],
): Metric {
  if (output.at(-1) === 1) return new BinaryAccuracy({ name });
  const areNumbers = labels.length < output.length || labels.at(-1) === 1;
  return areNumbers ? new SparseCategoricalAccuracy({ name }) : new CategoricalAccuracy({ name });
}
