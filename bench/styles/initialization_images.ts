/**
 * The images by which a network sets weights that depend on the data.
 * @module
 */
import { maxPixelValue, sliceSplit } from "../../fixtures/mod.ts";
import type { StyleContext } from "./style.ts";

/** So many patches tell their covariance well. */
const MOST_IMAGES = 1000;

/**
 * The first training images as the network is given them.
 *
 * @param inputRange what a pixel of 0 and of full brightness becomes
 * @returns values of [n, height, width, channels]
 */
export function initializationImages(
  { train }: StyleContext,
  [low, high]: readonly [number, number],
): { data: Float32Array<ArrayBuffer>; shape: number[] } {
  const { images, imageShape, count } = sliceSplit(train, 0, Math.min(train.count, MOST_IMAGES));
  const scale = (high - low) / maxPixelValue(images);
  const data = Float32Array.from(images, (value) => low + scale * value);
  return { data, shape: [count, ...imageShape] };
}
