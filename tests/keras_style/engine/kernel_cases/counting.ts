/**
 * Calls of kernels that count, search and draw among integers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { float, given, int, type KernelCases } from "./kernel_case.ts";

const values = given([1, 1, 0, 5, 2, 9, 1, 2], [8], "int32");
const rows = given([1, 1, 0, 5, 2, 9, 1, 2], [2, 4], "int32");
const none = given([], [0]);

export const countingCases: KernelCases = {
  [tf.Bincount]: [
    { inputs: { x: values, weights: none }, attrs: { size: 6 } },
    { inputs: { x: values, weights: float([8]) }, attrs: { size: 4 } },
  ],
  [tf.DenseBincount]: [
    { inputs: { x: values, weights: none }, attrs: { size: 6, binaryOutput: false } },
    { inputs: { x: rows, weights: none }, attrs: { size: 6, binaryOutput: false } },
    { inputs: { x: rows, weights: float([2, 4]) }, attrs: { size: 4, binaryOutput: false } },
    { inputs: { x: rows, weights: none }, attrs: { size: 6, binaryOutput: true } },
  ],
  [tf.SearchSorted]: ["left", "right"].flatMap((side) => [
    {
      inputs: {
        sortedSequence: given([0, 1, 1, 3, 2, 2, 4, 5], [2, 4]),
        values: given([1, 0.5, 9, 4, 2, -1], [2, 3]),
      },
      attrs: { side },
    },
    {
      inputs: {
        sortedSequence: given([-3, 0, 0, 7], [1, 4], "int32"),
        values: int([1, 12]),
      },
      attrs: { side },
    },
  ]),
  // Outcomes that are certain: what chance does is tested elsewhere.
  [tf.Multinomial]: [
    {
      inputs: { logits: given([0, 200, 0, 200, 0, 0], [2, 3]) },
      attrs: { numSamples: 5, seed: 3, normalized: false },
    },
    {
      inputs: { logits: given([0, 0, 1, 1, 0, 0], [2, 3]) },
      attrs: { numSamples: 5, seed: 4, normalized: true },
    },
  ],
};
