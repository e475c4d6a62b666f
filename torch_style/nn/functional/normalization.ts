/**
 * Normalization of single samples. Each function follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { constant, floatLimits, isFloating, ops, showShape, sizeOf } from "../../../onnx/mod.ts";
import { clamp, div } from "../../ops/elementwise.ts";
import { norm } from "../../ops/norm.ts";
import { type AffineOptions, checkChannels, normalizeAndScale, perChannel } from "./affine.ts";

const INSTANCE_NORM = signature(
  "instanceNorm",
  ["input", tensorKind],
  "*",
  ["weight", kinds.nullable(tensorKind), undefined],
  ["bias", kinds.nullable(tensorKind), undefined],
  ["eps", kinds.number, undefined],
);

/**
 * Normalizes each channel of each sample on its own. Follows `torch.nn.functional.instance_norm` without running
 * statistics.
 */
export function instanceNorm(
  ...given: Call<typeof INSTANCE_NORM, AffineOptions, [input: Tensor]>
): Tensor {
  const { input, ...options } = INSTANCE_NORM.read(given);
  const { weight, bias, eps = 1e-5 } = options;
  checkChannels("instance_norm", input, { weight, bias });
  const axes = input.shape.flatMap((_, i) => i < 2 ? [] : [i]);
  if (axes.reduce((n, axis) => n * input.shape[axis], 1) <= 1) {
    throw new Error(
      `Expected more than 1 spatial element when training, got input size ${
        showShape(input.shape)
      }`,
    );
  }
  return normalizeAndScale(
    "InstanceNorm",
    input,
    options,
    perChannel,
    (x) => ops.standardize(x, axes, eps).output,
  );
}

const LAYER_NORM = signature(
  "layerNorm",
  ["input", tensorKind],
  ["normalizedShape", kinds.integers],
  ["weight", kinds.nullable(tensorKind), undefined],
  ["bias", kinds.nullable(tensorKind), undefined],
  ["eps", kinds.number, undefined],
);

/**
 * Normalizes over the last axes, which must have the dimensions `normalizedShape`; weight and bias have that shape.
 *
 * @throws {Error} if the shapes do not fit.
 */
export function layerNorm(
  ...given: Call<
    typeof LAYER_NORM,
    AffineOptions,
    [input: Tensor, normalizedShape: readonly number[]]
  >
): Tensor {
  const { input, normalizedShape, ...options } = LAYER_NORM.read(given);
  const { weight, bias, eps = 1e-5 } = options;
  const axes = lastAxes(input, normalizedShape, { weight, bias });
  return normalizeAndScale(
    "NativeLayerNorm",
    input,
    options,
    () => normalizedShape,
    (x) => ops.standardize(x, axes, eps).output,
  );
}

/** Options of {@linkcode rmsNorm}. */
export interface RmsNormFunctionOptions {
  readonly weight?: Tensor | null;
  /** Added to the mean square; the smallest step above 1 of the dtype unless given, of float32 for shorter ones. */
  readonly eps?: number | null;
}

const RMS_NORM = signature("rmsNorm", ["input", tensorKind], ["normalizedShape", kinds.integers], [
  "weight",
  kinds.nullable(tensorKind),
  undefined,
], ["eps", kinds.nullable(kinds.number), undefined]);

/** Divides by the root of the mean square over the last axes (Zhang and Sennrich 2019). */
export function rmsNorm(
  ...given: Call<
    typeof RMS_NORM,
    RmsNormFunctionOptions,
    [input: Tensor, normalizedShape: readonly number[]]
  >
): Tensor {
  const { input, normalizedShape, weight, eps } = RMS_NORM.read(given);
  const axes = lastAxes(input, normalizedShape, { weight });
  if (!isFloating(input.dtype)) {
    throw new Error(`rms_norm: expected floating point, got ${input.dtype}`);
  }
  return normalizeAndScale("RmsNorm", input, { weight }, () => normalizedShape, (x) => {
    const epsilon = constant(eps ?? floatLimits(x.dtype).eps, x.dtype);
    const square = ops.mean(ops.mul(x, x), { axes, keepDims: true });
    return ops.mul(x, ops.reciprocal(ops.sqrt(ops.add(square, epsilon))));
  });
}

