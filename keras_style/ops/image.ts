/**
 * `keras.ops.image`: images [n, rows, columns, channels], or one without n. Follows https://keras.io/api/ops/image/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type Interpolation, resizeImages } from "../layers/preprocessing/resize_matrix.ts";
import { checkNumber } from "../options.ts";
import { onBatch } from "./image_sampling.ts";
import { unaryOfFloats, type UnaryOp, unaryWith, withArgument } from "./define_op.ts";

export {
  gaussianBlur,
  type GaussianBlurOptions,
  mapCoordinates,
  type MapCoordinatesOptions,
  type MapFillMode,
  type PerspectiveOptions,
  perspectiveTransform,
} from "./image_sampling.ts";

/** Options of {@linkcode resize}. */
export interface ResizeOptions {
  /** "bilinear" unless given. */
  readonly interpolation?: Interpolation;
  /** Whether an image that gets smaller is smoothed before; false unless given. */
  readonly antialias?: boolean;
}

/** Images in another size [rows, columns]; pixels lie at half-integer indices. */
export const resize = withArgument<readonly [height: number, width: number], ResizeOptions>(
  "resize",
  { interpolation: "bilinear", antialias: false },
  (x, [height, width], { interpolation, antialias }) => {
    for (const size of [height, width]) {
      checkNumber("resize", "size", size, { from: 1, integer: true });
    }
    return onBatch(x, (images) => resizeImages(images, [height, width], interpolation, antialias));
  },
);

/** Weights of red, green and blue in what the eye takes for brightness (ITU-R BT.601, as Keras has them). */
const BRIGHTNESS = [0.2989, 0.587, 0.114];

/** One channel of brightness. */
export const rgbToGrayscale: UnaryOp = unaryOfFloats(
  "rgbToGrayscale",
  (x) => tf.sum(tf.mul(x, tf.tensor1d(BRIGHTNESS)), -1, true),
);

function channels(x: tf.Tensor): tf.Tensor[] {
  return tf.split(x, 3, x.rank - 1);
}

/** Hue, saturation and value, all from 0 to 1, of colors from 0 to 1. */
export const rgbToHsv: UnaryOp = unaryOfFloats("rgbToHsv", (x) => {
  const [red, green, blue] = channels(x);
  const value = tf.max(x, -1, true);
  const range = tf.sub(value, tf.min(x, -1, true));
  const saturation = tf.divNoNan(range, value);
  const part = (a: tf.Tensor, b: tf.Tensor, shift: number) =>
    tf.add(tf.divNoNan(tf.sub(a, b), tf.mul(6, range)), shift / 6);
  const isRed = tf.equal(value, red);
  const isGreen = tf.equal(value, green);
  const raw = tf.where(
    isRed,
    part(green, blue, 0),
    tf.where(isGreen, part(blue, red, 2), part(red, green, 4)),
  );
  const hue = tf.where(tf.greater(range, 0), tf.mod(raw, 1), tf.zerosLike(raw));
  return tf.concat([hue, saturation, value], -1);
});

/** Colors of hue, saturation and value from 0 to 1. */
export const hsvToRgb: UnaryOp = unaryOfFloats("hsvToRgb", (x) => {
  const [hue, saturation, value] = channels(x);
  const color = (shift: number) => {
    const k = tf.mod(tf.add(tf.mul(hue, 6), shift), 6);
    const share = tf.clipByValue(tf.minimum(k, tf.sub(4, k)), 0, 1);
    return tf.sub(value, tf.mul(tf.mul(value, saturation), share));
  };
  return tf.concat([color(5), color(3), color(1)], -1);
});

/** Which rows and columns are taken off. */
export interface CropImagesOptions {
  readonly topCropping?: number;
  readonly leftCropping?: number;
  /** Rows of the result. */
  readonly targetHeight?: number;
  /** Columns of the result. */
  readonly targetWidth?: number;
}

/** A part of images. */
export const cropImages = unaryWith<CropImagesOptions>(
  "cropImages",
  { topCropping: 0, leftCropping: 0, targetHeight: 0, targetWidth: 0 },
  (x, { topCropping, leftCropping, targetHeight, targetWidth }) =>
    onBatch(x, (images) => {
      const [n, rows, columns, c] = images.shape;
      const height = targetHeight || rows - topCropping;
      const width = targetWidth || columns - leftCropping;
      return tf.slice(images, [0, topCropping, leftCropping, 0], [n, height, width, c]);
    }),
);

/** How many rows and columns of zeros are added. */
export interface PadImagesOptions {
  readonly topPadding?: number;
  readonly leftPadding?: number;
  readonly bottomPadding?: number;
  readonly rightPadding?: number;
}

/** Images with zeros around. */
export const padImages = unaryWith<PadImagesOptions>(
  "padImages",
  { topPadding: 0, leftPadding: 0, bottomPadding: 0, rightPadding: 0 },
  (x, { topPadding, leftPadding, bottomPadding, rightPadding }) =>
    onBatch(
      x,
      (images) =>
        tf.pad(images, [[0, 0], [topPadding, bottomPadding], [leftPadding, rightPadding], [0, 0]]),
    ),
);

/** Windows of an image as vectors. */
export interface ExtractPatchesOptions {
  /** How far apart windows lie; their own size unless given. */
  readonly strides?: number | readonly [number, number] | null;
}

/** Windows [rows, columns] of images, as vectors: [n, windows down, windows across, rows columns channels]. */
export const extractPatches = withArgument<
  number | readonly [rows: number, columns: number],
  ExtractPatchesOptions
>("extractPatches", { strides: null }, (x, size, { strides }) =>
  onBatch(x, (images) => {
    const [rows, columns] = typeof size === "number" ? [size, size] : size;
    const [down, across] = strides === null
      ? [rows, columns]
      : typeof strides === "number"
      ? [strides, strides]
      : strides;
    const [n, height, width, c] = images.shape;
    const [high, wide] = [
      Math.floor((height - rows) / down) + 1,
      Math.floor((width - columns) / across) + 1,
    ];
    const parts: tf.Tensor[] = [];
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        parts.push(tf.stridedSlice(
          images,
          [0, i, j, 0],
          [n, i + (high - 1) * down + 1, j + (wide - 1) * across + 1, c],
          [1, down, across, 1],
        ));
      }
    }
    return tf.concat(parts, -1);
  }));
