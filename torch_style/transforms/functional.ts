/**
 * Changes of one image, as told. Follows https://docs.pytorch.org/vision/stable/transforms.html#functionals
 * @module
 */
import type { Tensor } from "../tensor.ts";
import * as color from "./color.ts";
import * as geometry from "./geometry.ts";

export * from "./adjustments.ts";
export { affine, type AffineOptions, rotate } from "./affine.ts";
export { toTensor } from "./color.ts";
export { crop } from "./geometry.ts";

/** {@linkcode color.normalize}, of one image. */
export function normalize(
  image: Tensor,
  ...given: Parameters<typeof color.normalize>
): Tensor {
  return color.normalize(...given)(image);
}

/** {@linkcode geometry.pad}, of one image. */
export function pad(image: Tensor, ...given: Parameters<typeof geometry.pad>): Tensor {
  return geometry.pad(...given)(image);
}

/** {@linkcode geometry.centerCrop}, of one image. */
export function centerCrop(
  image: Tensor,
  ...given: Parameters<typeof geometry.centerCrop>
): Tensor {
  return geometry.centerCrop(...given)(image);
}

/** {@linkcode geometry.resize}, of one image. */
export function resize(image: Tensor, ...given: Parameters<typeof geometry.resize>): Tensor {
  return geometry.resize(...given)(image);
}

/** Left and right exchanged. */
export function hflip(image: Tensor): Tensor {
  return image.flip(-1);
}

/** Upside down. */
export function vflip(image: Tensor): Tensor {
  return image.flip(-2);
}
