/**
 * Means and deviations of a data set's channels.
 * @module
 */
import { type ImageSplit, maxPixelValue } from "../../../fixtures/mod.ts";

/** Of each channel, of values from 0 to 1. */
export interface ChannelStatistics {
  readonly mean: readonly number[];
  /** Of a channel that is the same everywhere 1. */
  readonly deviation: readonly number[];
}

/** The statistics of a split's channels. */
export function channelStatistics({ images, imageShape }: ImageSplit): ChannelStatistics {
  const channels = imageShape[2];
  const greatest = maxPixelValue(images);
  const [sums, squares] = [new Float64Array(channels), new Float64Array(channels)];
  for (let start = 0; start < images.length; start += channels) {
    for (let c = 0; c < channels; c++) {
      const value = images[start + c] / greatest;
      sums[c] += value;
      squares[c] += value * value;
    }
  }
  const count = images.length / channels;
  const mean = Array.from(sums, (sum) => sum / count);
  const deviation = mean.map((m, c) => Math.sqrt(Math.max(0, squares[c] / count - m * m)) || 1);
  return { mean, deviation };
}
