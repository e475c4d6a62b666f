/**
 * Images as the PyTorch idiom trains on them: channels first, in [-1, 1].
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { byteTable, fromBytes, fromHost, type LazyArray } from "../../onnx/mod.ts";
import { Tensor } from "../tensor.ts";
import type { Dataset, Sample } from "./dataset.ts";

/** Images with their classes, as `datasets.loadDataset` gives them or as one's own arrays. */
export interface LabeledImages {
  /** `[count, ...imageShape]`, channels last: bytes, 16 bits a value, or floats. */
  readonly images: Uint8Array | Uint16Array | Float32Array;
  /** `[count]`, the index of the class. */
  readonly labels: Uint8Array | Uint16Array | Int32Array;
  readonly count: number;
  readonly imageShape: readonly [height: number, width: number, channels: number];
}

/** Options of {@linkcode ImageDataset}. */
export interface ImageDatasetOptions {
  /** What 0 and `maxValue` are mapped to; unless given [-1, 1] for integers, and floats stay as they are. */
  readonly range?: readonly [low: number, high: number];
  /** 255 for bytes, 65535 for 16 bits, 1 for floats unless given. */
  readonly maxValue?: number;
  /** Whether images come as [n, height, width, channels]; false unless given. */
  readonly channelsLast?: boolean;
}

/** What a value becomes: `ToTensor` and `Normalize` in one. */
function scaleTo([low, high]: readonly [number, number], maxValue: number) {
  if (low === -1 && high === 1) return (value: number) => (value / maxValue - 0.5) / 0.5;
  return (value: number) => low + value / maxValue * (high - low);
}

/** What each value becomes, by the value or by a function; of bytes a table that a device looks them up in. */
type Scaling = LazyArray | Float32Array | ((value: number) => number);

function scalingOf(
  images: LabeledImages["images"],
  { range, maxValue }: ImageDatasetOptions,
): Scaling {
  if (maxValue !== undefined && !(maxValue > 0 && maxValue < Infinity)) {
    throw new RangeError(`ImageDataset: maxValue is ${maxValue}, expected a number above 0`);
  }
  if (images instanceof Float32Array) {
    return scaleTo(range ?? [0, 1], maxValue ?? 1);
  }
  const greatest = images instanceof Uint16Array ? 65535 : 255;
  const scale = scaleTo(range ?? [-1, 1], maxValue ?? greatest);
  if (images instanceof Uint8Array) return byteTable(scale);
  return Float32Array.from({ length: greatest + 1 }, (_, value) => scale(value));
}

const IMAGE_DATASET = signature(
  "ImageDataset",
  ["split", kinds.any as Kind<LabeledImages>],
  "*",
  ["range", kinds.any as Kind<NonNullable<ImageDatasetOptions["range"]>>, undefined],
  ["maxValue", kinds.number, undefined],
  ["channelsLast", kinds.boolean, undefined],
);

/**
 * Images [n, channels, height, width] (float32, -1 to 1) and labels [n] (int64) out of a split's pixels. An image is
 * converted when it is asked for: 50,000 of CIFAR-10 as float32 would take 600 MB.
 *
 * @example
 * ```ts
 * import { datasets, torch } from "@tandem/tandem";
 * const { train } = await datasets.loadDataset("shapes10", { limit: 100 });
 * const [image] = new torch.ImageDataset(train, { range: [0, 1] }).getItem(0);
 * console.log(image.shape); // [ 3, 32, 32 ]
 * ```
 */
export class ImageDataset implements Dataset {
  readonly length: number;
  readonly #split: LabeledImages;
  readonly #scaling: Scaling;
  readonly #channelsLast: boolean;

  /** @throws {RangeError} if maxValue is not above 0 */
  constructor(...given: Call<typeof IMAGE_DATASET, ImageDatasetOptions, [split: LabeledImages]>) {
    const { split, ...options } = IMAGE_DATASET.read(given);
    this.#split = split;
    this.#scaling = scalingOf(split.images, options);
    this.#channelsLast = options.channelsLast ?? false;
    this.length = split.count;
  }

  getItem(index: number): Sample {
    const [images, labels] = this.getItems(Int32Array.of(index));
    return [images.squeeze(0), labels.squeeze(0)];
  }

  getItems(indices: Int32Array): Sample {
    const [height, width, channels] = this.#split.imageShape;
    const labels = BigInt64Array.from(indices, (index) => BigInt(this.#split.labels[index]));
    const shape = [
      indices.length,
      ...this.#channelsLast ? this.#split.imageShape : [channels, height, width],
    ];
    return [this.#scaled(indices, shape), new Tensor(fromHost(labels, [labels.length]))];
  }

  #scaled(indices: Int32Array, shape: readonly number[]): Tensor {
    const size = this.#split.imageShape.reduce((product, length) => product * length);
    const { images } = this.#split;
    const scaling = this.#scaling;
    if (images instanceof Uint8Array) {
      const bytes = new Uint8Array(indices.length * size);
      this.#write(bytes, indices, (value) => value);
      return new Tensor(fromBytes(bytes, shape, scaling as LazyArray));
    }
    const values = new Float32Array(indices.length * size);
    const table = scaling instanceof Float32Array ? scaling : undefined;
    this.#write(
      values,
      indices,
      table ? (value) => table[value] : scaling as (value: number) => number,
    );
    return new Tensor(fromHost(values, shape));
  }

  /** Writes images one after the other, their values in the order that is asked for. */
  #write(
    to: Uint8Array | Float32Array,
    indices: Int32Array,
    scale: (value: number) => number,
  ): void {
    const [height, width, channels] = this.#split.imageShape;
    const pixels = height * width;
    const values = this.#split.images;
    const [pixelStride, channelStride] = this.#channelsLast ? [channels, 1] : [1, pixels];
    indices.forEach((index, i) => {
      const [from, start] = [index * pixels * channels, i * pixels * channels];
      for (let pixel = 0; pixel < pixels; pixel++) {
        for (let channel = 0; channel < channels; channel++) {
          to[start + pixel * pixelStride + channel * channelStride] = scale(
            values[from + pixel * channels + channel],
          );
        }
      }
    });
  }
}
