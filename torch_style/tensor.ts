/**
 * The mutable tensor of the PyTorch idiom, over immutable lazy arrays.
 * @module
 */
import {
  constant,
  type DType,
  isFloating,
  type LazyArray,
  ops,
  sameShape,
  type Shape,
  showShape,
  sizeOf,
  type TypedArray,
} from "../onnx/mod.ts";
import type { GradFn, GradHook } from "./autograd/grad_fn.ts";
import { RecordedFn } from "./autograd/recorded_fn.ts";
import { runBackward } from "./autograd/backward.ts";
import { enableGrad, isGradEnabled } from "./grad_mode.ts";
import { evaluateWithKept, keepResult } from "./kept_results.ts";
import { readThrough, Storage, type ViewStep, writeThrough } from "./view.ts";

/** Numbers nested in arrays, as `torch.tensor` takes them. */
export type Nested = number | boolean | readonly Nested[];

/** What can stand on the other side of an operation. */
export type Operand = Tensor | number;

/** Options of everything that creates a tensor. */
export interface TensorOptions {
  readonly dtype?: DType;
  readonly requiresGrad?: boolean;
}

/** Options of {@linkcode Tensor.backward}. */
export interface BackwardOptions {
  /** Gradient of the tensor itself; may be left out for a single number. */
  readonly gradient?: Tensor;
  /** Allow another pass over the same operations; `createGraph` unless given. */
  readonly retainGraph?: boolean;
  /** Remember the backward pass too, so that gradients have gradients. */
  readonly createGraph?: boolean;
}

/** How a tensor was computed, and what changes when it is written to in place. */
interface History {
  readonly gradFn: GradFn | null;
  readonly outputIndex: number;
  readonly requiresGrad: boolean;
}

const NO_HISTORY: History = { gradFn: null, outputIndex: 0, requiresGrad: false };

/**
 * An n-dimensional array that remembers how it was computed and can be changed in place.
 * Follows https://docs.pytorch.org/docs/stable/tensors.html
 *
 * Operations return at once; numbers are computed when {@linkcode Tensor.data}, {@linkcode Tensor.item}
 * or an optimizer's step asks for them. Methods beside those below are the functions of the same name
 * with the tensor as their first argument.
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const x = torch.tensor([1, 2, 3], { dtype: "float32", requiresGrad: true });
 * x.mul(x).sum().backward();
 * console.log(await x.grad!.tolist()); // [2, 4, 6]
 * ```
 */
export class Tensor {
  readonly shape: Shape;
  readonly dtype: DType;
  /** The sum of the gradients of all backward passes so far; null before the first. */
  grad: Tensor | null = null;
  /** Called with the gradient when a backward pass arrives here; see {@linkcode Tensor.registerHook}. */
  readonly leafHooks: GradHook[] = [];
  readonly #storage: Storage;
  readonly #steps: readonly ViewStep[];
  /** The tensor this is a view of, for autograd. */
  readonly #base: Tensor | undefined;
  #history: History;
  #retainsGrad = false;
  /** The base's history that this view's own belongs to. */
  #seenHistory: History | undefined;
  #read: { readonly array: LazyArray; readonly version: number };

