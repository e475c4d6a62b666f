/**
 * The mutable tensor of the PyTorch idiom, over immutable lazy arrays.
 * @module
 */
import {
  constant,
  createStorage,
  type DType,
  fromHost,
  isFloating,
  type LazyArray,
  ops,
  type Shape,
  showShape,
  storageFrom,
  type TypedArray,
} from "../onnx/mod.ts";
import { type GradFn, record, runBackward } from "./autograd.ts";
import { isGradEnabled } from "./grad_mode.ts";
import { evaluateWithKept, keepResult } from "./kept_results.ts";

/** Numbers nested in arrays, as `torch.tensor` takes them. */
export type Nested = number | boolean | readonly Nested[];

/** What can stand on the other side of an operation. */
export type Operand = Tensor | number;

/** Options of everything that creates a tensor. */
export interface TensorOptions {
  readonly dtype?: DType;
  readonly requiresGrad?: boolean;
}

/** The memory of a tensor; a detached tensor shares it and sees changes made in place. */
class Storage {
  constructor(public array: LazyArray) {}
}

/**
 * An n-dimensional array that remembers how it was computed and can be changed in place.
 * Follows https://docs.pytorch.org/docs/stable/tensors.html
 *
 * Operations return at once; numbers are computed when {@linkcode Tensor.data}, {@linkcode Tensor.item}
 * or an optimizer's step asks for them.
 */
export class Tensor {
  readonly #storage: Storage;
  #requiresGrad: boolean;
  /** The sum of the gradients of all backward passes so far; null before the first. */
  grad: Tensor | null = null;
  /** How it was computed; null for tensors made by hand. */
  gradFn: GradFn | null = null;

  /** For the idiom's own use; make tensors by `tensor`, `zeros`, ... */
  constructor(array: LazyArray | Tensor, requiresGrad = false, gradFn: GradFn | null = null) {
    this.#storage = array instanceof Tensor ? array.#storage : new Storage(array);
    this.#requiresGrad = requiresGrad;
    this.gradFn = gradFn;
  }

  /** The lazy array with the present value. */
  get array(): LazyArray {
    return this.#storage.array;
  }

  /** Replaces the value as a whole: for optimizers, which know that no gradient is to flow. */
  set array(array: LazyArray) {
    this.#storage.array = array;
  }

  get shape(): Shape {
    return this.array.shape;
  }

  get dtype(): DType {
    return this.array.dtype;
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  numel(): number {
    return this.array.size;
  }

  /** Whether backward passes reach this tensor. */
  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }

  set requiresGrad(value: boolean) {
    this.requiresGrad_(value);
  }

  /** Whether the tensor was made by hand, not computed from tensors that require gradients. */
  get isLeaf(): boolean {
    return this.gradFn === null;
  }

  /** Asks for gradients from now on. @throws {Error} for integers and for computed tensors. */
  requiresGrad_(value = true): this {
    if (value && !isFloating(this.dtype)) {
      throw new Error(
        `only Tensors of floating point dtype can require gradients, got ${this.dtype}`,
      );
    }
    if (!this.isLeaf && !value) {
      throw new Error("you can only change requires_grad flags of leaf variables; use detach()");
    }
    this.#requiresGrad = value;
    return this;
  }

  /** A tensor over the same memory that backward passes do not reach. */
  detach(): Tensor {
    return new Tensor(this);
  }

  /** A copy with memory of its own; gradients flow through it. */
  clone(): Tensor {
    return apply("Clone", [this], ([x]) => ops.copy(x));
  }

  /** The numbers, row by row. `int64` comes as bigints. */
  async data(): Promise<TypedArray> {
    await evaluateWithKept([this.array]);
    return this.array.hostData();
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
   *
   * @param options.gradient gradient of this tensor itself; may be left out for a single number
   * @param options.retainGraph allow a second pass over the same operations
   */
  backward(options: { gradient?: Tensor; retainGraph?: boolean } = {}): void {
    if (!options.gradient && this.numel() !== 1) {
      throw new Error(
        `grad can be implicitly created only for scalar outputs, got shape ${
          showShape(this.shape)
        }`,
      );
    }
    const seed = options.gradient?.array ?? constant(1, this.dtype);
    keepResult(this.array);
    runBackward(this, ops.expand(seed, this.shape), options.retainGraph ?? false);
  }

  // ---- in place

  /** this = this + alpha * other */
  add_(other: Operand, options: { alpha?: number } = {}): this {
    return this.#write(this.add(options.alpha === undefined ? other : mul(other, options.alpha)));
  }

  /** this = this - other */
  sub_(other: Operand): this {
    return this.#write(this.sub(other));
  }

  /** this = this * other */
  mul_(other: Operand): this {
    return this.#write(this.mul(other));
  }

  /** this = this / other */
  div_(other: Operand): this {
    return this.#write(this.div(other));
  }

  /** Sets every element to one value. */
  fill_(value: number): this {
    const filled = storageFrom(new Array<number>(this.numel()).fill(value), this.dtype);
    return this.#write(new Tensor(fromHost(filled, this.shape, this.dtype)));
  }

  /** Sets every element to 0. */
  zero_(): this {
    return this.#write(
      new Tensor(fromHost(createStorage(this.dtype, this.numel()), this.shape, this.dtype)),
    );
  }

