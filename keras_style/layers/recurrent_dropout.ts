/**
 * Dropout inside recurrent cells. TensorFlow.js' own draws its numbers on the host, and a cell that it makes from a
 * configuration (in a bidirectional layer, in a model that is loaded) does not know of ours.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { dropUnits } from "./noise.ts";

/** Where layers hold cells, and other layers. */
interface Holder {
  dropoutFunc?: typeof dropUnits;
  readonly cell?: Holder;
  readonly cells?: readonly Holder[];
  readonly layer?: Holder;
  readonly forwardLayer?: Holder;
  readonly backwardLayer?: Holder;
  readonly layers?: readonly Holder[];
}

/** Gives all recurrent cells in a layer our dropout. */
export function giveDropout(layer: tf.layers.Layer): void {
  visit(layer as unknown as Holder);
}

function visit(holder: Holder | undefined): void {
  if (!holder) return;
  if ("dropoutFunc" in holder) holder.dropoutFunc ??= dropUnits;
  const { cell, cells = [], layer, forwardLayer, backwardLayer } = holder;
  for (const inner of [cell, ...cells, layer, forwardLayer, backwardLayer]) visit(inner);
  if (holder instanceof tf.LayersModel) { for (const inner of holder.layers) giveDropout(inner); }
}
