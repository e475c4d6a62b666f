/**
 * Losses of predicted values against true ones. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { constant, type LazyArray, ops } from "../../../onnx/mod.ts";
import { apply } from "../../autograd/apply.ts";
import { reduceLoss, type ReductionOption, warnOfBroadcast } from "./reduction.ts";

/** Declares a loss of the difference between input and target. */
function ofDifference(
  name: string,
  input: Tensor,
  target: Tensor,
  { reduction }: ReductionOption,
  each: (difference: LazyArray) => LazyArray,
): Tensor {
  warnOfBroadcast(name, input, target);
  return apply(name, [input, target], ([x, y]) => reduceLoss(each(ops.sub(x, y)), reduction));
}

const MSE_LOSS = signature("mseLoss", ["input", tensorKind], ["target", tensorKind], [
  "reduction",
  kinds.oneOf("none", "mean", "sum"),
  undefined,
]);

/** (input - target)² */
export function mseLoss(
  ...given: Call<typeof MSE_LOSS, ReductionOption, [input: Tensor, target: Tensor]>
): Tensor {
  const { input, target, ...options } = MSE_LOSS.read(given);
  return ofDifference("MseLoss", input, target, options, (d) => ops.mul(d, d));
}

const L1_LOSS = signature("l1Loss", ["input", tensorKind], ["target", tensorKind], [
  "reduction",
  kinds.oneOf("none", "mean", "sum"),
  undefined,
]);

/** |input - target| */
export function l1Loss(
  ...given: Call<typeof L1_LOSS, ReductionOption, [input: Tensor, target: Tensor]>
): Tensor {
  const { input, target, ...options } = L1_LOSS.read(given);
  return ofDifference("L1Loss", input, target, options, ops.abs);
}

/** Options of {@linkcode smoothL1Loss}. */
export interface SmoothL1Options extends ReductionOption {
  /** Differences below it are squared, 1 unless given; with 0 none is. */
  readonly beta?: number;
}

const SMOOTH_L1_LOSS = signature("smoothL1Loss", ["input", tensorKind], ["target", tensorKind], [
  "reduction",
  kinds.oneOf("none", "mean", "sum"),
  undefined,
], ["beta", kinds.number, undefined]);

/** d² / (2 beta) where the difference d is below beta, else |d| - beta / 2 */
export function smoothL1Loss(
  ...given: Call<typeof SMOOTH_L1_LOSS, SmoothL1Options, [input: Tensor, target: Tensor]>
): Tensor {
  const { input, target, ...options } = SMOOTH_L1_LOSS.read(given);
  const { beta = 1 } = options;
  if (!(beta >= 0)) {
    throw new Error(`smoothL1Loss does not support negative values for beta, got ${beta}`);
  }
  if (beta === 0) return l1Loss(input, target, { reduction: options.reduction });
  return ofDifference("SmoothL1Loss", input, target, options, (d) => {
    return ops.div(squareThenLine(d, beta), constant(beta, d.dtype));
  });
}

/** Options of {@linkcode huberLoss}. */
export interface HuberOptions extends ReductionOption {
  /** Differences below it are squared, 1 unless given. */
  readonly delta?: number;
}

const HUBER_LOSS = signature("huberLoss", ["input", tensorKind], ["target", tensorKind], [
  "reduction",
  kinds.oneOf("none", "mean", "sum"),
  undefined,
], ["delta", kinds.number, undefined]);

/** d² / 2 where the difference d is below delta, else delta (|d| - delta / 2) */
export function huberLoss(
  ...given: Call<typeof HUBER_LOSS, HuberOptions, [input: Tensor, target: Tensor]>
): Tensor {
  const { input, target, ...options } = HUBER_LOSS.read(given);
  const { delta = 1 } = options;
  if (!(delta > 0)) {
    throw new Error(`huberLoss does not support non-positive values for delta, got ${delta}`);
  }
  return ofDifference("HuberLoss", input, target, options, (d) => squareThenLine(d, delta));
}

/** With c = min(|d|, bound): c² / 2 + bound (|d| - c), whose slope has no jump and is finite also where d is not. */
function squareThenLine(difference: LazyArray, bound: number): LazyArray {
  const size = ops.abs(difference);
  const limit = constant(bound, size.dtype);
  const cut = ops.minimum(size, limit);
  const square = ops.mul(ops.mul(cut, cut), constant(0.5, size.dtype));
  return ops.add(square, ops.mul(limit, ops.sub(size, cut)));
}
