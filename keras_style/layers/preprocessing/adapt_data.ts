/**
 * What the `adapt` of layers reads.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** What `adapt` reads: a tensor, nested values, or batches of them. */
export type AdaptData =
  | tf.Tensor
  | tf.TensorLike
  | Iterable<tf.Tensor>
  | AsyncIterable<tf.Tensor>;

/** The tensors that `adapt` is given, one after the other. */
export async function* batchesOf(data: AdaptData): AsyncGenerator<tf.Tensor> {
  if (data instanceof tf.Tensor) return yield data;
  const isBatches = typeof data === "object" && data !== null &&
    (Symbol.asyncIterator in data ||
      (Symbol.iterator in data && !ArrayBuffer.isView(data) && !isNumbers(data)));
  if (isBatches) yield* data as AsyncIterable<tf.Tensor>;
  else yield tf.tensor(data as tf.TensorLike);
}

/** Whether an iterable holds values (nested or not), not tensors. */
function isNumbers(data: Iterable<unknown>): boolean {
  return Array.isArray(data) && !(data[0] instanceof tf.Tensor);
}
