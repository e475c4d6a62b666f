/**
 * Losses of logits, one a class.
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import {
  constant,
  isFloating,
  type LazyArray,
  ops,
  sameShape,
  showShape,
} from "../../../onnx/mod.ts";
import { apply } from "../../autograd/apply.ts";
import { checkReduction, reduceLoss, type ReductionOption } from "./reduction.ts";

/** Options of {@linkcode nllLoss}. */
export interface NllOptions extends ReductionOption {
  /** How much each class counts [classes]. */
  readonly weight?: Tensor | null;
  /** Samples of this class number do not count; -100 unless given. Does not matter for class probabilities. */
  readonly ignoreIndex?: number;
}

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyOptions extends NllOptions {
  /** Share of the target that goes to all classes evenly, 0 to 1; 0 unless given. */
  readonly labelSmoothing?: number;
}

const CROSS_ENTROPY = signature(
  "crossEntropy",
  ["input", tensorKind],
  ["target", tensorKind],
  ["weight", kinds.nullable(tensorKind), undefined],
  "*",
  ["labelSmoothing", kinds.number, undefined],
  ["ignoreIndex", kinds.number, undefined],
  ["reduction", kinds.oneOf("none", "mean", "sum"), undefined],
);

/**
 * Cross entropy of logits [n, classes] or [n, classes, d1, d2, ...] (or [classes], one sample) against
 * class indices [n, d1, d2, ...] (int64), or against class probabilities of the logits' own shape. Applies
 * log-softmax itself: the logits are not to be softmaxed before.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
 *
 * The mean is over the weights of the samples that count.
 *
 * @throws {Error} if shapes do not fit, a class number is out of range, or the target is neither.
 */
export function crossEntropy(
  ...given: Call<typeof CROSS_ENTROPY, CrossEntropyOptions, [input: Tensor, target: Tensor]>
): Tensor {
  const { input, target, ...options } = CROSS_ENTROPY.read(given);
  const { labelSmoothing = 0 } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new Error(`label_smoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}`);
  }
  checkWeight(input, options.weight);
  if (sameShape(input.shape, target.shape) && isFloating(target.dtype)) {
    return ofProbabilities(input, target, options);
  }
  checkLabels("crossEntropy", input, target, options);
  const axis = classAxis(input);
  return apply("CrossEntropy", [input], ([x]) => {
    const logs = ops.logSoftmax(x, axis);
    return likelihoodLoss(logs, target.array, axis, labelSmoothing, options);
  });
}

const NLL_LOSS = signature(
  "nllLoss",
  ["input", tensorKind],
  ["target", tensorKind],
  ["weight", kinds.nullable(tensorKind), undefined],
  ["reduction", kinds.oneOf("none", "mean", "sum"), undefined],
  ["ignoreIndex", kinds.number, undefined],
);

/**
 * The negative log-likelihood: what {@linkcode crossEntropy} computes, of log-probabilities.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html
 *
 * @throws {Error} if shapes do not fit or a class number is out of range.
 */
export function nllLoss(
  ...given: Call<typeof NLL_LOSS, NllOptions, [input: Tensor, target: Tensor]>
): Tensor {
  const { input, target, ...options } = NLL_LOSS.read(given);
  checkWeight(input, options.weight);
  checkLabels("nllLoss", input, target, options);
  const axis = classAxis(input);
  return apply("NllLoss", [input], ([x]) => likelihoodLoss(x, target.array, axis, 0, options));
}

function classAxis(input: Tensor): number {
  return input.ndim === 1 ? 0 : 1;
}

function checkWeight(input: Tensor, weight: Tensor | null | undefined): void {
  const classes = input.shape[classAxis(input)];
  if (!weight || (weight.ndim === 1 && weight.shape[0] === classes)) return;
  throw new Error(
    `weight tensor should be defined either for all ${classes} classes or no classes but got ` +
      `weight tensor of shape: ${showShape(weight.shape)}`,
  );
}

function checkLabels(
  name: string,
  input: Tensor,
  target: Tensor,
  { reduction = "mean", ignoreIndex = -100 }: NllOptions,
): void {
  checkReduction(reduction);
  const axis = classAxis(input);
  const expected = input.shape.filter((_, i) => i !== axis);
  if (input.ndim === 0 || !sameShape(target.shape, expected)) {
    throw new Error(
      `${name}: expected input [n, classes, ...] and target [n, ...], got ${
        showShape(input.shape)
      } ` +
        `and ${showShape(target.shape)}`,
    );
  }
  if (target.dtype !== "int64" && target.dtype !== "int32") {
    throw new Error(`${name}: expected target of dtype int64 but got ${target.dtype}`);
  }
  checkRange(target.array, input.shape[axis], ignoreIndex);
}

