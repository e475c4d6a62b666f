/**
 * Functions made of ops: their gradients follow from the gradient rules of the ops.
 * @module
 */
import {
  type DType,
  type GraphNode,
  isFloating,
  isShortFloat,
  type LazyArray,
  ops,
  recordOps,
} from "../../onnx/mod.ts";
import { autocastDType } from "../amp/autocast_state.ts";
import { isGradEnabled } from "../grad_mode.ts";
import { Tensor } from "../tensor.ts";
import { edgeOf, GradFn, secondPassError } from "./grad_fn.ts";
import { checkVersions, type SavedVersion, saveVersion } from "./saved_versions.ts";

type Compute = (arrays: readonly LazyArray[]) => readonly LazyArray[];

/** What a backward pass needs of the forward pass. */
interface Saved {
  readonly arrays: readonly LazyArray[];
  readonly nodes: readonly GraphNode[];
  readonly versions: SavedVersion[];
  /** The inputs as they were, for gradients of gradients. */
  readonly inputs: readonly Tensor[];
  readonly compute: Compute;
}

/**
 * Applies a function of lazy arrays to tensors and remembers it for the backward pass.
 * Every differentiable function of this idiom goes through here.
 */
export function apply(
  name: string,
  inputs: readonly Tensor[],
  compute: (arrays: readonly LazyArray[]) => LazyArray,
): Tensor {
  return applyMany(name, inputs, (arrays) => [compute(arrays)])[0];
}

/** Like {@linkcode apply}, for functions with several results. */
export function applyMany(
  name: string,
  given: readonly Tensor[],
  compute: (arrays: readonly LazyArray[]) => readonly LazyArray[],
): Tensor[] {
  const dtype = autocastDType(name);
  const inputs = dtype ? given.map((tensor) => autocastTo(tensor, dtype)) : given;
  const tracked = inputs.some((input) => input.requiresGrad) && isGradEnabled();
  if (!tracked) return compute(inputs.map((input) => input.array)).map((y) => new Tensor(y));
  const fn = new RecordedFn(`${name}Backward0`, inputs, compute);
  const results = fn.outputs.map((output, outputIndex) =>
    isFloating(output.dtype)
      ? new Tensor(output, { gradFn: fn, outputIndex, requiresGrad: true })
      : new Tensor(output)
  );
  fn.watchOutputs(results);
  return results;
}

/** A tensor as a function computes with it within an autocast region: float64 and integers stay what they are. */
export function autocastTo(tensor: Tensor, dtype: DType): Tensor {
  if (tensor.dtype === dtype) return tensor;
  if (tensor.dtype !== "float32" && !isShortFloat(tensor.dtype)) return tensor;
  return apply("ToCopy", [tensor], ([x]) => ops.cast(x, dtype));
}

/** A function of lazy arrays, run once and remembered. */
class RecordedFn extends GradFn<Tensor> {
  readonly outputs: readonly LazyArray[];
  #saved: Saved | undefined;

  constructor(name: string, inputs: readonly Tensor[], compute: Compute) {
    super(name, inputs.map((input) => edgeOf(input)));
    const arrays = distinctArrays(inputs);
    const { result, nodes } = recordOps(() => compute(arrays));
    this.outputs = result;
    const versions = inputs.map((input, i) => saveVersion(input, arrays[i], originOf(input)));
    this.#saved = { arrays, nodes, versions, inputs: snapshots(inputs), compute };
  }