  /** Takes over the numbers of another tensor, stretched to this shape and cast to this dtype. */
  copy_(source: Tensor): this {
    return this.#write(source.to(this.dtype).expand(this.shape));
  }

  #write(value: Tensor): this {
    if (this.isLeaf && this.#requiresGrad && isGradEnabled()) {
      throw new Error("a leaf Variable that requires grad is being used in an in-place operation.");
    }
    if (showShape(value.shape) !== showShape(this.shape)) {
      throw new Error(
        `output with shape ${showShape(this.shape)} doesn't match the broadcast shape ${
          showShape(value.shape)
        }`,
      );
    }
    this.#storage.array = value.dtype === this.dtype
      ? value.array
      : ops.cast(value.array, this.dtype);
    keepResult(this.array);
    if (isGradEnabled()) {
      this.gradFn = value.gradFn;
      this.#requiresGrad = value.requiresGrad;
    }
    return this;
  }

  // ---- arithmetic

  add(other: Operand): Tensor {
    return add(this, other);
  }
  sub(other: Operand): Tensor {
    return sub(this, other);
  }
  mul(other: Operand): Tensor {
    return mul(this, other);
  }
  div(other: Operand): Tensor {
    return div(this, other);
  }
  pow(exponent: Operand): Tensor {
    return pow(this, exponent);
  }
  neg(): Tensor {
    return apply("Neg", [this], ([x]) => ops.neg(x));
  }
  exp(): Tensor {
    return apply("Exp", [this], ([x]) => ops.exp(x));
  }
  log(): Tensor {
    return apply("Log", [this], ([x]) => ops.log(x));
  }
  sqrt(): Tensor {
    return apply("Sqrt", [this], ([x]) => ops.sqrt(x));
  }
  abs(): Tensor {
    return apply("Abs", [this], ([x]) => ops.abs(x));
  }
  relu(): Tensor {
    return apply("Relu", [this], ([x]) => ops.relu(x));
  }
  sigmoid(): Tensor {
    return apply("Sigmoid", [this], ([x]) => ops.sigmoid(x));
  }
  tanh(): Tensor {
    return apply("Tanh", [this], ([x]) => ops.tanh(x));
  }
  matmul(other: Tensor): Tensor {
    return apply("Matmul", [this, other], ([a, b]) => ops.matmul(a, b));
  }
  eq(other: Operand): Tensor {
    return compare(this, other, ops.equal);
  }
  gt(other: Operand): Tensor {
    return compare(this, other, ops.greater);
  }
  lt(other: Operand): Tensor {
    return compare(this, other, ops.less);
  }

  // ---- reduction

  sum(dim?: number | readonly number[], options: { keepdim?: boolean } = {}): Tensor {
    return apply(
      "Sum",
      [this],
      ([x]) => ops.sum(countable(x), { axes: dim, keepDims: options.keepdim }),
    );
  }
  mean(dim?: number | readonly number[], options: { keepdim?: boolean } = {}): Tensor {
    return apply("Mean", [this], ([x]) => ops.mean(x, { axes: dim, keepDims: options.keepdim }));
  }
  /** Largest element, of all or along an axis. */
  amax(dim?: number | readonly number[], options: { keepdim?: boolean } = {}): Tensor {
    return apply("Amax", [this], ([x]) => ops.max(x, { axes: dim, keepDims: options.keepdim }));
  }
  /** Position of the largest element along an axis; of the flattened tensor without one. */
  argmax(dim?: number): Tensor {
    const flat = dim === undefined ? ops.reshape(this.array, [-1]) : this.array;
    return new Tensor(ops.argMax(flat, dim ?? 0));
  }
  softmax(dim: number): Tensor {
    return apply("Softmax", [this], ([x]) => ops.softmax(x, dim));
  }
  logSoftmax(dim: number): Tensor {
    return apply("LogSoftmax", [this], ([x]) => ops.logSoftmax(x, dim));
  }

  // ---- movement

  /** The same elements in another shape; one extent may be -1. */
  reshape(...shape: number[]): Tensor {
    return apply("Reshape", [this], ([x]) => ops.reshape(x, shape));
  }
  view(...shape: number[]): Tensor {
    return this.reshape(...shape);
  }
  /** Axes from `startDim` to `endDim` as one. */
  flatten(startDim = 0, endDim = -1): Tensor {
    const end = endDim < 0 ? endDim + this.ndim : endDim;
    const size = this.shape.slice(startDim, end + 1).reduce((a, b) => a * b, 1);
    return this.reshape(...this.shape.slice(0, startDim), size, ...this.shape.slice(end + 1));
  }
  permute(...dims: number[]): Tensor {
    return apply("Permute", [this], ([x]) => ops.transpose(x, dims));
  }
  /** A matrix with rows and columns swapped. */
  t(): Tensor {
    return apply("T", [this], ([x]) => ops.transpose(x));
  }
  expand(shape: Shape): Tensor {
    return apply("Expand", [this], ([x]) => ops.expand(x, shape));
  }
  unsqueeze(dim: number): Tensor {
    const at = dim < 0 ? dim + this.ndim + 1 : dim;
    return this.reshape(...this.shape.slice(0, at), 1, ...this.shape.slice(at));
  }
  squeeze(dim?: number): Tensor {
    const at = dim !== undefined && dim < 0 ? dim + this.ndim : dim;
    return this.reshape(...this.shape.filter((e, i) => e !== 1 || (at !== undefined && i !== at)));
  }
  /** `length` entries along an axis, from `start`. */
  narrow(dim: number, start: number, length: number): Tensor {
    const axis = dim < 0 ? dim + this.ndim : dim;
    const begin = this.shape.map((_, i) => i === axis ? start : 0);
    const end = this.shape.map((extent, i) => i === axis ? start + length : extent);
    return apply("Narrow", [this], ([x]) => ops.slice(x, begin, end));
  }
  /** The entries along an axis at the given places. */
  indexSelect(dim: number, index: Tensor): Tensor {
    return apply("IndexSelect", [this, index], ([x, i]) => ops.gather(x, i, dim));
  }
  /** The same numbers in another dtype. */
  to(dtype: DType): Tensor {
    return dtype === this.dtype ? this : apply("To", [this], ([x]) => ops.cast(x, dtype));
  }
  float(): Tensor {
    return this.to("float32");
  }
  long(): Tensor {
    return this.to("int64");
  }

  toString(): string {
    const grad = this.gradFn
      ? `, gradFn=${this.gradFn.name}`
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
  const arrays = inputs.map((input) => input.array);
  const tracked = isGradEnabled() && inputs.some((input) => input.requiresGrad);
  if (!tracked) return new Tensor(compute(arrays));
  const { output, gradFn } = record(`${name}Backward`, inputs, arrays, compute);
  return isFloating(output.dtype) ? new Tensor(output, true, gradFn) : new Tensor(output);
}

