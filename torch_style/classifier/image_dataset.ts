/**
 * Images as the PyTorch idiom trains on them: channels first, in [-1, 1].
 * @module
 */
import type { ImageSplit } from "../../fixtures/mod.ts";
import { fromArray } from "../creation.ts";
import type { Dataset, Sample } from "../data/dataset.ts";

/** Options of {@linkcode ImageDataset}. */
export interface ImageDatasetOptions {
  /** What bytes from 0 to 255 are mapped to; [-1, 1] unless given. */
  readonly range?: readonly [low: number, high: number];
  /** Whether images come as [n, 32, 32, 3]; false unless given. */
  readonly channelsLast?: boolean;
}

/** What each byte becomes: `ToTensor` and `Normalize` in one table. */
function byteValues([low, high]: readonly [number, number]): Float32Array {
  if (low === -1 && high === 1) {
    return Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - 0.5) / 0.5);
  }
  return Float32Array.from({ length: 256 }, (_, byte) => low + byte / 255 * (high - low));
}

/**
 * Images [n, 3, 32, 32] (float32, -1 to 1) and labels [n] (int64) out of a split's bytes. An image is
 * converted when it is asked for: all 50,000 as float32 would take 600 MB.
 *
 * @example
 * ```ts
 * import { fixtures, torch } from "@tandem/tandem";
 * const { train, imageShape } = await fixtures.loadDataset("shapes10", { limit: 100 });
 * const [image] = new torch.ImageDataset(train, imageShape, { range: [0, 1] }).getItem(0);
 * console.log(image.shape); // [ 3, 32, 32 ]
 * ```
 */
export class ImageDataset implements Dataset {
  readonly length: number;
  readonly #split: ImageSplit;
  readonly #shape: readonly [height: number, width: number, channels: number];
  readonly #values: Float32Array;
  readonly #channelsLast: boolean;

  constructor(
    split: ImageSplit,
    shape: readonly [number, number, number],
    options: ImageDatasetOptions = {},
  ) {
    this.#split = split;
    this.#shape = shape;
    this.#values = byteValues(options.range ?? [-1, 1]);
    this.#channelsLast = options.channelsLast ?? false;
    this.length = split.count;
  }

  getItem(index: number): Sample {
    const [images, labels] = this.getItems(Int32Array.of(index));
    return [images.squeeze(0), labels.squeeze(0)];
  }

  getItems(indices: Int32Array): Sample {
    const [height, width, channels] = this.#shape;
    const size = height * width * channels;
    const images = new Float32Array(indices.length * size);
    const labels = new BigInt64Array(indices.length);
    indices.forEach((index, i) => {
      this.#writeImage(images.subarray(i * size, (i + 1) * size), index);
      labels[i] = BigInt(this.#split.labels[index]);
    });
    const shape = this.#channelsLast ? this.#shape : [channels, height, width];
    return [fromArray(images, [indices.length, ...shape]), fromArray(labels)];
  }

  #writeImage(to: Float32Array, index: number): void {
    const [height, width, channels] = this.#shape;
    const pixels = height * width;
    const from = index * pixels * channels;
    const bytes = this.#split.images;
    const [pixelStride, channelStride] = this.#channelsLast ? [channels, 1] : [1, pixels];
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        const value = this.#values[bytes[from + pixel * channels + channel]];
        to[pixel * pixelStride + channel * channelStride] = value;
      }
    }
  }
}
