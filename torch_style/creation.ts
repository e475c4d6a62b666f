/**
 * Functions that make tensors.
 * @module
 */
import {
  createStorage,
  type DType,
  dtypeOfStorage,
  fromHost,
  type LazyArray,
  type Shape,
  showShape,
  sizeOf,
  storageFrom,
  type TypedArray,
} from "../onnx/mod.ts";
import { defaultGenerator } from "./random.ts";
import { type Nested, Tensor, type TensorOptions } from "./tensor.ts";
import { Storage } from "./storage.ts";

function make(array: LazyArray, options: TensorOptions): Tensor {
  return new Tensor(array).requiresGrad_(options.requiresGrad ?? false);
}

/**
 * A tensor holding the given numbers; integers give int64, fractions float32, booleans bool.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.tensor.html
 *
 * @throws {Error} if rows differ in length.
 */
export function tensor(values: Nested, options: TensorOptions = {}): Tensor {
  const shape = shapeOf(values);
  const flat: (number | boolean)[] = [];
  flatten(values, shape, 0, flat);
  const dtype = options.dtype ?? dtypeOf(flat);
  return make(fromHost(storageFrom(flat, dtype), shape, dtype), options);
}

function shapeOf(values: Nested): number[] {
  return Array.isArray(values) ? [values.length, ...(values.length ? shapeOf(values[0]) : [])] : [];
}

function flatten(values: Nested, shape: Shape, depth: number, out: (number | boolean)[]): void {
  if (!Array.isArray(values)) {
    if (depth !== shape.length) {
      throw new Error(`tensor: a number stands where ${showShape(shape)} has a row`);
    }
    out.push(values as number | boolean);
    return;
  }
  if (values.length !== shape[depth]) {
    throw new Error(
      `tensor: expected sequence of length ${shape[depth]} at dim ${depth} (got ${values.length})`,
    );
  }
  for (const value of values) flatten(value, shape, depth + 1, out);
}

function dtypeOf(flat: readonly (number | boolean)[]): DType {
  if (flat.length > 0 && flat.every((v) => typeof v === "boolean")) return "bool";
  return flat.length > 0 && flat.every((v) => Number.isInteger(v)) ? "int64" : "float32";
}

/**
 * A tensor over a typed array, sharing its memory: numbers written into the array are the tensor's, and what is
 * written into the tensor in place stands in the array once it is computed, `await tensor.data()`.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.from_numpy.html
 *
 * @throws {Error} if the array does not fill the shape
 */
export function fromArray(
  data: TypedArray,
  shape: Shape = [data.length],
  options: TensorOptions = {},
): Tensor {
  const array = fromHost(data, shape, options.dtype ?? dtypeOfStorage(data));
  const tensor = new Tensor({ storage: new Storage(array, { shared: true }), steps: [] });
  return tensor.requiresGrad_(options.requiresGrad ?? false);
}

/** All elements one value. Follows `torch.full`. */
export function full(shape: Shape, value: number, options: TensorOptions = {}): Tensor {
  const dtype = options.dtype ?? "float32";
  const data = createStorage(dtype, sizeOf(shape));
  if (value !== 0) {
    (data as Float32Array).fill((data instanceof BigInt64Array ? BigInt(value) : value) as number);
  }
  return make(fromHost(data, shape, dtype), options);
}

/** All elements 0. Follows `torch.zeros`. */
export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 0, options);
}

/** All elements 1. Follows `torch.ones`. */
export function ones(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 1, options);
}

/** Numbers from `start` up to, not including, `end`. Follows `torch.arange`. */
export function arange(start: number, end?: number, step = 1, options: TensorOptions = {}): Tensor {
  const [from, to] = end === undefined ? [0, start] : [start, end];
  if (step === 0) throw new Error("arange: step must be nonzero");
  if ((to - from) / step < 0) {
    throw new Error("arange: upper bound and lower bound inconsistent with step sign");
  }
  const count = Math.ceil((to - from) / step);
  const whole = [from, to, step].every(Number.isInteger);
  const values = Array.from({ length: count }, (_, i) => from + i * step);
  return tensor(values, { dtype: whole ? "int64" : "float32", ...options });
}

