/**
 * Walks a tape of TensorFlow.js: which nodes lie between some tensors, and gradients back through them.
 * (Its own module for this cannot be loaded by Deno.)
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { castFloat, elementType, type FloatType } from "../engine/mod.ts";

/** One operation on a tape. TensorFlow.js does not export the type. */
export interface TapeNode {
  readonly id: number;
  readonly kernelName: string;
  readonly outputs: tf.Tensor[];
  readonly inputs: Record<string, tf.Tensor>;
  readonly gradient?: (dys: tf.Tensor[]) => Record<string, () => tf.Tensor>;
  readonly saved?: tf.Tensor[];
}

/** A node with those of its inputs that gradients are wanted for. */
interface ConnectedNode {
  readonly node: TapeNode;
  readonly inputs: readonly string[];
}

/**
 * The nodes on the ways from watched tensors to targets, in the order they were recorded.
 *
 * @param from for each watched tensor's id, the position on the tape from which on it counts
 */
export function nodesBetween(
  nodes: readonly TapeNode[],
  from: ReadonlyMap<number, number>,
  targets: readonly tf.Tensor[],
): ConnectedNode[] {
  const reached = new Set<number>();
  const forward = nodes.flatMap((node, at) => {
    const inputs = Object.keys(node.inputs).filter((name) => {
      const input = node.inputs[name];
      return input && (reached.has(input.id) || (from.get(input.id) ?? Infinity) <= at);
    });
    if (inputs.length === 0) return [];
    // Through comparisons, conditions of tf.where, nothing flows back.
    for (const { id, dtype } of node.outputs) if (dtype === "float32") reached.add(id);
    return [{ node, inputs }];
  });
  const wanted = new Set(targets.map((target) => target.id));
  return forward.reverse().filter(({ node, inputs }) => {
    if (!node.outputs.some((output) => wanted.has(output.id))) return false;
    for (const name of inputs) wanted.add(node.inputs[name].id);
    return true;
  }).reverse();
}

/**
 * Carries gradients back through nodes; `gradients` (by tensor id) holds those of the targets and is
 * filled with those of everything behind them.
 */
export function backpropagate(
  nodes: readonly ConnectedNode[],
  gradients: Map<number, tf.Tensor>,
): void {
  for (let i = nodes.length - 1; i >= 0; i--) {
    const { node, inputs } = nodes[i];
    if (!node.gradient) {
      throw new Error(`GradientTape: kernel ${node.kernelName} has no gradient`);
    }
    // TensorFlow.js puts zeros where nothing flows back.
    const upstream = node.outputs.map((output) => gradients.get(output.id) ?? null);
    const rules = node.gradient(upstream as tf.Tensor[]);
    for (const name of inputs) accumulate(node, name, rules[name], gradients);
  }
}

function accumulate(
  node: TapeNode,
  name: string,
  rule: (() => tf.Tensor) | undefined,
  gradients: Map<number, tf.Tensor>,
): void {
  if (!rule) {
    throw new Error(`GradientTape: kernel ${node.kernelName} has no gradient for ${name}`);
  }
  const input = node.inputs[name];
  const computed = rule();
  if (computed.dtype !== "float32" || !tf.util.arraysEqual(computed.shape, input.shape)) {
    throw new Error(
      `GradientTape: the gradient of ${node.kernelName} for ${name} is ${computed.dtype}[${computed.shape}], ` +
        `expected float32[${input.shape}]`,
    );
  }
  // As in TensorFlow, a gradient is of its input's type.
  const gradient = castFloat(computed, elementType(input) as FloatType);
  const known = gradients.get(input.id);
  gradients.set(input.id, known ? tf.add(known, gradient) : gradient);
}
