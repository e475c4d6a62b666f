/**
 * Changes training images from epoch to epoch: another order, mirrored, cut out of a padded image, partly black, mixed.
 *
 * The pixels themselves are changed, before any style sees them, and what happens to an image depends on the seed, the
 * epoch and the image's place alone: all styles train on the same images.
 * @module
 */
import jStat from "jstat";
import { imageSize, type ImageSplit } from "../../../fixtures/mod.ts";
import { RandomStream } from "../../../onnx/mod.ts";
import type { AugmentationRecipe, Recipe } from "../../recipes/mod.ts";

/** Parts the draws from those of weights, shuffles and dropout, which start from the same seed. */
const STREAM = 0x5eed_a063;

/** What of a recipe says how images change. */
export type EpochRecipe = Pick<Recipe, "augmentation" | "order">;

/** Whether a recipe changes images, or their order, from epoch to epoch. */
export function changesImages({ augmentation, order }: EpochRecipe): boolean {
  const { horizontalFlip, crop, cutout, mixing } = augmentation;
  return order === "shared" || horizontalFlip !== "none" || crop !== null || cutout !== null ||
    mixing !== null;
}

/** The labels of a split in shares of classes: rows [count, classes] with a 1 each. */
export function oneHot({ labels, count }: ImageSplit, classes: number): Float32Array {
  const rows = new Float32Array(count * classes);
  for (let i = 0; i < count; i++) rows[i * classes + labels[i]] = 1;
  return rows;
}

/** What is done to one image. */
interface Change {
  readonly isFlipped: boolean;
  /** By how much the image is moved. */
  readonly down: number;
  readonly right: number;
}

/** A part of an image, `bottom` and `right` excluded. */
interface Rectangle {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** A split whose images are drawn anew at the beginning of every epoch. */
export class AugmentedSplit implements ImageSplit {
  readonly images: ImageSplit["images"];
  readonly labels: ImageSplit["labels"];
  readonly count: number;
  readonly imageShape: ImageSplit["imageShape"];
  /** Shares of the classes, rows [count, classes]; null where images are not mixed. */
  readonly targets: Float32Array | null;
  readonly #source: ImageSplit;
  readonly #recipe: EpochRecipe;
  readonly #classes: number;
  readonly #seed: number;

  constructor(source: ImageSplit, recipe: EpochRecipe, classes: number, seed: number) {
    this.#source = source;
    this.#recipe = recipe;
    this.#classes = classes;
    this.#seed = (seed ^ STREAM) >>> 0;
    this.images = source.images.slice();
    this.labels = source.labels.slice();
    this.count = source.count;
    this.imageShape = source.imageShape;
    this.targets = recipe.augmentation.mixing === null ? null : oneHot(source, classes);
  }

  /** The numbers drawn for an epoch: each of its kind in a stream of its own, so that none moves the others. */
  #draws(epoch: number, kind: number): RandomStream {
    const stream = new RandomStream(this.#seed);
    stream.state = [this.#seed, 8 * epoch + kind];
    return stream;
  }

  /** Draws the images of an epoch; epochs count from 1. */
  beginEpoch(epoch: number): void {
    const { augmentation, order } = this.#recipe;
    const places = order === "shared" ? this.#draws(epoch, 0).permutation(this.count) : undefined;
    const changes = this.#changes(epoch, augmentation);
    for (let i = 0; i < this.count; i++) {
      const from = places?.[i] ?? i;
      this.#draw(i, from, changes(from));
      this.labels[i] = this.#source.labels[from];
    }
    if (augmentation.cutout !== null) this.#cutOut(epoch, augmentation.cutout.size);
    if (augmentation.mixing !== null) this.#mix(epoch, augmentation.mixing);
  }

  /** What becomes of each image of the source. */
  #changes(epoch: number, recipe: AugmentationRecipe): (index: number) => Change {
    const { horizontalFlip, crop } = recipe;
    const flips = this.#draws(horizontalFlip === "alternating" ? 0 : epoch, 1).uniform(this.count);
    const moves = this.#draws(epoch, 2).uniform(2 * this.count);
    const turn = horizontalFlip === "alternating" && epoch % 2 === 0;
    const shift = (u: number) =>
      crop === null ? 0 : Math.floor(u * (2 * crop.padding + 1)) - crop.padding;
    return (i) => ({
      isFlipped: horizontalFlip !== "none" && (flips[i] < 0.5) !== turn,
      down: shift(moves[2 * i]),
      right: shift(moves[2 * i + 1]),
    });
  }

