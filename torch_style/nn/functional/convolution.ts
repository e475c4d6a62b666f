/**
 * Convolution over one, two or three axes.
 * @module
 */
import { ops, showShape } from "../../../onnx/mod.ts";
import { type Call, kinds, signature } from "../../arguments.ts";
import { apply } from "../../autograd/apply.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import {
  asBatch,
  checkRank,
  onBothSides,
  type Pair,
  perAxis,
  type Single,
  type Triple,
  type WindowSize,
  windowSize,
} from "./window.ts";

/** Options of convolutions, PyTorch's. */
export interface ConvOptions<E extends WindowSize = Pair> {
  /** Step of the filter, 1 unless given. */
  readonly stride?: E;
  /** Zeros around, 0 unless given; "same" keeps the dimensions (stride 1), "valid" is none. */
  readonly padding?: E | "same" | "valid";
  /** Distance of filter elements, 1 unless given. */
  readonly dilation?: E;
  /** How many groups the channels fall into, 1 unless given. */
  readonly groups?: number;
}

const CONVOLUTION = signature(
  "conv",
  ["input", tensorKind],
  ["weight", tensorKind],
  ["bias", kinds.nullable(tensorKind), null],
  ["stride", windowSize, 1],
  ["padding", kinds.either(windowSize, kinds.string), 0],
  ["dilation", windowSize, 1],
  ["groups", kinds.integer, 1],
);

/** A convolution of input, filters, bias. */
export type Convolution<E extends WindowSize> = (
  ...given: Call<
    typeof CONVOLUTION,
    { readonly bias?: Tensor | null } & ConvOptions<E>,
    [input: Tensor, weight: Tensor]
  >
) => Tensor;

function convolution<E extends WindowSize>(name: string, rank: number): Convolution<E> {
  const own = CONVOLUTION.named(name);
  return (...given) => {
    const { input, weight, bias, groups, ...options } = own.read(given);
    checkRank(name, input, rank);
    const dilation = perAxis(`${name}: dilation`, options.dilation, rank, 1);
    const stride = perAxis(`${name}: stride`, options.stride, rank, 1);
    const kernel = weight.shape.slice(2);
    const padding = paddingOf(name, options.padding, kernel, stride, dilation);
    checkChannels(input, weight, rank, groups);
    const window = { stride, padding, dilation, groups };
    const inputs = bias ? [input, weight, bias] : [input, weight];
    return apply(
      "Convolution",
      inputs,
      ([x, w, b]) => asBatch(x, rank, (batch) => ops.conv(batch, w, window, b)),
    );
  };
}

function checkChannels(input: Tensor, weight: Tensor, rank: number, groups: number): void {
  const channels = input.shape[input.ndim - rank - 1];
  if (weight.ndim === rank + 2 && channels === weight.shape[1] * groups) return;
  throw new Error(
    `Given groups=${groups}, weight of size ${showShape(weight.shape)}, expected ` +
      `input${showShape(input.shape)} to have ${weight.shape[1] * groups} channels, but got ` +
      `${channels} channels instead`,
  );
}

/** Zeros before each axis, then after each. */
function paddingOf(
  name: string,
  padding: WindowSize | string,
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
): number[] {
  if (padding === "valid") return kernel.flatMap(() => [0, 0]);
  if (typeof padding !== "string") {
    return onBothSides(perAxis(`${name}: padding`, padding, kernel.length));
  }
  if (padding !== "same") {
    throw new Error(
      `Invalid padding string '${padding}', should be one of 'valid', 'same' (${name})`,
    );
  }
  if (stride.some((step) => step !== 1)) {
    throw new Error(`${name}: padding='same' is not supported for strided convolutions`);
  }
  return samePadding(kernel, dilation);
}

/** What keeps the dimensions; of an odd total the extra element is at the end, as in PyTorch. */
export function samePadding(kernel: readonly number[], dilation: readonly number[]): number[] {
  const total = kernel.map((dimension, i) => dilation[i] * (dimension - 1));
  const before = total.map((n) => Math.floor(n / 2));
  return [...before, ...total.map((n, i) => n - before[i])];
}

/**
 * Convolution of [n, c, l] with filters [o, c / groups, k] and a bias [o].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html
 *
 * @throws {Error} if channels or dimensions do not fit.
 */
export const conv1d: Convolution<Single> = convolution("conv1d", 1);

/**
 * Convolution of images [n, c, h, w] with filters [o, c / groups, kh, kw] and a bias [o].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
 *
 * @throws {Error} if channels or dimensions do not fit.
 */
export const conv2d: Convolution<Pair> = convolution("conv2d", 2);

/**
 * Convolution of volumes [n, c, d, h, w] with filters [o, c / groups, kd, kh, kw] and a bias [o].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv3d.html
 *
 * @throws {Error} if channels or dimensions do not fit.
 */
export const conv3d: Convolution<Triple> = convolution("conv3d", 3);
