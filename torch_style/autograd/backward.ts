/**
 * The backward pass: walks back over remembered functions and hands gradients on.
 * @module
 */
import { anomalyWatch } from "./anomaly_mode.ts";
import { type Call, kinds, signature } from "../arguments.ts";
import { scalar, Tensor, tensorKind } from "../tensor.ts";
import { type LazyArray, ops, readingForStep, sameShape, showShape } from "../../onnx/mod.ts";
import { BackwardPass, keepResult, startPasses } from "../evaluation.ts";
import { enableGrad, noGrad } from "../grad_mode.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { callHooks, type Edge, edgeOf, type GradFn } from "./grad_fn.ts";

/** Options of {@linkcode backward} and of the method of the same name. */
export interface PassBounds {
  /** Allow another pass over the same operations; `createGraph` unless given. */
  readonly retainGraph?: boolean;
  /** Remember the backward pass too, so that gradients have gradients. */
  readonly createGraph?: boolean;
  /** Add to the `grad` of these tensors only, computed ones too; of all leaves unless given. */
  readonly inputs?: Tensor | readonly Tensor[];
}

/** Options of `Tensor.backward`. */
export interface BackwardOptions extends PassBounds {
  /** Gradient of the tensor itself; may be left out for a single number. */
  readonly gradient?: Tensor | null;
}

const tensorsKind = kinds.either(tensorKind, kinds.listOf(tensorKind));
const PASS = [
  ["retainGraph", kinds.boolean, undefined],
  ["createGraph", kinds.boolean, undefined],
  ["inputs", tensorsKind, undefined],
] as const;
const BACKWARD = signature("backward", ["input", tensorKind], [
  "gradient",
  kinds.nullable(tensorKind),
  undefined,
], ...PASS);

/**
 * Adds the gradient of a tensor to the `grad` of every leaf it was computed from.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html
 */
function backwardFrom(...given: Call<typeof BACKWARD, BackwardOptions, [input: Tensor]>): void {
  const { input, gradient, ...options } = BACKWARD.read(given);
  startAt([input], [gradient ?? null], options);
}

const BACKWARD_OF_MANY = signature(
  "autograd.backward",
  ["tensors", tensorsKind],
  [
    "gradTensors",
    kinds.nullable(kinds.either(tensorKind, kinds.listOf(kinds.nullable(tensorKind)))),
    undefined,
  ],
  ...PASS,
);

/** Options of {@linkcode backward}. */
export interface BackwardOfManyOptions extends PassBounds {
  /** Gradient of each tensor; null, or left out as a whole, for single numbers. */
  readonly gradTensors?: Tensor | readonly (Tensor | null)[] | null;
}

/**
 * Adds the sum of the gradients of some tensors to the `grad` of every leaf they were computed from, in one pass.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.autograd.backward.html
 *
 * @throws {Error} if a tensor takes no gradients, or its gradient does not fit or is missing
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const x = torch.tensor([1, 2], { dtype: "float32", requiresGrad: true });
 * torch.autograd.backward([x.sum(), x.mul(x)], [null, torch.ones([2])]);
 * console.log(await x.grad!.tolist()); // 1 + 2 x: [3, 5]
 * ```
 */
export function backward(
  ...given: Call<
    typeof BACKWARD_OF_MANY,
    BackwardOfManyOptions,
    [tensors: Tensor | readonly Tensor[]]
  >
): void {
  const { tensors, gradTensors, ...options } = BACKWARD_OF_MANY.read(given);
  const roots = [tensors].flat() as Tensor[];
  const gradients = gradTensors ? [gradTensors].flat() as (Tensor | null)[] : roots.map(() => null);
  if (gradients.length !== roots.length) {
    throw new Error(
      `autograd.backward: got ${roots.length} tensors and ${gradients.length} gradTensors, expected one for each`,
    );
  }
  startAt(roots, gradients, options);
}

