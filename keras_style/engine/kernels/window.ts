/**
 * How TensorFlow.js moves windows (of filters and poolings) on images, in ONNX' terms.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { ops } from "../../../onnx/mod.ts";
import { activeBackend } from "../onnxruntime_backend.ts";

/** What TensorFlow.js works out of a window's attributes. */
export type WindowInfo = tf.backend_util.Conv2DInfo;

/** The same for volumes. */
export type VolumeInfo = tf.backend_util.Conv3DInfo;

/** A window's way along each axis that it moves along. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** So many elements before each axis, then so many after each. */
  readonly padding: readonly number[];
  /** Dimensions of what the window moves over. */
  readonly dimensions: readonly number[];
  /** Sizes of the result. */
  readonly outputSizes: readonly number[];
}

/** One axis as TensorFlow.js describes it: what the window moves over, how large the result is, the window, its steps. */
interface Axis {
  readonly dimension: number;
  readonly wanted: number;
  readonly kernel: number;
  readonly effective: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/** A window on images. */
export function imageWindows(kernel: string, info: WindowInfo): Windows {
  const { top, left, bottom, right } = info.padInfo;
  return windowsOf(kernel, info.padInfo.type, [
    rowsOf(info, top, bottom),
    columnsOf(info, left, right),
  ]);
}

/** A window on volumes. */
export function volumeWindows(kernel: string, info: VolumeInfo): Windows {
  // TensorFlow.js says -1 where windows of volumes do not reach the end.
  const { padInfo: pads } = info;
  const [front, back, top, bottom, left, right] = [
    pads.front,
    pads.back,
    pads.top,
    pads.bottom,
    pads.left,
    pads.right,
  ].map((pad) => Math.max(0, pad));
  const depth = {
    dimension: info.inDepth,
    wanted: info.outDepth,
    kernel: info.filterDepth,
    effective: info.effectiveFilterDepth,
    stride: info.strideDepth,
    dilation: info.dilationDepth,
    before: front,
    after: back,
  };
  return windowsOf(kernel, info.padInfo.type, [
    depth,
    rowsOf(info, top, bottom),
    columnsOf(info, left, right),
  ]);
}

function rowsOf(info: WindowInfo | VolumeInfo, before: number, after: number): Axis {
  return {
    dimension: info.inHeight,
    wanted: info.outHeight,
    kernel: info.filterHeight,
    effective: info.effectiveFilterHeight,
    stride: info.strideHeight,
    dilation: info.dilationHeight,
    before,
    after,
  };
}

function columnsOf(info: WindowInfo | VolumeInfo, before: number, after: number): Axis {
  return {
    dimension: info.inWidth,
    wanted: info.outWidth,
    kernel: info.filterWidth,
    effective: info.effectiveFilterWidth,
    stride: info.strideWidth,
    dilation: info.dilationWidth,
    before,
    after,
  };
}

function windowsOf(kernel: string, type: string, axes: readonly Axis[]): Windows {
  // With a stride, "same" pads an even dimension otherwise than an odd one.
  for (const { stride, dimension } of axes) {
    if (type === "SAME" && stride > 1) refuseUnknown(kernel, dimension);
  }
  return {
    kernel: axes.map((axis) => axis.kernel),
    stride: axes.map((axis) => axis.stride),
    dilation: axes.map((axis) => axis.dilation),
    padding: [...axes.map(({ before }) => before), ...axes.map((axis) => fit(kernel, axis))],
    dimensions: axes.map(({ dimension }) => dimension),
    outputSizes: axes.map(({ wanted }) => wanted),
  };
}

/**
 * Padding after the last element. Where TensorFlow.js rounded the result's dimension up, ONNX needs the padding there
 * that makes it so.
 */
function fit(
  kernel: string,
  { dimension, wanted, effective, stride, before, after }: Axis,
): number {
  const padded = dimension + before + after;
  if (ops.windowCount(padded, effective, stride) === wanted) return after;
  refuseUnknown(kernel, dimension);
  const needed = (wanted - 1) * stride + effective - dimension - before;
  if (needed >= 0) return needed;
  throw new Error(
    `${kernel}: a window of ${effective} with stride ${stride} and padding ${before}, ${after} on ${dimension} ` +
      `elements cannot give ${wanted}; choose other padding or dimRoundingMode`,
  );
}

/** Where JavaScript computes with dimensions, each must be known. @throws {Error} naming the kernel */
export function refuseUnknown(kernel: string, ...dimensions: readonly number[]): void {
  const trace = activeBackend()?.trace;
  if (!trace || !dimensions.some((dimension) => trace.isUnknown(dimension))) return;
  throw new Error(
    `${kernel}: values that follow from a dimension which is not known while the function is recorded; give ` +
      `the dimension in inputSignature, or use padding "valid" or values for windows`,
  );
}
