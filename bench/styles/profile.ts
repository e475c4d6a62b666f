/**
 * Where a training step's time goes: forward, backward, update.
 * @module
 */
import { median } from "simple-statistics";
import type { StepSplit } from "./style.ts";

/** Rounds that are not counted, and rounds that are. */
const [WARM_UP, ROUNDS] = [3, 15];

/** Parts of a training step on one batch, each as one call into the engine that ends when its values are there. */
export interface StepParts {
  /** The loss alone. */
  forward(): Promise<void>;
  /** The loss and the gradients of all weights. */
  gradients(): Promise<void>;
  /** A whole step. */
  step(): Promise<void>;
}

/**
 * Takes the times of a step's parts, by turns. The backward pass is what gradients take more than the loss alone, the
 * update what a whole step takes more than the gradients; both are at least 0.
 */
export async function splitOf(
  parts: StepParts,
  now: () => number = () => performance.now(),
): Promise<StepSplit> {
  const times = { forward: [], gradients: [], step: [] } as Record<keyof StepParts, number[]>;
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const name of ["forward", "gradients", "step"] as const) {
      const begin = now();
      await parts[name]();
      if (round >= WARM_UP) times[name].push(now() - begin);
    }
  }
  const forwardMs = median(times.forward);
  const gradientsMs = median(times.gradients);
  return {
    forwardMs,
    backwardMs: Math.max(0, gradientsMs - forwardMs),
    updateMs: Math.max(0, median(times.step) - gradientsMs),
  };
}
