/**
 * Kernels that TensorFlow.js' own implementations compute on the host.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { defineHostKernel } from "../host_kernel.ts";

/** How large the result is depends on values. */
const SHAPED_BY_NUMBERS = [
  tf.BroadcastArgs,
  tf.NonMaxSuppressionV3,
  tf.NonMaxSuppressionV4,
  tf.NonMaxSuppressionV5,
  tf.RaggedGather,
  tf.RaggedRange,
  tf.RaggedTensorToTensor,
  tf.SparseFillEmptyRows,
  tf.SparseReshape,
  tf.SparseSegmentMean,
  tf.SparseSegmentSum,
  tf.Unique,
];

/** Strings, which ONNX Runtime does not compute with. */
const STRINGS = [
  tf.StaticRegexReplace,
  tf.StringNGrams,
  tf.StringSplit,
  tf.StringToHashBucketFast,
];

/** Seldom used, and long to write down as a graph. */
const RARE = [tf.Transform];

/** The kernels that are computed on the host, and so not inside a traced function. */
export const HOST_KERNELS: readonly string[] = [
  ...SHAPED_BY_NUMBERS,
  ...STRINGS,
  ...RARE,
];

for (const name of HOST_KERNELS) defineHostKernel(name);
