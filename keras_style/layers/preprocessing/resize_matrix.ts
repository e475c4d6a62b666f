/**
 * Resizing as products with matrices: every row (column) of the result is a weighted sum of rows (columns) of the image.
 * Pixels lie at half-integer indices, as in `tf.image.resize`, which Keras calls.
 * Source: the kernels of tensorflow/core/kernels/image/scale_and_translate_op.cc and resize_bicubic_op.cc
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** How values between pixels are found. */
export type Interpolation =
  | "nearest"
  | "bilinear"
  | "bicubic"
  | "lanczos3"
  | "lanczos5"
  | "area"
  | "gaussian"
  | "mitchellcubic";

/** All of them. */
export const INTERPOLATIONS: readonly Interpolation[] = [
  "nearest",
  "bilinear",
  "bicubic",
  "lanczos3",
  "lanczos5",
];

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function lanczos(radius: number): (x: number) => number {
  return (x) => Math.abs(x) < radius ? sinc(x) * sinc(x / radius) : 0;
}

/** Keys' cubic convolution. @param a -0.5 in tf.image.resize */
function cubic(x: number, a = -0.5): number {
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
}

interface Kernel {
  readonly radius: number;
  readonly weight: (x: number) => number;
}

const KERNELS: Partial<Record<Interpolation, Kernel>> = {
  bilinear: { radius: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { radius: 2, weight: (x) => cubic(x) },
  lanczos3: { radius: 3, weight: lanczos(3) },
  lanczos5: { radius: 5, weight: lanczos(5) },
};

/** The matrix [to, from] that resizes an axis. */
function resizeMatrix(
  from: number,
  to: number,
  interpolation: Interpolation,
  antialias = false,
): Float32Array {
  const matrix = new Float32Array(from * to);
  const scale = from / to;
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale;
    if (interpolation === "nearest") {
      matrix[i * from + Math.min(Math.floor(center), from - 1)] = 1;
      continue;
    }
    fillRow(
      matrix.subarray(i * from, (i + 1) * from),
      interpolation === "bicubic" && !antialias ? inTable(center) : center,
      KERNELS[interpolation]!,
      {
        width: antialias ? Math.max(scale, 1) : 1,
        isBilinear: interpolation === "bilinear",
      },
    );
  }
  return matrix;
}

/** TensorFlow looks the weights of cubic convolution up in a table of 1024 steps a pixel, unless an image is smoothed. */
function inTable(center: number): number {
  const place = center - 0.5;
  const pixel = Math.floor(place);
  return pixel + Math.round((place - pixel) * 1024) / 1024 + 0.5;
}

/** Weights of the pixels around a coordinate; what lies beyond the edge counts as the edge (bilinear), or not at all. */
function fillRow(
  row: Float32Array,
  center: number,
  { radius, weight }: Kernel,
  { width, isBilinear }: { readonly width: number; readonly isBilinear: boolean },
): void {
  const reach = radius * width;
  const weights = new Float64Array(row.length);
  const first = Math.ceil(center - reach - 0.5);
  const last = Math.floor(center + reach - 0.5);
  for (let j = first; j <= last; j++) {
    const value = weight((j + 0.5 - center) / width);
    if (j >= 0 && j < row.length) weights[j] += value;
    else if (isBilinear && width === 1) weights[Math.min(Math.max(j, 0), row.length - 1)] += value;
  }
  const total = weights.reduce((sum, value) => sum + value, 0);
  weights.forEach((value, j) => row[j] = value / total);
}

/** Images [n, rows, columns, channels] in another size. */
export function resizeImages(
  x: tf.Tensor,
  [height, width]: readonly [number, number],
  interpolation: Interpolation,
  antialias = false,
): tf.Tensor {
  const [count, rows, columns, channels] = x.shape;
  const images = x.dtype === "float32" ? x : tf.cast(x, "float32");
  const ofRows = tf.tensor2d(resizeMatrix(rows, height, interpolation, antialias), [height, rows]);
  const tall = rows === height ? images : tf.reshape(
    tf.matMul(
      tf.broadcastTo(tf.expandDims(ofRows, 0), [count, height, rows]),
      tf.reshape(images, [count, rows, columns * channels]),
    ),
    [count, height, columns, channels],
  );
  if (columns === width) return tall;
  const ofColumns = tf.tensor2d(resizeMatrix(columns, width, interpolation, antialias), [
    width,
    columns,
  ]);
  const lines = tf.reshape(tf.transpose(tall, [0, 1, 3, 2]), [-1, columns]);
  const wide = tf.matMul(lines as tf.Tensor2D, ofColumns, false, true);
  return tf.transpose(tf.reshape(wide, [count, height, channels, width]), [0, 1, 3, 2]);
}
