/**
 * Transposed convolution over one, two or three axes: the gradient of convolution for its input.
 * @module
 */
import { type LazyArray, ops, showShape } from "../../../onnx/mod.ts";
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

/** Options of transposed convolutions, PyTorch's. */
export interface ConvTransposeOptions<E extends WindowSize = Pair> {
  /** Distance of the filter's indices in the result, 1 unless given. */
  readonly stride?: E;
  /** How much is cut off the result on both sides, 0 unless given. */
  readonly padding?: E;
  /** How much more of the result is kept at the end, 0 unless given. */
  readonly outputPadding?: E;
  /** How many groups the channels fall into, 1 unless given. */
  readonly groups?: number;
  /** Distance of filter elements, 1 unless given. */
  readonly dilation?: E;
}

const TRANSPOSED_CONVOLUTION = signature(
  "convTranspose",
  ["input", tensorKind],
  ["weight", tensorKind],
  ["bias", kinds.nullable(tensorKind), null],
  ["stride", windowSize, 1],
  ["padding", windowSize, 0],
  ["outputPadding", windowSize, 0],
  ["groups", kinds.integer, 1],
  ["dilation", windowSize, 1],
);

/** A transposed convolution of input, filters, bias. */
export type TransposedConvolution<E extends WindowSize> = (
  ...given: Call<
    typeof TRANSPOSED_CONVOLUTION,
    { readonly bias?: Tensor | null } & ConvTransposeOptions<E>,
    [input: Tensor, weight: Tensor]
  >
) => Tensor;

interface Window {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly outputPadding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

function transposedConvolution<E extends WindowSize>(
  name: string,
  rank: number,
): TransposedConvolution<E> {
  const own = TRANSPOSED_CONVOLUTION.named(`convTranspose${rank}d`);
  return (...given) => {
    const { input, weight, bias, groups, ...options } = own.read(given);
    checkRank(name, input, rank);
    const window = {
      stride: perAxis(`${name}: stride`, options.stride, rank, 1),
      padding: perAxis(`${name}: padding`, options.padding, rank),
      outputPadding: perAxis(`${name}: output_padding`, options.outputPadding, rank),
      dilation: perAxis(`${name}: dilation`, options.dilation, rank, 1),
      groups,
    };
    check(input, weight, rank, window);
    const inputs = bias ? [input, weight, bias] : [input, weight];
    return apply("ConvTranspose", inputs, ([x, w, b]) =>
      asBatch(x, rank, (batch) => {
        const result = transposedOf(batch, w, window);
        return b
          ? ops.add(result, ops.reshape(b, [b.size, ...window.stride.map(() => 1)]))
          : result;
      }));
  };
}

function check(input: Tensor, weight: Tensor, rank: number, window: Window): void {
  const { stride, dilation, outputPadding } = window;
  const channels = input.shape[input.ndim - rank - 1];
  if (weight.ndim !== rank + 2 || channels !== weight.shape[0]) {
    throw new Error(
      `Given transposed=1, weight of size ${showShape(weight.shape)}, expected ` +
        `input${showShape(input.shape)} to have ${weight.shape[0]} channels, but got ${channels} ` +
        `channels instead`,
    );
  }
  if (outputPadding.some((n, i) => n >= stride[i] && n >= dilation[i])) {
    throw new Error(
      `output padding must be smaller than either stride or dilation, but got output_padding: ` +
        `${showShape(outputPadding)} stride: ${showShape(stride)} dilation: ${showShape(dilation)}`,
    );
  }
}

/**
 * The result before cutting covers (d - 1) stride + dilation (k - 1) + 1 elements. Of the cut at the end,
 * `outputPadding` is taken back; what it asks for beyond that is zero.
 */
function transposedOf(x: LazyArray, w: LazyArray, window: Window): LazyArray {
  const { stride, padding, outputPadding, dilation, groups } = window;
  const after = padding.map((n, i) => Math.max(0, n - outputPadding[i]));
  const dimensions = x.shape.slice(2).map((dimension, i) =>
    (dimension - 1) * stride[i] + dilation[i] * (w.shape[2 + i] - 1) + 1 - padding[i] - after[i]
  );
  if (dimensions.some((dimension) => dimension < 1)) {
    throw new Error(
      `Given input size ${showShape(x.shape)}, the output would have dimensions ${
        showShape(dimensions)
      }, which is too small`,
    );
  }
  const shape = [x.shape[0], w.shape[1] * groups, ...dimensions];
  const options = { stride, padding: [...padding, ...after], dilation, groups };
  const beyond = outputPadding.map((n, i) => Math.max(0, n - padding[i]));
  const none = shape.map(() => 0);
  return ops.pad(ops.convInputGradient(x, w, shape, options), none, [0, 0, ...beyond]);
}

/**
 * Transposed convolution of [n, c, l] with filters [c, o / groups, k] and a bias [o].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose1d.html
 */
export const convTranspose1d: TransposedConvolution<Single> = transposedConvolution(
  "conv_transpose1d",
  1,
);

/**
 * Transposed convolution of images [n, c, h, w] with filters [c, o / groups, kh, kw] and a bias [o].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html
 */
export const convTranspose2d: TransposedConvolution<Pair> = transposedConvolution(
  "conv_transpose2d",
  2,
);

/**
 * Transposed convolution of volumes [n, c, d, h, w] with filters [c, o / groups, kd, kh, kw] and a bias [o].
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose3d.html
 */
export const convTranspose3d: TransposedConvolution<Triple> = transposedConvolution(
  "conv_transpose3d",
  3,
);
