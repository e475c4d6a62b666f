/**
 * Look-ahead in the Keras idiom: within the graph, as an optimizer's moving averages are.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { keptShare, type LookaheadSettings } from "../training/lookahead.ts";

/** Slow copies of weights and running statistics, which these are set to now and then. */
export class KerasLookahead {
  /** By the number of steps done: whether something happens, and the share of the fast weights that is taken. */
  readonly #happens: tf.Tensor1D;
  readonly #taken: tf.Tensor1D;

  /** @param slow of `fast`, in order; they become their copies */
  constructor(
    readonly fast: readonly tf.Variable[],
    readonly slow: readonly tf.Variable[],
    settings: LookaheadSettings,
  ) {
    const kept = Array.from({ length: settings.steps }, (_, i) => keptShare(settings, i + 1));
    this.#happens = tf.keep(tf.tensor1d(kept.map((share) => share !== null), "bool"));
    this.#taken = tf.keep(tf.tensor1d(kept.map((share) => 1 - (share ?? 1))));
    slow.forEach((variable, i) => variable.assign(fast[i]));
  }

  /** @param iterations steps done before this one */
  update(iterations: tf.Tensor): void {
    const step = tf.cast(tf.minimum(iterations, this.#taken.size - 1), "int32") as tf.Tensor1D;
    const [happens, taken] = [tf.gather(this.#happens, step), tf.gather(this.#taken, step)];
    this.fast.forEach((own, i) => {
      const slow = this.slow[i];
      // Nothing is taken where nothing happens.
      slow.assign(tf.add(slow, tf.mul(tf.sub(own, slow), taken)));
      own.assign(tf.where(happens, slow, own));
    });
  }
}
