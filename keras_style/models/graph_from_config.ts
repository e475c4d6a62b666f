/**
 * A graph of layers from plain data.
 * @module
 */
import { applySavedOperation, KerasTensor } from "../layers/keras_tensor.ts";
import { isLayer } from "../layers/layer.ts";
import { layerFromSaved } from "../layers/layer_registry.ts";
import { isPlainObject, leavesOfKind } from "../layers/nested.ts";
import {
  KERAS_TENSOR,
  type LayerConfig,
  type NodeConfig,
  TENSOR_OPERATION,
  type TensorPlace,
  type TensorReference,
} from "./graph_config.ts";

/** What {@linkcode graphFromConfig} needs of a configuration. */
interface SavedGraph {
  readonly layers?: readonly LayerConfig[];
  readonly inputLayers?: unknown;
  readonly outputLayers?: unknown;
}

/**
 * Inputs and outputs of a graph, connected by new layers.
 *
 * @throws {Error} for a class of layers that is not known, or calls that do not fit together
 */
export function graphFromConfig(config: SavedGraph): { inputs: unknown; outputs: unknown } {
  if (!Array.isArray(config?.layers)) throw new TypeError("its layers are no list");
  const waiting: { readonly call: Call; readonly calls: NodeConfig[] }[] = [];
  /** The results of every layer's calls in this graph. */
  const results = new Map<string, KerasTensor[][]>();
  for (const saved of config.layers) {
    const { call, begun } = madeOperation(saved);
    waiting.push({ call, calls: [...saved.inboundNodes ?? []] });
    results.set(saved.name, saved.inboundNodes?.length ? [] : begun);
  }
  const names = config.layers.map(({ name }) => name);
  for (let open = countCalls(waiting); open > 0;) {
    waiting.forEach(({ call, calls }, i) => {
      while (calls.length > 0 && isReady(calls[0], results)) {
        const { args, kwargs } = calls.shift()!;
        const values = args.map((arg) => resolved(arg, results));
        const named = resolved(kwargs ?? {}, results) as Record<string, unknown>;
        const result = Object.keys(named).length > 0 ? call(...values, named) : call(...values);
        results.get(names[i])!.push(leavesOfKind(result, KerasTensor));
      }
    });
    const left = countCalls(waiting);
    if (left === open) throw new Error("its layers take what no layer gives");
    open = left;
  }
  const tensors = (indices: unknown) => resolvedPlaces(indices, results);
  return { inputs: tensors(config.inputLayers), outputs: tensors(config.outputLayers) };
}

type Call = (...args: unknown[]) => unknown;

/** What calls a layer, or a function of tensors, and what it gives without any call: an Input does. */
function madeOperation(saved: LayerConfig): { call: Call; begun: KerasTensor[][] } {
  if (saved.className === TENSOR_OPERATION) {
    const operation = String(saved.config?.operation);
    return { call: (...args) => applySavedOperation(operation, args, saved.name), begun: [] };
  }
  const layer = layerFromSaved(saved);
  if (!isLayer(layer)) throw new TypeError(`"${saved.className}" is no layer`);
  const begun = layer.inboundNodes.map(({ outputs }) => [...outputs]);
  return { call: layer as unknown as Call, begun };
}

function countCalls(waiting: readonly { readonly calls: readonly unknown[] }[]): number {
  return waiting.reduce((sum, { calls }) => sum + calls.length, 0);
}

type Results = ReadonlyMap<string, readonly (readonly KerasTensor[])[]>;

function isReference(value: unknown): value is TensorReference {
  return isPlainObject(value) && value.className === KERAS_TENSOR &&
    isPlace((value.config as TensorReference["config"])?.kerasHistory);
}

function isReady({ args, kwargs }: NodeConfig, results: Results): boolean {
  const visit = (value: unknown): boolean => {
    if (isReference(value)) {
      const [layer, node] = value.config.kerasHistory;
      return (results.get(layer)?.length ?? 0) > node;
    }
    if (Array.isArray(value)) return value.every(visit);
    return !isPlainObject(value) || Object.values(value).every(visit);
  };
  return visit(args) && visit(kwargs ?? {});
}

function resolved(value: unknown, results: Results): unknown {
  if (isReference(value)) return tensorAt(value.config.kerasHistory, results);
  if (Array.isArray(value)) return value.map((entry) => resolved(entry, results));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, resolved(entry, results)]),
  );
}

function isPlace(value: unknown): value is TensorPlace {
  return Array.isArray(value) && value.length === 3 && typeof value[0] === "string" &&
    value.slice(1).every(Number.isInteger);
}

function resolvedPlaces(indices: unknown, results: Results): unknown {
  if (isPlace(indices)) return tensorAt(indices, results);
  if (Array.isArray(indices)) return indices.map((entry) => resolvedPlaces(entry, results));
  if (isPlainObject(indices)) {
    return Object.fromEntries(
      Object.entries(indices).map(([key, entry]) => [key, resolvedPlaces(entry, results)]),
    );
  }
  throw new TypeError(`${JSON.stringify(indices)} is no place of a tensor`);
}

function tensorAt([layer, node, tensor]: TensorPlace, results: Results): KerasTensor {
  const found = results.get(layer)?.[node]?.[tensor];
  if (found) return found;
  throw new Error(`there is no result ${tensor} of call ${node} of layer "${layer}"`);
}
