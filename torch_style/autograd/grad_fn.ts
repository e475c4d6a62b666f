/**
 * What the backward pass walks over: remembered functions and the edges between them.
 * @module
 */

import { passReaders } from "../evaluation.ts";
import { watchedLine } from "./anomaly_mode.ts";

/** What the graph needs to know of a tensor, which is what it is made of. */
export interface Traced<T> {
  readonly requiresGrad: boolean;
  readonly gradFn: GradFn<T> | null;
  readonly outputIndex: number;
}

/** Where the gradient of an input goes: on to the function that computed it, or to a leaf. */
export type Edge<T> =
  | { readonly fn: GradFn<T>; readonly index: number }
  | { readonly leaf: T };

/** Sees a gradient on its way; what it returns replaces it. */
export type GradHook<T> = (gradient: T) => T | void;

/** Where a tensor's gradient goes; null if it takes none. */
export function edgeOf<T extends Traced<T>>(tensor: T): Edge<T> | null {
  if (!tensor.requiresGrad) return null;
  return tensor.gradFn ? { fn: tensor.gradFn, index: tensor.outputIndex } : { leaf: tensor };
}

/** A function that was applied while gradients were enabled. */
export abstract class GradFn<T> {
  /** The line that applied it, while anomalies are looked for. */
  readonly appliedAt = watchedLine();
  readonly #hooks = new Map<number, GradHook<T>[]>();
  readonly #retaining = new Map<number, ((gradient: T) => void)[]>();

  /** @param edges where the gradient of each input goes */
  constructor(readonly name: string, readonly edges: readonly (Edge<T> | null)[]) {}

  /**
   * Gradients of the inputs from gradients of the outputs, null where there is none.
   *
   * @param createGraph remember how the gradients were computed
   */
  abstract backward(
    upstream: readonly (T | null)[],
    createGraph: boolean,
  ): (T | null)[];

  /** Lets go of what was saved: a second pass is an error then. */
  abstract release(): void;

  /** Hooks on the gradient of an output; push to add one. */
  hooksOf(output: number): GradHook<T>[] {
    let hooks = this.#hooks.get(output);
    if (!hooks) this.#hooks.set(output, hooks = []);
    return hooks;
  }

  /** Has a function see the gradient of an output after all its hooks, whenever those were registered. */
  retain(output: number, keep: (gradient: T) => void): void {
    this.#retaining.set(output, [...this.#retaining.get(output) ?? [], keep]);
  }

  /** The gradient of an output after its hooks. */
  throughHooks(output: number, gradient: T): T {
    const hooked = callHooks(this.#hooks.get(output) ?? [], gradient);
    this.#retaining.get(output)?.forEach((keep) => keep(hooked));
    return hooked;
  }
}

/** For a pass over what an earlier one has let go of. */
export function secondPassError(name: string): Error {
  return new Error(
    `Trying to backward through the graph a second time (${name}): specify retainGraph: true on the first pass`,
  );
}

/** Calls hooks in order, each with what the one before returned. */
export function callHooks<T>(hooks: readonly GradHook<T>[], gradient: T): T {
  if (hooks.length > 0) passReaders.count++;
  return hooks.reduce((value, hook) => hook(value) ?? value, gradient);
}
