/**
 * The kernel that cuts boxes out of images and resizes them all to one size.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constant, type LazyArray, ops } from "../../../onnx/mod.ts";
import { defineKernel } from "../kernel.ts";
import { floating } from "./elementwise.ts";
import { refuseUnknown } from "./window.ts";

/** One column of [boxes, 4], as [boxes, 1]. */
function column(boxes: LazyArray, i: number): LazyArray {
  return ops.slice(boxes, [0, i], [boxes.shape[0], i + 1]);
}

/** Where each new row (or column) lies in its image, a fraction: [boxes, count]. */
function positions(begin: LazyArray, end: LazyArray, dimension: number, count: number): LazyArray {
  const last = constant(dimension - 1);
  if (count === 1) return ops.mul(ops.mul(ops.add(begin, end), constant(0.5)), last);
  const share = constant(Array.from({ length: count }, (_, i) => i / (count - 1)));
  return ops.mul(ops.add(begin, ops.mul(ops.sub(end, begin), share)), last);
}

function isInside(at: LazyArray, dimension: number): LazyArray {
  return ops.logicalAnd(
    ops.greaterEqual(at, constant(0)),
    ops.lessEqual(at, constant(dimension - 1)),
  );
}

/** Indices of pixels, moved into the image where they lie outside of it. */
function pixelAt(at: LazyArray, dimension: number): LazyArray {
  const clipped = ops.minimum(ops.maximum(at, constant(0)), constant(dimension - 1));
  return ops.cast(clipped, "int32");
}

/** The elements of [n, h, w, c] at an image, row and column for each of [boxes, rows, columns]. */
function pick(image: LazyArray, which: LazyArray, y: LazyArray, x: LazyArray): LazyArray {
  const [boxes, rows] = y.shape;
  const columns = x.shape[1];
  const all = [boxes, rows, columns, 1];
  return ops.gatherNd(
    image,
    ops.concat([
      ops.expand(ops.reshape(which, [boxes, 1, 1, 1]), all),
      ops.expand(ops.reshape(y, [boxes, rows, 1, 1]), all),
      ops.expand(ops.reshape(x, [boxes, 1, columns, 1]), all),
    ], 3),
  );
}

/** From a to b by a share. */
function between(a: LazyArray, b: LazyArray, share: LazyArray): LazyArray {
  return ops.add(a, ops.mul(ops.sub(b, a), share));
}

defineKernel<tf.CropAndResizeAttrs>(tf.CropAndResize, ({ image, boxes, boxInd }, attrs) => {
  const { cropSize: [rows, columns], method, extrapolationValue } = attrs;
  const [, height, width] = image.shape;
  refuseUnknown(tf.CropAndResize, height, width);
  const count = boxes.shape[0];
  const images = floating(image);
  const which = ops.cast(boxInd, "int32");
  const y = positions(column(boxes, 0), column(boxes, 2), height, rows);
  const x = positions(column(boxes, 1), column(boxes, 3), width, columns);
  const at = (row: LazyArray, column: LazyArray) =>
    pick(images, which, pixelAt(row, height), pixelAt(column, width));
  const inside = ops.logicalAnd(
    ops.reshape(isInside(y, height), [count, rows, 1, 1]),
    ops.reshape(isInside(x, width), [count, 1, columns, 1]),
  );
  const crops = method === "nearest"
    ? at(ops.floor(ops.add(y, constant(0.5))), ops.floor(ops.add(x, constant(0.5))))
    : bilinear(at, y, x);
  return ops.where(inside, crops, constant(extrapolationValue));
});

function bilinear(
  at: (row: LazyArray, column: LazyArray) => LazyArray,
  y: LazyArray,
  x: LazyArray,
): LazyArray {
  const [top, left] = [ops.floor(y), ops.floor(x)];
  const [bottom, right] = [ops.ceil(y), ops.ceil(x)];
  const down = ops.reshape(ops.sub(y, top), [...y.shape, 1, 1]);
  const along = ops.reshape(ops.sub(x, left), [x.shape[0], 1, x.shape[1], 1]);
  const upper = between(at(top, left), at(top, right), along);
  const lower = between(at(bottom, left), at(bottom, right), along);
  return between(upper, lower, down);
}
