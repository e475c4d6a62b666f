/** Metrics: values gathered over batches. @module */
import * as accuracy from "./accuracy.ts";
import * as auc from "./auc.ts";
import * as confusionMetrics from "./confusion_metrics.ts";
import * as fScore from "./f_score.ts";
import * as iou from "./iou.ts";
import * as losses from "./losses.ts";
import * as reduction from "./reduction.ts";
import * as regression from "./regression.ts";
import { kerasClass } from "../keras_class.ts";
import { METRICS } from "../positional_names.ts";

export * from "./accuracy.ts";
export { type AucCurve, type AUCOptions, type AucSummation } from "./auc.ts";
export { type Thresholds } from "./confusion.ts";
export {
  type AtValueOptions,
  type PrecisionOptions,
  type ThresholdOptions,
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
export { MeanMetricWrapper } from "./reduction.ts";
export {
  type ClassAggregation,
  concordanceCorrelation,
  type CorrelationSettings,
  pearsonCorrelation,
  type R2ScoreOptions,
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

export const Accuracy = kerasClass(accuracy.Accuracy, METRICS.Accuracy);
export type Accuracy = accuracy.Accuracy;
export const BinaryAccuracy = kerasClass(accuracy.BinaryAccuracy, METRICS.BinaryAccuracy);
export type BinaryAccuracy = accuracy.BinaryAccuracy;
export const CategoricalAccuracy = kerasClass(
  accuracy.CategoricalAccuracy,
  METRICS.CategoricalAccuracy,
);
export type CategoricalAccuracy = accuracy.CategoricalAccuracy;
export const SparseCategoricalAccuracy = kerasClass(
  accuracy.SparseCategoricalAccuracy,
  METRICS.SparseCategoricalAccuracy,
);
export type SparseCategoricalAccuracy = accuracy.SparseCategoricalAccuracy;
export const TopKCategoricalAccuracy = kerasClass(
  accuracy.TopKCategoricalAccuracy,
  METRICS.TopKCategoricalAccuracy,
);
export type TopKCategoricalAccuracy = accuracy.TopKCategoricalAccuracy;
export const SparseTopKCategoricalAccuracy = kerasClass(
  accuracy.SparseTopKCategoricalAccuracy,
  METRICS.SparseTopKCategoricalAccuracy,
);
export type SparseTopKCategoricalAccuracy = accuracy.SparseTopKCategoricalAccuracy;
export const AUC = kerasClass(auc.AUC, METRICS.AUC);
export type AUC = auc.AUC;
export const TruePositives = kerasClass(confusionMetrics.TruePositives, METRICS.TruePositives);
export type TruePositives = confusionMetrics.TruePositives;
export const FalsePositives = kerasClass(confusionMetrics.FalsePositives, METRICS.FalsePositives);
export type FalsePositives = confusionMetrics.FalsePositives;
export const TrueNegatives = kerasClass(confusionMetrics.TrueNegatives, METRICS.TrueNegatives);
export type TrueNegatives = confusionMetrics.TrueNegatives;
export const FalseNegatives = kerasClass(confusionMetrics.FalseNegatives, METRICS.FalseNegatives);
export type FalseNegatives = confusionMetrics.FalseNegatives;
export const Precision = kerasClass(confusionMetrics.Precision, METRICS.Precision);
export type Precision = confusionMetrics.Precision;
export const Recall = kerasClass(confusionMetrics.Recall, METRICS.Recall);
export type Recall = confusionMetrics.Recall;
export const SensitivityAtSpecificity = kerasClass(
  confusionMetrics.SensitivityAtSpecificity,
  METRICS.SensitivityAtSpecificity,
);
export type SensitivityAtSpecificity = confusionMetrics.SensitivityAtSpecificity;
export const SpecificityAtSensitivity = kerasClass(
  confusionMetrics.SpecificityAtSensitivity,
  METRICS.SpecificityAtSensitivity,
);
export type SpecificityAtSensitivity = confusionMetrics.SpecificityAtSensitivity;
export const PrecisionAtRecall = kerasClass(
  confusionMetrics.PrecisionAtRecall,
  METRICS.PrecisionAtRecall,
);
export type PrecisionAtRecall = confusionMetrics.PrecisionAtRecall;
export const RecallAtPrecision = kerasClass(
  confusionMetrics.RecallAtPrecision,
  METRICS.RecallAtPrecision,
);
export type RecallAtPrecision = confusionMetrics.RecallAtPrecision;
export const FBetaScore = kerasClass(fScore.FBetaScore, METRICS.FBetaScore);
export type FBetaScore = fScore.FBetaScore;
export const F1Score = kerasClass(fScore.F1Score, METRICS.F1Score);
export type F1Score = fScore.F1Score;
export const IoU = kerasClass(iou.IoU, METRICS.IoU);
export type IoU = iou.IoU;
export const MeanIoU = kerasClass(iou.MeanIoU, METRICS.MeanIoU);
export type MeanIoU = iou.MeanIoU;
export const BinaryIoU = kerasClass(iou.BinaryIoU, METRICS.BinaryIoU);
export type BinaryIoU = iou.BinaryIoU;
export const OneHotIoU = kerasClass(iou.OneHotIoU, METRICS.OneHotIoU);
export type OneHotIoU = iou.OneHotIoU;
export const OneHotMeanIoU = kerasClass(iou.OneHotMeanIoU, METRICS.OneHotMeanIoU);
export type OneHotMeanIoU = iou.OneHotMeanIoU;
export const MeanSquaredError = kerasClass(losses.MeanSquaredError, METRICS.MeanSquaredError);
export type MeanSquaredError = losses.MeanSquaredError;
export const MeanAbsoluteError = kerasClass(losses.MeanAbsoluteError, METRICS.MeanAbsoluteError);
export type MeanAbsoluteError = losses.MeanAbsoluteError;
export const MeanAbsolutePercentageError = kerasClass(
  losses.MeanAbsolutePercentageError,
  METRICS.MeanAbsolutePercentageError,
);
export type MeanAbsolutePercentageError = losses.MeanAbsolutePercentageError;
export const MeanSquaredLogarithmicError = kerasClass(
  losses.MeanSquaredLogarithmicError,
  METRICS.MeanSquaredLogarithmicError,
);
export type MeanSquaredLogarithmicError = losses.MeanSquaredLogarithmicError;
export const LogCoshError = kerasClass(losses.LogCoshError, METRICS.LogCoshError);
export type LogCoshError = losses.LogCoshError;
export const Hinge = kerasClass(losses.Hinge, METRICS.Hinge);
export type Hinge = losses.Hinge;
export const SquaredHinge = kerasClass(losses.SquaredHinge, METRICS.SquaredHinge);
export type SquaredHinge = losses.SquaredHinge;
export const CategoricalHinge = kerasClass(losses.CategoricalHinge, METRICS.CategoricalHinge);
export type CategoricalHinge = losses.CategoricalHinge;
export const KLDivergence = kerasClass(losses.KLDivergence, METRICS.KLDivergence);
export type KLDivergence = losses.KLDivergence;
export const Poisson = kerasClass(losses.Poisson, METRICS.Poisson);
export type Poisson = losses.Poisson;
export const BinaryCrossentropy = kerasClass(losses.BinaryCrossentropy, METRICS.BinaryCrossentropy);
export type BinaryCrossentropy = losses.BinaryCrossentropy;
export const CategoricalCrossentropy = kerasClass(
  losses.CategoricalCrossentropy,
  METRICS.CategoricalCrossentropy,
);
export type CategoricalCrossentropy = losses.CategoricalCrossentropy;
export const SparseCategoricalCrossentropy = kerasClass(
  losses.SparseCategoricalCrossentropy,
  METRICS.SparseCategoricalCrossentropy,
);
export type SparseCategoricalCrossentropy = losses.SparseCategoricalCrossentropy;
export const Sum = kerasClass(reduction.Sum, METRICS.Sum);
export type Sum = reduction.Sum;
export const Mean = kerasClass(reduction.Mean, METRICS.Mean);
export type Mean = reduction.Mean;
export const RootMeanSquaredError = kerasClass(
  regression.RootMeanSquaredError,
  METRICS.RootMeanSquaredError,
);
export type RootMeanSquaredError = regression.RootMeanSquaredError;
export const CosineSimilarity = kerasClass(regression.CosineSimilarity, METRICS.CosineSimilarity);
export type CosineSimilarity = regression.CosineSimilarity;
export const PearsonCorrelation = kerasClass(
  regression.PearsonCorrelation,
  METRICS.PearsonCorrelation,
);
export type PearsonCorrelation = regression.PearsonCorrelation;
export const ConcordanceCorrelation = kerasClass(
  regression.ConcordanceCorrelation,
  METRICS.ConcordanceCorrelation,
);
export type ConcordanceCorrelation = regression.ConcordanceCorrelation;
export const R2Score = kerasClass(regression.R2Score, METRICS.R2Score);
export type R2Score = regression.R2Score;
