/**
 * Maximum pooling that tells where the largest elements were, and its inverse. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#pooling-functions
 * @module
 */
import {
  constant,
  fromHost,
  type LazyArray,
  lowestOf,
  ops,
  showShape,
  sizeOf,
} from "../../../onnx/mod.ts";
import { type Call, kinds, signature } from "../../arguments.ts";
import { apply } from "../../autograd/apply.ts";
import { Tensor, tensorKind } from "../../tensor.ts";
import { ADAPTIVE_POOL, type OutputSize } from "./adaptive_pooling.ts";
import { checkPoolPadding, MAX_POOL_OF, type PoolOptions } from "./max_pooling.ts";
import {
  checkRank,
  type Pair,
  perAxis,
  type Single,
  type Triple,
  type WindowSize,
  windowSize,
} from "./window.ts";
import { windowTable } from "./window_table.ts";

/** Pooled values and the indices of the flattened image that they come from, int64. */
export type WithIndices = [values: Tensor, indices: Tensor];

/** Which element of each window [lines, count, elements] is the largest: the first, or the last NaN. */
function bestOf(windows: LazyArray): LazyArray {
  const [lines, count, elements] = windows.shape;
  const row = { kernel: [1, elements], stride: [1, elements], padding: [0, 0, 0, 0] };
  const flat = ops.maxPoolIndices(ops.reshape(windows, [1, lines, count, elements]), row);
  const begins = BigInt64Array.from({ length: lines * count }, (_, i) => BigInt(i * elements));
  return ops.sub(ops.reshape(flat, [lines, count, 1]), fromHost(begins, [lines, count, 1]));
}

/** The largest element of each row of a table of indices into the last `rank` axes as one; -1 stands for none. */
function pooled(
  name: string,
  input: Tensor,
  rank: number,
  output: readonly number[],
  table: Int32Array,
): WithIndices {
  const leading = input.shape.slice(0, -rank);
  const size = sizeOf(input.shape.slice(-rank));
  const [count, lines] = [sizeOf(output), sizeOf(leading)];
  const elements = table.length / count;
  const known = fromHost(table.map((i) => i < 0 ? size : i), [table.length]);
  const rows = ops.reshape(input.array, [lines, size]);
  const padded = ops.pad(rows, [0, 0], [0, 1], lowestOf(input.dtype));
  const windows = ops.reshape(ops.gather(padded, known, 1), [lines, count, elements]);
  const all = fromHost(BigInt64Array.from(table, BigInt), [1, count, elements]);
  return best(name, input, rank, output, windows, ops.expand(all, windows.shape));
}

/** As before, by a table for each line of the input: [lines, windows, elements], none empty. */
export function pooledByTable(
  name: string,
  input: Tensor,
  rank: number,
  output: readonly number[],
  table: readonly (readonly number[])[],
): WithIndices {
  const size = sizeOf(input.shape.slice(-rank));
  const lines = table.length;
  const all = fromHost(BigInt64Array.from(table.flat(), BigInt), [lines, table[0]?.length ?? 0]);
  const windows = ops.gatherElements(ops.reshape(input.array, [lines, size]), all, 1);
  const count = sizeOf(output);
  const shape = [lines, count, all.shape[1] / count];
  const places = ops.reshape(all, shape);
  return best(name, input, rank, output, ops.reshape(windows, shape), places);
}

/** The best element of each window [lines, count, elements], and where in the input's lines it lies. */
function best(
  name: string,
  input: Tensor,
  rank: number,
  output: readonly number[],
  windows: LazyArray,
  places: LazyArray,
): WithIndices {
  const leading = input.shape.slice(0, -rank);
  const size = sizeOf(input.shape.slice(-rank));
  const [lines, count] = windows.shape;
  const chosen = ops.gatherElements(places, bestOf(windows), 2);
  const indices = ops.reshape(chosen, [lines, count]);
  const values = apply(
    name,
    [input],
    ([x]) =>
      ops.reshape(ops.gatherElements(ops.reshape(x, [lines, size]), indices, 1), [
        ...leading,
        ...output,
      ]),
  );
  return [values, new Tensor(ops.reshape(indices, [...leading, ...output]))];
}

