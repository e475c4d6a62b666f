/**
 * Saved tensors of modules: compared by name and shape, then taken over.
 * @module
 */
import {
  fromHost,
  isFloating,
  type LazyArray,
  ops,
  sameShape,
  shortList,
  shortText,
  showShape,
} from "../../onnx/mod.ts";
import { describe } from "../arguments.ts";
import { Tensor } from "../tensor.ts";

/** Named tensors of a module: what is saved and loaded. */
export type StateDict = Record<string, Tensor>;

/** Names that did not meet. */
export interface IncompatibleKeys {
  /** Tensors of the module that were not given. */
  readonly missingKeys: string[];
  /** Given tensors that the module does not have. */
  readonly unexpectedKeys: string[];
}

/** What saving and loading asks of a module. */
interface SavedModule {
  ownParameters(): readonly [string, Tensor][];
  ownBuffers(options: { readonly persistentOnly?: boolean }): readonly [string, Tensor][];
  namedChildren(): readonly [string, SavedModule][];
  /** Names of own tensors that a saved state may lack, where there are any; they keep their values then. */
  optionalKeys?(): readonly string[];
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

/** Paths of what a saved state may lack. */
function optionalTensors(module: SavedModule, path = ""): string[] {
  return [
    ...(module.optionalKeys?.() ?? []).map((name) => join(path, name)),
    ...module.namedChildren().flatMap(([name, child]) => optionalTensors(child, join(path, name))),
  ];
}

/** A path one name longer. */
export function join(prefix: string, name: string): string {
  return prefix ? `${prefix}.${name}` : name;
}

/** Most faults that are named: all, but for a file that is meant to flood a terminal. */
const MOST_SHOWN = 1000;

/**
 * Writes saved tensors into the tensors of the same name.
 *
 * @param strict whether names that do not meet are an error
 * @throws {Error} naming what is missing, unexpected, of another shape or another kind of dtype; nothing is changed then
 */
export function loadTensors(
  module: SavedModule,
  state: StateDict,
  strict: boolean,
): IncompatibleKeys {
  return prepareTensors(module, state, strict)();
}

/**
 * Holds saved tensors against the tensors of the same name.
 *
 * @returns what takes them over; cannot fail
 * @throws {Error} as {@linkcode loadTensors} does
 */
export function prepareTensors(
  module: SavedModule,
  state: StateDict,
  strict: boolean,
): () => IncompatibleKeys {
  const own = savedTensors(module);
  const optional = new Set(optionalTensors(module));
  const missingKeys = [...own.keys()].filter((name) =>
    !Object.hasOwn(state, name) && !optional.has(name)
  );
  const unexpectedKeys = Object.keys(state).filter((name) => !own.has(name));
  const shared = [...own].filter(([name]) => Object.hasOwn(state, name));
  const faults = shared.flatMap(([name, tensor]) => faultOf(name, tensor, state[name]) ?? []);
  if (strict) {
    faults.unshift(
      ...missingKeys.map((name) => `missing key ${shortText(name)}`),
      ...unexpectedKeys.map((name) => `unexpected key ${shortText(name)}`),
    );
  }
  if (faults.length > 0) {
    const { name } = module.constructor;
    throw new Error(
      `Error(s) in loading stateDict for ${name}: ${shortList(faults, "; ", MOST_SHOWN)}`,
    );
  }
  return () => {
    for (const [name, tensor] of shared) {
      tensor.array = ops.cast(ownCopy(state[name].array), tensor.dtype);
    }
    return { missingKeys, unexpectedKeys };
  };
}

/** Why a saved tensor cannot be taken for one of the module's; undefined where it can. */
function faultOf(name: string, { shape, dtype }: Tensor, saved: unknown): string | undefined {
  if (!(saved instanceof Tensor)) {
    return `${shortText(name)} is ${shortText(describe(saved))}, expected a tensor`;
  }
  if (!sameShape(shape, saved.shape)) {
    return `size mismatch for ${name}: got ${showShape(saved.shape)}, expected ${showShape(shape)}`;
  }
  if (isFloating(dtype) === isFloating(saved.dtype) || saved.numel() === 0) return undefined;
  return `dtype mismatch for ${name}: got ${saved.dtype}, expected ${dtype}`;
}

/** The same values in memory of their own. */
function ownCopy(array: LazyArray): LazyArray {
  if (!array.isOnHost) return ops.copy(array);
  return fromHost(array.buffer.data.slice(), array.shape, array.dtype);
}
