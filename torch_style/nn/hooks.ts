/**
 * Functions that watch a module's calls.
 * @module
 */
import { type BackwardHook, withBackwardHooks } from "./backward_hooks.ts";

/** Sees a module's inputs before the call; what it returns (all of them) replaces them. */
export type ForwardPreHook<M> = (
  module: M,
  inputs: readonly unknown[],
) => readonly unknown[] | void;

/** Sees a module's inputs and output; what it returns, if anything, replaces the output. */
export type ForwardHook<M> = (
  module: M,
  inputs: readonly unknown[],
  output: unknown,
) => unknown;

/** Takes a hook back. */
export interface HookHandle {
  remove(): void;
}

/** The hooks of one module, in the order in which they came. */
export class ModuleHooks<M> {
  readonly before = new Set<ForwardPreHook<M>>();
  readonly after = new Set<ForwardHook<M>>();
  /** See the gradients. */
  readonly backward = new Set<BackwardHook<M>>();

  /** Runs the module's forward function between its hooks. */
  around(
    module: M,
    given: readonly unknown[],
    forward: (inputs: readonly unknown[]) => unknown,
  ): unknown {
    let inputs = given;
    for (const hook of this.before) inputs = hook(module, inputs) ?? inputs;
    let output = withBackwardHooks(module, this.backward, inputs, forward);
    for (const hook of this.after) output = hook(module, inputs, output) ?? output;
    return output;
  }
}

/** Adds a hook to a set and returns how to take it back. */
export function addHook<H>(hooks: Set<H>, hook: H): HookHandle {
  hooks.add(hook);
  return { remove: () => void hooks.delete(hook) };
}

// The hooks of each module are those of its own type.
const registered = new WeakMap<object, unknown>();

/** The hooks of a module, to add to. */
export function hooksOf<M extends object>(module: M): ModuleHooks<M> {
  const own = knownHooks(module) ?? new ModuleHooks<M>();
  registered.set(module, own);
  return own;
}

/** The hooks of a module, if there ever were any. */
export function knownHooks<M extends object>(module: M): ModuleHooks<M> | undefined {
  return registered.get(module) as ModuleHooks<M> | undefined;
}
