/**
 * Maximum pooling over one, two or three axes.
 * @module
 */
import { ops } from "../../../onnx/mod.ts";
import { type Call, kinds, signature } from "../../arguments.ts";
import { apply } from "../../autograd/apply.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
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

/** Options of maximum pooling, PyTorch's. */
export interface PoolOptions<E extends WindowSize = Pair> {
  /** Step of the window; its dimension unless given. */
  readonly stride?: E;
  /** Elements around that never win, at most half the window; 0 unless given. */
  readonly padding?: E;
  /** Distance of the window's elements, 1 unless given. */
  readonly dilation?: E;
  /** Whether a window may hang over the end, so that no element is left out; false unless given. */
  readonly ceilMode?: boolean;
}

/** What maximum pooling takes beside the input. */
export const MAX_POOL = signature(
  "maxPool",
  ["kernelSize", windowSize],
  ["stride", windowSize, undefined],
  ["padding", windowSize, undefined],
  ["dilation", windowSize, undefined],
  "*",
  ["ceilMode", kinds.boolean, undefined],
);

/** {@linkcode MAX_POOL} of an input. */
export const MAX_POOL_OF = MAX_POOL.after(["input", tensorKind]);

/** Maximum pooling of an input by a window. */
export type MaxPooling<E extends WindowSize> = (
  ...given: Call<typeof MAX_POOL_OF, PoolOptions<E>, [input: Tensor, kernelSize: E]>
) => Tensor;

/** @throws {Error} if more than half of a window would lie in the padding. */
export function checkPoolPadding(
  padding: readonly number[],
  kernel: readonly number[],
  dilation: readonly number[] = kernel.map(() => 1),
): void {
  padding.forEach((pad, i) => {
    const span = dilation[i] * (kernel[i] - 1) + 1;
    if (pad <= span / 2) return;
    throw new Error(
      `pad should be at most half of effective kernel size, but got pad=${pad}, ` +
        `kernel_size=${kernel[i]} and dilation=${dilation[i]}`,
    );
  });
}

/** How far the last window reaches beyond the end of an axis. */
export function paddingAfter(
  dimension: number,
  span: number,
  stride: number,
  padding: number,
  ceilMode: boolean,
): number {
  if (!ceilMode) return padding;
  // One window may see more than there is, where another step would not lead beyond the input.
  const most = Math.ceil((dimension + 2 * padding - span) / stride) + 1;
  // A window must begin inside the input or the padding before it.
  const count = (most - 1) * stride >= dimension + padding ? most - 1 : most;
  if (count < 1) return padding;
  return Math.max(0, (count - 1) * stride + span - dimension - padding);
}

function maxPooling<E extends WindowSize>(name: string, rank: number): MaxPooling<E> {
  const own = MAX_POOL_OF.named(`maxPool${rank}d`);
  return (...given) => {
    const { input, kernelSize, ...options } = own.read(given);
    checkRank(name, input, rank);
    const kernel = perAxis(`${name}: kernel_size`, kernelSize, rank, 1);
    const stride = perAxis(`${name}: stride`, options.stride ?? kernelSize, rank, 1);
    const before = perAxis(`${name}: padding`, options.padding ?? 0, rank);
    const dilation = perAxis(`${name}: dilation`, options.dilation ?? 1, rank, 1);
    checkPoolPadding(before, kernel, dilation);
    const after = input.shape.slice(-rank).map((dimension, i) => {
      const span = dilation[i] * (kernel[i] - 1) + 1;
      return paddingAfter(dimension, span, stride[i], before[i], options.ceilMode ?? false);
    });
    return apply(`MaxPool${rank}D`, [input], ([x]) =>
      asBatch(
        x,
        rank,
        (batch) => ops.maxPool(batch, { kernel, stride, padding: [...before, ...after], dilation }),
      ));
  };
}

/**
 * Largest element of each window of [n, c, l].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool1d.html
 */
export const maxPool1d: MaxPooling<Single> = maxPooling("max_pool1d", 1);

/**
 * Largest element of each window of [n, c, h, w].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
 */
export const maxPool2d: MaxPooling<Pair> = maxPooling("max_pool2d", 2);

/**
 * Largest element of each window of [n, c, d, h, w].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool3d.html
 */
export const maxPool3d: MaxPooling<Triple> = maxPooling("max_pool3d", 3);
