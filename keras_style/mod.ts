/**
 * The Keras idiom: channels-last, immutable tensors, layers and models over TensorFlow.js, on the engine of one's choice.
 * It computes with the engine `onnxruntime` until {@linkcode selectEngine} chooses another.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { BACKEND_NAME } from "./engine/mod.ts";

export * as applications from "./applications/mod.ts";
export * as activations from "./activations/mod.ts";
export * as backend from "./backend.ts";
export * as callbacks from "./callbacks/mod.ts";
export * as constraints from "./constraints/mod.ts";
export * as data from "./data/mod.ts";
export { type DataFormat } from "./data_format.ts";
export { imagesOf, type ImagesOptions, type LabeledImages } from "./data/images.ts";
export {
  EngineError,
  type EngineName,
  type SelectedEngine,
  selectEngine,
  type SelectEngineOptions,
} from "./engine/mod.ts";
export * as distribution from "./distribution/mod.ts";
export { DTypePolicy } from "./dtype_policies/mod.ts";
export * as dtypePolicies from "./dtype_policies/mod.ts";
export { DurationTime, type DurationTimeOptions } from "./duration_time.ts";
export * from "./gpu/mod.ts";
export { GradientTape, type GradientTapeOptions } from "./gradient_tape.ts";
export * as initializers from "./initializers/mod.ts";
export * as config from "./config.ts";
export { Input, type InputOptions, KerasTensor } from "./layers/mod.ts";
export * as layers from "./layers/mod.ts";
// The base classes, which Keras has at the top as well.
export { Initializer } from "./initializers/mod.ts";
export { Layer } from "./layers/mod.ts";
export { Loss } from "./losses/mod.ts";
export { Metric } from "./metrics/mod.ts";
export { Optimizer } from "./optimizers/mod.ts";
export { Regularizer } from "./regularizers/mod.ts";
export * as losses from "./losses/mod.ts";
export * as metrics from "./metrics/mod.ts";
export * as mixedPrecision from "./mixed_precision/mod.ts";
export * from "./models/mod.ts";
export { clearSession } from "./naming.ts";
export * as ops from "./ops/mod.ts";
export * as optimizers from "./optimizers/mod.ts";
export * as random from "./random/mod.ts";
export * as regularizers from "./regularizers/mod.ts";
export * as models from "./saving/models_api.ts";
export * as saving from "./saving/api.ts";
export * from "./saving/mod.ts";
export * from "./tensors/mod.ts";
export {
  type Dimension,
  fill,
  ones,
  setRandomSeed,
  shape,
  synchronize,
  type TensorSpec,
  tfFunction,
  type TfFunctionOptions,
  type TracedFunction,
  zeros,
} from "./tracing/mod.ts";
export * as utils from "./utils/mod.ts";
export * from "./visualization/mod.ts";

// Made at once: the promise only waits for engines that start asynchronously.
void tf.setBackend(BACKEND_NAME);
