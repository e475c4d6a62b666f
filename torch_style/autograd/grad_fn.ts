/**
 * What the backward pass walks over: remembered functions and the edges between them.
 * @module
 */
import type { Tensor } from "../tensor.ts";

/** Where the gradient of an input goes: on to the function that computed it, or to a leaf. */
export type Edge =
  | { readonly fn: GradFn; readonly index: number }
  | { readonly leaf: Tensor };

/** Sees a gradient on its way; what it returns replaces it. */
export type GradHook = (gradient: Tensor) => Tensor | void;

/** Where a tensor's gradient goes; null if it takes none. */
export function edgeOf(tensor: Tensor): Edge | null {
  if (!tensor.requiresGrad) return null;
  return tensor.gradFn ? { fn: tensor.gradFn, index: tensor.outputIndex } : { leaf: tensor };
}

/** A function that was applied while gradients were enabled. */
export abstract class GradFn {
  /** Where the gradient of each input goes. */
  readonly edges: readonly (Edge | null)[];
  readonly #hooks = new Map<number, GradHook[]>();

  constructor(readonly name: string, inputs: readonly Tensor[]) {
    this.edges = inputs.map(edgeOf);
  }

  /**
   * Gradients of the inputs from gradients of the outputs, null where there is none.
   *
   * @param createGraph remember how the gradients were computed
   */
  abstract backward(
    upstream: readonly (Tensor | null)[],
    createGraph: boolean,
  ): (Tensor | null)[];

  /** Lets go of what was saved: a second pass is an error then. */
  abstract release(): void;

  /** Hooks on the gradient of an output; push to add one. */
  hooksOf(output: number): GradHook[] {
    let hooks = this.#hooks.get(output);
    if (!hooks) this.#hooks.set(output, hooks = []);
    return hooks;
  }

  /** The gradient of an output after its hooks. */
  throughHooks(output: number, gradient: Tensor): Tensor {
    return callHooks(this.#hooks.get(output) ?? [], gradient);
  }
}

/** Calls hooks in order, each with what the one before returned. */
export function callHooks(hooks: readonly GradHook[], gradient: Tensor): Tensor {
  return hooks.reduce((value, hook) => hook(value) ?? value, gradient);
}
