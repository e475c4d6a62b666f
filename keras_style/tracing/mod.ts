/**
 * Traced functions and the random numbers in them.
 * @module
 */
export { caughtUp } from "./caught_up.ts";
export { drawUniform, randomStream, setRandomSeed } from "./random.ts";
export { type Extent, fill, ones, shape, zeros } from "./dynamic_shape.ts";
export type { TensorSpec } from "./input_signature.ts";
export { tfFunction, type TfFunctionOptions, type TracedFunction } from "./tf_function.ts";
