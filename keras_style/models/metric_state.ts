/**
 * The running values of metrics belong to a call of `fit`, `evaluate` or a single step, not to the model: of several calls
 * at once, or one inside another's callback, each counts what it has seen itself.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Metric } from "../metrics/mod.ts";

/** Whose values lie in a metric's variables now. Models may share a metric. */
const holders = new WeakMap<Metric, MetricState>();

/** Whose values were put in place last: no other call's step has come since. */
let entered: MetricState | undefined;

/** What one call has counted. Another call's steps may come between two of its own. */
export class MetricState implements Disposable {
  readonly #metrics: () => readonly Metric[];
  readonly #held = new Set<Metric>();
  readonly #saved = new Map<Metric, readonly tf.Tensor[]>();

  /** @param metrics all that the call's steps count in */
  constructor(metrics: () => readonly Metric[]) {
    this.#metrics = metrics;
  }

  /** Puts the call's values in place. To be called right before a step, and before values are shown to callbacks. */
  enter(): void {
    entered = this;
    for (const metric of this.#metrics()) {
      const holder = holders.get(metric);
      if (holder === this) continue;
      if (holder) holder.#save(metric);
      holders.set(metric, this);
      this.#held.add(metric);
      this.#restore(metric);
    }
  }

  /** {@linkcode MetricState.enter} for later steps, which make no metrics: all layers need not be looked through for some. */
  reenter(): void {
    if (entered !== this) this.enter();
  }

  #save(metric: Metric): void {
    this.#saved.set(metric, metric.variables.map((variable) => tf.keep(tf.clone(variable))));
  }

  /** What was counted before; nothing at the beginning. */
  #restore(metric: Metric): void {
    const saved = this.#saved.get(metric);
    if (!saved) return metric.resetState();
    metric.variables.forEach((variable, i) => variable.assign(saved[i]));
    this.#forget(metric);
  }

  #forget(metric: Metric): void {
    tf.dispose([...this.#saved.get(metric) ?? []]);
    this.#saved.delete(metric);
  }

  /** The call is over. Its values stay in the metrics until somebody counts anew. */
  [Symbol.dispose](): void {
    if (entered === this) entered = undefined;
    for (const metric of this.#held) {
      if (holders.get(metric) === this) holders.delete(metric);
    }
    for (const metric of this.#saved.keys()) this.#forget(metric);
  }
}
