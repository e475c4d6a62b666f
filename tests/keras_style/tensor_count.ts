/** How many tensors there are. Variables of earlier tests may be freed at any moment, so that there can be fewer than before. */
import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs";

/** What ran since then has left no tensor behind. */
export function assertNoMoreTensors(before: number): void {
  const now = tf.memory().numTensors;
  assert(now <= before, `${now} tensors, there were ${before}`);
}

/** Counts that were taken one after the other do not grow. */
export function assertNotGrowing(counts: readonly number[]): void {
  assert(counts.every((count, i) => i === 0 || count <= counts[i - 1]), `tensors: ${counts}`);
}
