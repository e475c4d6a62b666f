/**
 * Images of a data set as the Keras idiom takes them.
 * @module
 */
import { imageShape, type ImageSplit } from "../../fixtures/mod.ts";
import type { HostArray } from "../data/host_rows.ts";
import type { DataFormat } from "./seed_network.ts";

/**
 * Images [n, 32, 32, 3] in [0, 1] and their classes [n]. Nothing is copied: bytes are divided by 255 batch by batch.
 * With channels first, [n, 3, 32, 32], the bytes are copied into that order once.
 *
 * @example
 * ```ts
 * import { fixtures, keras } from "@tandem/tandem";
 * const { train } = await fixtures.loadDataset("shapes10", { limit: 100 });
 * const [images, classes] = keras.imagesOf(train);
 * console.log(images.shape, classes.shape); // [ 100, 32, 32, 3 ] [ 100 ]
 * ```
 */
export function imagesOf(
  split: ImageSplit,
  dataFormat: DataFormat = "channelsLast",
): [images: HostArray, classes: HostArray] {
  const [height, width, channels] = imageShape;
  const isFirst = dataFormat === "channelsFirst";
  const shape = isFirst ? [channels, height, width] : imageShape;
  const data = isFirst ? channelsFirst(split) : split.images;
  return [
    { data, shape: [split.count, ...shape], divideBy: 255 },
    { data: split.labels, shape: [split.count] },
  ];
}

const transposed = new WeakMap<ImageSplit, Uint8Array>();

/** A split's bytes with the channels of every image one after the other. */
function channelsFirst(split: ImageSplit): Uint8Array {
  const known = transposed.get(split);
  if (known) return known;
  const [height, width, channels] = imageShape;
  const pixels = height * width;
  const bytes = new Uint8Array(split.images.length);
  for (let image = 0; image < bytes.length; image += pixels * channels) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        bytes[image + channel * pixels + pixel] = split.images[image + pixel * channels + channel];
      }
    }
  }
  transposed.set(split, bytes);
  return bytes;
}
