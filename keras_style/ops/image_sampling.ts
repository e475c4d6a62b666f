/**
 * Images blurred, seen in perspective and bent. Follows https://keras.io/api/ops/image/; sources: `gaussian_blur`,
 * `perspective_transform`, `map_coordinates` of keras/src/backend/tensorflow/image.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkChoice, checkNumber, readOptions, show } from "../options.ts";
import {
  transformImages,
  type TransformInterpolation,
} from "../layers/preprocessing/transform_images.ts";
import { asFloats, defineOp, type EagerInput, type OpInput, unaryWith } from "./define_op.ts";
import type { KerasTensor } from "../layers/keras_tensor.ts";

/** Runs something on a batch of images, or on one image as a batch of one. */
export function onBatch(x: tf.Tensor, run: (x: tf.Tensor) => tf.Tensor): tf.Tensor {
  return x.rank === 3 ? tf.squeeze(run(tf.expandDims(x, 0)), [0]) : run(x);
}

/** Options of {@linkcode gaussianBlur}. */
export interface GaussianBlurOptions {
  /** Rows and columns of the filter; [3, 3] unless given. */
  readonly kernelSize?: readonly [number, number];
  /** Standard deviations in pixels, of both axes; [1, 1] unless given. */
  readonly sigma?: readonly [number, number] | tf.Tensor;
}

/** The bell curve over a filter's pixels, of sum 1. */
function bell(size: number, sigma: tf.Tensor): tf.Tensor {
  const away = tf.sub(tf.range(0, size), (size - 1) / 2);
  const height = tf.exp(tf.mul(tf.square(tf.div(away, sigma)), -0.5));
  return tf.div(height, tf.sum(height));
}

/** Images, each pixel the mean of its neighbours under a bell curve; beyond the edges lie zeros. */
export const gaussianBlur = unaryWith<GaussianBlurOptions, "kernelSize">(
  "gaussianBlur",
  { kernelSize: [3, 3], sigma: [1, 1] },
  (x, { kernelSize, sigma }) => {
    for (const size of kernelSize) {
      checkNumber("gaussianBlur", "kernelSize", size, { from: 1, integer: true });
    }
    const [rows, columns] = kernelSize;
    const [first, second] = tf.unstack(
      sigma instanceof tf.Tensor ? sigma : tf.tensor1d([...sigma]),
    );
    const flat = tf.outerProduct(
      bell(columns, second) as tf.Tensor1D,
      bell(rows, first) as tf.Tensor1D,
    );
    return onBatch(asFloats(x), (images) => {
      const channels = images.shape[3]!;
      const kernel = tf.tile(tf.reshape(flat, [rows, columns, 1, 1]), [1, 1, channels, 1]);
      return tf.depthwiseConv2d(images as tf.Tensor4D, kernel as tf.Tensor4D, 1, "same");
    });
  },
);

/** Options of {@linkcode perspectiveTransform}. */
export interface PerspectiveOptions {
  /** "bilinear" unless given. */
  readonly interpolation?: TransformInterpolation;
  /** What lies beyond the edges; 0 unless given. */
  readonly fillValue?: number;
}

/** The matrices [n, 3, 3] that take the corners of the unit square to points [n, 4, 2] (x, y; row by row). */
function fromUnitSquare(points: tf.Tensor): tf.Tensor {
  const [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = tf.unstack(points, 1).map((point) =>
    tf.unstack(point, 1)
  );
  const [dx1, dy1, dx2, dy2] = [
    tf.sub(x1, x3),
    tf.sub(y1, y3),
    tf.sub(x2, x3),
    tf.sub(y2, y3),
  ];
  const sx = tf.add(tf.sub(tf.sub(x0, x1), x2), x3);
  const sy = tf.add(tf.sub(tf.sub(y0, y1), y2), y3);
  const cross = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor, d: tf.Tensor) =>
    tf.sub(tf.mul(a, d), tf.mul(b, c));
  const whole = cross(dx1, dx2, dy1, dy2);
  const g = tf.div(cross(sx, dx2, sy, dy2), whole);
  const h = tf.div(cross(dx1, sx, dy1, sy), whole);
  const entry = (to: tf.Tensor, from: tf.Tensor, tilt: tf.Tensor) =>
    tf.add(tf.sub(to, from), tf.mul(tilt, to));
  const rows = [
    [entry(x1, x0, g), entry(x2, x0, h), x0],
    [entry(y1, y0, g), entry(y2, y0, h), y0],
    [g, h, tf.onesLike(g)],
  ];
  return tf.stack(rows.map((row) => tf.stack(row, 1)), 1);
}

