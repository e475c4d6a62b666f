/**
 * Changes of images on their way into a batch, on the host. Follows
 * https://docs.pytorch.org/vision/stable/transforms.html
 * @module
 */
export * from "./classes.ts";
export * as functional from "./functional.ts";
export type {
  ColorJitterOptions,
  Jitter,
  RandAugmentOptions,
  RandomErasingOptions,
  RandomResizedCropOptions,
} from "./augmentation.ts";
export type { DecodedImage } from "./color.ts";
export type { Transform } from "./compose.ts";
export type { RandomCropOptions, Size } from "./geometry.ts";
export type { BatchTransform, MixOptions } from "./mixing.ts";