/** A number beside a tensor takes the tensor's dtype; between two tensors floating point wins. */
function align(a: Operand, b: Operand): [Tensor, Tensor] {
  if (typeof a === "number" && typeof b === "number") {
    return [new Tensor(constant(a)), new Tensor(constant(b))];
  }
  if (typeof a === "number") return [scalarLike(a, b as Tensor), b as Tensor];
  if (typeof b === "number") return [a, scalarLike(b, a)];
  if (a.dtype === b.dtype) return [a, b];
  const dtype = promote(a.dtype, b.dtype);
  return [a.to(dtype), b.to(dtype)];
}

function scalarLike(value: number, beside: Tensor): Tensor {
  const whole = Number.isInteger(value) || isFloating(beside.dtype);
  return new Tensor(constant(value, whole ? beside.dtype : "float32"));
}

const RANK: readonly DType[] = [
  "bool",
  "uint8",
  "int8",
  "int32",
  "uint32",
  "int64",
  "float16",
  "float32",
  "float64",
];

function promote(a: DType, b: DType): DType {
  return RANK[Math.max(RANK.indexOf(a), RANK.indexOf(b))];
}

function binary(
  name: string,
  a: Operand,
  b: Operand,
  compute: (a: LazyArray, b: LazyArray) => LazyArray,
): Tensor {
  const [left, right] = align(a, b);
  const aligned = left.dtype === right.dtype ? [left, right] : [left.to(right.dtype), right];
  return apply(name, aligned, ([x, y]) => compute(x, y));
}

/** a + b. Follows `torch.add`. */
export function add(a: Operand, b: Operand): Tensor {
  return binary("Add", a, b, ops.add);
}

/** a - b. Follows `torch.sub`. */
export function sub(a: Operand, b: Operand): Tensor {
  return binary("Sub", a, b, ops.sub);
}

/** a * b. Follows `torch.mul`. */
export function mul(a: Operand, b: Operand): Tensor {
  return binary("Mul", a, b, ops.mul);
}

/** a / b, always a fraction. Follows `torch.div`. */
export function div(a: Operand, b: Operand): Tensor {
  const [left, right] = align(a, b);
  return binary("Div", fractional(left), fractional(right), ops.div);
}

/** a to the power of b. Follows `torch.pow`. */
export function pow(a: Operand, b: Operand): Tensor {
  return binary("Pow", a, b, ops.pow);
}

function fractional(x: Tensor): Tensor {
  return isFloating(x.dtype) ? x : x.to("float32");
}

function compare(
  a: Tensor,
  b: Operand,
  compute: (a: LazyArray, b: LazyArray) => LazyArray,
): Tensor {
  const [left, right] = align(a, b);
  return new Tensor(compute(left.array, right.array));
}

function countable(x: LazyArray): LazyArray {
  return x.dtype === "bool" ? ops.cast(x, "int64") : x;
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
