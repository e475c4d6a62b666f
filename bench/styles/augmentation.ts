/**
 * Changes training images from epoch to epoch: mirrored, or cut out of a padded image.
 *
 * The pixels themselves are changed, before any style sees them, and what happens to an image depends on the seed, the
 * epoch and the image's place alone: all styles train on the same images.
 * @module
 */
import { imageSize, type ImageSplit } from "../../fixtures/mod.ts";
import { RandomStream } from "../../onnx/mod.ts";
import type { AugmentationRecipe } from "../recipes/mod.ts";

/** Parts the draws from those of weights, shuffles and dropout, which start from the same seed. */
const STREAM = 0x5eed_a063;

/** Whether a recipe changes images at all. */
export function augments({ horizontalFlip, crop }: AugmentationRecipe): boolean {
  return horizontalFlip || crop !== null;
}

/** A split whose images are drawn anew at the beginning of every epoch. */
export class AugmentedSplit implements ImageSplit {
  readonly images: ImageSplit["images"];
  readonly labels: ImageSplit["labels"];
  readonly count: number;
  readonly imageShape: ImageSplit["imageShape"];
  readonly #source: ImageSplit;
  readonly #recipe: AugmentationRecipe;
  readonly #seed: number;

  constructor(source: ImageSplit, recipe: AugmentationRecipe, seed: number) {
    this.#source = source;
    this.#recipe = recipe;
    this.#seed = (seed ^ STREAM) >>> 0;
    this.images = source.images.slice();
    this.labels = source.labels;
    this.count = source.count;
    this.imageShape = source.imageShape;
  }

  /** Draws the images of an epoch; epochs count from 1. */
  beginEpoch(epoch: number): void {
    const stream = new RandomStream(this.#seed);
    stream.state = [this.#seed, epoch];
    const draws = stream.uniform(3 * this.count);
    const { horizontalFlip, crop } = this.#recipe;
    const shift = (u: number) =>
      crop === null ? 0 : Math.floor(u * (2 * crop.padding + 1)) - crop.padding;
    for (let i = 0; i < this.count; i++) {
      const [flip, down, right] = draws.subarray(3 * i, 3 * i + 3);
      this.#draw(i, horizontalFlip && flip < 0.5, shift(down), shift(right));
    }
  }

  /** Image `index` of the source, moved and mirrored; what comes in from outside is 0. */
  #draw(index: number, isFlipped: boolean, down: number, right: number): void {
    const [height, width, channels] = this.imageShape;
    const size = imageSize(this.imageShape);
    const from = this.#source.images.subarray(index * size, (index + 1) * size);
    const to = this.images.subarray(index * size, (index + 1) * size);
    for (let y = 0, place = 0; y < height; y++) {
      const row = y + down;
      for (let x = 0; x < width; x++, place += channels) {
        const column = (isFlipped ? width - 1 - x : x) + right;
        const isInside = row >= 0 && row < height && column >= 0 && column < width;
        const at = (row * width + column) * channels;
        for (let c = 0; c < channels; c++) to[place + c] = isInside ? from[at + c] : 0;
      }
    }
  }
}
