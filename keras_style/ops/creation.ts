/**
 * Tensors out of nothing. Follows https://keras.io/api/ops/numpy/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { readOptions } from "../options.ts";
import { asTensor, defineOp, type EagerInput, unaryWith, withArgument } from "./define_op.ts";

/** Options of functions that make tensors. */
export interface CreationOptions {
  /** float32 unless given. */
  readonly dtype?: tf.DataType;
}

function dtypeOf(owner: string, options: CreationOptions | undefined): tf.DataType {
  return readOptions(owner, options, { dtype: "float32" }).dtype;
}

/** A tensor of values, of a dtype. */
export function convertToTensor(x: EagerInput, options: CreationOptions = {}): tf.Tensor {
  const { dtype } = readOptions("convertToTensor", options, { dtype: undefined });
  const tensor = asTensor(x);
  return dtype === undefined ? tf.clone(tensor) : tf.cast(tensor, dtype);
}
/** Another name of convertToTensor. */
export const array: typeof convertToTensor = convertToTensor;
/** The values, in a typed array; they are waited for. */
export function convertToNumpy(x: tf.Tensor): Promise<tf.TypedArray> {
  return x.data();
}
/** Whether something is a tensor (with values). */
export function isTensor(x: unknown): x is tf.Tensor {
  return x instanceof tf.Tensor;
}

export function zeros(shape: readonly number[], options?: CreationOptions): tf.Tensor {
  return tf.zeros([...shape], dtypeOf("zeros", options));
}
export function ones(shape: readonly number[], options?: CreationOptions): tf.Tensor {
  return tf.ones([...shape], dtypeOf("ones", options));
}
/** Zeros: JavaScript has no memory that is not initialized. */
export function empty(shape: readonly number[], options?: CreationOptions): tf.Tensor {
  return tf.zeros([...shape], dtypeOf("empty", options));
}
export function full(
  shape: readonly number[],
  value: number,
  options?: CreationOptions,
): tf.Tensor {
  return tf.fill([...shape], value, dtypeOf("full", options) as "float32");
}
/** Zeros of a tensor's shape, and of its dtype unless another is given. */
export const zerosLike = unaryWith<LikeOptions>(
  "zerosLike",
  { dtype: null },
  (x, { dtype }) => tf.zeros(x.shape, dtype ?? x.dtype),
);
/** Ones of a tensor's shape, and of its dtype unless another is given. */
export const onesLike = unaryWith<LikeOptions>(
  "onesLike",
  { dtype: null },
  (x, { dtype }) => tf.ones(x.shape, dtype ?? x.dtype),
);
export const emptyLike = zerosLike;
/** A tensor's shape full of a number, of its dtype unless another is given. */
export const fullLike = withArgument<number, LikeOptions>(
  "fullLike",
  { dtype: null },
  (x, value, { dtype }) => tf.fill(x.shape, value, (dtype ?? x.dtype) as "float32"),
);

/** Options of functions that take a tensor's shape. */
export interface LikeOptions {
  readonly dtype?: tf.DataType | null;
}

/** Options of {@linkcode eye} and {@linkcode tri}. */
export interface EyeOptions extends CreationOptions {
  /** Which diagonal: above the main one from 1, below it from -1; 0 unless given. */
  readonly k?: number;
}

function matrixOf(
  rows: number,
  columns: number,
  dtype: tf.DataType,
  isOne: (row: number, column: number) => boolean,
): tf.Tensor {
  const values = Float32Array.from(
    { length: rows * columns },
    (_, i) => isOne(Math.floor(i / columns), i % columns) ? 1 : 0,
  );
  return tf.cast(tf.tensor2d(values, [rows, columns]), dtype);
}

/** A matrix with ones on a diagonal. */
export function eye(rows: number, columns: number = rows, options: EyeOptions = {}): tf.Tensor {
  const { k, dtype } = readOptions("eye", options, { k: 0, dtype: "float32" });
  return tf.tidy(() => matrixOf(rows, columns, dtype, (i, j) => j - i === k));
}
/** A square matrix with ones on the diagonal. */
export function identity(size: number, options?: CreationOptions): tf.Tensor {
  return eye(size, size, { dtype: dtypeOf("identity", options) });
}
/** A matrix with ones on and below a diagonal. */
export function tri(rows: number, columns: number = rows, options: EyeOptions = {}): tf.Tensor {
  const { k, dtype } = readOptions("tri", options, { k: 0, dtype: "float32" });
  return tf.tidy(() => matrixOf(rows, columns, dtype, (i, j) => j - i <= k));
}

