/**
 * The Keras idiom: channels-last, immutable tensors, layers and models over TensorFlow.js, on the engine of one's choice.
 * @module
 */
export * as callbacks from "./callbacks/mod.ts";
export * as data from "./data/mod.ts";
export { type InputOptions } from "./layers/mod.ts";
export { Input } from "./layers/input.ts";
export * as layers from "./layers/mod.ts";
export * as losses from "./losses/mod.ts";
export * as metrics from "./metrics/mod.ts";
export { GradientTape } from "./gradient_tape.ts";
export * from "./models/mod.ts";
export { clearSession } from "./naming.ts";
export * as optimizers from "./optimizers/mod.ts";
export { drawUniform, setRandomSeed, tfFunction } from "./tracing/mod.ts";