/** Maximum pooling with indices. */
export type MaxPoolingWithIndices<E extends WindowSize> = (
  ...given: Call<typeof MAX_POOL_OF, PoolOptions<E>, [input: Tensor, kernelSize: E]>
) => WithIndices;

function maxPooling<E extends WindowSize>(name: string, rank: number): MaxPoolingWithIndices<E> {
  const own = MAX_POOL_OF.named(`maxPool${rank}dWithIndices`);
  return (...given) => {
    const { input, kernelSize, ...options } = own.read(given);
    checkRank(name, input, rank);
    const windows = {
      kernel: perAxis(`${name}: kernel_size`, kernelSize, rank, 1),
      stride: perAxis(`${name}: stride`, options.stride ?? kernelSize, rank, 1),
      padding: perAxis(`${name}: padding`, options.padding ?? 0, rank),
      dilation: perAxis(`${name}: dilation`, options.dilation ?? 1, rank, 1),
    };
    checkPoolPadding(windows.padding, windows.kernel, windows.dilation);
    const { output, indices } = windowTable(
      input.shape.slice(-rank),
      windows,
      options.ceilMode ?? false,
    );
    if (output.some((n) => n < 1)) {
      throw new Error(
        `${name}: windows of [${windows.kernel}] do not fit into input of size ${
          showShape(input.shape)
        }`,
      );
    }
    return pooled(`MaxPool${rank}DWithIndices`, input, rank, output, indices);
  };
}

/** Over [n, c, l] */
export const maxPool1dWithIndices: MaxPoolingWithIndices<Single> = maxPooling("max_pool1d", 1);
/** Over [n, c, h, w] */
export const maxPool2dWithIndices: MaxPoolingWithIndices<Pair> = maxPooling("max_pool2d", 2);
/** Over [n, c, d, h, w] */
export const maxPool3dWithIndices: MaxPoolingWithIndices<Triple> = maxPooling("max_pool3d", 3);

function adaptivePooling(name: string, rank: number) {
  const own = ADAPTIVE_POOL.named(`adaptiveMaxPool${rank}dWithIndices`);
  return (...given: [input: Tensor, outputSize: OutputSize]): WithIndices => {
    const { input, outputSize } = own.read(given);
    checkRank(name, input, rank);
    const sizes = input.shape.slice(-rank);
    const wanted = Array.isArray(outputSize)
      ? outputSize as (number | null)[]
      : new Array<number | null>(rank).fill(outputSize as number | null);
    const output = wanted.map((n, i) => n ?? sizes[i]);
    if (output.length !== rank || output.some((n) => !Number.isInteger(n) || n < 1)) {
      throw new Error(`${name}: output_size must have ${rank} positive elements, got [${wanted}]`);
    }
    return pooled(name, input, rank, output, adaptiveTable(sizes, output));
  };
}

/** Windows of one length, shorter ones filled up with -1. */
function adaptiveTable(sizes: readonly number[], output: readonly number[]): Int32Array {
  const along = sizes.map((size, axis) => {
    const bounds = Array.from(
      { length: output[axis] },
      (_, i) => [Math.floor(i * size / output[axis]), Math.ceil((i + 1) * size / output[axis])],
    );
    const longest = Math.max(...bounds.map(([begin, end]) => end - begin));
    return bounds.map(([begin, end]) =>
      Array.from({ length: longest }, (_, k) => begin + k < end ? begin + k : -1)
    );
  });
  let table: number[][] = [[0]];
  sizes.forEach((size, axis) => {
    table = table.flatMap((row) =>
      along[axis].map((positions) =>
        row.flatMap((base) =>
          positions.map((position) => position < 0 || base < 0 ? -1 : base * size + position)
        )
      )
    );
  });
  return Int32Array.from(table.flat());
}