/** The inverse of matrices [n, 3, 3], but for a factor. */
function adjugate(matrices: tf.Tensor): tf.Tensor {
  const [[a, b, c], [d, e, f], [g, h, i]] = tf.unstack(matrices, 1).map((row) =>
    tf.unstack(row, 1)
  );
  const minor = (p: tf.Tensor, q: tf.Tensor, r: tf.Tensor, s: tf.Tensor) =>
    tf.sub(tf.mul(p, s), tf.mul(q, r));
  const rows = [
    [minor(e, f, h, i), minor(c, b, i, h), minor(b, c, e, f)],
    [minor(f, d, i, g), minor(a, c, g, i), minor(c, a, f, d)],
    [minor(d, e, g, h), minor(b, a, h, g), minor(a, b, d, e)],
  ];
  return tf.stack(rows.map((row) => tf.stack(row, 1)), 1);
}

/**
 * Images, four points of each moved to others.
 *
 * @param images [n, rows, columns, channels], or one image
 * @param startPoints [n, 4, 2], or [4, 2] for all: x and y of four points, two above two
 * @param endPoints where they come to lie
 */
export const perspectiveTransform = defineOp(
  "perspectiveTransform",
  (x: unknown, startPoints: unknown, endPoints: unknown, options: PerspectiveOptions = {}) => {
    const owner = "perspectiveTransform";
    const { interpolation, fillValue } = readOptions(owner, options, {
      interpolation: "bilinear",
      fillValue: 0,
    });
    const read = (name: string, given: unknown) => {
      const points = asFloats(given);
      const [corners, axes] = points.shape.slice(-2);
      if (corners === 4 && axes === 2 && points.rank <= 3) {
        return points.rank === 3 ? points : tf.expandDims(points, 0);
      }
      throw new RangeError(`${owner}: ${name} has shape ${show(points.shape)}, expected [n, 4, 2]`);
    };
    const start = fromUnitSquare(read("startPoints", startPoints));
    const end = fromUnitSquare(read("endPoints", endPoints));
    const whole = tf.reshape(tf.matMul(start, adjugate(end)), [-1, 9]);
    const entries = tf.unstack(whole, 1);
    const [a0, a1, a2, b0, b1, b2, c0, c1] = entries.map((entry) => tf.div(entry, entries[8]));
    return onBatch(
      asFloats(x),
      (images) =>
        transformImages(images, [a0, a1, a2, b0, b1, b2, c0, c1], {
          fillMode: "constant",
          interpolation: checkChoice<TransformInterpolation>(
            owner,
            "interpolation",
            interpolation,
            [
              "bilinear",
              "nearest",
            ],
          ),
          fillValue: checkNumber(owner, "fillValue", fillValue),
        }),
    );
  },
) as unknown as {
  (x: KerasTensor, start: OpInput, end: OpInput, options?: PerspectiveOptions): KerasTensor;
  (x: EagerInput, start: EagerInput, end: EagerInput, options?: PerspectiveOptions): tf.Tensor;
};

/** What {@linkcode mapCoordinates} finds beyond the edges. */
export type MapFillMode = "constant" | "nearest" | "wrap" | "mirror" | "reflect";

/** All of them. */
export const MAP_FILL_MODES: readonly MapFillMode[] = [
  "constant",
  "nearest",
  "wrap",
  "mirror",
  "reflect",
];

/** How {@linkcode sampleRows} fills. */
export interface FillSettings {
  readonly fillMode: MapFillMode;
  readonly fillValue: number;
}

/** One of the axes that are sampled: where, in pixels, how long it is, and how many rows lie between two of its entries. */
export interface SampledAxis {
  readonly coordinates: tf.Tensor;
  readonly size: number;
  readonly stride: number;
}

/** Indices along an axis brought within it. */
function withinAxis(index: tf.Tensor, size: number, mode: MapFillMode): tf.Tensor {
  if (mode === "wrap") return tf.mod(index, size);
  if (mode === "constant" || mode === "nearest") return tf.clipByValue(index, 0, size - 1);
  const turn = tf.mod(tf.abs(index), 2 * size);
  const back = tf.sub(mode === "reflect" ? 2 * size - 1 : 2 * size, turn);
  return tf.clipByValue(tf.where(tf.less(turn, size), turn, back), 0, size - 1);
}

