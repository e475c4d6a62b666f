/**
 * Layers that spread the colors of images evenly over their range.
 * Sources: keras/src/layers/preprocessing/image_preprocessing/equalization.py and clahe.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber, takeOptions } from "../../options.ts";
import { ColorLayer, type ValueRangeOptions } from "./random_color.ts";
import { readSizes } from "../sizes.ts";

/** How many images have which of some values, of values in groups: [groups, bins]. @param index values from 0 to bins - 1 */
function histograms(index: tf.Tensor, groups: number, bins: number): tf.Tensor {
  const first = tf.mul(tf.range(0, groups), bins);
  const places = tf.add(tf.reshape(index, [groups, -1]), tf.reshape(first, [groups, 1]));
  const flat = tf.cast(tf.reshape(places, [-1]), "int32") as tf.Tensor1D;
  const counts = tf.unsortedSegmentSum(tf.onesLike(tf.cast(flat, "float32")), flat, groups * bins);
  return tf.reshape(counts, [groups, bins]);
}

/** Options of {@linkcode Equalization}. */
export interface EqualizationOptions extends ValueRangeOptions {
  /** How many shades are distinguished; 256 unless given. */
  readonly bins?: number;
}

/**
 * Makes all shades of a channel equally frequent while training; as in Keras, over the whole batch.
 *
 * @throws {RangeError} for a number of bins that is no integer of at least 2
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Equalization([0, 1]);
 * console.log(layer(keras.random.uniform([1, 4, 4, 3])).shape); // [ 1, 4, 4, 3 ]
 * ```
 */
export class Equalization extends ColorLayer {
  readonly bins: number;

  constructor(options: EqualizationOptions = {}) {
    const [own, rest] = takeOptions("Equalization", options, { bins: 256 });
    super(rest);
    this.bins = checkNumber("Equalization", "bins", own.bins, { from: 2, integer: true });
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const { bins } = this;
    const [least, greatest] = this.valueRange;
    const channels = x.shape[3]!;
    // One row a channel.
    const bytes = tf.mul(tf.sub(x, least), 255 / (greatest - least));
    const rows = tf.reshape(tf.transpose(bytes, [3, 0, 1, 2]), [channels, -1]);
    const index = tf.clipByValue(tf.floor(tf.mul(rows, (bins - 1) / 255)), 0, bins - 1);
    const counts = histograms(index, channels, bins);
    const sums = tf.cumsum(counts, 1);
    const total = tf.slice(sums, [0, bins - 1], [channels, 1]);
    const smallest = tf.min(
      tf.where(tf.greater(sums, 0), sums, tf.broadcastTo(total, sums.shape)),
      1,
      true,
    );
    const range = tf.sub(total, smallest);
    const shades = tf.div(tf.mul(tf.sub(sums, smallest), 255), tf.maximum(range, 1));
    const table = tf.clipByValue(tf.round(shades), 0, 255);
    const first = tf.mul(tf.reshape(tf.range(0, channels), [channels, 1]), bins);
    const flat = tf.reshape(tf.cast(tf.add(index, first), "int32"), [-1]) as tf.Tensor1D;
    const found = tf.reshape(tf.gather(tf.reshape(table, [-1]), flat), rows.shape);
    const used = tf.sum(tf.cast(tf.greater(counts, 0), "float32"), 1, true);
    const isFlat = tf.broadcastTo(tf.lessEqual(used, 1), rows.shape);
    const equalized = tf.where(isFlat, rows, found);
    const [n, height, width] = x.shape;
    const back = tf.transpose(tf.reshape(equalized, [channels, n, height, width]), [1, 2, 3, 0]);
    return tf.add(tf.mul(back, (greatest - least) / 255), least);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), bins: this.bins };
  }
}

/** Options of {@linkcode ContrastLimitedAdaptiveHistogramEqualization}. */
export interface ClaheOptions extends ValueRangeOptions {
  /** How many times as frequent as on average a shade may be within a tile; 4 unless given; 0 is no limit. */
  readonly clipLimit?: number;
  /** Into how many tiles images are divided, down and across; [8, 8] unless given. */
  readonly tileGridSize?: readonly [rows: number, columns: number];
}

/**
 * Makes the shades within every tile of an image equally frequent, up to a limit of the contrast, and blends the tiles
 * (Zuiderveld, 1994); while training and otherwise.
 *
 * @throws {RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.ContrastLimitedAdaptiveHistogramEqualization({
 *   valueRange: [0, 1],
 *   tileGridSize: [2, 2],
 * });
 * console.log(layer(keras.random.uniform([1, 8, 8, 3])).shape); // [ 1, 8, 8, 3 ]
 * ```
 */
export class ContrastLimitedAdaptiveHistogramEqualization extends ColorLayer {
  readonly clipLimit: number;
  readonly tileGridSize: readonly [rows: number, columns: number];

