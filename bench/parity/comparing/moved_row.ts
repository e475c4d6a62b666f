/**
 * Compares how far steps of both optimizers moved a weight.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { evaluate } from "../../../onnx/mod.ts";
import type { Tensor } from "../../../torch_style/mod.ts";
import { rootMeanSquare } from "./difference.ts";
import { rearrange } from "./rearrangement.ts";
import type { LayerRow } from "../report/report.ts";
import { comparedRow, tolerances } from "../report/rows.ts";
import { partOf, sliceOf, type WeightPair } from "../pairing/weight_pairs.ts";

/**
 * @param before the weight's values, in Keras' layout
 * @param variable the weight after the steps, or its average
 * @param whole the same of PyTorch's whole tensor
 * @param steps that were made: each rounds the weight, and what is below is no difference
 */
export async function movedRow(
  weight: WeightPair,
  before: Float32Array,
  variable: tf.Tensor,
  whole: Tensor,
  steps: number,
  part: string,
): Promise<LayerRow> {
  const { pair, path, arrangement } = weight;
  const after = partOf(weight, whole).detach();
  const own = sliceOf(weight, Float32Array.from(await variable.data()));
  await evaluate([after.array]);
  return comparedRow({
    keras: pair.layer.name,
    torch: path,
    part,
    kind: "weight",
    pass: "update",
    first: rearrange(moved(own, before), arrangement),
    second: moved(after.array.hostData() as Float32Array, rearrange(before, arrangement)),
    shape: arrangement.shape,
  }, steps * 2 ** -23 * rootMeanSquare(before) / tolerances.weight);
}

/** The difference of each value. */
export function moved(after: Float32Array, before: Float32Array): Float32Array {
  return after.map((value, i) => value - before[i]);
}
