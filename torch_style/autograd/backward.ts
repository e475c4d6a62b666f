/**
 * The backward pass: walks back over remembered functions and hands gradients on.
 * @module
 */
import { anomalyWatch } from "./anomaly_mode.ts";
import { type Call, kinds, signature } from "../arguments.ts";
import { scalar, Tensor, tensorKind } from "../tensor.ts";
import { type LazyArray, ops, sameShape, showShape } from "../../onnx/mod.ts";
import { BackwardPass, keepResult, startPasses } from "../evaluation.ts";
import { enableGrad, noGrad } from "../grad_mode.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { callHooks, type Edge, edgeOf, type GradFn } from "./grad_fn.ts";

/** Options of {@linkcode backward}. */
export interface BackwardOptions {
  /** Gradient of the tensor itself; may be left out for a single number. */
  readonly gradient?: Tensor;
  /** Allow another pass over the same operations; `createGraph` unless given. */
  readonly retainGraph?: boolean;
  /** Remember the backward pass too, so that gradients have gradients. */
  readonly createGraph?: boolean;
}

const BACKWARD = signature("backward", ["input", tensorKind], ["gradient", tensorKind, undefined], [
  "retainGraph",
  kinds.boolean,
  undefined,
], ["createGraph", kinds.boolean, undefined]);

/**
 * Adds the gradient of a tensor to the `grad` of every leaf it was computed from.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html
 */
export function backward(...given: Call<typeof BACKWARD, BackwardOptions, [input: Tensor]>): void {
  const { input, ...options } = BACKWARD.read(given);
  keepResult(input.array);
  const { createGraph = false, retainGraph = createGraph } = options;
  runBackward([input], [options.gradient ?? null], { createGraph, retainGraph });
}

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
  readonly #edges: readonly (Edge<Tensor> | null)[];

  constructor(inputs: readonly Tensor[]) {
    this.#edges = inputs.map((input) => edgeOf(input));
    this.results = inputs.map(() => null);
  }

  /** What there is so far. */
  get arrays(): LazyArray[] {
    return this.results.flatMap((result) => result ? [result.array] : []);
  }

  /** Takes the complete gradient of an output of a function, or a part of a leaf's. */
  offer(edge: Edge<Tensor>, gradient: Tensor): void {
    this.#edges.forEach((own, i) => {
      if (!own || !sameEdge(own, edge)) return;
      this.results[i] = this.results[i]?.add(gradient) ?? gradient;
    });
  }
}

function sameEdge(a: Edge<Tensor>, b: Edge<Tensor>): boolean {
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
  const order = executionOrder(roots);
  const { capture, createGraph, retainGraph } = options;
  if (!capture) startPasses(pendingGradients(roots, order));
  const pass = new BackwardPass(roots.map(({ array }) => array), retainGraph);
  const walk = new Walk(options, pass);
  const run = () => {
    roots.forEach((root, i) => walk.deliver(edgeOf(root), seeds[i]));
    for (const fn of order) walk.run(fn);
  };
  if (createGraph) enableGrad(run);
  else noGrad(run);
  pass.close(createGraph ? [] : capture?.arrays ?? []);
  if (!retainGraph) order.forEach((fn) => fn.release());
  for (const leaf of walk.reached) leaf.postAccumulateHooks.forEach((hook) => hook(leaf));
  for (const callback of callbacks.splice(0)) callback();
}

/** What is to be done at the end of the pass that runs. */
const callbacks: (() => void)[] = [];

/** Has a function called once the pass that runs is complete: for hooks that wait for all gradients. */
export function queueCallback(callback: () => void): void {
  callbacks.push(callback);
}

/** Gradients of earlier passes that this one adds to and that nobody has computed yet. */
function pendingGradients(
  roots: readonly Tensor[],
  order: readonly GradFn<Tensor>[],
): LazyArray[] {
  const edges = [...roots.map((root) => edgeOf(root)), ...order.flatMap((fn) => fn.edges)];
  return edges.flatMap((edge) => {
    const grad = edge && "leaf" in edge ? edge.leaf.grad : null;
    return grad?.array.isPending ? [grad.array] : [];
  });
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

class Walk {
  /** Leaves whose `grad` it added to. */
  readonly reached = new Set<Tensor>();
  readonly #pending = new Map<GradFn<Tensor>, (Tensor | null)[]>();

  constructor(readonly options: PassOptions, readonly pass: BackwardPass) {}

  deliver(edge: Edge<Tensor> | null, gradient: Tensor): void {
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
    this.reached.add(leaf);
    this.pass.reaches(leaf);
    leaf.grad = leaf.grad?.add(gradient) ?? gradient;
  }

  run(fn: GradFn<Tensor>): void {
    const waiting = this.#pending.get(fn);
    if (!waiting) return;
    const upstream = Array.from(waiting, (dy, index) => {
      if (!dy) return null;
      const gradient = fn.throughHooks(index, dy);
      this.options.capture?.offer({ fn, index }, gradient);
      return gradient;
    });
    const gradients = fn.backward(upstream, this.options.createGraph);
    anomalyWatch()?.note(fn, gradients);
    gradients.forEach((dx, i) => dx && this.deliver(fn.edges[i], dx));
  }
}

/** Functions behind tensors, each before those whose results it read. */
function executionOrder(roots: readonly Tensor[]): GradFn<Tensor>[] {
  const order: GradFn<Tensor>[] = [];
  const seen = new Set<GradFn<Tensor>>();
  const stack: { fn: GradFn<Tensor>; expanded: boolean }[] = [];
  const visit = (edge: Edge<Tensor> | null) => {
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

const methods = { backward };

declare module "../tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}

defineMethods(methods);
