/**
 * Average pooling over one, two or three axes.
 * @module
 */
import { constant, type LazyArray, ops, sizeOf } from "../../../onnx/mod.ts";
import { type Call, kinds, signature } from "../../arguments.ts";
import { apply } from "../../autograd/apply.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { checkPoolPadding, paddingAfter } from "./max_pooling.ts";
import {
  asBatch,
  checkRank,
  type Pair,
  perAxis,
  type Single,
  type Triple,
  type WindowSize,
  windowSize,
} from "./window.ts";

/** Options of average pooling, PyTorch's. */
export interface AvgPoolOptions<E extends WindowSize = Pair> {
  /** Step of the window; its dimension unless given. */
  readonly stride?: E;
  /** Zeros around, at most half the window; 0 unless given. */
  readonly padding?: E;
  /** Whether a window may hang over the end, so that no element is left out; false unless given. */
  readonly ceilMode?: boolean;
  /** Whether the zeros around count as elements; true unless given. */
  readonly countIncludePad?: boolean;
  /** What sums are divided by; the number of elements unless given. */
  readonly divisorOverride?: number;
}

/** What average pooling takes beside the input. */
export const AVG_POOL = signature(
  "avgPool",
  ["kernelSize", windowSize],
  ["stride", windowSize, undefined],
  ["padding", windowSize, undefined],
  ["ceilMode", kinds.boolean, undefined],
  ["countIncludePad", kinds.boolean, undefined],
  ["divisorOverride", kinds.number, undefined],
);

const AVG_POOL_OF = AVG_POOL.after(["input", tensorKind]);

/** Average pooling of an input by a window. */
export type AvgPooling<E extends WindowSize> = (
  ...given: Call<typeof AVG_POOL_OF, AvgPoolOptions<E>, [input: Tensor, kernelSize: E]>
) => Tensor;

interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

function avgPooling<E extends WindowSize>(name: string, rank: number): AvgPooling<E> {
  const own = AVG_POOL_OF.named(`avgPool${rank}d`);
  return (...given) => {
    const { input, kernelSize, ...options } = own.read(given);
    checkRank(name, input, rank);
    const { ceilMode = false, divisorOverride } = options;
    if (divisorOverride === 0) throw new Error(`${name}: divisor must be not zero`);
    const kernel = perAxis(`${name}: kernel_size`, kernelSize, rank, 1);
    const stride = perAxis(`${name}: stride`, options.stride ?? kernelSize, rank, 1);
    const before = perAxis(`${name}: padding`, options.padding ?? 0, rank);
    checkPoolPadding(before, kernel);
    const after = input.shape.slice(-rank).map((dimension, i) =>
      paddingAfter(dimension, kernel[i], stride[i], before[i], ceilMode)
    );
    const window = { kernel, stride, before, after };
    return apply(`AvgPool${rank}D`, [input], ([x]) =>
      asBatch(x, rank, (batch) => {
        const padding = [...before, ...after];
        const means = ops.averagePool(batch, { kernel, stride, padding });
        return corrected(means, batch, window, options);
      }));
  };
}

/** The mean over whole windows, made the mean over the elements that count. */
function corrected(
  means: LazyArray,
  x: LazyArray,
  window: Window,
  { countIncludePad = true, divisorOverride }: AvgPoolOptions<WindowSize>,
): LazyArray {
  const { kernel } = window;
  if (divisorOverride !== undefined) {
    return ops.mul(means, constant(sizeOf(kernel) / divisorOverride, x.dtype));
  }
  return kernel.reduce((result, dimension, i) => {
    const counts = countsAlong(means.shape[2 + i], x.shape[2 + i], window, i, countIncludePad);
    if (counts.every((count) => count === dimension)) return result;
    const shape = [counts.length, ...kernel.slice(i + 1).map(() => 1)];
    return ops.mul(result, constant(counts.map((count) => dimension / count), x.dtype, shape));
  }, means);
}

/** How many elements of each window count along an axis. What hangs over the padding never does. */
function countsAlong(
  indices: number,
  dimension: number,
  { kernel, stride, before }: Window,
  axis: number,
  countIncludePad: boolean,
): number[] {
  const padding = countIncludePad ? before[axis] : 0;
  return Array.from({ length: indices }, (_, i) => {
    const begin = i * stride[axis] - before[axis];
    return Math.min(begin + kernel[axis], dimension + padding) - Math.max(begin, -padding);
  });
}

/**
 * Mean of each window of [n, c, l].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool1d.html
 */
export const avgPool1d: AvgPooling<Single> = avgPooling("avg_pool1d", 1);

/**
 * Mean of each window of [n, c, h, w].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html
 */
export const avgPool2d: AvgPooling<Pair> = avgPooling("avg_pool2d", 2);

/**
 * Mean of each window of [n, c, d, h, w].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool3d.html
 */
export const avgPool3d: AvgPooling<Triple> = avgPooling("avg_pool3d", 3);