/**
 * Rows of a table [rows, channels] by coordinates between which values are interpolated.
 *
 * @param first what is added to the index of each row that is read
 * @param order 0: the nearest; 1: linear
 */
export function sampleRows(
  table: tf.Tensor,
  first: tf.Tensor | number,
  axes: readonly SampledAxis[],
  order: 0 | 1,
  { fillMode, fillValue }: FillSettings,
): tf.Tensor {
  const nodes = axes.map(({ coordinates, size, stride }) => {
    const lower = order === 0 ? tf.round(coordinates) : tf.floor(coordinates);
    const share = tf.sub(coordinates, lower);
    const corners: (readonly [tf.Tensor, tf.Tensor | number])[] = order === 0
      ? [[lower, 1]]
      : [[lower, tf.sub(1, share)], [tf.add(lower, 1), share]];
    return corners.map(([index, weight]) => ({
      weight,
      row: tf.mul(withinAxis(index, size, fillMode), stride),
      isThere: tf.logicalAnd(tf.greaterEqual(index, 0), tf.less(index, size)),
    }));
  });
  const { shape } = axes[0].coordinates;
  const width = table.shape[1]!;
  let total: tf.Tensor | undefined;
  for (let corner = 0; corner < 2 ** (order * axes.length); corner++) {
    const chosen = nodes.map((each, axis) => each[(corner >> axis) & 1]);
    const row = chosen.reduce((sum, { row }) => tf.add(sum, row), tf.add(first, tf.zeros(shape)));
    const index = tf.reshape(tf.cast(row, "int32"), [-1]) as tf.Tensor1D;
    const found = tf.reshape(tf.gather(table, index), [...shape, width]);
    const isThere = chosen.map((each) => each.isThere).reduce((a, b) => tf.logicalAnd(a, b));
    const values = fillMode === "constant"
      ? tf.where(
        tf.broadcastTo(tf.expandDims(isThere, -1), found.shape),
        found,
        tf.fill(found.shape, fillValue),
      )
      : found;
    const weight = chosen.reduce(
      (product, each) => tf.mul(product, each.weight),
      tf.ones(shape) as tf.Tensor,
    );
    const part = tf.mul(values, tf.expandDims(weight, -1));
    total = total ? tf.add(total, part) : part;
  }
  return total!;
}

/** Options of {@linkcode mapCoordinates}. */
export interface MapCoordinatesOptions {
  /** "constant" unless given. */
  readonly fillMode?: MapFillMode;
  /** Beyond the edges, with "constant"; 0 unless given. */
  readonly fillValue?: number;
}

/**
 * The values of a tensor at coordinates between its entries.
 *
 * @param coordinates [rank, ...]: the indices along each axis
 * @param order 0: the nearest entry; 1: linear interpolation
 * @returns the shape of the coordinates without its first axis
 * @throws {RangeError} for coordinates that do not fit, or another order
 */
export const mapCoordinates = defineOp(
  "mapCoordinates",
  (x: unknown, coordinates: unknown, order: 0 | 1, options: MapCoordinatesOptions = {}) => {
    const owner = "mapCoordinates";
    const { fillMode, fillValue } = readOptions(owner, options, {
      fillMode: "constant",
      fillValue: 0,
    });
    const [values, points] = [asFloats(x), asFloats(coordinates)];
    if (points.shape[0] !== values.rank || points.rank < 2) {
      throw new RangeError(
        `${owner}: coordinates have shape ${show(points.shape)}, expected [${values.rank}, ...]`,
      );
    }
    if (order !== 0 && order !== 1) {
      throw new RangeError(`${owner}: order is ${show(order)}, expected 0 or 1`);
    }
    const axes = tf.unstack(points).map((along, axis) => ({
      coordinates: along,
      size: values.shape[axis],
      stride: values.shape.slice(axis + 1).reduce((product, size) => product * size, 1),
    }));
    const sampled = sampleRows(tf.reshape(values, [-1, 1]), 0, axes, order, {
      fillMode: checkChoice(owner, "fillMode", fillMode, MAP_FILL_MODES),
      fillValue: checkNumber(owner, "fillValue", fillValue),
    });
    return tf.squeeze(sampled, [-1]);
  },
) as unknown as {
  (
    x: KerasTensor,
    coordinates: OpInput,
    order: 0 | 1,
    options?: MapCoordinatesOptions,
  ): KerasTensor;
  (
    x: EagerInput,
    coordinates: EagerInput,
    order: 0 | 1,
    options?: MapCoordinatesOptions,
  ): tf.Tensor;
};
