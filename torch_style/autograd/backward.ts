/**
 * The backward pass: walks back over remembered functions and hands gradients on.
 * @module
 */
import { ops, sameShape, showShape } from "../../onnx/mod.ts";
import { enableGrad, noGrad } from "../grad_mode.ts";
import { scalar, Tensor } from "../tensor.ts";
import { callHooks, type Edge, edgeOf, type GradFn } from "./grad_fn.ts";

/** How a backward pass is run. */
export interface PassOptions {
  readonly retainGraph: boolean;
  readonly createGraph: boolean;
  /** Collects the gradients of some tensors instead of adding to the leaves' `grad`. */
  readonly capture?: GradientCapture;
}

/** Gradients that `autograd.grad` asked for. */
export class GradientCapture {
  readonly results: (Tensor | null)[];
  readonly #edges: readonly (Edge | null)[];

  constructor(inputs: readonly Tensor[]) {
    this.#edges = inputs.map(edgeOf);
    this.results = inputs.map(() => null);
  }

  /** Takes the complete gradient of an output of a function, or a part of a leaf's. */
  offer(edge: Edge, gradient: Tensor): void {
    this.#edges.forEach((own, i) => {
      if (!own || !sameEdge(own, edge)) return;
      this.results[i] = this.results[i]?.add(gradient) ?? gradient;
    });
  }
}

function sameEdge(a: Edge, b: Edge): boolean {
  if ("leaf" in a || "leaf" in b) return "leaf" in a && "leaf" in b && a.leaf === b.leaf;
  return a.fn === b.fn && a.index === b.index;
}

/** Hands the gradients of some tensors back to all leaves behind them. */
export function runBackward(
  roots: readonly Tensor[],
  gradients: readonly (Tensor | null)[],
  options: PassOptions,
): void {
  const seeds = roots.map((root, i) => seedOf(root, gradients[i]));
  using _ = options.createGraph ? enableGrad() : noGrad();
  const pass = new BackwardPass(options);
  roots.forEach((root, i) => pass.deliver(edgeOf(root), seeds[i]));
  const order = executionOrder(roots);
  for (const fn of order) pass.run(fn);
  if (!options.retainGraph) order.forEach((fn) => fn.release());
}

function seedOf(root: Tensor, gradient: Tensor | null): Tensor {
  if (!root.requiresGrad) {
    throw new Error("element 0 of tensors does not require grad and does not have a gradFn");
  }
  if (gradient) {
    if (sameShape(gradient.shape, root.shape)) return gradient;
    throw new Error(
      `Mismatch in shape: gradient has a shape of ${showShape(gradient.shape)} and output has a ` +
        `shape of ${showShape(root.shape)}`,
    );
  }
  if (root.numel() !== 1) {
    throw new Error(
      `grad can be implicitly created only for scalar outputs, got shape ${showShape(root.shape)}`,
    );
  }
  return new Tensor(ops.expand(scalar(1, root.dtype).array, root.shape));
}

class BackwardPass {
  readonly #pending = new Map<GradFn, (Tensor | null)[]>();

  constructor(readonly options: PassOptions) {}

  deliver(edge: Edge | null, gradient: Tensor): void {
    if (!edge) return;
    if ("leaf" in edge) return this.#deliverToLeaf(edge, gradient);
    const waiting = this.#pending.get(edge.fn) ?? [];
    waiting[edge.index] = waiting[edge.index]?.add(gradient) ?? gradient;
    this.#pending.set(edge.fn, waiting);
  }

  #deliverToLeaf(edge: { readonly leaf: Tensor }, given: Tensor): void {
    const { leaf } = edge;
    const gradient = callHooks(leaf.leafHooks, given);
    if (this.options.capture) return this.options.capture.offer(edge, gradient);
    leaf.grad = leaf.grad?.add(gradient) ?? gradient;
  }

  run(fn: GradFn): void {
    const waiting = this.#pending.get(fn);
    if (!waiting) return;
    const upstream = Array.from(waiting, (dy, index) => {
      if (!dy) return null;
      const gradient = fn.throughHooks(index, dy);
      this.options.capture?.offer({ fn, index }, gradient);
      return gradient;
    });
    fn.backward(upstream, this.options.createGraph).forEach((dx, i) =>
      dx && this.deliver(fn.edges[i], dx)
    );
  }
}

/** Functions behind tensors, each before those whose results it read. */
function executionOrder(roots: readonly Tensor[]): GradFn[] {
  const order: GradFn[] = [];
  const seen = new Set<GradFn>();
  const stack: { fn: GradFn; expanded: boolean }[] = [];
  const visit = (edge: Edge | null) => {
    if (edge && "fn" in edge && !seen.has(edge.fn)) stack.push({ fn: edge.fn, expanded: false });
  };
  roots.forEach((root) => visit(edgeOf(root)));
  while (stack.length > 0) {
    const top = stack.pop()!;
    if (top.expanded) {
      order.push(top.fn);
    } else if (!seen.has(top.fn)) {
      seen.add(top.fn);
      stack.push({ fn: top.fn, expanded: true });
      top.fn.edges.forEach(visit);
    }
  }
  return order.reverse();
}
