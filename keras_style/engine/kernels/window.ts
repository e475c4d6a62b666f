/**
 * How TensorFlow.js places windows (of filters and poolings) on pictures, in ONNX' terms.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { activeBackend } from "../onnxruntime_backend.ts";

/** What TensorFlow.js works out of a window's attributes. */
export type WindowInfo = tf.backend_util.Conv2DInfo;

/**
 * Rows and columns of padding: [top, left, bottom, right]. Where TensorFlow.js rounded the result's extent
 * up, ONNX needs the padding at the lower right that makes it so.
 */
export function fitPadding(kernel: string, info: WindowInfo): [number, number, number, number] {
  const { top, left, bottom, right, type } = info.padInfo;
  // With a stride, "same" pads an even extent otherwise than an odd one.
  if (type === "SAME" && info.strideHeight > 1) refuseUnknown(kernel, info.inHeight);
  if (type === "SAME" && info.strideWidth > 1) refuseUnknown(kernel, info.inWidth);
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
  refuseUnknown(kernel, extent);
  const needed = (wanted - 1) * stride + filter - extent - before;
  if (needed >= 0 && needed < filter) return needed;
  throw new Error(
    `${kernel}: a window of ${filter} with stride ${stride} and padding ${before}, ${after} on ${extent} ` +
      `elements cannot give ${wanted}; choose other padding or dimRoundingMode`,
  );
}

function refuseUnknown(kernel: string, extent: number): void {
  if (!activeBackend()?.trace?.isUnknown(extent)) return;
  throw new Error(
    `${kernel}: padding that follows from an extent which is not known while the function is recorded; give ` +
      `the extent in inputSignature, or use padding "valid" or numbers`,
  );
}
