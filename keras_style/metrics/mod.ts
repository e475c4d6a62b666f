/** Metrics: numbers gathered over batches. @module */
export {
  Accuracy,
  BinaryAccuracy,
  type BinaryAccuracyOptions,
  CategoricalAccuracy,
  SparseCategoricalAccuracy,
} from "./accuracy.ts";
export { type MetricFunction, type MetricIdentifier } from "./get.ts";
export { Mean, MeanOverSamples, Metric, type MetricOptions } from "./metric.ts";
export { MeanAbsoluteError, MeanSquaredError } from "./regression.ts";
