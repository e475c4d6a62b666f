/**
 * Keras' layers over TensorFlow.js' kernels: classes whose objects are called like functions; `new` may be left out. They
 * take options named as in https://keras.io/api/layers/ but camelCase; the first four may stand by position, in Keras'
 * order: `Conv2D(32, 3, { activation: "relu" })`.
 * @module
 */
export { KerasTensor } from "./keras_tensor.ts";
export {
  type CallOptions,
  Layer,
  type LayerOptions,
  type SymbolicInputs,
  type TensorInputs,
} from "./layer.ts";
export { InputSpec, type InputSpecOptions } from "./input_spec.ts";
export type { Weight, WeightOptions } from "./weight.ts";
export * from "./activations/mod.ts";
export * from "./attention/mod.ts";
export * from "./convolutional/mod.ts";
export * from "./core/mod.ts";
export * from "./merging/mod.ts";
export * from "./normalization/mod.ts";
export * from "./pooling/mod.ts";
export * from "./preprocessing/mod.ts";
export * from "./regularization/mod.ts";
export * from "./reshaping/mod.ts";
export * from "./rnn/mod.ts";
