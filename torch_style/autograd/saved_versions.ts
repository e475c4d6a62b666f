/**
 * Finds gradients that need a value which was changed in place since. The values themselves are safe (lazy
 * arrays never change), but the gradient would be that of another computation than the program now states.
 * @module
 */
import { type LazyArray, showShape } from "../../onnx/mod.ts";
import type { Tensor } from "../tensor.ts";
import type { Storage } from "../storage.ts";

/** A tensor's value at the time it was saved. */
export interface SavedVersion {
  readonly array: LazyArray;
  readonly storage: Storage;
  readonly version: number;
  /** Such as `output 0 of ExpBackward`. */
  readonly origin: string;
}

/** Remembers at which version a tensor's memory was. */
export function saveVersion(tensor: Tensor, array: LazyArray, origin: string): SavedVersion {
  return { array, storage: tensor.storage, version: tensor.storage.version, origin };
}

/**
 * @param known what the gradients were made from beside the inputs: gradients of the outputs and what the
 * function computed; what lies behind them is not what this function's gradients read
 * @throws {Error} PyTorch's, if a gradient reads a saved array whose memory was written to since
 */
export function checkVersions(
  saved: readonly SavedVersion[],
  gradients: readonly (LazyArray | null)[],
  known: readonly LazyArray[],
): void {
  const changed = saved.filter(({ storage, version }) => storage.version !== version);
  if (changed.length === 0) return;
  const read = arraysRead(gradients, new Set(known), changed);
  const fault = changed.find(({ array }) => read.has(array));
  if (!fault) return;
  throw modifiedError(fault);
}

/** PyTorch's, for a value that was saved and changed in place. */
export function modifiedError({ array, origin, storage, version }: SavedVersion): Error {
  return new Error(
    "one of the variables needed for gradient computation has been modified by an inplace operation: " +
      `[${array.dtype} ${showShape(array.shape)}], which is ${origin}, is at version ` +
      `${storage.version}; expected version ${version} instead`,
  );
}

/** Arrays that the gradients are computed from, up to what is known. */
function arraysRead(
  gradients: readonly (LazyArray | null)[],
  known: ReadonlySet<LazyArray>,
  changed: readonly SavedVersion[],
): Set<LazyArray> {
  const ends = new Set(changed.map(({ array }) => array));
  const seen = new Set<LazyArray>();
  const stack = gradients.filter((array) => array !== null);
  while (stack.length > 0) {
    const array = stack.pop()!;
    if (seen.has(array)) continue;
    seen.add(array);
    if (!known.has(array) && !ends.has(array) && array.node) stack.push(...array.node.inputs);
  }
  return seen;
}
