/**
 * Metrics by name.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { labelKind } from "../losses/fitting_crossentropy.ts";
import { toCamelCase, toSnakeCase } from "../naming.ts";
import { listNames, show } from "../options.ts";
import { type BothSpellings, Registry, type SavedObject } from "../registry.ts";
import {
  Accuracy,
  BinaryAccuracy,
  CategoricalAccuracy,
  SparseCategoricalAccuracy,
  SparseTopKCategoricalAccuracy,
  TopKCategoricalAccuracy,
} from "./accuracy.ts";
import { AUC } from "./auc.ts";
import {
  FalseNegatives,
  FalsePositives,
  Precision,
  PrecisionAtRecall,
  Recall,
  RecallAtPrecision,
  SensitivityAtSpecificity,
  SpecificityAtSensitivity,
  TrueNegatives,
  TruePositives,
} from "./confusion_metrics.ts";
import { F1Score, FBetaScore } from "./f_score.ts";
import { BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU } from "./iou.ts";
import {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  CategoricalHinge,
  Hinge,
  KLDivergence,
  LogCoshError,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredLogarithmicError,
  Poisson,
  SparseCategoricalCrossentropy,
  SquaredHinge,
} from "./losses.ts";
import { Metric } from "./metric.ts";
import { Mean, MeanMetricWrapper, Sum } from "./reduction.ts";
import {
  ConcordanceCorrelation,
  CosineSimilarity,
  PearsonCorrelation,
  R2Score,
  RootMeanSquaredError,
} from "./regression.ts";

/** A function that gives a number a sample. */
export type MetricFunction = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

/** Metrics that can be made without options. */
const BY_NAME = {
  AUC,
  Accuracy,
  BinaryAccuracy,
  BinaryCrossentropy,
  BinaryIoU,
  CategoricalAccuracy,
  CategoricalCrossentropy,
  CategoricalHinge,
  ConcordanceCorrelation,
  CosineSimilarity,
  F1Score,
  FBetaScore,
  FalseNegatives,
  FalsePositives,
  Hinge,
  KLDivergence,
  LogCoshError,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredLogarithmicError,
  PearsonCorrelation,
  Poisson,
  Precision,
  R2Score,
  Recall,
  RootMeanSquaredError,
  SparseCategoricalAccuracy,
  SparseCategoricalCrossentropy,
  SparseTopKCategoricalAccuracy,
  SquaredHinge,
  TopKCategoricalAccuracy,
  TrueNegatives,
  TruePositives,
};

const ALIASES = {
  bce: "BinaryCrossentropy",
  cosine: "CosineSimilarity",
  kld: "KLDivergence",
  logCosh: "LogCoshError",
  mae: "MeanAbsoluteError",
  mape: "MeanAbsolutePercentageError",
  mse: "MeanSquaredError",
  msle: "MeanSquaredLogarithmicError",
  rmse: "RootMeanSquaredError",
};

/** Names whose metric depends on the labels. */
const FITTING = ["accuracy", "acc"] as const;

const ACCURACIES = {
  binary: BinaryAccuracy,
  sparse: SparseCategoricalAccuracy,
  categorical: CategoricalAccuracy,
};

type ClassName = keyof typeof BY_NAME;

/** Names of metrics: as functions (also in Keras' spelling), as classes, short ones, or those that fit the labels. */
export type MetricName =
  | BothSpellings<Uncapitalize<Exclude<ClassName, "AUC" | "KLDivergence" | "BinaryIoU">>>
  | BothSpellings<"klDivergence">
  | "auc"
  | ClassName
  | keyof typeof ALIASES
  | typeof FITTING[number];

/** A metric without its call signature, so that TypeScript knows the arguments of a function in its place. */
type MetricObject = Pick<Metric, keyof Metric>;

/** A metric, its name, a function, or what `serialize` gave. `accuracy` is the one that fits the labels. */
export type MetricIdentifier = MetricObject | MetricFunction | MetricName | SavedObject;

const registry = new Registry<Metric>("metric", Metric, {
  ...BY_NAME,
  IoU,
  Mean,
  MeanIoU,
  OneHotIoU,
  OneHotMeanIoU,
  PrecisionAtRecall,
  RecallAtPrecision,
  SensitivityAtSpecificity,
  SpecificityAtSensitivity,
  Sum,
}, ALIASES);

/** A function of the user's, as a metric. */
class UserMetric extends MeanMetricWrapper {
  constructor(run: MetricFunction) {
    super(run, { name: toSnakeCase(run.name || "metric") });
  }
}

function isFitting(name: string): boolean {
  return (FITTING as readonly string[]).includes(name);
}

function unknown(option: string, identifier: unknown): TypeError {
  const known = [...FITTING, ...Object.keys(BY_NAME), ...Object.keys(ALIASES)].sort();
  return new TypeError(
    `${option} is ${show(identifier)}, expected a metric, a function or one of ${
      listNames(known, identifier)
    }`,
  );
}

/** Refuses names that no metric has, before anything is built. */
export function checkMetric(identifier: MetricIdentifier, option = "compile: metrics"): void {
  if (identifier instanceof Metric || typeof identifier === "function") return;
  if (typeof identifier === "string") {
    if (isFitting(identifier) || registry.find(identifier)) return;
    throw unknown(option, identifier);
  }
  if (typeof identifier !== "object" || !("className" in identifier)) {
    throw unknown(option, identifier);
  }
}

/**
 * The metric that is meant; one that fits the labels cannot be chosen without them.
 *
 * @param option where it stands, for errors: "compile: metrics"
 * @throws {TypeError} for what is none, naming the known ones
 */
export function get(identifier: MetricIdentifier, option: string = "metric"): Metric {
  if (typeof identifier === "string") {
    const Class = registry.find(identifier);
    if (!Class) throw unknown(option, identifier);
    // As in Keras, the name is the one that was asked for.
    return registry.isClass(Class) ? new Class({ name: identifier }) : new UserMetric(Class);
  }
  const found = registry.resolve(identifier, option);
  if (found) return found;
  if (typeof identifier === "function") return new UserMetric(identifier as MetricFunction);
  throw unknown(option, identifier);
}

/**
 * The metric that is meant.
 *
 * @param labelShape shape of a batch of labels: tells class indices from one-hot answers
 */
export function getMetric(
  identifier: MetricIdentifier,
  labelShape: readonly number[],
  outputShape: readonly (number | null)[],
): Metric {
  if (typeof identifier !== "string") return get(identifier, "compile: metrics");
  const name = toCamelCase(identifier);
  if (!isFitting(name)) return get(identifier, "compile: metrics");
  return new ACCURACIES[labelKind(labelShape, outputShape)]({ name });
}

/** Class and configuration of a metric. */
export function serialize(metric: Metric): SavedObject {
  return registry.serialize(metric);
}

/** A metric as it was saved, without its state. */
export function deserialize(saved: SavedObject): Metric {
  return registry.deserialize(saved);
}
