/**
 * The calls of layers between some symbolic tensors and others, in the order in which they are computed.
 * Follows keras/src/ops/function.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { InputLayer } from "../layers/core/input_layer.ts";
import { KerasTensor, Node, type Operation, TensorOperation } from "../layers/keras_tensor.ts";
import { Layer } from "../layers/layer.ts";
import { leavesByKey, leavesOfKind, mapNested } from "../layers/nested.ts";
import { SpecLeaf } from "../tracing/mod.ts";

/** A graph of calls. */
export class FunctionGraph {
  /** Inputs and outputs, nested as they were given. */
  readonly inputs: unknown;
  readonly outputs: unknown;
  readonly inputTensors: readonly KerasTensor[];
  readonly outputTensors: readonly KerasTensor[];
  /** Calls in the order of computation. */
  readonly nodes: readonly Node[];
  /** What is called, in Keras' order: by distance from the outputs. */
  readonly operations: readonly Operation[];

  /** @throws {TypeError} if inputs or outputs are no symbolic tensors, {@link Error} if they are not connected */
  constructor(inputs: unknown, outputs: unknown) {
    checkTensors("inputs", inputs);
    checkTensors("outputs", outputs);
    [this.inputs, this.outputs] = beginningAtInputs(withoutList(inputs), withoutList(outputs));
    this.inputTensors = leavesOfKind(this.inputs, KerasTensor);
    this.outputTensors = leavesOfKind(this.outputs, KerasTensor);
    const { nodes, operations } = orderOf(this.inputTensors, tensorsByKey(this.outputs));
    this.nodes = nodes;
    this.operations = operations;
  }

  /** The layers among what is called. */
  get layers(): Layer[] {
    return this.operations.filter((operation): operation is Layer => operation instanceof Layer);
  }

  /** Computes the outputs, nested as they were given. @param tensors one for each input */
  run(tensors: readonly tf.Tensor[]): unknown {
    const known = new Map<KerasTensor, unknown>();
    this.inputTensors.forEach((input, i) => known.set(input, fitted(tensors[i], input)));
    const valueOf = (leaf: unknown) => leaf instanceof KerasTensor ? known.get(leaf) : leaf;
    for (const node of this.nodes) {
      if (node.operation instanceof InputLayer) continue;
      const args = node.args.map((arg) => mapNested(arg, valueOf));
      const options = mapNested(node.options, valueOf) as Record<string, unknown>;
      const results = leavesOfKind(callOperation(node.operation, args, options), tf.Tensor);
      node.outputs.forEach((output, i) => known.set(output, results[i]));
    }
    return mapNested(this.outputs, valueOf);
  }
}

function callOperation(
  operation: Operation,
  args: unknown[],
  options: Record<string, unknown>,
): unknown {
  if (operation instanceof TensorOperation) return operation.run(...args);
  const call = operation as unknown as (...args: unknown[]) => unknown;
  return Object.keys(options).length > 0 || args.length > 1
    ? call(...args, options)
    : call(...args);
}

/** An input as the graph takes it: of its element type; an axis of 1 at the end may be there or not, as in Keras. */
function fitted(tensor: tf.Tensor, { shape, dtype }: KerasTensor): tf.Tensor {
  const cast = tensor.dtype === dtype ? tensor : tf.cast(tensor, dtype);
  if (tensor.rank === shape.length - 1 && shape.at(-1) === 1) return tf.expandDims(cast, -1);
  const isWider = tensor.rank === shape.length + 1 && tensor.shape.at(-1) === 1;
  return isWider ? tf.squeeze(cast, [tensor.rank - 1]) : cast;
}

/** A list of one is the one, as in Keras. */
function withoutList(nested: unknown): unknown {
  return Array.isArray(nested) && nested.length === 1 ? nested[0] : nested;
}

function checkTensors(what: string, nested: unknown): void {
  const tensors = leavesOfKind(nested, KerasTensor);
  let count = 0;
  mapNested(nested, (leaf) => {
    count++;
    return leaf;
  });
  if (tensors.length > 0 && tensors.length === count) return;
  throw new TypeError(
    `Model: ${what} is ${Array.isArray(nested) ? `a list of ${nested.length}` : nested}, ` +
      `expected symbolic tensors, which Input and calls of layers give`,
  );
}

