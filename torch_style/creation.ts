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
import { type Call, describe, type Kind, kind, kinds, signature } from "./arguments.ts";
import { gatherLeading } from "./gather_leading.ts";
import { type Nested, Tensor, tensorKind, type TensorOptions } from "./tensor.ts";
import { SharedMemory } from "./shared_memory.ts";
import { Storage } from "./storage.ts";

function make(array: LazyArray, options: TensorOptions): Tensor {
  return new Tensor(array).requiresGrad_(options.requiresGrad ?? false);
}

/** Parameters that all functions that make tensors have. */
export const TENSOR_OPTIONS = [
  "*",
  ["dtype", kinds.dtype, undefined],
  ["requiresGrad", kinds.boolean, undefined],
] as const;

/** A shape as an array, or its sizes one by one as PyTorch takes them too. */
export type ShapeCall<Options = TensorOptions> = [shape: Shape, options?: Options] | [
  ...sizes: number[],
  options: Options,
] | number[];

/** `zeros(2, 3, options)` is `zeros([2, 3], options)`, and `zeros()` is `zeros([])`. */
export function gathered(given: readonly unknown[]): readonly unknown[] {
  return given.length === 0 ? [[]] : gatherLeading(given, (value) => typeof value === "number");
}

type Creator = (...given: ShapeCall) => Tensor;

/** A function of a shape. */
function creator(name: string, create: (shape: Shape, options: TensorOptions) => Tensor): Creator {
  const own = signature(name, ["size", kinds.sizes], ...TENSOR_OPTIONS);
  return (...given) => {
    const { size, ...options } = own.read(gathered(given));
    return create(size, options);
  };
}

function filled(shape: Shape, value: number, options: TensorOptions): Tensor {
  const dtype = options.dtype ?? "float32";
  const data = createStorage(dtype, sizeOf(shape));
  if (value !== 0) {
    (data as Float32Array).fill((data instanceof BigInt64Array ? BigInt(value) : value) as number);
  }
  return make(fromHost(data, shape, dtype), options);
}

function ofValues(values: ArrayLike<number>, shape: Shape, options: TensorOptions): Tensor {
  const dtype = options.dtype ?? "float32";
  return make(fromHost(storageFrom(values, dtype), shape, dtype), options);
}

/** What a tensor is made of: numbers and booleans, in rows of rows, or in typed arrays. */
export type TensorData = Nested | TypedArray | readonly TensorData[];

const TENSOR = signature("tensor", ["data", kinds.any as Kind<TensorData>], ...TENSOR_OPTIONS);

/**
 * A tensor holding the given values, copied; integers give int64, fractions float32, booleans bool, typed arrays their own type
 * as NumPy's arrays do: `tensor(new Float32Array([1, 2]))`.
 *
 * JavaScript cannot tell 3.0 from 3: `tensor(3.0)` and `tensor([1.0, 2.0])` are int64 here, and `x.mul(2.0)` of integers
 * stays an integer. Give `{ dtype: "float32" }` where all values happen to be whole. Nor can it make `if (x)` or `x + y`
 * mean anything for objects: `if (await x.item())`, `x.add(y)`.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.tensor.html
 *
 * @throws {Error} if rows differ in length.
 * @throws {TypeError} for anything but numbers, booleans and rows of them.
 */
export function tensor(...given: Call<typeof TENSOR, TensorOptions, [data: TensorData]>): Tensor {
  const { data, ...options } = TENSOR.read(given);
  const shape = shapeOf(data);
  const flat: (number | bigint | boolean)[] = [];
  flatten(data, shape, 0, flat);
  const dtype = options.dtype ?? dtypeOf(data, flat);
  return make(fromHost(storageFrom(flat, dtype), shape, dtype), options);
}

function isRow(values: TensorData): values is TypedArray | readonly TensorData[] {
  return Array.isArray(values) || isTypedArray(values);
}

