/**
 * The mutable tensor of the PyTorch idiom, over immutable lazy arrays.
 * @module
 */
import {
  constant,
  countReader,
  type DType,
  isFloating,
  type LazyArray,
  type Shape,
  sizeOf,
  type TypedArray,
  valuesNow,
} from "../onnx/mod.ts";
import type { GradFn, GradHook } from "./autograd/grad_fn.ts";
import { type Kind, kinds } from "./arguments.ts";
import { evaluateForReading, isKnownZeros, passReaders } from "./evaluation.ts";
import { tensorText } from "./printing.ts";
import { readThrough, Storage, type ViewStep, writeThrough } from "./storage.ts";

/** Values nested in arrays, as `torch.tensor` takes them. */
export type Nested = number | boolean | readonly Nested[];

/** What can stand on the other side of an operation. */
export type Operand = Tensor | number | boolean;

/** Options of everything that creates a tensor. */
export interface TensorOptions {
  readonly dtype?: DType;
  readonly requiresGrad?: boolean;
}

/** How a tensor was computed; changes when it is written to in place. */
export interface History {
  readonly gradFn: GradFn<Tensor> | null;
  readonly outputIndex: number;
  readonly requiresGrad: boolean;
}

/** What a view is made of. */
interface ViewSource {
  readonly storage: Storage;
  readonly steps: readonly ViewStep[];
  /** The tensor it is a view of, for autograd. */
  readonly base?: Tensor;
  /** How it follows from the base, once that was written to. */
  readonly followBase?: (base: Tensor) => History;
}

const NO_HISTORY: History = { gradFn: null, outputIndex: 0, requiresGrad: false };

