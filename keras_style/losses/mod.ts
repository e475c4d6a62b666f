/** Losses: what training makes small. @module */
import * as crossentropy from "./crossentropy.ts";
import * as ctc from "./ctc.ts";
import * as hinge from "./hinge.ts";
import * as probabilistic from "./probabilistic.ts";
import * as regression from "./regression.ts";
import * as segmentation from "./segmentation.ts";
import * as similarity from "./similarity.ts";
import { kerasClass } from "../keras_class.ts";
import { LOSSES } from "../positional_names.ts";

export {
  categoricalCrossentropy,
  type CategoricalCrossentropySettings,
  categoricalFocalCrossentropy,
  type CategoricalFocalCrossentropySettings,
  categoricalGeneralizedCrossEntropy,
  type GeneralizedCrossEntropySettings,
  sparseCategoricalCrossentropy,
  type SparseCategoricalCrossentropySettings,
} from "./crossentropy.ts";
export { ctc } from "./ctc.ts";
export {
  deserialize,
  getLoss as get,
  type LossFunction,
  type LossIdentifier,
  type LossName,
  serialize,
} from "./get.ts";
export type { FittingLossName } from "./fitting_crossentropy.ts";
export { categoricalHinge, hinge, squaredHinge } from "./hinge.ts";
export { FunctionLoss, Loss, type LossOptions, type Reduction } from "./loss.ts";
export {
  binaryCrossentropy,
  type BinaryCrossentropySettings,
  binaryFocalCrossentropy,
  type BinaryFocalCrossentropySettings,
  klDivergence,
} from "./probabilistic.ts";
export * from "./regression.ts";
export * from "./segmentation.ts";
export { type Values } from "./same_rank.ts";
export {
  circle,
  type CircleFunctionSettings,
  type CircleSettings,
  cosineSimilarity,
  type CosineSimilaritySettings,
} from "./similarity.ts";

export const SparseCategoricalCrossentropy = kerasClass(
  crossentropy.SparseCategoricalCrossentropy,
  LOSSES.SparseCategoricalCrossentropy,
);
export type SparseCategoricalCrossentropy = crossentropy.SparseCategoricalCrossentropy;
export const CategoricalCrossentropy = kerasClass(
  crossentropy.CategoricalCrossentropy,
  LOSSES.CategoricalCrossentropy,
);
export type CategoricalCrossentropy = crossentropy.CategoricalCrossentropy;
export const CategoricalFocalCrossentropy = kerasClass(
  crossentropy.CategoricalFocalCrossentropy,
  LOSSES.CategoricalFocalCrossentropy,
);
export type CategoricalFocalCrossentropy = crossentropy.CategoricalFocalCrossentropy;
export const CategoricalGeneralizedCrossEntropy = kerasClass(
  crossentropy.CategoricalGeneralizedCrossEntropy,
  LOSSES.CategoricalGeneralizedCrossEntropy,
);
export type CategoricalGeneralizedCrossEntropy = crossentropy.CategoricalGeneralizedCrossEntropy;
export const CTC = kerasClass(ctc.CTC, LOSSES.CTC);
export type CTC = ctc.CTC;
export const Hinge = kerasClass(hinge.Hinge, LOSSES.Hinge);
export type Hinge = hinge.Hinge;
export const SquaredHinge = kerasClass(hinge.SquaredHinge, LOSSES.SquaredHinge);
export type SquaredHinge = hinge.SquaredHinge;
export const CategoricalHinge = kerasClass(hinge.CategoricalHinge, LOSSES.CategoricalHinge);
export type CategoricalHinge = hinge.CategoricalHinge;
export const BinaryCrossentropy = kerasClass(
  probabilistic.BinaryCrossentropy,
  LOSSES.BinaryCrossentropy,
);
export type BinaryCrossentropy = probabilistic.BinaryCrossentropy;
export const BinaryFocalCrossentropy = kerasClass(
  probabilistic.BinaryFocalCrossentropy,
  LOSSES.BinaryFocalCrossentropy,
);
export type BinaryFocalCrossentropy = probabilistic.BinaryFocalCrossentropy;
export const KLDivergence = kerasClass(probabilistic.KLDivergence, LOSSES.KLDivergence);
export type KLDivergence = probabilistic.KLDivergence;
export const MeanSquaredError = kerasClass(regression.MeanSquaredError, LOSSES.MeanSquaredError);
export type MeanSquaredError = regression.MeanSquaredError;
export const MeanAbsoluteError = kerasClass(regression.MeanAbsoluteError, LOSSES.MeanAbsoluteError);
export type MeanAbsoluteError = regression.MeanAbsoluteError;
export const MeanAbsolutePercentageError = kerasClass(
  regression.MeanAbsolutePercentageError,
  LOSSES.MeanAbsolutePercentageError,
);
export type MeanAbsolutePercentageError = regression.MeanAbsolutePercentageError;
export const MeanSquaredLogarithmicError = kerasClass(
  regression.MeanSquaredLogarithmicError,
  LOSSES.MeanSquaredLogarithmicError,
);
export type MeanSquaredLogarithmicError = regression.MeanSquaredLogarithmicError;
export const LogCosh = kerasClass(regression.LogCosh, LOSSES.LogCosh);
export type LogCosh = regression.LogCosh;
export const Huber = kerasClass(regression.Huber, LOSSES.Huber);
export type Huber = regression.Huber;
export const Poisson = kerasClass(regression.Poisson, LOSSES.Poisson);
export type Poisson = regression.Poisson;
export const Dice = kerasClass(segmentation.Dice, LOSSES.Dice);
export type Dice = segmentation.Dice;
export const Tversky = kerasClass(segmentation.Tversky, LOSSES.Tversky);
export type Tversky = segmentation.Tversky;
export const CosineSimilarity = kerasClass(similarity.CosineSimilarity, LOSSES.CosineSimilarity);
export type CosineSimilarity = similarity.CosineSimilarity;
export const Circle = kerasClass(similarity.Circle, LOSSES.Circle);
export type Circle = similarity.Circle;