/** Over [n, c, l] */
export const adaptiveMaxPool1dWithIndices = adaptivePooling("adaptive_max_pool1d", 1);
/** Over [n, c, h, w] */
export const adaptiveMaxPool2dWithIndices = adaptivePooling("adaptive_max_pool2d", 2);
/** Over [n, c, d, h, w] */
export const adaptiveMaxPool3dWithIndices = adaptivePooling("adaptive_max_pool3d", 3);

/** Options of the inverse of maximum pooling. */
export interface UnpoolOptions<E extends WindowSize = Pair> {
  /** Step of the window; its size unless given. */
  readonly stride?: E;
  /** What was added around, 0 unless given. */
  readonly padding?: E;
  /** Size of the result [.., h, w] where more than one fits; the smallest unless given. */
  readonly outputSize?: readonly number[] | null;
}

/** The inverse of maximum pooling, zeros between. */
export type MaxUnpooling<E extends WindowSize> = (
  ...given: Call<
    typeof MAX_UNPOOL,
    UnpoolOptions<E>,
    [input: Tensor, indices: Tensor, kernelSize: E]
  >
) => Tensor;

const MAX_UNPOOL = signature(
  "maxUnpool",
  ["input", tensorKind],
  ["indices", tensorKind],
  ["kernelSize", windowSize],
  ["stride", windowSize, undefined],
  ["padding", windowSize, undefined],
  ["outputSize", kinds.nullable(kinds.integers), undefined],
);

function maxUnpooling<E extends WindowSize>(name: string, rank: number): MaxUnpooling<E> {
  const own = MAX_UNPOOL.named(`maxUnpool${rank}d`);
  return (...given) => {
    const { input, indices, kernelSize, ...options } = own.read(given);
    checkRank(name, input, rank);
    const kernel = perAxis(`${name}: kernel_size`, kernelSize, rank, 1);
    const stride = perAxis(`${name}: stride`, options.stride ?? kernelSize, rank, 1);
    const padding = perAxis(`${name}: padding`, options.padding ?? 0, rank);
    const smallest = input.shape.slice(-rank).map((n, i) =>
      (n - 1) * stride[i] + kernel[i] - 2 * padding[i]
    );
    const sizes = options.outputSize ? options.outputSize.slice(-rank) : smallest;
    sizes.forEach((n, i) => {
      if (n > smallest[i] - stride[i] && n < smallest[i] + stride[i]) return;
      throw new Error(
        `invalid output_size [${sizes}] (dim ${i} must be between ${smallest[i] - stride[i]} and ${
          smallest[i] + stride[i]
        })`,
      );
    });
    if (showShape(input.shape) !== showShape(indices.shape)) {
      throw new Error(
        `${name}: Expected shape of indices to be that of the input (${
          showShape(input.shape)
        }) but got ${showShape(indices.shape)}`,
      );
    }
    const leading = input.shape.slice(0, -rank);
    const rows: readonly number[] = [sizeOf(leading), sizeOf(input.shape.slice(-rank))];
    return apply(`MaxUnpool${rank}D`, [input], ([x]) => {
      const empty = ops.expand(constant(0, x.dtype), [rows[0], sizeOf(sizes)]);
      const flat = (array: LazyArray) => ops.reshape(array, rows);
      const filled = ops.scatterElements(empty, flat(indices.array), flat(x), 1);
      return ops.reshape(filled, [...leading, ...sizes]);
    });
  };
}

/** To [n, c, l] */
export const maxUnpool1d: MaxUnpooling<Single> = maxUnpooling("max_unpool1d", 1);
/** To [n, c, h, w] */
export const maxUnpool2d: MaxUnpooling<Pair> = maxUnpooling("max_unpool2d", 2);
/** To [n, c, d, h, w] */
export const maxUnpool3d: MaxUnpooling<Triple> = maxUnpooling("max_unpool3d", 3);
