/**
 * Results that somebody is likely to read: a loss that backward was called on, what the outermost module
 * returned, tensors changed in place. They are computed along with the next evaluation, so that reading
 * them later does not run the network again. And state that every step replaces (running statistics): left to be
 * computed on demand, it would grow into one graph of all steps.
 * @module
 */
import { evaluate, type LazyArray } from "../onnx/mod.ts";

/** More than this and the oldest is left to be computed on demand. */
const KEPT = 64;

const kept = new Set<LazyArray>();

/** Something with a value that is replaced: a tensor. */
interface Holder {
  readonly array: LazyArray;
}

/** However many there are, only the newest value of each is held. */
const states = new Set<Holder>();

/** Marks an array to be computed along with the next evaluation. */
export function keepResult(array: LazyArray): void {
  if (!array.isPending) return;
  kept.add(array);
  if (kept.size > KEPT) kept.delete(kept.values().next().value!);
}

/** Marks a tensor whose value was replaced: the newest value is computed along with the next evaluation. */
export function keepState(holder: Holder): void {
  states.add(holder);
}

/** Computes the arrays and everything kept, in one call into ONNX Runtime. */
export async function evaluateWithKept(arrays: readonly LazyArray[]): Promise<void> {
  const wanted = [...arrays, ...kept, ...Array.from(states, (holder) => holder.array)];
  kept.clear();
  states.clear();
  await evaluate(wanted);
}

/** Runs a function whose results nobody will read: what it marks is forgotten. */
export function keepingNothing<T>(run: () => T): T {
  const before = [...kept];
  const statesBefore = [...states];
  try {
    return run();
  } finally {
    kept.clear();
    before.forEach((array) => kept.add(array));
    states.clear();
    statesBefore.forEach((holder) => states.add(holder));
  }
}
