/** Losses: what training makes small. @module */
export {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  type CrossentropyOptions,
  SparseCategoricalCrossentropy,
} from "./crossentropy.ts";
export { type LossFunction, type LossIdentifier } from "./get.ts";
export { Loss, type LossOptions, type Reduction } from "./loss.ts";
export { MeanAbsoluteError, MeanSquaredError } from "./regression.ts";
