/**
 * Kernels that deal blocks of an image out to the batch or the channels, and back.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type LazyArray, ops } from "../../../onnx/mod.ts";
import { defineKernel } from "../kernel.ts";

const { getReshaped, getPermuted, getReshapedPermuted, getSliceBeginCoords, getSliceSize } =
  tf.backend_util;

/** Splits axes, puts them in another order and joins them again, as TensorFlow.js lays it down. */
function deal(x: LazyArray, blockShape: number[], toSpace: boolean): LazyArray {
  const blocks = blockShape.reduce((a, b) => a * b, 1);
  const shape = [...x.shape];
  const split = getReshaped(shape, blockShape, blocks, toSpace);
  const order = getPermuted(split.length, blockShape.length, toSpace);
  const joined = getReshapedPermuted(shape, blockShape, blocks, toSpace);
  return ops.reshape(ops.transpose(ops.reshape(x, split), order), joined);
}

defineKernel<tf.BatchToSpaceNDAttrs>(tf.BatchToSpaceND, ({ x }, { blockShape, crops }) => {
  const space = deal(x, blockShape, true);
  const begin = getSliceBeginCoords(crops, blockShape.length);
  const size = getSliceSize([...space.shape], crops, blockShape.length);
  // They speak of the cropped axes only.
  const from = space.shape.map((_, i) => begin[i] ?? 0);
  return ops.slice(
    space,
    from,
    space.shape.map((dimension, i) => from[i] + (size[i] ?? dimension)),
  );
});

defineKernel<tf.SpaceToBatchNDAttrs>(tf.SpaceToBatchND, ({ x }, { blockShape, paddings }) => {
  const rest = x.shape.length - 1 - paddings.length;
  const amounts = (side: 0 | 1) => [
    0,
    ...paddings.map((p) => p[side]),
    ...new Array<number>(rest).fill(0),
  ];
  return deal(ops.pad(x, amounts(0), amounts(1)), blockShape, false);
});

defineKernel<tf.DepthToSpaceAttrs>(tf.DepthToSpace, ({ x }, { blockSize, dataFormat }) => {
  if (dataFormat !== "NHWC") {
    throw new Error(`DepthToSpace: dataFormat ${dataFormat} is not supported, expected NHWC`);
  }
  const [n, h, w, channels] = x.shape;
  const depth = channels / (blockSize * blockSize);
  const split = ops.reshape(x, [n, h, w, blockSize, blockSize, depth]);
  const ordered = ops.transpose(split, [0, 1, 3, 2, 4, 5]);
  return ops.reshape(ordered, [n, h * blockSize, w * blockSize, depth]);
});
