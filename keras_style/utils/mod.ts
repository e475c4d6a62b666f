/** What Keras keeps in `keras.utils`. @module */
export { clearSession } from "../naming.ts";
export {
  customObjectScope,
  getCustomObjects,
  getRegisteredName,
  getRegisteredObject,
  registerKerasSerializable,
  type RegisterOptions,
} from "../registry.ts";
export { setRandomSeed } from "../tracing/mod.ts";
export { plotModel, type PlotModelOptions } from "../visualization/plot_model.ts";
export * from "./arrays.ts";
export * from "./datasets.ts";
export type { ColorMode, DecodedImage, ImageDecoder } from "./decode_image.ts";
export * from "./image_files.ts";