/** Whether a value is a typed array, which a `DataView` is not. */
export function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function shapeOf(values: TensorData): number[] {
  if (!isRow(values)) return [];
  if (isTypedArray(values)) return [values.length];
  return [values.length, ...(values.length ? shapeOf(values[0]) : [])];
}

function flatten(
  values: TensorData,
  shape: Shape,
  depth: number,
  out: (number | bigint | boolean)[],
): void {
  if (!isRow(values)) {
    if (typeof values !== "number" && typeof values !== "boolean") {
      throw new TypeError(
        `tensor: data holds ${
          describe(values)
        }, expected numbers, booleans, rows of them or a typed array`,
      );
    }
    if (depth !== shape.length) {
      throw new Error(`tensor: a number stands where ${showShape(shape)} has a row`);
    }
    out.push(values);
    return;
  }
  if (values.length !== shape[depth]) {
    throw new Error(
      `tensor: expected sequence of length ${shape[depth]} at dim ${depth} (got ${values.length})`,
    );
  }
  if (isTypedArray(values)) { for (const value of values) out.push(value); }
  else for (const value of values) flatten(value, shape, depth + 1, out);
}

/** A typed array's own type, else what the values say. */
function dtypeOf(data: TensorData, flat: readonly (number | bigint | boolean)[]): DType {
  let first = data;
  while (Array.isArray(first)) first = first[0];
  if (isTypedArray(first)) return dtypeOfStorage(first);
  if (flat.length > 0 && flat.every((v) => typeof v === "boolean")) return "bool";
  return flat.length > 0 && flat.every((v) => Number.isInteger(v)) ? "int64" : "float32";
}

const typedArray = kind<TypedArray>("a typed array", isTypedArray);

const FROM_ARRAY = signature(
  "fromArray",
  ["data", typedArray],
  ["shape", kinds.sizes, undefined],
  ...TENSOR_OPTIONS,
);

/**
 * A tensor over a typed array, sharing its memory: values written into the array are the tensor's at once, and what is
 * written into the tensor in place stands in the array once it is computed, `await tensor.data()`. What is computed from the tensor
 * is computed from the values at that time.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.from_numpy.html
 *
 * @throws {Error} if the array does not fill the shape
 */
export function fromArray(
  ...given: Call<typeof FROM_ARRAY, { readonly shape?: Shape } & TensorOptions, [data: TypedArray]>
): Tensor {
  const { data, shape = [data.length], ...options } = FROM_ARRAY.read(given);
  const memory = new SharedMemory(data, shape, options.dtype ?? dtypeOfStorage(data));
  const tensor = new Tensor({ storage: new Storage(memory.array, memory), steps: [] });
  return tensor.requiresGrad_(options.requiresGrad ?? false);
}

const FULL = signature(
  "full",
  ["size", kinds.sizes],
  ["fillValue", kinds.either(kinds.number, kinds.boolean)],
  ...TENSOR_OPTIONS,
);

/** All elements one value. Follows `torch.full`. */
export function full(
  ...given: Call<typeof FULL, TensorOptions, [size: Shape, fillValue: number | boolean]>
): Tensor {
  const { size, fillValue, ...options } = FULL.read(given);
  return filled(size, Number(fillValue), options);
}

/** All elements 0. Follows `torch.zeros`. */
export const zeros: Creator = creator("zeros", (shape, options) => filled(shape, 0, options));
/** All elements 1. Follows `torch.ones`. */
export const ones: Creator = creator("ones", (shape, options) => filled(shape, 1, options));
/** Memory for a tensor; its values mean nothing (here: zeros). Follows `torch.empty`. */
export const empty: Creator = creator("empty", (shape, options) => filled(shape, 0, options));

const ARANGE = signature(
  "arange",
  ["start", kinds.number],
  ["end", kinds.number, undefined],
  ["step", kinds.number, 1],
  ...TENSOR_OPTIONS,
);

