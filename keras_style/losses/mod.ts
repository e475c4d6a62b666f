/** Losses: what training makes small. @module */
export {
  CategoricalCrossentropy,
  categoricalCrossentropy,
  type CategoricalCrossentropySettings,
  CategoricalFocalCrossentropy,
  categoricalFocalCrossentropy,
  type CategoricalFocalCrossentropySettings,
  CategoricalGeneralizedCrossEntropy,
  categoricalGeneralizedCrossEntropy,
  type GeneralizedCrossEntropySettings,
  SparseCategoricalCrossentropy,
  sparseCategoricalCrossentropy,
  type SparseCategoricalCrossentropySettings,
} from "./crossentropy.ts";
export { CTC, ctc } from "./ctc.ts";
export {
  deserialize,
  getLoss as get,
  type LossFunction,
  type LossIdentifier,
  type LossName,
  serialize,
} from "./get.ts";
export {
  CategoricalHinge,
  categoricalHinge,
  Hinge,
  hinge,
  SquaredHinge,
  squaredHinge,
} from "./hinge.ts";
export { FunctionLoss, Loss, type LossOptions, type Reduction } from "./loss.ts";
export * from "./probabilistic.ts";
export * from "./regression.ts";
export * from "./segmentation.ts";
export { type Values } from "./same_rank.ts";
export {
  Circle,
  circle,
  type CircleFunctionSettings,
  type CircleSettings,
  CosineSimilarity,
  cosineSimilarity,
  type CosineSimilaritySettings,
} from "./similarity.ts";
