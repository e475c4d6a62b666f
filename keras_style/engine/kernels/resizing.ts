/**
 * Kernels that resize images. Both ways of doing it are linear and treat rows and columns apart, so each is a
 * product with a matrix for the rows and one for the columns; its gradient is the product with their transposes.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constant, fromHost, type LazyArray, ops } from "../../../onnx/mod.ts";
import { defineKernel } from "../kernel.ts";
import { floating } from "./elementwise.ts";
import { refuseUnknown } from "./window.ts";

interface ResizeAttrs {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
  readonly size: readonly [number, number];
}

/** How many old elements one new element takes up, on an axis. */
function scaleOf(from: number, to: number, { alignCorners }: ResizeAttrs): number {
  refuseUnknown("Resize", from, to);
  return alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
}

/** The old index that each new element is copied from. */
function nearest(from: number, to: number, attrs: ResizeAttrs): number[] {
  const scale = scaleOf(from, to, attrs);
  return Array.from({ length: to }, (_, i) => {
    const at = scale * (attrs.halfPixelCenters ? i + 0.5 : i);
    return Math.min(from - 1, attrs.alignCorners ? Math.round(at) : Math.floor(at));
  });
}

/** A matrix [to, from] of what each new element takes of the old ones. */
type Weights = (from: number, to: number, attrs: ResizeAttrs) => LazyArray;

function nearestWeights(from: number, to: number, attrs: ResizeAttrs): LazyArray {
  const weights = new Float32Array(to * from);
  nearest(from, to, attrs).forEach((index, i) => weights[i * from + index] = 1);
  return fromHost(weights, [to, from]);
}

function bilinearWeights(from: number, to: number, attrs: ResizeAttrs): LazyArray {
  const weights = new Float32Array(to * from);
  const scale = scaleOf(from, to, attrs);
  for (let i = 0; i < to; i++) {
    const at = attrs.halfPixelCenters ? scale * (i + 0.5) - 0.5 : scale * i;
    const low = Math.max(0, Math.floor(at));
    const high = Math.min(from - 1, Math.max(0, Math.ceil(at)));
    weights[i * from + low] += 1 - (at - low);
    weights[i * from + high] += at - low;
  }
  return fromHost(weights, [to, from]);
}

/** Rows times one matrix, columns times the other, for images [n, h, w, c]. */
function mix(x: LazyArray, rows: LazyArray, columns: LazyArray, transposed = false): LazyArray {
  const [n, h, w, c] = x.shape;
  const height = rows.shape[transposed ? 1 : 0];
  const width = columns.shape[transposed ? 1 : 0];
  const mixedRows = ops.matmul(rows, ops.reshape(x, [n, h, w * c]), transposed);
  const mixed = ops.matmul(columns, ops.reshape(mixedRows, [n * height, w, c]), transposed);
  return ops.reshape(mixed, [n, height, width, c]);
}

defineKernel<ResizeAttrs>(tf.ResizeBilinear, ({ images }, attrs) => {
  const [, h, w] = images.shape;
  const [height, width] = attrs.size;
  const rows = bilinearWeights(h, height, attrs);
  return mix(floating(images), rows, bilinearWeights(w, width, attrs));
});

defineKernel<ResizeAttrs>(tf.ResizeNearestNeighbor, ({ images }, attrs) => {
  const [, h, w] = images.shape;
  const [height, width] = attrs.size;
  const rows = ops.gather(images, constant(nearest(h, height, attrs), "int32"), 1);
  return ops.gather(rows, constant(nearest(w, width, attrs), "int32"), 2);
});

function gradientKernel(name: string, weights: Weights): void {
  defineKernel<ResizeAttrs>(name, ({ dy, images }, attrs) => {
    const [, h, w] = images.shape;
    const [, height, width] = dy.shape;
    return mix(dy, weights(h, height, attrs), weights(w, width, attrs), true);
  });
}

gradientKernel(tf.ResizeBilinearGrad, bilinearWeights);
gradientKernel(tf.ResizeNearestNeighborGrad, nearestWeights);
