/**
 * Smaller model files: weights of eight bits, activations as well, or all of float16.
 * @module
 */
export { convertFloatToFloat16, type Float16Options } from "./float16.ts";
export type {
  CalibrationDataReader,
  CalibrationFeeds,
  CalibrationInput,
  CalibrationSource,
} from "./calibration.ts";
export { quantizeDynamic, type QuantizeDynamicOptions } from "./quantize_dynamic.ts";
export { quantizeStatic, type QuantizeStaticOptions } from "./quantize_static.ts";