/** Labels that are still to be computed are checked by ONNX Runtime. @throws {Error} if one is no class. */
function checkRange(labels: LazyArray, classes: number, ignoreIndex: number): void {
  if (!labels.isOnHost) return;
  for (const value of labels.buffer.data) {
    const label = Number(value);
    if ((label >= 0 && label < classes) || label === ignoreIndex) continue;
    throw new Error(`Target ${label} is out of bounds, expected 0 to ${classes - 1}`);
  }
}

/** The loss of class indices, given log-probabilities. */
function likelihoodLoss(
  logs: LazyArray,
  labels: LazyArray,
  axis: number,
  smoothing: number,
  options: NllOptions,
): LazyArray {
  const { weight, ignoreIndex = -100, reduction } = options;
  const picked = (given: LazyArray) => {
    const known = given.isOnHost
      ? given
      : ops.withinRange("crossEntropy", given, { to: logs.shape.at(axis)! - 1 });
    const column = ops.reshape(known, known.shape.toSpliced(axis, 0, 1));
    return ops.reshape(ops.gatherElements(logs, column, axis), known.shape);
  };
  const plain = !weight && smoothing === 0 && allCount(labels, ignoreIndex);
  return plain
    ? reduceLoss(ops.neg(picked(labels)), reduction)
    : weightedLikelihood(logs, labels, axis, smoothing, options, picked);
}

/** Whether it is known that no label is to be ignored. */
function allCount(labels: LazyArray, ignoreIndex: number): boolean {
  if (!labels.isOnHost) return false;
  for (const label of labels.buffer.data) if (Number(label) === ignoreIndex) return false;
  return true;
}

function weightedLikelihood(
  logs: LazyArray,
  labels: LazyArray,
  axis: number,
  smoothing: number,
  { weight, ignoreIndex = -100, reduction = "mean" }: NllOptions,
  picked: (known: LazyArray) => LazyArray,
): LazyArray {
  const number = (value: number) => constant(value, logs.dtype);
  const ignored = ops.equal(labels, constant(ignoreIndex, labels.dtype));
  const counts = ops.cast(ops.logicalNot(ignored), logs.dtype);
  // Some class for those that do not count.
  const known = ops.mul(labels, ops.cast(counts, labels.dtype));
  const shares = weight ? ops.mul(ops.gather(weight.array, known), counts) : counts;
  // By where: what does not count may be infinite.
  let each = ops.neg(ops.where(ignored, number(0), ops.mul(picked(known), shares)));
  if (smoothing > 0) {
    const even = ops.mul(perAxis(logs, weight, axis), counts);
    const part = number(smoothing / logs.shape[axis]);
    each = ops.add(ops.mul(each, number(1 - smoothing)), ops.mul(even, part));
  }
  if (reduction !== "mean") return reduceLoss(each, reduction);
  return ops.div(ops.sum(each), ops.sum(shares));
}

/** The loss of an even distribution. */
function perAxis(logs: LazyArray, weight: Tensor | null | undefined, axis: number): LazyArray {
  const weighted = weight ? ops.mul(logs, alongAxis(weight.array, logs, axis)) : logs;
  return ops.neg(ops.sum(weighted, { axes: axis }));
}

/** One number a class, as it meets logits. */
function alongAxis(weight: LazyArray, logits: LazyArray, axis: number): LazyArray {
  return ops.reshape(weight, [weight.size, ...logits.shape.slice(axis + 1).map(() => 1)]);
}

function ofProbabilities(
  input: Tensor,
  target: Tensor,
  { weight, reduction = "mean", labelSmoothing = 0 }: CrossEntropyOptions,
): Tensor {
  const axis = classAxis(input);
  return apply("CrossEntropy", [input, target], ([x, y]) => {
    const number = (value: number) => constant(value, x.dtype);
    const classes = x.shape[axis];
    const smooth = labelSmoothing === 0
      ? y
      : ops.add(ops.mul(y, number(1 - labelSmoothing)), number(labelSmoothing / classes));
    const weighted = weight ? ops.mul(smooth, alongAxis(weight.array, x, axis)) : smooth;
    const gain = ops.mul(ops.logSoftmax(x, axis), weighted);
    return reduceLoss(ops.neg(ops.sum(gain, { axes: axis })), reduction);
  });
}