  /** Image `from` of the source, moved and mirrored, as image `index`. */
  #draw(index: number, from: number, { isFlipped, down, right }: Change): void {
    const [height, width, channels] = this.imageShape;
    const size = imageSize(this.imageShape);
    const source = this.#source.images.subarray(from * size, (from + 1) * size);
    const to = this.images.subarray(index * size, (index + 1) * size);
    if (!isFlipped && down === 0 && right === 0) return to.set(source);
    const reflects = this.#recipe.augmentation.crop?.fill === "reflect";
    const inside = (at: number, length: number) => reflects ? reflected(at, length) : at;
    for (let y = 0, place = 0; y < height; y++) {
      const row = inside(y + down, height);
      for (let x = 0; x < width; x++, place += channels) {
        const column = inside((isFlipped ? width - 1 - x : x) + right, width);
        const isInside = row >= 0 && row < height && column >= 0 && column < width;
        const at = (row * width + column) * channels;
        for (let c = 0; c < channels; c++) to[place + c] = isInside ? source[at + c] : 0;
      }
    }
  }

  /** Blackens a square of every image. */
  #cutOut(epoch: number, size: number): void {
    const [height, width] = this.imageShape;
    const draws = this.#draws(epoch, 3).uniform(2 * this.count);
    for (let i = 0; i < this.count; i++) {
      const square = rectangleAround(
        draws.subarray(2 * i, 2 * i + 2),
        [size, size],
        this.imageShape,
      );
      if (square.top < height && square.left < width) this.#paste(i, square, null);
    }
  }

  /** Mixes every image with the one that followed it in the epoch's order, the last one with the first. */
  #mix(epoch: number, { kind, alpha }: NonNullable<AugmentationRecipe["mixing"]>): void {
    const stream = this.#draws(epoch, 4);
    const shares = stream.uniform(this.count).map((u) => jStat.beta.inv(u, alpha, alpha));
    const centres = stream.uniform(2 * this.count);
    const before = this.images.slice();
    const size = imageSize(this.imageShape);
    const targets = this.targets!.fill(0);
    for (let i = 0; i < this.count; i++) {
      const next = (i + 1) % this.count;
      const other = before.subarray(next * size, (next + 1) * size);
      const share = kind === "mixup"
        ? this.#add(i, other, shares[i])
        : this.#pasteShare(i, other, shares[i], centres.subarray(2 * i, 2 * i + 2));
      targets[i * this.#classes + this.labels[i]] += share;
      targets[i * this.#classes + this.labels[next]] += 1 - share;
    }
  }

  /** @returns the share that image `index` keeps */
  #add(index: number, other: ImageSplit["images"], share: number): number {
    const size = other.length;
    const own = this.images.subarray(index * size, (index + 1) * size);
    // Whole bytes are cut off a half above: four times as fast as a call that rounds.
    const half = own instanceof Float32Array ? 0 : 0.5;
    addShares(own, other, share, half);
    return share;
  }

  /** @returns the share that image `index` keeps: what lies outside of the image is not pasted */
  #pasteShare(
    index: number,
    other: ImageSplit["images"],
    share: number,
    centre: ArrayLike<number>,
  ): number {
    const [height, width] = this.imageShape;
    const side = Math.sqrt(1 - share);
    const sides = [Math.floor(height * side), Math.floor(width * side)] as const;
    const part = rectangleAround(centre, sides, this.imageShape);
    this.#paste(index, part, other);
    return 1 - (part.bottom - part.top) * (part.right - part.left) / (height * width);
  }

  /** Copies a part of another image, or black where there is none, into image `index`. */
  #paste(index: number, part: Rectangle, other: ImageSplit["images"] | null): void {
    const [, width, channels] = this.imageShape;
    const start = index * imageSize(this.imageShape);
    for (let y = part.top; y < part.bottom; y++) {
      const [from, to] = [part.left, part.right].map((x) => (y * width + x) * channels);
      if (other === null) this.images.fill(0, start + from, start + to);
      else this.images.set(other.subarray(from, to), start + from);
    }
  }
}

/** Values that become shares of themselves and of others, with something more. */
function addShares(
  values: ImageSplit["images"],
  others: ImageSplit["images"],
  share: number,
  more: number,
): void {
  const rest = 1 - share;
  for (let k = 0; k < values.length; k++) values[k] = share * values[k] + rest * others[k] + more;
}

/** A place outside of a row, mirrored into it; the edge itself is not repeated. */
function reflected(at: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inPeriod = (at % period + period) % period;
  return inPeriod < length ? inPeriod : period - inPeriod;
}

/** A rectangle around a random pixel, cut off at the edges. */
function rectangleAround(
  centre: ArrayLike<number>,
  [rows, columns]: readonly [number, number],
  [height, width]: ImageSplit["imageShape"],
): Rectangle {
  const [top, left] = [[height, rows], [width, columns]].map(([length, side], axis) =>
    Math.floor(centre[axis] * length) - Math.floor(side / 2)
  );
  return {
    top: Math.max(0, top),
    bottom: Math.min(height, top + rows),
    left: Math.max(0, left),
    right: Math.min(width, left + columns),
  };
}
