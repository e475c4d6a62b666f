/** The image classifiers of the experiment. @module */
export {
  type AdvancedHistory,
  type AdvancedTrainOptions,
  type Batches,
  batchesOf,
  KerasAdvancedClassifier,
} from "./keras_advanced_classifier.ts";
export { KerasClassifier, type Score } from "./keras_classifier.ts";
export { imagesOf, type ImagesOptions, type LabeledImages } from "./images.ts";
export { type DataFormat, type KerasMode, makeSeedNetwork } from "./seed_network.ts";