  /** The gradient may need the results (exp's does): they must not change either. */
  watchOutputs(results: readonly Tensor[]): void {
    results.forEach((tensor, i) =>
      this.#saved?.versions.push(
        saveVersion(tensor, this.outputs[i], `output ${i} of ${this.name}`),
      )
    );
  }

  override release(): void {
    this.#saved = undefined;
  }

  override backward(
    upstream: readonly (Tensor | null)[],
    createGraph: boolean,
  ): (Tensor | null)[] {
    const saved = this.#saved;
    if (!saved) throw secondPassError(this.name);
    const wanted = this.edges.map((edge) => edge !== null);
    const dys = upstream.map((dy) => dy?.array ?? null);
    const gradients = gradientsOf(this.name, saved, this.outputs, dys, wanted);
    const computed = saved.nodes.flatMap((node) => node.outputs);
    checkVersions(saved.versions, gradients, [...computed, ...dys.filter((dy) => dy !== null)]);
    if (createGraph) return this.#differentiableBackward(saved, upstream, wanted, gradients);
    return gradients.map((dx) => dx && new Tensor(dx));
  }

  /** The same once more as a function of the gradients and the inputs; equal parts are computed once. */
  #differentiableBackward(
    saved: Saved,
    upstream: readonly (Tensor | null)[],
    wanted: readonly boolean[],
    known: readonly (LazyArray | null)[],
  ): (Tensor | null)[] {
    const given = upstream.filter((dy) => dy !== null);
    const present = known.flatMap((dx, i) => dx ? [i] : []);
    const results = applyMany(this.name, [...given, ...saved.inputs], (arrays) => {
      const own = arrays.slice(given.length);
      const { result, nodes } = recordOps(() => saved.compute(own));
      let next = 0;
      const dys = upstream.map((dy) => dy && arrays[next++]);
      const again = { ...saved, arrays: own, nodes };
      const gradients = gradientsOf(this.name, again, result, dys, wanted);
      return present.map((i) => gradients[i]!);
    });
    return known.map((_, i) => present.includes(i) ? results[present.indexOf(i)] : null);
  }
}

/** A tensor and its detached twin have one array, but only one of them takes a gradient. */
function distinctArrays(inputs: readonly Tensor[]): LazyArray[] {
  const arrays = inputs.map((input) => input.array);
  return arrays.map((array, i) => {
    const first = inputs[arrays.indexOf(array)];
    return first === inputs[i] ? array : ops.copy(array);
  });
}

/** What a tensor is, for messages. */
export function originOf(input: Tensor): string {
  return input.gradFn ? `output ${input.outputIndex} of ${input.gradFn.name}` : "a leaf";
}

/** One for each tensor, however often it was passed: it receives one gradient, the sum. */
function snapshots(inputs: readonly Tensor[]): Tensor[] {
  const made = new Map(inputs.map((input) => [input, snapshot(input)]));
  return inputs.map((input) => made.get(input)!);
}

/** The tensor as it is now, whatever is written into it later. */
export function snapshot(input: Tensor): Tensor {
  if (input.isLeaf && input.requiresGrad) return input;
  const { gradFn, outputIndex, requiresGrad } = input;
  return new Tensor(input.array, { gradFn, outputIndex, requiresGrad });
}

/** Walks back over the ops of a function. */
function gradientsOf(
  name: string,
  { arrays, nodes }: Pick<Saved, "arrays" | "nodes">,
  outputs: readonly LazyArray[],
  upstream: readonly (LazyArray | null)[],
  wanted: readonly boolean[],
): (LazyArray | null)[] {
  const reached = new Set(arrays.filter((_, i) => wanted[i]));
  for (const node of nodes) {
    if (node.inputs.some((input) => reached.has(input))) {
      node.outputs.forEach((output) => reached.add(output));
    }
  }
  const gradients = new Map<LazyArray, LazyArray>();
  upstream.forEach((dy, i) => dy && addTo(gradients, outputs[i], dy));
  for (let i = nodes.length - 1; i >= 0; i--) backwardNode(name, nodes[i], reached, gradients);
  // An array that was passed twice receives one gradient, the sum.
  return arrays.map((array, i) =>
    wanted[i] && arrays.indexOf(array) === i ? gradients.get(array) ?? null : null
  );
}

function addTo(gradients: Map<LazyArray, LazyArray>, array: LazyArray, dy: LazyArray): void {
  const before = gradients.get(array);
  gradients.set(array, before ? ops.add(before, dy) : dy);
}

function backwardNode(
  name: string,
  node: GraphNode,
  reached: ReadonlySet<LazyArray>,
  gradients: Map<LazyArray, LazyArray>,
): void {
  const upstream = node.outputs.map((output) => gradients.get(output) ?? null);
  if (upstream.every((dy) => dy === null)) return;
  const needs = node.inputs.map((input) => reached.has(input));
  if (!needs.includes(true)) return;
  if (!node.op.gradient) {
    throw new Error(`${name}: the derivative for ${node.op.name} is not implemented`);
  }
  const { inputs, outputs, attributes } = node;
  const result = node.op.gradient({ inputs, outputs, attributes, upstream, needs });
  result.forEach((dx, i) => dx && needs[i] && addTo(gradients, inputs[i], dx));
}