function startAt(
  roots: readonly Tensor[],
  gradients: readonly (Tensor | null)[],
  { createGraph = false, retainGraph = createGraph, inputs }: PassBounds,
): void {
  const only = inputs && [inputs].flat() as Tensor[];
  if (only?.length === 0) throw new Error("`inputs` argument to `backward()` cannot be empty.");
  if (only?.some((input) => !input.requiresGrad)) {
    throw new Error("One of the differentiated Tensors does not require grad");
  }
  only?.forEach((input) => input.retainGrad());
  roots.forEach(({ array }) => keepResult(array));
  readingForStep(() => runBackward(roots, gradients, { createGraph, retainGraph, only }));
}

/** How a backward pass is run. */
export interface PassOptions {
  readonly retainGraph: boolean;
  readonly createGraph: boolean;
  /** Collects the gradients of some tensors instead of adding to the leaves' `grad`. */
  readonly capture?: GradientCapture;
  /** Goes no further than these, and adds to the `grad` of no other leaf. */
  readonly only?: readonly Tensor[];
}

/** Gradients that `autograd.grad` asked for. */
export class GradientCapture {
  readonly results: (Tensor | null)[];
  /** Which results are those of a leaf, or of the outputs of a function. */
  readonly #wanted = new Map<Tensor | GradFn<Tensor>, { index: number; result: number }[]>();

  constructor(inputs: readonly Tensor[]) {
    this.results = inputs.map(() => null);
    inputs.forEach((input, result) => {
      const edge = edgeOf(input);
      if (!edge) return;
      const key = keyOf(edge);
      const index = "leaf" in edge ? 0 : edge.index;
      this.#wanted.set(key, [...this.#wanted.get(key) ?? [], { index, result }]);
    });
  }

  /** What there is so far. */
  get arrays(): LazyArray[] {
    return this.results.flatMap((result) => result ? [result.array] : []);
  }

  /** Whether a gradient that comes here was asked for, or may be: it is one of the same function's. */
  wants(edge: Edge<Tensor>): boolean {
    return this.#wanted.has(keyOf(edge));
  }

  /** Takes the complete gradient of an output of a function, or of a leaf. */
  offer(edge: Edge<Tensor>, gradient: Tensor): void {
    for (const { index, result } of this.#wanted.get(keyOf(edge)) ?? []) {
      if ("leaf" in edge || edge.index === index) this.results[result] = gradient;
    }
  }
}

function keyOf(edge: Edge<Tensor>): Tensor | GradFn<Tensor> {
  return "leaf" in edge ? edge.leaf : edge.fn;
}

/** Hands the gradients of some tensors back to all leaves behind them, or as far as the captured ones. */
export function runBackward(
  roots: readonly Tensor[],
  gradients: readonly (Tensor | null)[],
  options: PassOptions,
): void {
  const seeds = roots.map((root, i) => seedOf(root, gradients[i], i));
  const { createGraph, retainGraph, only } = options;
  const capture = only ? new GradientCapture(only) : options.capture;
  const all = executionOrder(roots);
  const order = capture ? onTheWayTo(capture, all) : all;
  if (!options.capture) startPasses(pendingGradients(roots, order, capture));
  const pass = new BackwardPass(roots.map(({ array }) => array), retainGraph);
  const edges = roots.map((root) => edgeOf(root));
  const walk = new Walk({ ...options, capture }, pass, order, edges);
  const run = () => {
    edges.forEach((edge, i) => walk.deliver(edge, seeds[i]));
    for (const fn of all) walk.run(fn);
  };
  if (createGraph) enableGrad(run);
  else noGrad(run);
  pass.close(createGraph ? [] : options.capture?.arrays ?? []);
  if (!retainGraph) order.forEach((fn) => fn.release());
  for (const leaf of walk.reached) callHooks(leaf.postAccumulateHooks, leaf);
  for (const callback of callbacks.splice(0)) callback();
}

