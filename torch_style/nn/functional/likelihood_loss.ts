/**
 * Negative log-likelihoods of distributions. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions
 * @module
 */
import { constant, ops, sameShape, showShape } from "../../../onnx/mod.ts";
import { type Call, kinds, signature } from "../../arguments.ts";
import { apply } from "../../autograd/apply.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { crossEntropy, type CrossEntropyOptions } from "./cross_entropy.ts";
import { linear } from "./linear.ts";
import { reduceEach, REDUCTION, type ReductionOption } from "./reduction.ts";

/** Options of {@linkcode gaussianNllLoss}. */
export interface GaussianNllOptions extends ReductionOption {
  /** Whether the constant part is added too. */
  readonly full?: boolean;
  /** Smallest variance, 1e-6 unless given. */
  readonly eps?: number;
}

/** What {@linkcode gaussianNllLoss} takes beside its tensors. */
export const GAUSSIAN = signature(
  "gaussianNllLoss",
  ["full", kinds.boolean, false],
  ["eps", kinds.number, 1e-6],
  "*",
  REDUCTION,
);

const GAUSSIAN_OF = GAUSSIAN.after(
  ["input", tensorKind],
  ["target", tensorKind],
  ["var", kinds.either(tensorKind, kinds.number)],
);

/**
 * (log(var) + (input - target)² / var) / 2, the target being drawn from a normal distribution of mean `input`.
 *
 * @param variance of the input's shape, with one axis missing or of size 1, or one number
 * @throws {Error} if its shape does not fit
 */
export function gaussianNllLoss(
  ...given: Call<
    typeof GAUSSIAN_OF,
    GaussianNllOptions,
    [input: Tensor, target: Tensor, variance: Tensor | number]
  >
): Tensor {
  const { input, target, var: variance, full, eps, reduction } = GAUSSIAN_OF.read(given);
  const wide = varianceOf(input, variance);
  // Cut off without a gradient through the bound, as in PyTorch.
  const kept = wide.add(wide.detach().clamp({ min: eps }).sub(wide.detach()));
  const error = input.sub(target).square().div(kept);
  const each = kept.log().add(error).mul(0.5);
  return reduceEach(full ? each.add(0.5 * Math.log(2 * Math.PI)) : each, reduction);
}

function varianceOf(input: Tensor, variance: Tensor | number): Tensor {
  if (typeof variance === "number") {
    if (!(variance >= 0)) throw new Error(`var has negative entry/entries: ${variance}`);
    return input.detach().mul(0).add(variance);
  }
  const { shape } = input;
  if (sameShape(variance.shape, shape)) return variance;
  if (sameShape(variance.shape, shape.slice(0, -1))) return variance.unsqueeze(-1);
  const odd = variance.shape.filter((n, i) => n !== shape[i]);
  if (variance.ndim === input.ndim && odd.length === 1 && odd[0] === 1) return variance;
  throw new Error(
    `var is of incorrect size: ${showShape(variance.shape)} for input ${showShape(shape)}`,
  );
}

/** Options of {@linkcode poissonNllLoss}. */
export interface PoissonNllOptions extends ReductionOption {
  /** Whether the input is the logarithm of the rate; true unless given. */
  readonly logInput?: boolean;
  /** Whether Stirling's term is added where the target is above 1. */
  readonly full?: boolean;
  /** Keeps log(0) away where the input is no logarithm, 1e-8 unless given. */
  readonly eps?: number;
}

/** What {@linkcode poissonNllLoss} takes beside its tensors. */
export const POISSON = signature(
  "poissonNllLoss",
  ["logInput", kinds.boolean, true],
  ["full", kinds.boolean, false],
  "*",
  ["eps", kinds.number, 1e-8],
  REDUCTION,
);

const POISSON_OF = POISSON.after(
  ["input", tensorKind],
  ["target", tensorKind],
);

/** exp(input) - target input, the target being drawn from a Poisson distribution */
export function poissonNllLoss(
  ...given: Call<typeof POISSON_OF, PoissonNllOptions, [input: Tensor, target: Tensor]>
): Tensor {
  const { input, target, logInput, full, eps, reduction } = POISSON_OF.read(given);
  const each = logInput
    ? input.exp().sub(target.mul(input))
    : input.sub(target.mul(input.add(eps).log()));
  return reduceEach(full ? each.add(stirling(target)) : each, reduction);
}

/** log(target!) where target > 1, approximately. */
function stirling(target: Tensor): Tensor {
  return apply("Stirling", [target], ([y]) => {
    const one = constant(1, y.dtype);
    const large = ops.greater(y, one);
    const safe = ops.where(large, y, one);
    const log = ops.log(safe);
    const half = ops.mul(
      constant(0.5, y.dtype),
      ops.add(log, constant(Math.log(2 * Math.PI), y.dtype)),
    );
    return ops.where(large, ops.add(ops.sub(ops.mul(safe, log), safe), half), constant(0, y.dtype));
  });
}

/** Options of {@linkcode linearCrossEntropy}. */
export interface LinearCrossEntropyOptions extends CrossEntropyOptions {
  /** [classes, ...] */
  readonly linearBias?: Tensor | null;
}

const LINEAR_CROSS_ENTROPY = signature(
  "linearCrossEntropy",
  ["input", tensorKind],
  ["linearWeight", tensorKind],
  ["target", tensorKind],
  "*",
  ["linearBias", kinds.nullable(tensorKind), null],
  ["weight", kinds.nullable(tensorKind), undefined],
  ["labelSmoothing", kinds.number, undefined],
  ["ignoreIndex", kinds.number, undefined],
  ["reduction", kinds.oneOf("none", "mean", "sum"), undefined],
);

/**
 * {@linkcode crossEntropy} of logits that are linear in the input.
 *
 * @param linearWeight [classes, features], or [classes, d1, ..., features] for losses over several indices
 */
export function linearCrossEntropy(
  ...given: Call<
    typeof LINEAR_CROSS_ENTROPY,
    LinearCrossEntropyOptions,
    [input: Tensor, linearWeight: Tensor, target: Tensor]
  >
): Tensor {
  const { input, linearWeight, target, linearBias, ...options } = LINEAR_CROSS_ENTROPY.read(given);
  const outputs = linearWeight.shape.slice(0, -1);
  const logits = linear(
    input,
    linearWeight.reshape([-1, linearWeight.shape.at(-1)!]),
    linearBias && linearBias.reshape([-1]),
  );
  return crossEntropy(logits.reshape([...input.shape.slice(0, -1), ...outputs]), target, options);
}
