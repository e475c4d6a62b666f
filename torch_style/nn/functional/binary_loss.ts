/**
 * Losses of probabilities against booleans or probabilities. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { constant, type LazyArray, ops, sameShape, showShape } from "../../../onnx/mod.ts";
import { apply } from "../../autograd/apply.ts";
import { checkReduction, reduceLoss, type Reduction, type ReductionOption } from "./reduction.ts";

/** Options of {@linkcode binaryCrossEntropy}. */
export interface BceOptions extends ReductionOption {
  /** How much each element counts; broadcast to the input. */
  readonly weight?: Tensor | null;
}

/** Options of {@linkcode binaryCrossEntropyWithLogits}. */
export interface BceWithLogitsOptions extends BceOptions {
  /** How much more a true target counts than a false one; broadcast to the input. */
  readonly posWeight?: Tensor | null;
}

function weighted(each: LazyArray, { weight, reduction }: BceOptions): LazyArray {
  return reduceLoss(weight ? ops.mul(each, weight.array) : each, reduction);
}

const BINARY_CROSS_ENTROPY = signature(
  "binaryCrossEntropy",
  ["input", tensorKind],
  ["target", tensorKind],
  ["weight", kinds.nullable(tensorKind), undefined],
  ["reduction", kinds.oneOf("none", "mean", "sum"), undefined],
);

/**
 * -(target log(input) + (1 - target) log(1 - input)) of probabilities; logarithms are cut off at -100.
 *
 * @throws {Error} if the shapes differ.
 */
export function binaryCrossEntropy(
  ...given: Call<typeof BINARY_CROSS_ENTROPY, BceOptions, [input: Tensor, target: Tensor]>
): Tensor {
  const { input, target, ...options } = BINARY_CROSS_ENTROPY.read(given);
  if (!sameShape(input.shape, target.shape)) {
    throw new Error(
      `Using a target size (${showShape(target.shape)}) that is different to the input size ` +
        `(${showShape(input.shape)}) is deprecated. Please ensure they have the same size.`,
    );
  }
  return apply(
    "BinaryCrossEntropy",
    [input, target],
    ([x, y]) => weighted(ops.binaryCrossEntropy(x, y), options),
  );
}

const BINARY_CROSS_ENTROPY_WITH_LOGITS = signature(
  "binaryCrossEntropyWithLogits",
  ["input", tensorKind],
  ["target", tensorKind],
  ["weight", kinds.nullable(tensorKind), undefined],
  ["posWeight", kinds.nullable(tensorKind), undefined],
  ["reduction", kinds.oneOf("none", "mean", "sum"), undefined],
);

/**
 * {@linkcode binaryCrossEntropy} of sigmoid(input), computed without overflow.
 *
 * @throws {Error} if the shapes differ.
 */
export function binaryCrossEntropyWithLogits(
  ...given: Call<
    typeof BINARY_CROSS_ENTROPY_WITH_LOGITS,
    BceWithLogitsOptions,
    [input: Tensor, target: Tensor]
  >
): Tensor {
  const { input, target, ...options } = BINARY_CROSS_ENTROPY_WITH_LOGITS.read(given);
  if (!sameShape(input.shape, target.shape)) {
    throw new Error(
      `Target size (${showShape(target.shape)}) must be the same as input size (${
        showShape(input.shape)
      })`,
    );
  }
  return apply("BinaryCrossEntropyWithLogits", [input, target], ([x, y]) => {
    const one = constant(1, x.dtype);
    // (1 - y) x + softplus(-x): the sum of both costs.
    const missed = ops.softplus(ops.neg(x));
    const { posWeight } = options;
    const cost = posWeight
      ? ops.mul(missed, ops.add(ops.mul(y, ops.sub(posWeight.array, one)), one))
      : missed;
    return weighted(ops.add(ops.mul(ops.sub(one, y), x), cost), options);
  });
}

/** Options of {@linkcode klDiv}. */
export interface KlDivOptions {
  /** "batchmean" divides the sum by the number of samples, as the mathematics has it; "mean" unless given. */
  readonly reduction?: Reduction | "batchmean";
  /** Whether the target is given as log-probabilities. */
  readonly logTarget?: boolean;
}

const KL_DIV = signature(
  "klDiv",
  ["input", tensorKind],
  ["target", tensorKind],
  ["reduction", kinds.oneOf("none", "mean", "sum", "batchmean"), undefined],
  "*",
  ["logTarget", kinds.boolean, undefined],
);

/**
 * The Kullback-Leibler divergence target (log(target) - input), where the input is log-probabilities.
 * Note that the target comes second, as in PyTorch.
 */
export function klDiv(
  ...given: Call<typeof KL_DIV, KlDivOptions, [input: Tensor, target: Tensor]>
): Tensor {
  const { input, target, ...options } = KL_DIV.read(given);
  const { reduction = "mean", logTarget = false } = options;
  checkReduction(reduction, ["none", "mean", "sum", "batchmean"]);
  return apply("KlDiv", [input, target], ([x, y]) => {
    const each = logTarget
      ? ops.mul(ops.exp(y), ops.sub(y, x))
      : ops.sub(ops.xlogy(y, y), ops.mul(y, x));
    if (reduction !== "batchmean") return reduceLoss(each, reduction);
    return ops.div(ops.sum(each), constant(x.shape[0] ?? 1, x.dtype));
  });
}
