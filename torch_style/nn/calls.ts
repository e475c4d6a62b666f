/**
 * Calls of modules: hooks around them, results kept, watched by who wants to know what belongs to which module.
 * @module
 */
import { readingForStep } from "../../onnx/mod.ts";
import { keepResult, noteRandomState, passReaders, startOpenPass } from "../evaluation.ts";
import { decideGradMode } from "../grad_mode.ts";
import { randomState, restoreRandomState } from "../random.ts";
import { takingBackIfThrown } from "../storage.ts";
import { Tensor } from "../tensor.ts";
import { knownHooks } from "./hooks.ts";

let depth = 0;

/** A module, as far as a call goes. */
interface Callee<I extends readonly unknown[], O> {
  forward(...inputs: I): O;
}

/** Sees every call of a module while it is set. */
type CallWatcher = (module: object, call: () => unknown) => unknown;

let watcher: CallWatcher | undefined;

/** Runs a function in which every call of a module goes through `watch`, outer modules around inner ones. */
export function aroundCalls<T>(watch: CallWatcher, run: () => T): T {
  const before = watcher;
  watcher = watch;
  try {
    return run();
  } finally {
    watcher = before;
  }
}

/** Runs a module's forward function, with its hooks. */
export function callModule<I extends readonly unknown[], O>(module: Callee<I, O>, inputs: I): O {
  if (depth > 0) return callWithin(module, inputs);
  startOpenPass();
  noteRandomState();
  return readingForStep(() => callWithin(module, inputs));
}

function callWithin<I extends readonly unknown[], O>(module: Callee<I, O>, inputs: I): O {
  const drawnBefore = depth === 0 ? randomState() : undefined;
  depth++;
  try {
    const forward = (given: readonly unknown[]) =>
      watcher
        ? watcher(module, () => module.forward(...given as I))
        : module.forward(...given as I);
    const own = knownHooks(module);
    if (own) passReaders.count++;
    const run = () => own ? own.around(module, inputs, forward) : forward(inputs);
    const output = depth === 1 ? takingBackIfThrown(() => decideGradMode(run)) : run();
    // What the whole network returned is likely to be read after the step.
    if (depth === 1) keepTensors(output);
    return output as O;
  } catch (error) {
    if (drawnBefore) restoreRandomState(drawnBefore);
    throw error;
  } finally {
    depth--;
  }
}

function keepTensors(output: unknown): void {
  if (output instanceof Tensor) keepResult(output.array);
  else if (Array.isArray(output)) output.forEach(keepTensors);
  else if (isPlain(output)) Object.values(output).forEach(keepTensors);
}

/** Results by name. */
function isPlain(output: unknown): output is object {
  return output !== null && typeof output === "object" &&
    Object.getPrototypeOf(output) === Object.prototype;
}
