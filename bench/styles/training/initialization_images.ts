/**
 * The images by which a network sets weights that depend on the data.
 * @module
 */
import { maxPixelValue, sliceSplit } from "../../../fixtures/mod.ts";
import type { InputRange } from "../../recipes/mod.ts";
import { channelStatistics } from "./standardization.ts";
import type { StyleContext } from "../style.ts";

/** As many as airbench94 takes: their patches tell the covariance well. */
const MOST_IMAGES = 5000;

/**
 * The first training images as the network is given them.
 *
 * @returns values of [n, height, width, channels]
 */
export function initializationImages(
  { train }: StyleContext,
  inputRange: InputRange,
): { data: Float32Array<ArrayBuffer>; shape: number[] } {
  const { images, imageShape, count } = sliceSplit(train, 0, Math.min(train.count, MOST_IMAGES));
  const greatest = maxPixelValue(images);
  const channels = imageShape[2];
  const { mean, deviation } = inputRange === "standardized"
    ? channelStatistics(train)
    : statisticsOf(inputRange, channels);
  const data = Float32Array.from(images, (value, i) => {
    const channel = i % channels;
    return (value / greatest - mean[channel]) / deviation[channel];
  });
  return { data, shape: [count, ...imageShape] };
}

/** A range, which is the same for all channels, in the words of a standardization. */
function statisticsOf([low, high]: readonly [number, number], channels: number) {
  const repeated = (value: number) => new Array<number>(channels).fill(value);
  return { mean: repeated(-low / (high - low)), deviation: repeated(1 / (high - low)) };
}
