/**
 * Losses of numbers against numbers. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#loss-functions
 * @module
 */
import { constant, type LazyArray, ops } from "../../../onnx/mod.ts";
import { apply } from "../../autograd/apply.ts";
import type { Tensor } from "../../tensor.ts";
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

/** (input - target)² */
export function mseLoss(input: Tensor, target: Tensor, options: ReductionOption = {}): Tensor {
  return ofDifference("MseLoss", input, target, options, (d) => ops.mul(d, d));
}

/** |input - target| */
export function l1Loss(input: Tensor, target: Tensor, options: ReductionOption = {}): Tensor {
  return ofDifference("L1Loss", input, target, options, ops.abs);
}

/** Options of {@linkcode smoothL1Loss}. */
export interface SmoothL1Options extends ReductionOption {
  /** Differences below it are squared, 1 unless given; with 0 none is. */
  readonly beta?: number;
}

/** d² / (2 beta) where the difference d is below beta, else |d| - beta / 2 */
export function smoothL1Loss(
  input: Tensor,
  target: Tensor,
  options: SmoothL1Options = {},
): Tensor {
  const { beta = 1 } = options;
  if (!(beta >= 0)) {
    throw new Error(`smoothL1Loss does not support negative values for beta, got ${beta}`);
  }
  if (beta === 0) return l1Loss(input, target, options);
  return ofDifference("SmoothL1Loss", input, target, options, (d) => {
    return ops.div(squareThenLine(d, beta), constant(beta, d.dtype));
  });
}

/** Options of {@linkcode huberLoss}. */
export interface HuberOptions extends ReductionOption {
  /** Differences below it are squared, 1 unless given. */
  readonly delta?: number;
}

/** d² / 2 where the difference d is below delta, else delta (|d| - delta / 2) */
export function huberLoss(input: Tensor, target: Tensor, options: HuberOptions = {}): Tensor {
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