/** Where an input is a result of layers, the graph is built anew from a new beginning there. */
function beginningAtInputs(inputs: unknown, outputs: unknown): [unknown, unknown] {
  const given = leavesOfKind(inputs, KerasTensor);
  if (given.every((tensor) => tensor.operation instanceof InputLayer)) return [inputs, outputs];
  const known = new Map<KerasTensor, KerasTensor>();
  for (const tensor of given) {
    const begins = tensor.operation instanceof InputLayer
      ? tensor
      : new InputLayer({ batchShape: tensor.shape, dtype: tensor.dtype }).tensor;
    known.set(tensor, begins);
  }
  const valueOf = (leaf: unknown) => leaf instanceof KerasTensor ? known.get(leaf) ?? leaf : leaf;
  for (const node of orderOf(given, leavesOfKind(outputs, KerasTensor)).nodes) {
    if (node.operation instanceof InputLayer || node.outputs.every((output) => known.has(output))) {
      continue;
    }
    const specs = mapNested(
      node.result,
      (leaf) => leaf instanceof KerasTensor ? new SpecLeaf(leaf.shape, leaf.dtype) : leaf,
    );
    const copy = new Node(
      node.operation,
      mapNested(node.args, valueOf) as unknown[],
      mapNested(node.options, valueOf) as Record<string, unknown>,
      specs,
    );
    node.outputs.forEach((output, i) => known.set(output, copy.outputs[i]));
  }
  return [mapNested(inputs, valueOf), mapNested(outputs, valueOf)];
}

/** Symbolic tensors in the order that decides that of layers, and so of weights. */
function tensorsByKey(nested: unknown): KerasTensor[] {
  return leavesByKey(nested).filter((leaf) => leaf instanceof KerasTensor);
}

interface Order {
  readonly nodes: Node[];
  readonly operations: Operation[];
}

/** Nodes and operations as `map_graph` of keras/src/ops/function.py orders them. */
function orderOf(inputs: readonly KerasTensor[], outputs: readonly KerasTensor[]): Order {
  const { nodes, indices } = reachedFrom(inputs, outputs);
  const depths = new Map<Node, number>();
  const operationDepths = new Map<Operation, number>();
  for (const node of [...nodes].reverse()) {
    const depth = Math.max(depths.get(node) ?? 0, operationDepths.get(node.operation) ?? 0);
    operationDepths.set(node.operation, depth);
    depths.set(node, depth);
    for (const { node: parent } of inputs.includes(node.outputs[0]) ? [] : node.inputs) {
      depths.set(parent, Math.max(depth + 1, depths.get(parent) ?? 0));
    }
  }
  for (const input of inputs) {
    if (operationDepths.has(input.operation)) continue;
    operationDepths.set(input.operation, 0);
    indices.set(input.operation, -1);
    depths.set(input.node, 0);
  }
  const order = new Map([...depths.keys()].map((node, i) => [node, i]));
  return {
    nodes: [...depths].sort(([a, i], [b, j]) => j - i || order.get(a)! - order.get(b)!)
      .map(([node]) => node),
    operations: [...operationDepths].sort(([a, i], [b, j]) =>
      j - i || indices.get(a)! - indices.get(b)!
    ).map(([operation]) => operation),
  };
}

/** All calls on the ways from inputs to outputs, inputs first. */
function reachedFrom(inputs: readonly KerasTensor[], outputs: readonly KerasTensor[]) {
  const finished = new Set<Node>();
  const indices = new Map<Operation, number>();
  const visit = (tensor: KerasTensor): void => {
    const { node } = tensor;
    if (finished.has(node)) return;
    const { operation } = node;
    if (!indices.has(operation)) indices.set(operation, indices.size);
    if (!inputs.includes(tensor)) {
      if (operation instanceof InputLayer) {
        throw new Error(
          `Model: an output depends on input "${operation.name}", which is not among inputs: ` +
            inputs.map(({ name }) => name).join(", "),
        );
      }
      tensorsByKey([node.args, node.options]).forEach(visit);
    }
    finished.add(node);
  };
  outputs.forEach(visit);
  return { nodes: [...finished], indices };
}
