/** Options that variances and standard deviations share. @module */
import { kinds } from "../arguments.ts";

/** Options of {@linkcode variance} and {@linkcode std}. */
export interface VarianceOptions {
  /** Folded axes stay, with size 1. */
  readonly keepdim?: boolean;
  /** Taken off the number of elements: 1 unless given, 0 for the mean square itself. */
  readonly correction?: number;
  /** PyTorch's older word: true is a correction of 1, false of 0. */
  readonly unbiased?: boolean;
}

/** Parameters that follow from {@linkcode VarianceOptions}. */
export const VARIANCE_OPTIONS = [
  ["correction", kinds.number, undefined],
  ["keepdim", kinds.boolean, undefined],
  ["unbiased", kinds.boolean, undefined],
] as const;

/** @throws {Error} if both words are used */
export function correctionOf({ correction, unbiased }: VarianceOptions): number {
  if (correction !== undefined && unbiased !== undefined) {
    throw new Error("correction and unbiased exclude each other: give one of them");
  }
  return correction ?? (unbiased === false ? 0 : 1);
}
