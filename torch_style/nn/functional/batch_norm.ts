/**
 * Batch normalization. Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { constant, isShortFloat, type LazyArray, ops, showShape } from "../../../onnx/mod.ts";
import { keepState } from "../../evaluation.ts";
import { apply, autocastTo } from "../../autograd/apply.ts";
import { type AffineOptions, checkChannels, normalizeAndScale, perChannel } from "./affine.ts";

/** Options of {@linkcode batchNorm}. */
export interface BatchNormFunctionOptions extends AffineOptions {
  /** Normalize by the batch's own statistics and update the running ones; false unless given. */
  readonly training?: boolean;
  /**
   * Share of the batch's statistics in the updated ones, 0.1 unless given. A tensor where it changes from step to
   * step: a number is built into the graph.
   */
  readonly momentum?: number | Tensor;
}

const BATCH_NORM = signature(
  "batchNorm",
  ["input", tensorKind],
  ["runningMean", kinds.nullable(tensorKind)],
  ["runningVar", kinds.nullable(tensorKind)],
  ["weight", kinds.nullable(tensorKind), undefined],
  ["bias", kinds.nullable(tensorKind), undefined],
  ["training", kinds.boolean, undefined],
  ["momentum", kinds.either(kinds.number, tensorKind), undefined],
  ["eps", kinds.number, undefined],
);

/**
 * Normalizes each channel (axis 1) over the batch and all other axes.
 *
 * While training, `runningMean` and `runningVar` are changed in place; that is computed along with whatever is
 * computed next, such as an optimizer's step.
 *
 * @param runningMean mean of each channel so far [c]; null to always use the batch's own
 * @param runningVar variance of each channel so far [c]
 * @throws {Error} if a channel has one value only while training, or sizes do not fit.
 */
export function batchNorm(
  ...given: Call<
    typeof BATCH_NORM,
    BatchNormFunctionOptions,
    [input: Tensor, runningMean: Tensor | null, runningVar: Tensor | null]
  >
): Tensor {
  const { input, runningMean, runningVar, ...options } = BATCH_NORM.read(given);
  const { training = false, weight, bias } = options;
  checkChannels("batch_norm", input, { weight, bias, runningMean, runningVar });
  if (training) return batchNormByBatch(input, runningMean, runningVar, options);
  if (!runningMean || !runningVar) {
    throw new Error("Expected runningMean and runningVar to be defined when training=False");
  }
  return batchNormByRunning(input, runningMean, runningVar, options);
}

function batchNormByBatch(
  input: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options: BatchNormFunctionOptions,
): Tensor {
  const { eps = 1e-5, momentum = 0.1 } = options;
  const count = input.numel() / input.shape[1];
  if (count === 1) {
    throw new Error(
      `Expected more than 1 value per channel when training, got input size ${
        showShape(input.shape)
      }`,
    );
  }
  const axes = input.shape.flatMap((_, i) => i === 1 ? [] : [i]);
  // As where weights are of float32: see normalizeAndScale.
  const wide = isShortFloat(input.dtype) ? ops.cast(input.array, "float32") : input.array;
  const statistics = ops.standardize(wide, axes, eps);
  // No images have no statistics.
  if (runningMean && count > 0) moveTowards(runningMean, statistics.mean, momentum);
  if (runningVar && count > 0) {
    moveTowards(runningVar, statistics.variance, momentum, count / (count - 1));
  }
  return normalizeAndScale(
    "NativeBatchNorm",
    input,
    options,
    perChannel,
    (x) => ops.standardize(x, axes, eps).output,
  );
}

/** running = (1 - momentum) running + momentum factor value */
function moveTowards(
  running: Tensor,
  value: LazyArray,
  momentum: number | Tensor,
  factor = 1,
): void {
  const number = (n: number) => constant(n, running.dtype);
  const flat = ops.cast(ops.reshape(value, running.shape), running.dtype);
  const [kept, taken] = shares(momentum, factor, number);
  running.array = ops.add(ops.mul(running.array, kept), ops.mul(flat, taken));
  keepState(running);
}

/** 1 - momentum and momentum factor: numbers of the program, unless the momentum is computed. */
function shares(
  momentum: number | Tensor,
  factor: number,
  number: (n: number) => LazyArray,
): [LazyArray, LazyArray] {
  if (typeof momentum === "number") return [number(1 - momentum), number(momentum * factor)];
  const share = ops.cast(momentum.array, number(1).dtype);
  return [ops.sub(number(1), share), ops.mul(share, number(factor))];
}

function batchNormByRunning(
  input: Tensor,
  runningMean: Tensor,
  runningVar: Tensor,
  { weight, bias, eps = 1e-5 }: BatchNormFunctionOptions,
): Tensor {
  if (isShortFloat(input.dtype) && runningMean.dtype === "float32") {
    const result = batchNormByRunning(autocastTo(input, "float32"), runningMean, runningVar, {
      ...{ weight, bias, eps },
    });
    return autocastTo(result, input.dtype);
  }
  const affine = [weight, bias].filter((tensor) => tensor) as Tensor[];
  const all = [input, runningMean, runningVar, ...affine];
  return apply("NativeBatchNorm", all, ([x, mean, variance, ...rest]) => {
    const filled = (value: number) =>
      constant(new Array<number>(x.shape[1]).fill(value), x.dtype, [x.shape[1]]);
    const scale = weight ? rest.shift()! : filled(1);
    const shift = bias ? rest.shift()! : filled(0);
    return ops.batchNormalization(x, scale, shift, mean, variance, eps);
  });
}
