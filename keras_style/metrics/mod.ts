/** Metrics: values gathered over batches. @module */
export * from "./accuracy.ts";
export { AUC, type AucCurve, type AUCOptions, type AucSummation } from "./auc.ts";
export { type Thresholds } from "./confusion.ts";
export {
  type AtValueOptions,
  FalseNegatives,
  FalsePositives,
  Precision,
  PrecisionAtRecall,
  type PrecisionOptions,
  Recall,
  RecallAtPrecision,
  SensitivityAtSpecificity,
  SpecificityAtSensitivity,
  type ThresholdOptions,
  TrueNegatives,
  TruePositives,
} from "./confusion_metrics.ts";
export * from "./f_score.ts";
export {
  deserialize,
  get,
  type MetricFunction,
  type MetricIdentifier,
  type MetricName,
  serialize,
} from "./get.ts";
export * from "./iou.ts";
export * from "./losses.ts";
export {
  type Direction,
  Metric,
  type MetricInput,
  type MetricOptions,
  type MetricVariableOptions,
} from "./metric.ts";
export { Mean, MeanMetricWrapper, Sum } from "./reduction.ts";
export {
  type ClassAggregation,
  ConcordanceCorrelation,
  concordanceCorrelation,
  type CorrelationSettings,
  CosineSimilarity,
  PearsonCorrelation,
  pearsonCorrelation,
  R2Score,
  type R2ScoreOptions,
  RootMeanSquaredError,
} from "./regression.ts";
export {
  binaryCrossentropy,
  binaryFocalCrossentropy,
  categoricalCrossentropy,
  categoricalFocalCrossentropy,
  categoricalHinge,
  hinge,
  huber,
  klDivergence,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  poisson,
  sparseCategoricalCrossentropy,
  squaredHinge,
} from "../losses/mod.ts";
