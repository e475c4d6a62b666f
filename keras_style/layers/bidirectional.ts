/**
 * A recurrent layer in both directions. TensorFlow.js makes the second one from the first one's configuration, seeds of
 * initial weights included: both would start from the same weights.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { drawSeed } from "../random/seed.ts";
import { hasDrawnSeed, type Initializer } from "./initializers.ts";

/** Where recurrent layers hold what they make weights with. */
interface RecurrentLayer {
  readonly cell?: RecurrentLayer;
  readonly cells?: readonly RecurrentLayer[];
  readonly [name: string]: unknown;
}

/** Makes the layer; the backward direction draws seeds of its own where the user gave none. */
export function makeBidirectional(
  args: Parameters<typeof tf.layers.bidirectional>[0],
): tf.layers.Layer {
  const layer = tf.layers.bidirectional(args);
  const { backwardLayer } = layer as unknown as { backwardLayer: RecurrentLayer };
  reseed(backwardLayer, args.layer as unknown as RecurrentLayer);
  return layer;
}

function reseed(copy: RecurrentLayer, original: RecurrentLayer): void {
  for (const [name, initializer] of Object.entries(original)) {
    if (!hasDrawnSeed(initializer)) continue;
    (copy[name] as Initializer & { seed: number }).seed = drawSeed();
  }
  if (original.cell) reseed(copy.cell!, original.cell);
  original.cells?.forEach((cell, i) => reseed(copy.cells![i], cell));
}
