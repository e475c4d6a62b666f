/**
 * Changes of one image, without randomness. Follows https://docs.pytorch.org/vision/stable/transforms.html#functionals
 * @module
 */
import { signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import * as color from "./color.ts";
import * as geometry from "./geometry.ts";

export {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  adjustSharpness,
  autocontrast,
  equalize,
  posterize,
  solarize,
  toGrayscale,
} from "./adjustments.ts";
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

const HFLIP = signature("hflip", ["image", tensorKind]);
const VFLIP = signature("vflip", ["image", tensorKind]);

/** Left and right exchanged. */
export function hflip(...given: [image: Tensor]): Tensor {
  return HFLIP.read(given).image.flip(-1);
}

/** Upside down. */
export function vflip(...given: [image: Tensor]): Tensor {
  return VFLIP.read(given).image.flip(-2);
}