function lastAxes(
  input: Tensor,
  normalizedShape: readonly number[],
  tensors: Record<string, Tensor | null | undefined>,
): number[] {
  const first = input.ndim - normalizedShape.length;
  if (first < 0 || showShape(input.shape.slice(first)) !== showShape(normalizedShape)) {
    throw new Error(
      `Given normalized_shape=${showShape(normalizedShape)}, expected input with shape ` +
        `${showShape(["*", ...normalizedShape] as number[])}, but got input of size ${
          showShape(input.shape)
        }`,
    );
  }
  for (const [what, tensor] of Object.entries(tensors)) {
    if (!tensor || showShape(tensor.shape) === showShape(normalizedShape)) continue;
    throw new Error(
      `Expected ${what} to be of same shape as normalized_shape, but got ${what} of shape ` +
        `${showShape(tensor.shape)} and normalized_shape = ${showShape(normalizedShape)}`,
    );
  }
  return normalizedShape.map((_, i) => first + i);
}

const GROUP_NORM = signature(
  "groupNorm",
  ["input", tensorKind],
  ["numGroups", kinds.integer],
  ["weight", kinds.nullable(tensorKind), undefined],
  ["bias", kinds.nullable(tensorKind), undefined],
  ["eps", kinds.number, undefined],
);

/**
 * Normalizes each of `numGroups` groups of channels (axis 1) of each sample; weight and bias have one number a
 * channel.
 *
 * @throws {Error} if the channels do not divide into the groups.
 */
export function groupNorm(
  ...given: Call<typeof GROUP_NORM, AffineOptions, [input: Tensor, numGroups: number]>
): Tensor {
  const { input, numGroups, ...options } = GROUP_NORM.read(given);
  const { weight, bias, eps = 1e-5 } = options;
  checkChannels("group_norm", input, { weight, bias });
  const [, channels] = input.shape;
  if (channels % numGroups !== 0) {
    throw new Error(
      `Expected number of channels in input to be divisible by num_groups, but got input of shape ` +
        `${showShape(input.shape)} and num_groups=${numGroups}`,
    );
  }
  if (input.numel() === numGroups) {
    throw new Error(
      `Expected more than 1 value per channel when training, got input size ${
        showShape(input.shape)
      }`,
    );
  }
  return normalizeAndScale("NativeGroupNorm", input, options, perChannel, (x) => {
    const groups = ops.reshape(x, [x.shape[0], numGroups, sizeOf(x.shape.slice(1)) / numGroups]);
    return ops.reshape(ops.standardize(groups, [2], eps).output, x.shape);
  });
}

/** Options of {@linkcode normalize}. */
export interface NormalizeOptions {
  /** Which norm, 2 unless given; as of `torch.norm`, also Infinity and 0. */
  readonly p?: number;
  /** Along which axis, 1 unless given. */
  readonly dim?: number;
  /** Smallest norm to divide by, 1e-12 unless given. */
  readonly eps?: number;
}

const NORMALIZE = signature("normalize", ["input", tensorKind], ["p", kinds.number, undefined], [
  "dim",
  kinds.integer,
  undefined,
], ["eps", kinds.number, undefined]);

/** Divides by the p-norm along an axis, or by `eps` where that is smaller. */
export function normalize(
  ...given: Call<typeof NORMALIZE, NormalizeOptions, [input: Tensor]>
): Tensor {
  const { input, p = 2, dim = 1, eps = 1e-12 } = NORMALIZE.read(given);
  return div(input, clamp(norm(input, p, dim, true), { min: eps }));
}