  /** For the idiom's own use; make tensors by `tensor`, `zeros`, ... */
  constructor(
    source: LazyArray | { storage: Storage; steps: readonly ViewStep[]; base?: Tensor },
    history: Partial<History> = NO_HISTORY,
  ) {
    const memory = "storage" in source ? source : { storage: new Storage(source), steps: [] };
    this.#storage = memory.storage;
    this.#steps = memory.steps;
    this.#base = "base" in memory ? memory.base : undefined;
    const array = readThrough(memory.storage.array, memory.steps);
    this.#read = { array, version: memory.storage.version };
    this.shape = array.shape;
    this.dtype = array.dtype;
    this.#history = { ...NO_HISTORY, ...history };
    if (this.#base) this.#seenHistory = this.#base.#history;
  }

  /** The lazy array with the present value. */
  get array(): LazyArray {
    if (this.#read.version !== this.#storage.version) {
      const array = readThrough(this.#storage.array, this.#steps);
      this.#read = { array, version: this.#storage.version };
    }
    return this.#read.array;
  }

  /** Replaces the value as a whole: for optimizers, which know that no gradient is to flow. */
  set array(array: LazyArray) {
    this.#storage.write(writeThrough(this.#storage.array, this.#steps, array));
  }

  /** The memory, shared with views and detached twins. */
  get storage(): Storage {
    return this.#storage;
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  numel(): number {
    return sizeOf(this.shape);
  }

  /** The shape, or one dimension of it. */
  size(): Shape;
  size(dim: number): number;
  size(dim?: number): Shape | number {
    return dim === undefined ? this.shape : this.shape.at(dim)!;
  }

  // ---- history

  /** How it was computed; null for tensors made by hand. */
  get gradFn(): GradFn | null {
    return this.#currentHistory().gradFn;
  }

  /** Which output of {@linkcode Tensor.gradFn} it is. */
  get outputIndex(): number {
    return this.#currentHistory().outputIndex;
  }

  /** Whether backward passes reach this tensor. */
  get requiresGrad(): boolean {
    return this.#currentHistory().requiresGrad;
  }

  set requiresGrad(value: boolean) {
    this.requiresGrad_(value);
  }

  /** Whether the tensor was made by hand, not computed from tensors that require gradients. */
  get isLeaf(): boolean {
    return this.gradFn === null;
  }

  /** A view whose base was written to since was computed from what the base is now. */
  #currentHistory(): History {
    const base = this.#base;
    if (base && base.#currentHistory() !== this.#seenHistory) {
      this.#seenHistory = base.#history;
      using _ = enableGrad();
      const again = applyMany("AsView", [base], ([whole]) => [
        readThrough(whole, this.#stepsFromBase()),
      ])[0];
      this.#history = again.#history;
    }
    return this.#history;
  }

  #stepsFromBase(): readonly ViewStep[] {
    return this.#base ? this.#steps.slice(this.#base.#steps.length) : [];
  }

  /** Asks for gradients from now on. @throws {Error} for integers and for computed tensors. */
  requiresGrad_(value = true): this {
    if (value && !isFloating(this.dtype)) {
      throw new Error(
        `only Tensors of floating point dtype can require gradients, got ${this.dtype}`,
      );
    }
    if (!this.isLeaf && !value) {
      throw new Error("you can only change requiresGrad flags of leaf variables; use detach()");
    }
    this.#history = { ...this.#history, requiresGrad: value };
    return this;
  }

  /** A tensor over the same memory that backward passes do not reach. */
  detach(): Tensor {
    return new Tensor({ storage: this.#storage, steps: this.#steps });
  }

  /** A view: shares this tensor's memory and is part of its history. For functions like `permute`. */
  viewBy(name: string, step: ViewStep): Tensor {
    const memory = {
      storage: this.#storage,
      steps: [...this.#steps, step],
      base: this.#base ?? this,
    };
    if (!isGradEnabled() || !this.requiresGrad) return new Tensor(memory);
    const [computed] = applyMany(name, [this], ([whole]) => [step.read(whole)]);
    return new Tensor(memory, computed.#history);
  }

  /** Calls `hook` with the gradient of this tensor; what it returns replaces it. Returns how to take it back. */
  registerHook(hook: GradHook): { remove(): void } {
    if (!this.requiresGrad) {
      throw new Error("cannot register a hook on a tensor that doesn't require gradient");
    }
    const hooks = this.gradFn ? this.gradFn.hooksOf(this.outputIndex) : this.leafHooks;
    hooks.push(hook);
    return { remove: () => void hooks.splice(hooks.indexOf(hook), 1) };
  }

  /** Keeps the gradient of a computed tensor in `grad`; asked for again, it does nothing more. */
  retainGrad(): void {
    if (this.isLeaf || this.#retainsGrad) return;
    this.#retainsGrad = true;
    this.registerHook((gradient) => {
      this.grad = this.grad ? this.grad.add(gradient) : gradient;
    });
  }

  // ---- numbers

  /** The numbers, row by row. `int64` comes as bigints. */
  async data(): Promise<TypedArray> {
    const { array } = this;
    await evaluateWithKept([array, this.#storage.array]);
    await this.#storage.show();
    return array.hostData();
  }

  /** The only number of a tensor with one element. @throws {Error} if it has more or none. */
  async item(): Promise<number> {
    if (this.numel() !== 1) {
      throw new Error(`a Tensor with ${this.numel()} elements cannot be converted to Scalar`);
    }
    return Number((await this.data())[0]);
  }

  /** The numbers nested as the shape says. */
  async tolist(): Promise<Nested> {
    return nest(await this.data(), this.shape, this.dtype);
  }

  /**
   * Adds the gradient of this tensor to the `grad` of every leaf it was computed from.
   * Follows https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html
   */
  backward(options: BackwardOptions = {}): void {
    keepResult(this.array);
    const { createGraph = false, retainGraph = createGraph } = options;
    runBackward([this], [options.gradient ?? null], { createGraph, retainGraph });
  }

  // ---- writing

  /**
   * Replaces the value in place, in the memory that views and twins share; the source is stretched to this
   * shape and cast to this dtype.
   *
   * @throws {Error} if a leaf that requires gradients would change, or the source does not fit.
   */
  write(source: Tensor): this {
    const base = this.#base ?? this;
    if (isGradEnabled() && base.requiresGrad && base.isLeaf) {
      const what = this.#base ? "a view of a leaf Variable" : "a leaf Variable";
      throw new Error(`${what} that requires grad is being used in an in-place operation.`);
    }
    const value = this.#fitted(source);
    if (isGradEnabled() && (value.requiresGrad || base.requiresGrad)) base.#rewrite(this, value);
    else this.array = value.array;
    keepResult(this.#storage.array);
    return this;
  }

  #fitted(source: Tensor): Tensor {
    if (sameShape(source.shape, this.shape) && source.dtype === this.dtype) return source;
    const { shape, dtype } = this;
    return apply("Copy", [source], ([x]) => ops.expand(ops.cast(x, dtype), shape));
  }

  /** Makes this tensor the result of writing `value` into `target`, a view of it or itself. */
  #rewrite(target: Tensor, value: Tensor): void {
    const steps = target.#stepsFromBase();
    const result = steps.length === 0
      ? value
      : apply("CopySlices", [this, value], ([whole, part]) => writeThrough(whole, steps, part));
    this.array = result.array;
    this.#history = result.#history;
    if (target !== this) target.#currentHistory();
  }

  toString(): string {
    const grad = this.gradFn
      ? `, gradFn=<${this.gradFn.name}>`
      : this.requiresGrad
      ? ", requiresGrad=true"
      : "";
    return `tensor(${showShape(this.shape)}, dtype=${this.dtype}${grad})`;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
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
  inputs: readonly Tensor[],
  compute: (arrays: readonly LazyArray[]) => readonly LazyArray[],
): Tensor[] {
  const tracked = isGradEnabled() && inputs.some((input) => input.requiresGrad);
  if (!tracked) return compute(inputs.map((input) => input.array)).map((y) => new Tensor(y));
  const fn = new RecordedFn(`${name}Backward`, inputs, compute);
  const results = fn.outputs.map((output, outputIndex) =>
    isFloating(output.dtype)
      ? new Tensor(output, { gradFn: fn, outputIndex, requiresGrad: true })
      : new Tensor(output)
  );
  fn.watchOutputs(results);
  return results;
}

/** A single number of a dtype, as a tensor. Fractions are fed, so that one that changes makes no new graph. */
export function scalar(value: number, dtype: DType): Tensor {
  const array = constant(value, dtype);
  array.isConstant = Number.isInteger(value);
  return new Tensor(array);
}

function nest(data: TypedArray, shape: Shape, dtype: DType): Nested {
  const read = (value: number | bigint) => dtype === "bool" ? Boolean(value) : Number(value);
  if (shape.length === 0) return read(data[0]);
  const run = data.length / shape[0];
  return Array.from(
    { length: shape[0] },
    (_, i) => nest(data.subarray(i * run, (i + 1) * run), shape.slice(1), dtype),
  );
}
