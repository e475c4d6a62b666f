/**
 * Saved tensors of modules: compared by name and shape, then taken over.
 * @module
 */
import { fromHost, type LazyArray, ops, sameShape, showShape } from "../../onnx/mod.ts";
import type { Tensor } from "../tensor.ts";

/** Named tensors of a module: what is saved and loaded. */
export type StateDict = Record<string, Tensor>;

/** Names that did not meet. */
export interface IncompatibleKeys {
  /** Tensors of the module that were not given. */
  readonly missingKeys: string[];
  /** Given tensors that the module does not have. */
  readonly unexpectedKeys: string[];
}

/** What {@linkcode savedTensors} asks of a module. */
interface SavedModule {
  ownParameters(): readonly [string, Tensor][];
  ownBuffers(options: { readonly persistentOnly?: boolean }): readonly [string, Tensor][];
  namedChildren(): readonly [string, SavedModule][];
}

/** Everything of a module that is saved, by path; shared tensors under all their paths. */
export function savedTensors(module: SavedModule, path = ""): Map<string, Tensor> {
  const own = [...module.ownParameters(), ...module.ownBuffers({ persistentOnly: true })];
  return new Map<string, Tensor>([
    ...own.map(([name, tensor]) => [join(path, name), tensor] as const),
    ...module.namedChildren().flatMap(([name, child]) => [
      ...savedTensors(child, join(path, name)),
    ]),
  ]);
}

/** A path one name longer. */
export function join(prefix: string, name: string): string {
  return prefix ? `${prefix}.${name}` : name;
}

/**
 * Writes saved tensors into the tensors of the same name.
 *
 * @param strict whether names that do not meet are an error
 * @throws {Error} naming what is missing, unexpected or of another shape; nothing is changed then
 */
export function loadTensors(
  module: string,
  own: ReadonlyMap<string, Tensor>,
  state: StateDict,
  strict: boolean,
): IncompatibleKeys {
  const missingKeys = [...own.keys()].filter((name) => !(name in state));
  const unexpectedKeys = Object.keys(state).filter((name) => !own.has(name));
  const shared = [...own].filter(([name]) => name in state);
  const faults = shared.filter(([name, tensor]) => !sameShape(tensor.shape, state[name].shape))
    .map(([name, tensor]) =>
      `size mismatch for ${name}: got ${showShape(state[name].shape)}, expected ${
        showShape(tensor.shape)
      }`
    );
  if (strict) {
    faults.unshift(
      ...missingKeys.map((name) => `missing key "${name}"`),
      ...unexpectedKeys.map((name) => `unexpected key "${name}"`),
    );
  }
  if (faults.length > 0) {
    throw new Error(`Error(s) in loading stateDict for ${module}: ${faults.join("; ")}`);
  }
  for (const [name, tensor] of shared) {
    tensor.array = ops.cast(ownCopy(state[name].array), tensor.dtype);
  }
  return { missingKeys, unexpectedKeys };
}

/** The same values in memory of their own. */
function ownCopy(array: LazyArray): LazyArray {
  if (!array.isOnHost) return ops.copy(array);
  return fromHost(array.buffer.data.slice(), array.shape, array.dtype);
}
