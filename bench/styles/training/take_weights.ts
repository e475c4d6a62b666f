/**
 * Weights of a file in place of those that were drawn.
 * @module
 */
import type { WeightsSource } from "../../weights/load_weights.ts";
import { WeightsError } from "../../weights/weights_error.ts";
import type { StyleContext } from "../style.ts";

/** Gives a new network the weights that the trial is to begin with, where it is to. */
export async function takeWeights<Network>(
  { model, weights, skipWeights, dataset: { imageShape, classNames } }: StyleContext,
  network: Network,
  load: (network: Network, source: WeightsSource) => Promise<void>,
): Promise<void> {
  if (weights === null) return;
  const classes = classNames.length;
  await load(network, { model, imageShape, classes, path: weights, skipped: skipWeights });
}

/** Files hold weights as they are for channels last, which Keras flattens in another order. */
export function refuseWeights({ weights }: Pick<StyleContext, "weights">): void {
  if (weights === null) return;
  throw new WeightsError("--weights: not with the Keras idiom channels first; leave one of both");
}
