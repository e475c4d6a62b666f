/**
 * A graph of layers as plain data. Follows keras/src/models/functional.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  KerasTensor,
  type Node,
  type Operation,
  type Shape,
  type TensorOperation,
} from "../layers/keras_tensor.ts";
import { Layer } from "../layers/layer.ts";
import { savedLayer } from "../layers/layer_registry.ts";
import { leavesOfKind, mapNested } from "../layers/nested.ts";
import type { SavedObject } from "../registry.ts";
import type { FunctionGraph } from "./function_graph.ts";

/** Where a symbolic tensor comes from: which layer, which of its calls in the graph, which of the results. */
export type TensorPlace = readonly [layer: string, node: number, tensor: number];

/** A call of a layer, with {@linkcode TensorPlace}s for tensors. */
export interface NodeConfig {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** A layer with its calls in a graph. */
export interface LayerConfig extends SavedObject {
  readonly name: string;
  readonly inboundNodes: readonly NodeConfig[];
}

/** The class name of symbolic tensors in plain data. */
export const KERAS_TENSOR = "__keras_tensor__";

/** A symbolic tensor in plain data. */
export interface TensorReference {
  readonly className: typeof KERAS_TENSOR;
  readonly config: {
    readonly shape: Shape;
    readonly dtype: string;
    readonly kerasHistory: TensorPlace;
  };
}

/** A graph of layers as plain data. */
export interface GraphConfig {
  readonly layers: readonly LayerConfig[];
  readonly inputLayers: unknown;
  readonly outputLayers: unknown;
}

/** The class name of functions of tensors that are no layers. */
export const TENSOR_OPERATION = "TensorOperation";

/** @throws {Error} for a function of tensors that has no name to be found by */
function savedOperation(operation: Operation): SavedObject {
  if (operation instanceof Layer) return savedLayer(operation);
  const { saved } = operation as TensorOperation;
  if (saved !== undefined) return { className: TENSOR_OPERATION, config: { operation: saved } };
  throw new Error(
    `getConfig: the model computes "${operation.name}", which is no layer and no function of keras.ops; ` +
      `put it into a layer of your own, or keep the model as code and use saveWeights`,
  );
}

/** @throws {Error} for what cannot be plain data */
export function graphConfig(graph: FunctionGraph): GraphConfig {
  const callsOf = new Map<unknown, Node[]>();
  for (const node of graph.nodes) {
    const calls = callsOf.get(node.operation) ?? [];
    callsOf.set(node.operation, [...calls, node].sort((a, b) => a.index - b.index));
  }
  const placeOf = ({ node, index }: KerasTensor): TensorPlace => [
    node.operation.name,
    callsOf.get(node.operation)!.indexOf(node),
    index,
  ];
  for (const { operation, args, options } of graph.nodes) {
    if (leavesOfKind([args, options], tf.Tensor).length === 0) continue;
    throw new Error(
      `getConfig: "${operation.name}" was called with a tensor of values, expected symbolic ones; put it ` +
        `into a layer of your own, or keep the model as code and use saveWeights`,
    );
  }
  const referenceTo = (tensor: KerasTensor): TensorReference => {
    const { shape, dtype } = tensor;
    return { className: KERAS_TENSOR, config: { shape, dtype, kerasHistory: placeOf(tensor) } };
  };
  const plain = (nested: unknown) =>
    mapNested(
      nested,
      (leaf) => leaf instanceof KerasTensor ? referenceTo(leaf) : leaf,
    );
  const layers = graph.operations.map((operation): LayerConfig => {
    return {
      ...savedOperation(operation),
      name: operation.name,
      inboundNodes: callsOf.get(operation)!.filter(({ inputs }) => inputs.length > 0).map((
        node,
      ) => ({
        args: plain(node.args) as unknown[],
        kwargs: plain(node.options) as Record<string, unknown>,
      })),
    };
  });
  const indices = (nested: unknown) =>
    mapNested(nested, (leaf) => [...placeOf(leaf as KerasTensor)]);
  return {
    layers,
    inputLayers: indices(graph.inputs),
    outputLayers: indices(graph.outputs),
  };
}
