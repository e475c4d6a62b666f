/**
 * Traced functions and the random numbers in them.
 * @module
 */
export type { Recording } from "./recording.ts";
export { type GraphRun, replayElsewhere } from "./replay.ts";
export { synchronize } from "./synchronize.ts";
export { randomStream, randomUniform, setRandomSeed } from "./random.ts";
export { type Dimension, fill, ones, shape, zeros } from "./dynamic_shape.ts";
export { inferResults, SpecLeaf } from "./infer_results.ts";
export type { TensorSpec } from "./input_signature.ts";
export { Trace } from "./trace.ts";
export { tfFunction, type TfFunctionOptions, type TracedFunction } from "./tf_function.ts";