/**
 * An n-dimensional array that remembers how it was computed and can be changed in place.
 * Follows https://docs.pytorch.org/docs/stable/tensors.html
 *
 * Operations return at once; values are computed when {@linkcode Tensor.data}, {@linkcode Tensor.item}
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
  /** Called with the gradient when a backward pass arrives here; see {@linkcode Tensor.registerHook}. */
  readonly leafHooks: GradHook<Tensor>[] = [];
  /** Called when a backward pass is complete; see {@linkcode Tensor.registerPostAccumulateGradHook}. */
  readonly postAccumulateHooks: ((leaf: Tensor) => void)[] = [];
  #grad: Tensor | null = null;
  readonly #storage: Storage;
  readonly #steps: readonly ViewStep[];
  /** The tensor this is a view of; undefined for one that has memory of its own, or is detached. */
  readonly base: Tensor | undefined;
  readonly #followBase: ((base: Tensor) => History) | undefined;
  #history: History;
  #retainsGrad = false;
  /** The base's history that this view's own belongs to. */
  #seenHistory: History | undefined;
  /** What was read last, and the whole that it was read from. */
  #read: { readonly array: LazyArray; readonly whole: LazyArray };

  /** For the idiom's own use; make tensors by `tensor`, `zeros`, ... */
  constructor(source: LazyArray | ViewSource, history: Partial<History> = NO_HISTORY) {
    const memory: ViewSource = "storage" in source
      ? source
      : { storage: new Storage(source), steps: [] };
    this.#storage = memory.storage;
    this.#steps = memory.steps;
    this.base = memory.base;
    this.#followBase = memory.followBase;
    const whole = memory.storage.array;
    const array = readThrough(whole, memory.steps);
    this.#read = { array, whole };
    this.shape = array.shape;
    this.dtype = array.dtype;
    this.#history = { ...NO_HISTORY, ...history };
    if (this.base) this.#seenHistory = this.base.#history;
  }

  /** The sum of the gradients of all backward passes so far; null before the first. */
  get grad(): Tensor | null {
    if (this.#grad?.array.isPending) countReader({ readers: passReaders });
    return this.#grad;
  }

  set grad(grad: Tensor | null) {
    this.#grad = grad;
  }

  /** The lazy array with the present value. */
  get array(): LazyArray {
    const whole = this.#storage.array;
    // Others may have written into shared memory since.
    if (whole.isShared || this.#read.whole !== whole) {
      this.#read = { array: readThrough(whole, this.#steps), whole };
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

  /** How it was computed, from its base if that was written to since. */
  get history(): History {
    const { base } = this;
    if (base && base.history !== this.#seenHistory) {
      this.#seenHistory = base.#history;
      if (this.#followBase) this.#history = this.#followBase(base);
    }
    return this.#history;
  }

  /** After writing in place: what was written was computed so. */
  set history(history: History) {
    this.#history = history;
  }

  /** What was computed with gradients; null for tensors made by hand. */
  get gradFn(): GradFn<Tensor> | null {
    return this.history.gradFn;
  }

  /** Which output of {@linkcode Tensor.gradFn} it is. */
  get outputIndex(): number {
    return this.history.outputIndex;
  }

  /** Whether backward passes reach this tensor. */
  get requiresGrad(): boolean {
    return this.history.requiresGrad;
  }

  set requiresGrad(value: boolean) {
    this.requiresGrad_(value);
  }

  /** Whether the tensor was made by hand, not computed from tensors that require gradients. */
  get isLeaf(): boolean {
    return this.gradFn === null;
  }

  /** How the memory's whole becomes this part of it. */
  get steps(): readonly ViewStep[] {
    return this.#steps;
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

  /** Calls `hook` with the gradient of this tensor; what it returns replaces it. Returns how to take it back. */
  registerHook(hook: GradHook<Tensor>): { remove(): void } {
    if (!this.requiresGrad) {
      throw new Error("cannot register a hook on a tensor that doesn't require gradient");
    }
    const hooks = this.gradFn ? this.gradFn.hooksOf(this.outputIndex) : this.leafHooks;
    hooks.push(hook);
    return { remove: () => void hooks.splice(hooks.indexOf(hook), 1) };
  }

  /**
   * Calls `hook` with this leaf after each backward pass that reached it, when its `grad` holds the pass' sum.
   * Follows https://docs.pytorch.org/docs/stable/generated/torch.Tensor.register_post_accumulate_grad_hook.html
   *
   * @returns how to take it back
   * @throws {Error} if no gradient arrives here: for a tensor that was computed, or that requires none
   */
  registerPostAccumulateGradHook(hook: (leaf: Tensor) => void): { remove(): void } {
    if (!this.requiresGrad) {
      throw new Error("cannot register a hook on a tensor that doesn't require gradient");
    }
    if (this.gradFn) {
      throw new Error("post accumulate grad hooks cannot be registered on non-leaf tensors");
    }
    const hooks = this.postAccumulateHooks;
    hooks.push(hook);
    return { remove: () => void hooks.splice(hooks.indexOf(hook), 1) };
  }

  /** Keeps the gradient of a computed tensor in `grad`; asked for again, it does nothing more. */
  retainGrad(): void {
    if (this.isLeaf || this.#retainsGrad) return;
    this.#retainsGrad = true;
    this.gradFn!.retain(this.outputIndex, (gradient) => this.accumulateGrad(gradient));
  }

  /** For backward passes: adds to `grad`, a tensor of its own: who scales it in place scales nobody else's. */
  accumulateGrad(gradient: Tensor): void {
    const before = this.grad && !isKnownZeros(this.grad.array) ? this.grad : null;
    this.grad = before?.add(gradient) ??
      (gradient.requiresGrad ? gradient.clone() : new Tensor(gradient.array));
  }

  // ---- values

  /**
   * The values, row by row. `int64` comes as bigints. They are to be read: what is written into them, networks that compute with
   * the tensor may or may not see. In-place methods (`copy_`, `mul_`, ...) change a tensor.
   */
  async data(): Promise<TypedArray> {
    const { array } = this;
    const whole = this.#storage.array;
    await evaluateForReading([array, whole]);
    // What was written meanwhile waits for the next who reads.
    if (this.#storage.array !== whole) return array.hostData();
    this.#storage.show();
    // A view of shared memory that has to be computed is made anew each time that it is asked for.
    const shown = this.array;
    return (shown.isOnHost ? shown : array).hostData();
  }

  /** The only number of a tensor with one element. @throws {Error} if it has more or none. */
  async item(): Promise<number> {
    if (this.numel() !== 1) {
      throw new Error(`a Tensor with ${this.numel()} elements cannot be converted to Scalar`);
    }
    return Number((await this.data())[0]);
  }

  /** The values nested as the shape says. */
  async tolist(): Promise<Nested> {
    return nest(await this.data(), this.shape, this.dtype);
  }

  /** As PyTorch prints it; values that are still to be computed are left out. */
  toString(): string {
    const { dtype, shape, requiresGrad } = this;
    const data = valuesNow(this.array);
    return tensorText({ dtype, shape, data, gradFn: this.gradFn?.name, requiresGrad });
  }

  /**
   * JavaScript's `+`, `<` and the like know no tensors.
   *
   * @throws {TypeError} saying what to write instead
   */
  [Symbol.toPrimitive](hint: string): string {
    if (hint !== "number") return this.toString();
    throw new TypeError(
      "a Tensor is no number: compute with methods (x.add(1), x.lt(0)), or read its value by await x.item()",
    );
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/** A tensor, as an argument. */
export const tensorKind: Kind<Tensor> = kinds.instance("a Tensor", Tensor);

/** What {@linkcode Operand} is, as an argument. */
export const operandKind: Kind<Operand> = kinds.either(tensorKind, kinds.number, kinds.boolean);

/** A single number of a dtype, as a tensor. Fractions are fed, so that one that changes makes no new graph. */
export function scalar(value: number | boolean, dtype: DType): Tensor {
  const array = constant(Number(value), dtype);
  array.isConstant = typeof value === "boolean" || Number.isInteger(value);
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
