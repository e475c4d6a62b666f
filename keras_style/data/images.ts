/**
 * Images of a data set as the Keras idiom takes them.
 * @module
 */
import { type DataFormat, readDataFormat } from "../data_format.ts";
import { readOptions } from "../options.ts";
import type { HostArray } from "./host_rows.ts";

/** Images with their classes, as `datasets.loadDataset` gives them or as one's own arrays. */
export interface LabeledImages {
  /** `[count, ...imageShape]`, channels last: bytes, 16 bits a value, or floats. */
  readonly images: Uint8Array | Uint16Array | Float32Array;
  /** `[count]`, the index of the class. */
  readonly labels: Uint8Array | Uint16Array | Int32Array;
  readonly count: number;
  readonly imageShape: readonly [height: number, width: number, channels: number];
}

/** Options of {@linkcode imagesOf}. */
export interface ImagesOptions {
  /** Where the channels stand in what the model takes; "channelsLast" unless given. */
  readonly dataFormat?: DataFormat;
  /** The value that becomes 1: 255 for bytes, 65535 for 16 bits, 1 for floats (they stay as they are) unless given. */
  readonly maxValue?: number;
}

/**
 * Images [n, height, width, channels] in [0, 1] and their classes [n]. Nothing is copied: values are divided by their
 * type's greatest batch by batch. With channels first, [n, channels, height, width], they are copied into that order
 * once.
 *
 * @throws {RangeError} if maxValue is not above 0
 *
 * @example
 * ```ts
 * import { datasets, keras } from "@tandem/tandem";
 * const { train } = await datasets.loadDataset("shapes10", { limit: 100 });
 * const [images, classes] = keras.imagesOf(train);
 * console.log(images.shape, classes.shape); // [ 100, 32, 32, 3 ] [ 100 ]
 * ```
 */
export function imagesOf(
  split: LabeledImages,
  options: ImagesOptions = {},
): [images: HostArray, classes: HostArray] {
  const { dataFormat, maxValue } = readOptions("imagesOf", options, {
    dataFormat: "channelsLast" as DataFormat,
    maxValue: greatestOf(split.images),
  });
  if (!(maxValue > 0 && maxValue < Infinity)) {
    throw new RangeError(`imagesOf: maxValue is ${maxValue}, expected a number above 0`);
  }
  const [height, width, channels] = split.imageShape;
  const isFirst = readDataFormat("imagesOf", dataFormat) === "channels_first";
  const shape = isFirst ? [channels, height, width] : split.imageShape;
  const data = isFirst ? channelsFirst(split) : split.images;
  return [
    { data, shape: [split.count, ...shape], divideBy: maxValue },
    { data: split.labels, shape: [split.count] },
  ];
}

function greatestOf(images: LabeledImages["images"]): number {
  if (images instanceof Float32Array) return 1;
  return images instanceof Uint16Array ? 65535 : 255;
}

const transposed = new WeakMap<LabeledImages, LabeledImages["images"]>();

/** A split's values with the channels of every image one after the other. */
function channelsFirst(split: LabeledImages): LabeledImages["images"] {
  const known = transposed.get(split);
  if (known) return known;
  const [height, width, channels] = split.imageShape;
  const pixels = height * width;
  const values = split.images.slice();
  for (let image = 0; image < values.length; image += pixels * channels) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        values[image + channel * pixels + pixel] = split.images[image + pixel * channels + channel];
      }
    }
  }
  transposed.set(split, values);
  return values;
}
