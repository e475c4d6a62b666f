/**
 * Maximum pooling by windows whose distances vary at random (Graham 2014). Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#pooling-functions
 * @module
 */
import { sizeOf, valuesNow } from "../../../onnx/mod.ts";
import { type Call, type Kind, kinds, signature } from "../../arguments.ts";
import { defaultGenerator } from "../../random.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { pooledByTable, type WithIndices } from "./max_pooling_with_indices.ts";
import {
  checkRank,
  type Pair,
  perAxis,
  type Triple,
  type WindowSize,
  windowSize,
} from "./window.ts";

/** Options of fractional pooling: one of `outputSize` and `outputRatio` must be given. */
export interface FractionalPoolOptions<E extends WindowSize = Pair> {
  /** Size of the result. */
  readonly outputSize?: E | null;
  /** Size of the result as a share of the input's, above 0 and below 1. */
  readonly outputRatio?: number | readonly number[] | null;
  /** Where windows begin, 0 to 1 [n, channels, axes]: drawn unless given; its values must be computed. */
  readonly _randomSamples?: Tensor | null;
}

/** What fractional pooling takes beside the input. */
export const FRACTIONAL_POOL = signature(
  "fractionalMaxPool",
  ["kernelSize", windowSize],
  ["outputSize", kinds.nullable(windowSize), null],
  [
    "outputRatio",
    kinds.nullable(kinds.either(kinds.number, kinds.numbers)) as Kind<
      number | readonly number[] | null
    >,
    null,
  ],
  "*",
  ["_randomSamples", kinds.nullable(tensorKind), null],
);

const FRACTIONAL_POOL_OF = FRACTIONAL_POOL.after(["input", tensorKind]);

type Given<E extends WindowSize> = Call<
  typeof FRACTIONAL_POOL_OF,
  FractionalPoolOptions<E>,
  [input: Tensor, kernelSize: E]
>;

/** Fractional pooling; gives values. */
export type FractionalPooling<E extends WindowSize> = (...given: Given<E>) => Tensor;

/** Fractional pooling; gives values and indices. */
export type FractionalPoolingWithIndices<E extends WindowSize> = (
  ...given: Given<E>
) => WithIndices;

function fractionalPooling<E extends WindowSize>(
  rank: number,
): FractionalPoolingWithIndices<E> {
  const own = FRACTIONAL_POOL_OF.named(`fractionalMaxPool${rank}d`);
  return (...given) => {
    const { input, kernelSize, outputSize, outputRatio, _randomSamples } = own.read(given);
    checkRank(own.name, input, rank);
    const sizes = input.shape.slice(-rank);
    const kernel = perAxis(`${own.name}: kernel_size`, kernelSize, rank, 1);
    const output = outputOf(own.name, sizes, outputSize, outputRatio);
    output.forEach((count, i) => {
      // In three dimensions PyTorch asks for one more.
      if (count + kernel[i] - 1 <= sizes[i] - (rank === 3 ? 1 : 0)) return;
      throw new Error(
        `${own.name}: pool size ${kernel[i]} too large for output ${count} of input ${sizes[i]}`,
      );
    });
    const planes = sizeOf(input.shape.slice(0, -rank));
    const samples = samplesOf(own.name, _randomSamples, planes * rank);
    const table = Array.from(
      { length: planes },
      (_, plane) =>
        windowsOf(sizes, kernel, output, (axis) => {
          // In two dimensions the first sample is the columns', in three they come in order.
          const place = rank === 2 ? 1 - axis : axis;
          return samples[plane * rank + place];
        }),
    );
    return pooledByTable(`FractionalMaxPool${rank}D`, input, rank, output, table);
  };
}

function outputOf(
  name: string,
  sizes: readonly number[],
  outputSize: WindowSize | null,
  outputRatio: number | readonly number[] | null,
): number[] {
  if ((outputSize === null) === (outputRatio === null)) {
    throw new Error(
      `${name}: expected either an output size or a pooling ratio, got ${
        outputSize === null ? "none" : "both"
      }`,
    );
  }
  if (outputSize !== null) {
    return perAxis(`${name}: output_size`, outputSize, sizes.length, 1);
  }
  return sizes.map((size, i) => {
    const ratio = typeof outputRatio === "number" ? outputRatio : outputRatio![i];
    if (!(ratio > 0 && ratio < 1)) {
      throw new Error(`output_ratio must be between 0 and 1 (got ${ratio})`);
    }
    return Math.floor(size * ratio);
  });
}

function samplesOf(name: string, given: Tensor | null, count: number): ArrayLike<number> {
  if (!given) return defaultGenerator().uniform(count);
  const values = valuesNow(given.array);
  if (values && values.length === count) return Array.from(values, Number);
  throw new Error(
    `${name}: _randomSamples must hold ${count} values that are computed, got [${given.shape}]`,
  );
}

/** Where the windows of a plane begin along an axis: PyTorch's pseudo-random sequence, in float32 as there. */
function beginnings(sample: number, size: number, count: number, kernel: number): number[] {
  const alpha = Math.fround((size - kernel) / (count - 1));
  const at = (i: number) => Math.trunc(Math.fround(Math.fround(i + sample) * alpha));
  return Array.from(
    { length: count },
    (_, i) => i === count - 1 ? size - kernel : at(i) - at(0),
  );
}

/** Each window's elements as indices of the plane, one window after the other. */
function windowsOf(
  sizes: readonly number[],
  kernel: readonly number[],
  output: readonly number[],
  sampleOf: (axis: number) => number,
): number[] {
  let windows: number[][] = [[0]];
  sizes.forEach((size, axis) => {
    const starts = beginnings(sampleOf(axis), size, output[axis], kernel[axis]);
    windows = windows.flatMap((window) =>
      starts.map((start) =>
        window.flatMap((base) =>
          Array.from({ length: kernel[axis] }, (_, k) => base * size + start + k)
        )
      )
    );
  });
  return windows.flat();
}

/** Over [n, c, h, w] */
export const fractionalMaxPool2dWithIndices: FractionalPoolingWithIndices<Pair> = fractionalPooling(
  2,
);
/** Over [n, c, d, h, w] */
export const fractionalMaxPool3dWithIndices: FractionalPoolingWithIndices<Triple> =
  fractionalPooling(3);
/** Over [n, c, h, w] */
export const fractionalMaxPool2d: FractionalPooling<Pair> = (...given) =>
  fractionalMaxPool2dWithIndices(...given)[0];
/** Over [n, c, d, h, w] */
export const fractionalMaxPool3d: FractionalPooling<Triple> = (...given) =>
  fractionalMaxPool3dWithIndices(...given)[0];