  constructor(options: ClaheOptions = {}) {
    const owner = "ContrastLimitedAdaptiveHistogramEqualization";
    const [own, rest] = takeOptions(owner, options, {
      clipLimit: 4,
      tileGridSize: [8, 8] as readonly [number, number],
    });
    super(rest);
    this.clipLimit = checkNumber(owner, "clipLimit", own.clipLimit, { from: 0 });
    const grid = readSizes(owner, "tileGridSize", own.tileGridSize, 2);
    this.tileGridSize = grid as [number, number];
  }

  protected override augment(x: tf.Tensor): tf.Tensor {
    const [least, greatest] = this.valueRange;
    const bytes = tf.mul(tf.sub(x, least), 255 / (greatest - least));
    const [n, rows, columns, channels] = x.shape;
    const [down, across] = this.tileGridSize;
    const [high, wide] = [Math.ceil(rows / down), Math.ceil(columns / across)];
    const padded = mirrored(mirrored(bytes, 1, high * down - rows), 2, wide * across - columns);
    const shade = tf.clipByValue(tf.floor(padded), 0, 255);
    const tables = this.#tables(shade, [n, down, high, across, wide, channels]);
    const rowNodes = tileNodes(high, down);
    const columnNodes = tileNodes(wide, across);
    const read = (row: keyof TileNodes, column: keyof TileNodes) => {
      // Tables stand image by image, tile row by tile row, tile by tile, channel by channel.
      const tile = tf.add(
        tf.reshape(tf.mul(rowNodes[row], across), [1, -1, 1, 1]),
        tf.reshape(columnNodes[column], [1, 1, -1, 1]),
      );
      const image = tf.reshape(tf.mul(tf.range(0, n), down * across), [n, 1, 1, 1]);
      const table = tf.add(tf.mul(tf.add(tile, image), channels), tf.range(0, channels));
      const index = tf.cast(tf.add(tf.mul(table, 256), shade), "int32");
      const found = tf.gather(tf.reshape(tables, [-1]), tf.reshape(index, [-1]) as tf.Tensor1D);
      return tf.reshape(found, shade.shape);
    };
    const mix = (a: tf.Tensor, b: tf.Tensor, share: tf.Tensor) =>
      tf.add(tf.mul(a, tf.sub(1, share)), tf.mul(b, share));
    const toRight = tf.reshape(columnNodes.share, [1, 1, -1, 1]);
    const upper = mix(read("before", "before"), read("before", "after"), toRight);
    const lower = mix(read("after", "before"), read("after", "after"), toRight);
    const mixed = mix(upper, lower, tf.reshape(rowNodes.share, [1, -1, 1, 1]));
    const shown = tf.slice(mixed, [0, 0, 0, 0], [n, rows, columns, channels]);
    return tf.add(tf.mul(shown, (greatest - least) / 255), least);
  }

  /** For every tile and channel, what becomes of each of the 256 shades. */
  #tables(shade: tf.Tensor, shape: number[]): tf.Tensor {
    const [n, down, high, across, wide, channels] = shape;
    const tiles = tf.transpose(tf.reshape(shade, shape), [0, 1, 3, 5, 2, 4]);
    const counts = histograms(tiles, n * down * across * channels, 256);
    const pixels = high * wide;
    const sums = tf.cumsum(this.clipLimit > 0 ? this.#limited(counts, pixels) : counts, 1);
    const smallest = tf.min(sums, 1, true);
    const range = tf.sub(pixels, smallest);
    const divisor = tf.where(tf.equal(range, 0), tf.onesLike(range), range);
    return tf.clipByValue(tf.div(tf.mul(tf.sub(sums, smallest), 255), divisor), 0, 255);
  }

  /** Histograms with what is above the limit given to all shades. */
  #limited(counts: tf.Tensor, pixels: number): tf.Tensor {
    const kept = tf.clipByValue(counts, 0, this.clipLimit * pixels / 256);
    return tf.add(kept, tf.div(tf.sum(tf.sub(counts, kept), 1, true), 256));
  }

  protected override unchanged(x: tf.Tensor): tf.Tensor {
    return this.augment(x);
  }

  override getConfig(): Record<string, unknown> {
    const { clipLimit, tileGridSize } = this;
    return { ...super.getConfig(), clipLimit, tileGridSize };
  }
}

/** The tiles around each index of an axis, and how far it lies from the first to the second. */
interface TileNodes {
  readonly before: tf.Tensor;
  readonly after: tf.Tensor;
  readonly share: tf.Tensor;
}

function tileNodes(size: number, count: number): TileNodes {
  const at = tf.div(tf.sub(tf.range(0, size * count), size / 2), size);
  const before = tf.floor(at);
  const inside = (tile: tf.Tensor) => tf.clipByValue(tile, 0, count - 1);
  return {
    before: inside(before),
    after: inside(tf.add(before, 1)),
    share: tf.sub(at, before),
  };
}

/** An axis made longer by its own last entries, the other way round; as often as need be. */
function mirrored(x: tf.Tensor, axis: number, more: number): tf.Tensor {
  if (more <= 0) return x;
  const count = Math.min(more, x.shape[axis]!);
  const ends = x.shape.map((_, i): [number, number] => [0, i === axis ? count : 0]);
  return mirrored(tf.mirrorPad(x, ends, "symmetric"), axis, more - count);
}