function banded(name: string, isKept: (row: number, column: number, k: number) => boolean) {
  return unaryWith<{ readonly k?: number }>(name, { k: 0 }, (x, { k }) => {
    const [rows, columns] = x.shape.slice(-2);
    return tf.mul(x, matrixOf(rows, columns, x.dtype, (i, j) => isKept(i, j, k)));
  });
}
/** Matrices with zeros above a diagonal. */
export const tril = banded("tril", (i, j, k) => j - i <= k);
/** Matrices with zeros below a diagonal. */
export const triu = banded("triu", (i, j, k) => j - i >= k);

/** Values from start to below stop: `arange(stop)` or `arange(start, stop, { step })`. int32 where all are integers. */
export function arange(
  start: number,
  stop?: number,
  options: { readonly step?: number; readonly dtype?: tf.DataType } = {},
): tf.Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  const { step, dtype } = readOptions("arange", options, { step: 1, dtype: undefined });
  const kind = dtype ?? ([from, to, step].every(Number.isInteger) ? "int32" : "float32");
  const length = Math.max(Math.ceil((to - from) / step), 0);
  const values = Float32Array.from({ length }, (_, i) => from + i * step);
  return tf.tidy(() => tf.cast(tf.tensor1d(values), kind));
}

/** Options of {@linkcode linspace}. */
export interface SpaceOptions {
  /** How many values; 50 unless given. */
  readonly num?: number;
  /** Whether the end is among them; true unless given. */
  readonly endpoint?: boolean;
}

function spaced(name: string, start: number, stop: number, options: SpaceOptions): number[] {
  const { num, endpoint } = readOptions(name, options, { num: 50, endpoint: true });
  const parts = endpoint ? Math.max(num - 1, 1) : num;
  return Array.from({ length: num }, (_, i) => start + (stop - start) * i / parts);
}

/** Values at even distances. */
export function linspace(start: number, stop: number, options: SpaceOptions = {}): tf.Tensor {
  return tf.tensor1d(spaced("linspace", start, stop, options));
}
/** Powers of a base (10 unless given) of exponents at even distances. */
export function logspace(
  start: number,
  stop: number,
  options: SpaceOptions & { readonly base?: number } = {},
): tf.Tensor {
  const { base = 10, ...others } = options;
  return tf.tensor1d(spaced("logspace", start, stop, others).map((power) => base ** power));
}
/** Values of which each is as many times the one before. */
export function geomspace(start: number, stop: number, options: SpaceOptions = {}): tf.Tensor {
  const sign = Math.sign(start);
  const logs = spaced("geomspace", Math.log(Math.abs(start)), Math.log(Math.abs(stop)), options);
  return tf.tensor1d(logs.map((log) => sign * Math.exp(log)));
}

/** Coordinate matrices of coordinate vectors. */
export const meshgrid = defineOp(
  "meshgrid",
  (vectors: readonly unknown[], options: { readonly indexing?: "xy" | "ij" } = {}) => {
    const { indexing } = readOptions("meshgrid", options, { indexing: "xy" });
    const tensors = vectors.map((x) => tf.reshape(asTensor(x), [-1]));
    const indices = tensors.map((_, i) =>
      indexing === "xy" && i < 2 && tensors.length > 1 ? 1 - i : i
    );
    const shape: number[] = [];
    indices.forEach((place, i) => shape[place] = tensors[i].size);
    return tensors.map((x, i) =>
      tf.broadcastTo(tf.reshape(x, shape.map((_, k) => k === indices[i] ? x.size : 1)), shape)
    );
  },
) as unknown as (
  vectors: readonly EagerInput[],
  options?: { readonly indexing?: "xy" | "ij" },
) => tf.Tensor[];

function window(size: number, value: (share: number) => number): tf.Tensor {
  if (size === 1) return tf.ones([1]);
  return tf.tensor1d(Array.from({ length: size }, (_, i) => value(i / (size - 1))));
}
/** A triangle. */
export function bartlett(size: number): tf.Tensor {
  return window(size, (t) => 1 - Math.abs(2 * t - 1));
}
export function hanning(size: number): tf.Tensor {
  return window(size, (t) => 0.5 - 0.5 * Math.cos(2 * Math.PI * t));
}
export function hamming(size: number): tf.Tensor {
  return window(size, (t) => 0.54 - 0.46 * Math.cos(2 * Math.PI * t));
}
export function blackman(size: number): tf.Tensor {
  return window(
    size,
    (t) => 0.42 - 0.5 * Math.cos(2 * Math.PI * t) + 0.08 * Math.cos(4 * Math.PI * t),
  );
}
/** Kaiser's window, of shape beta. */
export function kaiser(size: number, beta: number): tf.Tensor {
  return window(size, (t) => bessel(beta * Math.sqrt(1 - (2 * t - 1) ** 2)) / bessel(beta));
}

/** The modified Bessel function of order 0, by its power series. */
function bessel(x: number): number {
  let [term, sum] = [1, 1];
  for (let k = 1; term > sum * 1e-17; k++) sum += term *= (x / 2 / k) ** 2;
  return sum;
}
