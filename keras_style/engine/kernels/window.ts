/**
 * How TensorFlow.js places windows (of filters and poolings) on pictures, in ONNX' terms.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";

/** What TensorFlow.js works out of a window's attributes. */
export type WindowInfo = tf.backend_util.Conv2DInfo;

/**
 * Rows and columns of padding: [top, left, bottom, right]. Where TensorFlow.js rounded the result's extent
 * up, ONNX needs the padding at the lower right that makes it so.
 */
export function fitPadding(kernel: string, info: WindowInfo): [number, number, number, number] {
  const { top, left, bottom, right } = info.padInfo;
  const below = fit(
    kernel,
    info.inHeight,
    info.outHeight,
    info.effectiveFilterHeight,
    info.strideHeight,
    top,
    bottom,
  );
  const beside = fit(
    kernel,
    info.inWidth,
    info.outWidth,
    info.effectiveFilterWidth,
    info.strideWidth,
    left,
    right,
  );
  return [top, left, below, beside];
}

function fit(
  kernel: string,
  extent: number,
  wanted: number,
  filter: number,
  stride: number,
  before: number,
  after: number,
): number {
  const result = Math.floor((extent + before + after - filter) / stride) + 1;
  if (result === wanted) return after;
  const needed = (wanted - 1) * stride + filter - extent - before;
  if (needed >= 0 && needed < filter) return needed;
  throw new Error(
    `${kernel}: a window of ${filter} with stride ${stride} and padding ${before}, ${after} on ${extent} ` +
      `elements cannot give ${wanted}; choose other padding or dimRoundingMode`,
  );
}
