/**
 * Pictures as the PyTorch idiom trains on them: channels first, in [-1, 1].
 * @module
 */
import type { ImageSplit } from "../../fixtures/mod.ts";
import { fromArray } from "../creation.ts";
import type { Dataset, Sample } from "../data/dataset.ts";

/** What each byte becomes: `ToTensor` and `Normalize(0.5, 0.5)` in one table. */
const NORMALIZED = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - 0.5) / 0.5);

/**
 * Pictures [n, 3, 32, 32] (float32, -1 to 1) and labels [n] (int64) out of a split's bytes. A picture is
 * converted when it is asked for: all 50,000 as float32 would take 600 MB.
 */
export class PictureDataset implements Dataset {
  readonly length: number;
  readonly #split: ImageSplit;
  readonly #shape: readonly [height: number, width: number, channels: number];

  constructor(split: ImageSplit, shape: readonly [number, number, number]) {
    this.#split = split;
    this.#shape = shape;
    this.length = split.count;
  }

  getItem(index: number): Sample {
    const [pictures, labels] = this.getItems(Int32Array.of(index));
    return [pictures.squeeze(0), labels.squeeze(0)];
  }

  getItems(indices: Int32Array): Sample {
    const [height, width, channels] = this.#shape;
    const size = height * width * channels;
    const pictures = new Float32Array(indices.length * size);
    const labels = new BigInt64Array(indices.length);
    indices.forEach((index, i) => {
      this.#writePicture(pictures.subarray(i * size, (i + 1) * size), index);
      labels[i] = BigInt(this.#split.labels[index]);
    });
    return [fromArray(pictures, [indices.length, channels, height, width]), fromArray(labels)];
  }

  #writePicture(to: Float32Array, index: number): void {
    const [height, width, channels] = this.#shape;
    const pixels = height * width;
    const from = index * pixels * channels;
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        const byte = this.#split.images[from + pixel * channels + channel];
        to[channel * pixels + pixel] = NORMALIZED[byte];
      }
    }
  }
}
