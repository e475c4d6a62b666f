/**
 * Images moved, rotated and stretched. Source: ImageProjectiveTransformV3 of TensorFlow
 * (tensorflow/core/kernels/image/image_ops.h), which Keras calls.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** What lies beyond the edges. */
export type FillMode = "constant" | "nearest" | "reflect" | "wrap";

/** All of them. */
export const FILL_MODES: readonly FillMode[] = ["constant", "nearest", "reflect", "wrap"];

/** How values between pixels are found. */
export type TransformInterpolation = "bilinear" | "nearest";

/** How {@linkcode transformImages} fills and interpolates. */
export interface TransformSettings {
  readonly fillMode: FillMode;
  readonly interpolation: TransformInterpolation;
  /** Beyond the edges, with "constant". */
  readonly fillValue: number;
}

/** A number for each image [n], or one for all. */
export type PerImage = tf.Tensor | number;

/**
 * Where in the input a pixel (x, y) of the result lies: (a0 x + a1 y + a2, b0 x + b1 y + b2), both divided by
 * c0 x + c1 y + 1 where images are seen in perspective.
 */
export type Affine = readonly [
  a0: PerImage,
  a1: PerImage,
  a2: PerImage,
  b0: PerImage,
  b1: PerImage,
  b2: PerImage,
  c0?: PerImage,
  c1?: PerImage,
];

/** Images [n, rows, columns, channels], every pixel from where the transform says. */
export function transformImages(
  images: tf.Tensor,
  transform: Affine,
  settings: TransformSettings,
): tf.Tensor {
  const [, rows, columns] = images.shape;
  const each = (value: PerImage) =>
    typeof value === "number" ? tf.scalar(value) : tf.reshape(value, [-1, 1, 1]);
  const [a0, a1, a2, b0, b1, b2, c0, c1] = transform.map((value) => each(value!));
  const x = tf.reshape(tf.range(0, columns), [1, 1, columns]);
  const y = tf.reshape(tf.range(0, rows), [1, rows, 1]);
  const at = (p: tf.Tensor, q: tf.Tensor, r: tf.Tensor) =>
    tf.broadcastTo(tf.add(tf.add(tf.mul(p, x), tf.mul(q, y)), r), images.shape.slice(0, 3));
  const depth = c0 && at(c0, c1, tf.scalar(1));
  const place = (plane: tf.Tensor) => depth ? tf.div(plane, depth) : plane;
  const column = mapped(place(at(a0, a1, a2)), columns, settings.fillMode);
  const row = mapped(place(at(b0, b1, b2)), rows, settings.fillMode);
  const read = (i: tf.Tensor, j: tf.Tensor) => pixelsAt(images, i, j, settings.fillValue);
  if (settings.interpolation === "nearest") {
    const rounded = (v: tf.Tensor) => tf.floor(tf.add(v, 0.5));
    return read(rounded(row), rounded(column));
  }
  const [top, left] = [tf.floor(row), tf.floor(column)];
  const [down, right] = [row, column].map((v, k) => tf.expandDims(tf.sub(v, [top, left][k]), 3));
  const mix = (a: tf.Tensor, b: tf.Tensor, share: tf.Tensor) =>
    tf.add(tf.mul(a, tf.sub(1, share)), tf.mul(b, share));
  const upper = mix(read(top, left), read(top, tf.add(left, 1)), right);
  const bottom = tf.add(top, 1);
  const lower = mix(read(bottom, left), read(bottom, tf.add(left, 1)), right);
  return mix(upper, lower, down);
}

/** Places beyond the edges brought back within them, as a fill mode says. */
function mapped(place: tf.Tensor, size: number, mode: FillMode): tf.Tensor {
  if (mode === "constant") return place;
  if (mode === "nearest") return tf.clipByValue(place, 0, size - 1);
  if (mode === "reflect") {
    const within = tf.mod(place, 2 * size);
    const folded = tf.minimum(within, tf.sub(2 * size - 1, within));
    return tf.clipByValue(folded, 0, size - 1);
  }
  if (size === 1) return tf.zerosLike(place);
  const truncated = (v: tf.Tensor) => tf.floor(tf.div(v, size - 1));
  const before = tf.add(place, tf.mul(tf.add(truncated(tf.neg(place)), 1), size));
  const behind = tf.sub(place, tf.mul(truncated(place), size));
  const wrapped = tf.where(
    tf.less(place, 0),
    before,
    tf.where(tf.greater(place, size - 1), behind, place),
  );
  return tf.clipByValue(wrapped, 0, size - 1);
}

/** The pixels at integer indices [n, rows, columns]; a number where there are none. */
function pixelsAt(images: tf.Tensor, row: tf.Tensor, column: tf.Tensor, fill: number): tf.Tensor {
  const [count, rows, columns, channels] = images.shape;
  const inside = (v: tf.Tensor, size: number) =>
    tf.logicalAnd(tf.greaterEqual(v, 0), tf.lessEqual(v, size - 1));
  const isThere = tf.logicalAnd(inside(row, rows), inside(column, columns));
  const integer = (v: tf.Tensor, size: number) => tf.cast(tf.clipByValue(v, 0, size - 1), "int32");
  const first = tf.mul(
    tf.reshape(tf.range(0, count, 1, "int32"), [count, 1, 1]),
    tf.scalar(rows * columns, "int32"),
  );
  const ofRow = tf.mul(integer(row, rows), tf.scalar(columns, "int32"));
  const index = tf.reshape(tf.add(tf.add(first, ofRow), integer(column, columns)), [-1]);
  const flat = tf.reshape(images, [count * rows * columns, channels]);
  const found = tf.reshape(tf.gather(flat, index as tf.Tensor1D), images.shape);
  const shown = tf.cast(tf.expandDims(isThere, 3), "float32");
  return tf.add(tf.mul(found, shown), tf.mul(tf.sub(1, shown), fill));
}
