/**
 * How a loss over many elements becomes one number.
 * @module
 */
import { type LazyArray, ops, sameShape, showShape } from "../../../onnx/mod.ts";
import { kinds } from "../../arguments.ts";
import type { Tensor } from "../../tensor.ts";

/** How a loss over many elements becomes one number. */
export type Reduction = "none" | "mean" | "sum";

/** Option of all losses. */
export interface ReductionOption {
  /** "mean" unless given. */
  readonly reduction?: Reduction;
}

const REDUCTIONS: readonly string[] = ["none", "mean", "sum"];

/** @throws {Error} if it is no reduction. */
export function checkReduction(
  reduction: string,
  known: readonly string[] = REDUCTIONS,
): void {
  if (known.includes(reduction)) return;
  throw new Error(
    `${reduction} is not a valid value for reduction, expected one of ${known.join(", ")}`,
  );
}

/** The loss of each element as one number, if so wanted. */
export function reduceLoss(each: LazyArray, reduction: Reduction = "mean"): LazyArray {
  checkReduction(reduction);
  if (reduction === "none") return each;
  return reduction === "sum" ? ops.sum(each) : ops.mean(each);
}

/** Parameter of all losses; by name only, as PyTorch has two that are deprecated before it. */
export const REDUCTION = ["reduction", kinds.oneOf("none", "mean", "sum"), "mean"] as const;

/** The loss of each element, a tensor, as one number, if so wanted. */
export function reduceEach(each: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return each;
  return reduction === "sum" ? each.sum() : each.mean();
}

const warned = new Set<string>();

/** Warns, once for each loss, that the target is broadcast: this is hardly ever what was meant. */
export function warnOfBroadcast(name: string, input: Tensor, target: Tensor): void {
  if (sameShape(input.shape, target.shape) || warned.has(name)) return;
  warned.add(name);
  console.warn(
    `${name}: Using a target size (${
      showShape(target.shape)
    }) that is different to the input size ` +
      `(${
        showShape(input.shape)
      }). This will likely lead to incorrect results due to broadcasting. ` +
      `Please ensure they have the same size.`,
  );
}
