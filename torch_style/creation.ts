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
  ops,
  type Shape,
  showShape,
  sizeOf,
  storageFrom,
  type TypedArray,
} from "../onnx/mod.ts";
import { defaultGenerator } from "./random.ts";
import { apply, type Nested, Tensor, type TensorOptions } from "./tensor.ts";

function make(array: LazyArray, options: TensorOptions): Tensor {
  return new Tensor(array).requiresGrad_(options.requiresGrad ?? false);
}

/**
 * A tensor holding the given numbers; whole numbers give int64, fractions float32, booleans bool.
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

/** A tensor over a typed array, sharing its memory. Follows `torch.from_numpy`. */
export function fromArray(
  data: TypedArray,
  shape: Shape = [data.length],
  options: TensorOptions = {},
): Tensor {
  return make(fromHost(data, shape, options.dtype ?? dtypeOfStorage(data)), options);
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

/** Whole numbers from `start` up to, not including, `end`. Follows `torch.arange`. */
export function arange(start: number, end?: number, step = 1, options: TensorOptions = {}): Tensor {
  const [from, to] = end === undefined ? [0, start] : [start, end];
  const count = Math.max(0, Math.ceil((to - from) / step));
  const values = Array.from({ length: count }, (_, i) => from + i * step);
  return tensor(values, { dtype: values.length ? undefined : "int64", ...options });
}

/** Uniform numbers in [0, 1). Follows `torch.rand`. */
export function rand(shape: Shape, options: TensorOptions = {}): Tensor {
  return make(fromHost(defaultGenerator().uniform(sizeOf(shape)), shape), options);
}

/** Normal numbers, mean 0 and deviation 1. Follows `torch.randn`. */
export function randn(shape: Shape, options: TensorOptions = {}): Tensor {
  return make(fromHost(defaultGenerator().normal(sizeOf(shape)), shape), options);
}

/** Tensors one after the other along an axis. Follows `torch.cat`. */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  return apply("Cat", tensors, (arrays) => ops.concat(arrays, dim));
}

/** Tensors of one shape along a new axis. Follows `torch.stack`. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  return cat(tensors.map((t) => t.unsqueeze(dim)), dim);
}