/** Values from `start` up to, not including, `end`. Follows `torch.arange`. */
export function arange(
  ...given: Call<
    typeof ARANGE,
    { readonly end?: number; readonly step?: number } & TensorOptions,
    [start: number]
  >
): Tensor {
  const { start, end, step, ...options } = ARANGE.read(given);
  const [from, to] = end === undefined ? [0, start] : [start, end];
  if (step === 0) throw new Error("arange: step must be nonzero");
  if ((to - from) / step < 0) {
    throw new Error("arange: upper bound and lower bound inconsistent with step sign");
  }
  const count = Math.ceil((to - from) / step);
  const whole = [from, to, step].every(Number.isInteger);
  const values = Array.from({ length: count }, (_, i) => from + i * step);
  const dtype = options.dtype ?? (whole ? "int64" : "float32");
  return ofValues(values, [values.length], { ...options, dtype });
}

const LINSPACE = signature(
  "linspace",
  ["start", kinds.number],
  ["end", kinds.number],
  ["steps", kinds.integer],
  ...TENSOR_OPTIONS,
);

/** `steps` values from `start` to `end`, both included, equally far apart. Follows `torch.linspace`. */
export function linspace(
  ...given: Call<typeof LINSPACE, TensorOptions, [start: number, end: number, steps: number]>
): Tensor {
  const { start, end, steps, ...options } = LINSPACE.read(given);
  const apart = (end - start) / (steps - 1);
  // From both ends, so that the last number is the end itself.
  const value = (i: number) => i < steps / 2 ? start + i * apart : end - (steps - 1 - i) * apart;
  const values = Array.from({ length: steps }, (_, i) => steps === 1 ? start : value(i));
  return ofValues(values, [values.length], options);
}

const EYE = signature(
  "eye",
  ["n", kinds.integer],
  ["m", kinds.integer, undefined],
  ...TENSOR_OPTIONS,
);

/** Ones on the diagonal, zeros elsewhere. Follows `torch.eye`. */
export function eye(
  ...given: Call<typeof EYE, { readonly m?: number } & TensorOptions, [n: number]>
): Tensor {
  const { n, m = n, ...options } = EYE.read(given);
  const values = Array.from(
    { length: n * m },
    (_, i) => Math.floor(i / m) === i % m ? 1 : 0,
  );
  return ofValues(values, [n, m], options);
}

type Like = (
  ...given: [input: Tensor, options?: TensorOptions]
) => Tensor;

/** A function of another tensor's shape and dtype. */
function like(name: string, create: (shape: Shape, options: TensorOptions) => Tensor): Like {
  const own = signature(name, ["input", tensorKind], ...TENSOR_OPTIONS);
  return (...given) => {
    const { input, dtype = input.dtype, requiresGrad } = own.read(given);
    return create(input.shape, { dtype, requiresGrad });
  };
}

/** Zeros in another tensor's shape and dtype. Follows `torch.zeros_like`. */
export const zerosLike: Like = like("zerosLike", zeros);
/** Ones in another tensor's shape and dtype. Follows `torch.ones_like`. */
export const onesLike: Like = like("onesLike", ones);
/** Memory in another tensor's shape and dtype. Follows `torch.empty_like`. */
export const emptyLike: Like = like("emptyLike", empty);

const FULL_LIKE = signature(
  "fullLike",
  ["input", tensorKind],
  ["fillValue", kinds.either(kinds.number, kinds.boolean)],
  ...TENSOR_OPTIONS,
);

/** One value in another tensor's shape and dtype. Follows `torch.full_like`. */
export function fullLike(
  ...given: Call<typeof FULL_LIKE, TensorOptions, [input: Tensor, fillValue: number | boolean]>
): Tensor {
  const { input, fillValue, dtype = input.dtype, requiresGrad } = FULL_LIKE.read(given);
  return filled(input.shape, Number(fillValue), { dtype, requiresGrad });
}
