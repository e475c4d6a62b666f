/** The classifiers of the walkthrough, for any model, loss and optimizer. @module */
export {
  batchesOf,
  type BatchesOptions,
  KerasAdvancedClassifier,
  type KerasBatches,
} from "./keras/advanced_classifier.ts";
export {
  type ImagesOf,
  KerasClassifier,
  type KerasClassifierOptions,
  type KerasParts,
} from "./keras/classifier.ts";
export {
  type BatchResult,
  TorchClassifier,
  type TorchClassifierOptions,
} from "./torch/classifier.ts";
export { type Score, type TrainingHistory, type TrainOptions } from "./training/training_loop.ts";
