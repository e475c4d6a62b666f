/**
 * Smaller model files: weights of eight bits, or all of float16.
 * @module
 */
export { convertFloatToFloat16, type Float16Options } from "./float16.ts";
export { quantizeDynamic, type QuantizeDynamicOptions } from "./quantize_dynamic.ts";