/** The functions that lead to a captured gradient: no other is run, has its hooks called or lets go of what it saved. */
function onTheWayTo(
  capture: GradientCapture,
  order: readonly GradFn<Tensor>[],
): GradFn<Tensor>[] {
  const leading = new Set<GradFn<Tensor>>();
  for (const fn of order.toReversed()) {
    const leads = (edge: Edge<Tensor> | null) =>
      edge && (capture.wants(edge) || ("fn" in edge && leading.has(edge.fn)));
    if (fn.edges.some(leads)) leading.add(fn);
  }
  return order.filter((fn) => leading.has(fn));
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
  only: GradientCapture | undefined,
): LazyArray[] {
  const edges = [...roots.map((root) => edgeOf(root)), ...order.flatMap((fn) => fn.edges)];
  return edges.flatMap((edge) => {
    const isReached = edge && "leaf" in edge && (!only || only.wants(edge));
    const grad = isReached ? edge.leaf.grad : null;
    return grad?.array.isPending ? [grad.array] : [];
  });
}

function seedOf(root: Tensor, gradient: Tensor | null, index: number): Tensor {
  if (!root.requiresGrad) {
    throw new Error(`element ${index} of tensors does not require grad and does not have a gradFn`);
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

/** What has come to a leaf, and from how many places more is to come. */
interface LeafSum {
  awaited: number;
  sum: Tensor | null;
}

class Walk {
  /** Leaves whose `grad` it added to. */
  readonly reached = new Set<Tensor>();
  readonly #pending = new Map<GradFn<Tensor>, (Tensor | null)[]>();
  readonly #leaves = new Map<Tensor, LeafSum>();
  /** The functions to be run. */
  readonly #running: ReadonlySet<GradFn<Tensor>>;

  constructor(
    readonly options: PassOptions,
    readonly pass: BackwardPass,
    order: readonly GradFn<Tensor>[],
    roots: readonly (Edge<Tensor> | null)[],
  ) {
    this.#running = new Set(order);
    for (const edge of [...roots, ...order.flatMap((fn) => fn.edges)]) {
      if (!edge || "fn" in edge) continue;
      const own = this.#leaves.get(edge.leaf);
      if (own) own.awaited++;
      else this.#leaves.set(edge.leaf, { awaited: 1, sum: null });
    }
  }

  /** Hands a gradient on, or that there is none: hooks of a leaf wait for all that leads there. */
  deliver(edge: Edge<Tensor> | null, gradient: Tensor | null): void {
    if (!edge) return;
    if ("leaf" in edge) return this.#deliverToLeaf(edge, gradient);
    if (!gradient) return;
    const waiting = this.#pending.get(edge.fn) ?? [];
    waiting[edge.index] = waiting[edge.index]?.add(gradient) ?? gradient;
    this.#pending.set(edge.fn, waiting);
  }

  #deliverToLeaf(edge: { readonly leaf: Tensor }, gradient: Tensor | null): void {
    const own = this.#leaves.get(edge.leaf)!;
    if (gradient) own.sum = own.sum?.add(gradient) ?? gradient;
    if (--own.awaited === 0 && own.sum) this.#complete(edge, own.sum);
  }

  #complete(edge: { readonly leaf: Tensor }, sum: Tensor): void {
    const { leaf } = edge;
    const { capture, only } = this.options;
    if (capture && !capture.wants(edge)) return;
    const gradient = callHooks(leaf.leafHooks, sum);
    if (capture && !only) return capture.offer(edge, gradient);
    this.reached.add(leaf);
    this.pass.reaches(leaf);
    leaf.accumulateGrad(gradient);
  }

  run(fn: GradFn<Tensor>): void {
    const isRunning = this.#running.has(fn);
    const { capture, createGraph } = this.options;
    if (!isRunning && !capture?.wants({ fn, index: 0 })) return;
    const waiting = this.#pending.get(fn);
    const upstream = waiting && Array.from(waiting, (dy, index) => {
      if (!dy) return null;
      const gradient = fn.throughHooks(index, dy);
      // As in PyTorch: what goes on past a captured place is captured before its hooks.
      capture?.offer({ fn, index }, isRunning ? dy : gradient);
      return gradient;
    });
    if (!isRunning) return;
    const gradients = upstream ? fn.backward(upstream, createGraph) : [];
    if (upstream) anomalyWatch()?.note(fn, gradients);
    fn.edges.forEach((edge, i) => this.deliver(edge, gradients[i] ?? null));
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

const methods = { backward: backwardFrom };

declare module "../tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}

defineMethods(methods);
