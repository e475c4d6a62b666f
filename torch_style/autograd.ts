/**
 * The backward pass: walks back over remembered functions and hands gradients on.
 * @module
 */
import { constant, type GraphNode, type LazyArray, ops, watchOps } from "../onnx/mod.ts";
import { noGrad } from "./grad_mode.ts";
import { Tensor } from "./tensor.ts";

/** A remembered function: what it read, which ops it was made of, what came out. */
export interface GradFn {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  /** The inputs' values at that time; undefined once a backward pass has used them up. */
  saved:
    | { readonly arrays: readonly LazyArray[]; readonly nodes: readonly GraphNode[] }
    | undefined;
  readonly output: LazyArray;
}

/** Runs a function of lazy arrays and remembers it. */
export function record(
  name: string,
  inputs: readonly Tensor[],
  arrays: readonly LazyArray[],
  compute: (arrays: readonly LazyArray[]) => LazyArray,
): { output: LazyArray; gradFn: GradFn } {
  const distinct = arrays.map((array, i) =>
    arrays.indexOf(array) === i ? array : distinctCopy(array, i, arrays, inputs)
  );
  const { result, nodes } = watchOps(() => compute(distinct));
  return {
    output: result,
    gradFn: { name, inputs, saved: { arrays: distinct, nodes }, output: result },
  };
}

/** A tensor and its detached twin have one array, but only one of them takes a gradient. */
function distinctCopy(
  array: LazyArray,
  i: number,
  arrays: readonly LazyArray[],
  inputs: readonly Tensor[],
): LazyArray {
  const first = inputs[arrays.indexOf(array)];
  return first === inputs[i] ? array : ops.add(array, constant(0, array.dtype));
}

/** Hands `gradient` of `root` back to all leaves behind it. */
export function runBackward(root: Tensor, gradient: LazyArray, retainGraph: boolean): void {
  if (!root.requiresGrad) {
    throw new Error("element 0 of tensors does not require grad and does not have a grad_fn");
  }
  using _ = noGrad();
  const pending = new Map<GradFn, LazyArray>();
  const deliver = (tensor: Tensor, dy: LazyArray) => {
    if (!tensor.requiresGrad) return;
    if (!tensor.gradFn) return accumulate(tensor, dy);
    const before = pending.get(tensor.gradFn);
    pending.set(tensor.gradFn, before ? ops.add(before, dy) : dy);
  };
  deliver(root, gradient);
  for (const fn of executionOrder(root)) {
    const dy = pending.get(fn);
    if (dy) backwardThrough(fn, dy).forEach((dx, i) => dx && deliver(fn.inputs[i], dx));
    if (!retainGraph) fn.saved = undefined;
  }
}

function accumulate(leaf: Tensor, dy: LazyArray): void {
  leaf.grad = new Tensor(leaf.grad ? ops.add(leaf.grad.array, dy) : dy);
}

/** Functions behind a tensor, each before those whose results it read. */
function executionOrder(root: Tensor): GradFn[] {
  const order: GradFn[] = [];
  const seen = new Set<GradFn>();
  const stack: { fn: GradFn; expanded: boolean }[] = [];
  const visit = (tensor: Tensor) => {
    const fn = tensor.gradFn;
    if (fn && !seen.has(fn)) stack.push({ fn, expanded: false });
  };
  visit(root);
  while (stack.length > 0) {
    const top = stack.pop()!;
    if (top.expanded) {
      order.push(top.fn);
    } else if (!seen.has(top.fn)) {
      seen.add(top.fn);
      stack.push({ fn: top.fn, expanded: true });
      top.fn.inputs.forEach(visit);
    }
  }
  return order.reverse();
}

/** Gradients of a function's inputs, from the gradient rules of the ops it was made of. */
function backwardThrough(fn: GradFn, dy: LazyArray): (LazyArray | null)[] {
  if (!fn.saved) {
    throw new Error(
      `Trying to backward through the graph a second time (${fn.name}): specify retainGraph: true on the first pass`,
    );
  }
  const { arrays, nodes } = fn.saved;
  const wanted = new Set(arrays.filter((_, i) => fn.inputs[i].requiresGrad));
  for (const node of nodes) {
    if (node.inputs.some((input) => wanted.has(input))) node.outputs.forEach((o) => wanted.add(o));
  }
  const gradients = new Map<LazyArray, LazyArray>([[fn.output, dy]]);
  for (let i = nodes.length - 1; i >= 0; i--) backwardNode(fn.name, nodes[i], wanted, gradients);
  // An array that was passed twice receives one gradient, the sum.
  return arrays.map((array, i) =>
    arrays.indexOf(array) === i ? gradients.get(array) ?? null : null
  );
}

function backwardNode(
  name: string,
  node: GraphNode,
  wanted: Set<LazyArray>,
  gradients: Map<LazyArray, LazyArray>,
): void {
  const upstream = node.outputs.map((output) => gradients.get(output) ?? null);
  if (upstream.every((dy) => dy === null)) return;
  const needs = node.inputs.map((input) => wanted.has(input));
  if (!needs.includes(true)) return;
  if (!node.op.gradient) {
    throw new Error(`${name}: the derivative for ${node.op.name} is not implemented`);
  }
  const { inputs, outputs, attributes } = node;
  const result = node.op.gradient({ inputs, outputs, attributes, upstream, needs });
  result.forEach((dx, i) => {
    if (!dx || !needs[i]) return;
    const before = gradients.get(inputs[i]);
    gradients.set(inputs[i], before ? ops.add(before, dx) : dx);
  });
}
