/**
 * Pooling to a given number of windows, also where these do not divide the input evenly: window i of o over an
 * axis of dimension e reaches from floor(i e / o) to ceil((i + 1) e / o), so that neighbours may overlap.
 * @module
 */
import { type Kind, kinds, signature } from "../../arguments.ts";
import { constant, type LazyArray, ops, sizeOf } from "../../../onnx/mod.ts";
import { apply } from "../../autograd/apply.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { asBatch, checkRank } from "./window.ts";

/** WindowSizes of the result; null keeps the input's. One number counts for every axis. */
export type OutputSize = number | null | readonly (number | null)[];

/** What {@linkcode OutputSize} is, as an argument. */
export const outputSizeKind: Kind<OutputSize> = kinds.nullable(
  kinds.either(kinds.integer, kinds.listOf(kinds.nullable(kinds.integer))),
);

/** What pooling to given sizes takes. */
export const ADAPTIVE_POOL = signature("adaptivePool", ["input", tensorKind], [
  "outputSize",
  outputSizeKind,
]);

/** Pooling of an input to dimensions. */
export type AdaptivePooling = (...given: [input: Tensor, outputSize: OutputSize]) => Tensor;

type Pool = (x: LazyArray, dimensions: readonly number[], windows: readonly number[]) => LazyArray;

function adaptivePooling(name: string, rank: number, pool: Pool): AdaptivePooling {
  const own = ADAPTIVE_POOL.named(camelCase(name));
  return (...given) => {
    const { input, outputSize } = own.read(given);
    checkRank(name, input, rank);
    const sizes = Array.isArray(outputSize)
      ? outputSize as (number | null)[]
      : new Array<number | null>(rank).fill(outputSize as number | null);
    const dimensions = input.shape.slice(-rank);
    const windows = sizes.map((size, i) => size ?? dimensions[i]);
    if (windows.length !== rank || windows.some((n) => !Number.isInteger(n) || n < 1)) {
      throw new Error(`${name}: output_size must have ${rank} positive elements, got [${sizes}]`);
    }
    return apply(
      name,
      [input],
      ([x]) => asBatch(x, rank, (batch) => pool(batch, dimensions, windows)),
    );
  };
}

/** PyTorch's name as it is here. */
function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
}

function divides(dimensions: readonly number[], windows: readonly number[]): boolean {
  return dimensions.every((dimension, i) => dimension % windows[i] === 0);
}

function average(
  x: LazyArray,
  dimensions: readonly number[],
  windows: readonly number[],
): LazyArray {
  const axes = dimensions.map((_, i) => 2 + i);
  if (windows.every((count) => count === 1)) return ops.mean(x, { axes, keepDims: true });
  if (divides(dimensions, windows)) {
    return ops.averagePool(x, { kernel: dimensions.map((dimension, i) => dimension / windows[i]) });
  }
  return axes.reduce((result, axis, i) => averageAlong(result, axis, windows[i]), x);
}

/** The product with a matrix of shares [windows, dimension] along an axis. */
function averageAlong(x: LazyArray, axis: number, count: number): LazyArray {
  const dimension = x.shape[axis];
  if (dimension === count) return x;
  const shares = windowsOf(dimension, count).flatMap(([begin, end]) =>
    Array.from({ length: dimension }, (_, i) => i >= begin && i < end ? 1 / (end - begin) : 0)
  );
  const matrix = constant(shares, x.dtype, [count, dimension]);
  const inner = sizeOf(x.shape.slice(axis + 1));
  if (axis === x.shape.length - 1) return ops.matmul(x, matrix, false, true);
  const rows = ops.reshape(x, [...x.shape.slice(0, axis), dimension, inner]);
  const result = ops.matmul(matrix, rows);
  return ops.reshape(result, [...x.shape.slice(0, axis), count, ...x.shape.slice(axis + 1)]);
}

function windowsOf(dimension: number, count: number): [begin: number, end: number][] {
  return Array.from(
    { length: count },
    (_, i) => [Math.floor(i * dimension / count), Math.ceil((i + 1) * dimension / count)],
  );
}

function largest(
  x: LazyArray,
  dimensions: readonly number[],
  windows: readonly number[],
): LazyArray {
  if (divides(dimensions, windows)) {
    return ops.maxPool(x, { kernel: dimensions.map((dimension, i) => dimension / windows[i]) });
  }
  const kernel: number[] = [];
  const spreadOut = windows.reduce((result, count, i) => {
    const bounds = windowsOf(dimensions[i], count);
    const longest = Math.max(...bounds.map(([begin, end]) => end - begin));
    kernel.push(longest);
    // Shorter windows are filled up with their last element, which changes no maximum.
    const indices = bounds.flatMap(([begin, end]) =>
      Array.from({ length: longest }, (_, k) => Math.min(begin + k, end - 1))
    );
    return ops.gather(result, constant(indices, "int64"), 2 + i);
  }, x);
  return ops.maxPool(spreadOut, { kernel });
}

/** Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool1d.html */
export const adaptiveAvgPool1d: AdaptivePooling = adaptivePooling(
  "adaptive_avg_pool1d",
  1,
  average,
);
/** Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool2d.html */
export const adaptiveAvgPool2d: AdaptivePooling = adaptivePooling(
  "adaptive_avg_pool2d",
  2,
  average,
);
/** Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool3d.html */
export const adaptiveAvgPool3d: AdaptivePooling = adaptivePooling(
  "adaptive_avg_pool3d",
  3,
  average,
);
/** Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool1d.html */
export const adaptiveMaxPool1d: AdaptivePooling = adaptivePooling(
  "adaptive_max_pool1d",
  1,
  largest,
);
/** Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool2d.html */
export const adaptiveMaxPool2d: AdaptivePooling = adaptivePooling(
  "adaptive_max_pool2d",
  2,
  largest,
);
/** Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool3d.html */
export const adaptiveMaxPool3d: AdaptivePooling = adaptivePooling(
  "adaptive_max_pool3d",
  3,
  largest,
);
