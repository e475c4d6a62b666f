/**
 * Pooling by power means, and normalization by neighbouring channels. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#pooling-functions
 * @module
 */
import { constant, ops, showShape, sizeOf } from "../../../onnx/mod.ts";
import { type Call, kinds, signature } from "../../arguments.ts";
import { apply } from "../../autograd/apply.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { avgPool1d, avgPool2d, avgPool3d } from "./average_pooling.ts";
import {
  type Pair,
  perAxis,
  type Single,
  type Triple,
  type WindowSize,
  windowSize,
} from "./window.ts";

/** Options of power pooling. */
export interface LPPoolOptions<E extends WindowSize> {
  /** Step of the window; its size unless given. */
  readonly stride?: E;
  /** Whether a window may hang over the end. */
  readonly ceilMode?: boolean;
}

/** The p-norm of each window. */
export type LPPooling<E extends WindowSize> = (
  ...given: Call<
    typeof LP_POOL,
    LPPoolOptions<E>,
    [input: Tensor, normType: number, kernelSize: E]
  >
) => Tensor;

const LP_POOL = signature(
  "lpPool",
  ["input", tensorKind],
  ["normType", kinds.number],
  ["kernelSize", windowSize],
  ["stride", windowSize, undefined],
  ["ceilMode", kinds.boolean, undefined],
);

function powerPooling<E extends WindowSize>(
  name: string,
  rank: number,
  average: (input: Tensor, kernelSize: E, options: LPPoolOptions<E>) => Tensor,
): LPPooling<E> {
  const own = LP_POOL.named(`lpPool${rank}d`);
  return (...given) => {
    const { input, normType, kernelSize, ...options } = own.read(given);
    const count = sizeOf(perAxis(`${name}: kernel_size`, kernelSize, rank, 1));
    const mean = average(input.pow(normType), kernelSize as E, options as LPPoolOptions<E>);
    // As PyTorch does it: negative sums, which odd norms have, count as 0.
    const sums = mean.sign().mul(mean.abs().relu()).mul(count);
    return apply("LPPool", [sums], ([x]) => {
      // No gradient where a sum is 0.
      const isZero = ops.equal(x, constant(0, x.dtype));
      const safe = ops.where(isZero, constant(1, x.dtype), x);
      const root = ops.pow(safe, constant(1 / normType, x.dtype));
      return ops.where(isZero, constant(0, x.dtype), root);
    });
  };
}

/** Over [n, c, l] */
export const lpPool1d: LPPooling<Single> = powerPooling("lp_pool1d", 1, avgPool1d);
/** Over [n, c, h, w] */
export const lpPool2d: LPPooling<Pair> = powerPooling("lp_pool2d", 2, avgPool2d);
/** Over [n, c, d, h, w] */
export const lpPool3d: LPPooling<Triple> = powerPooling("lp_pool3d", 3, avgPool3d);

/** Options of {@linkcode localResponseNorm}. */
export interface LocalResponseOptions {
  /** 1e-4 unless given. */
  readonly alpha?: number;
  /** 0.75 unless given. */
  readonly beta?: number;
  /** 1 unless given. */
  readonly k?: number;
}

/** What {@linkcode localResponseNorm} takes beside the input. */
export const LOCAL_RESPONSE = signature(
  "localResponseNorm",
  ["size", kinds.integer],
  ["alpha", kinds.number, 1e-4],
  ["beta", kinds.number, 0.75],
  ["k", kinds.number, 1],
);

const LOCAL_RESPONSE_OF = LOCAL_RESPONSE.after(["input", tensorKind]);

/** x / (k + alpha / size (sum of squares of `size` neighbouring channels))^beta (Krizhevsky et al. 2012) */
export function localResponseNorm(
  ...given: Call<typeof LOCAL_RESPONSE_OF, LocalResponseOptions, [input: Tensor, size: number]>
): Tensor {
  const { input, size, alpha, beta, k } = LOCAL_RESPONSE_OF.read(given);
  if (input.ndim < 3) {
    throw new Error(`Expected 3D or higher dimensionality input (got ${input.ndim} dimensions)`);
  }
  if (!(size >= 1)) {
    throw new Error(
      `localResponseNorm: size is ${size}, expected at least 1 for ${showShape(input.shape)}`,
    );
  }
  return apply("LocalResponseNorm", [input], ([x]) => {
    const channels = x.shape[1];
    const around = (n: number) => x.shape.map((_, i) => i === 1 ? n : 0);
    const before = Math.floor(size / 2);
    const squares = ops.pad(ops.mul(x, x), around(before), around(size - 1 - before));
    const parts = Array.from(
      { length: size },
      (_, i) => ops.slice(squares, around(i), squares.shape.with(1, i + channels)),
    );
    const mean = ops.mul(parts.reduce(ops.add), constant(alpha / size, x.dtype));
    return ops.div(x, ops.pow(ops.add(mean, constant(k, x.dtype)), constant(beta, x.dtype)));
  });
}