/** `steps` numbers from `start` to `end`, both included, equally far apart. Follows `torch.linspace`. */
export function linspace(
  start: number,
  end: number,
  steps: number,
  options: TensorOptions = {},
): Tensor {
  const apart = (end - start) / (steps - 1);
  // From both ends, so that the last number is the end itself.
  const value = (i: number) => i < steps / 2 ? start + i * apart : end - (steps - 1 - i) * apart;
  const values = Array.from({ length: steps }, (_, i) => steps === 1 ? start : value(i));
  return tensor(values, { dtype: "float32", ...options });
}

/** Ones on the diagonal, zeros elsewhere. Follows `torch.eye`. */
export function eye(rows: number, columns: number = rows, options: TensorOptions = {}): Tensor {
  const values = Array.from(
    { length: rows * columns },
    (_, i) => Math.floor(i / columns) === i % columns ? 1 : 0,
  );
  const dtype = options.dtype ?? "float32";
  return make(fromHost(storageFrom(values, dtype), [rows, columns], dtype), options);
}

/** Memory for a tensor; its numbers mean nothing (here: zeros). Follows `torch.empty`. */
export function empty(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 0, options);
}

/** Uniform numbers in [0, 1). Follows `torch.rand`. */
export function rand(shape: Shape, options: TensorOptions = {}): Tensor {
  return make(fromHost(defaultGenerator().uniform(sizeOf(shape)), shape), options);
}

/** Normal numbers, mean 0 and deviation 1. Follows `torch.randn`. */
export function randn(shape: Shape, options: TensorOptions = {}): Tensor {
  return make(fromHost(defaultGenerator().normal(sizeOf(shape)), shape), options);
}

/** Integers from `low` up to, not including, `high`, each as likely. Follows `torch.randint`. */
export function randint(
  low: number,
  high: number,
  shape: Shape,
  options: TensorOptions = {},
): Tensor {
  if (!(high > low)) {
    throw new Error(
      `random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}`,
    );
  }
  const drawn = defaultGenerator().uniform(sizeOf(shape));
  const values = Array.from(drawn, (u) => low + Math.floor(u * (high - low)));
  const dtype = options.dtype ?? "int64";
  return make(fromHost(storageFrom(values, dtype), shape, dtype), options);
}

/** The numbers 0 to n - 1 in random order. Follows `torch.randperm`. */
export function randperm(n: number, options: TensorOptions = {}): Tensor {
  const dtype = options.dtype ?? "int64";
  return make(fromHost(storageFrom(defaultGenerator().permutation(n), dtype), [n], dtype), options);
}

function like<Rest extends unknown[]>(
  create: (shape: Shape, ...rest: [...Rest, TensorOptions]) => Tensor,
): (input: Tensor, ...rest: [...Rest, TensorOptions?]) => Tensor {
  return (input, ...rest) => {
    const given = rest.length > 0 && typeof rest.at(-1) === "object" ? rest.pop() : {};
    const options = { dtype: input.dtype, ...given as TensorOptions };
    return create(input.shape, ...rest as unknown as Rest, options);
  };
}

/** Zeros in another tensor's shape and dtype. Follows `torch.zeros_like`. */
export const zerosLike: (input: Tensor, options?: TensorOptions) => Tensor = like(zeros);
/** Ones in another tensor's shape and dtype. Follows `torch.ones_like`. */
export const onesLike: (input: Tensor, options?: TensorOptions) => Tensor = like(ones);
/** One value in another tensor's shape and dtype. Follows `torch.full_like`. */
export const fullLike: (input: Tensor, value: number, options?: TensorOptions) => Tensor = like(
  full,
);
/** Memory in another tensor's shape and dtype. Follows `torch.empty_like`. */
export const emptyLike: (input: Tensor, options?: TensorOptions) => Tensor = like(empty);
/** Uniform numbers in [0, 1) in another tensor's shape. Follows `torch.rand_like`. */
export const randLike: (input: Tensor, options?: TensorOptions) => Tensor = like(rand);
/** Normal numbers in another tensor's shape. Follows `torch.randn_like`. */
export const randnLike: (input: Tensor, options?: TensorOptions) => Tensor = like(randn);
