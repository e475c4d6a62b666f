/**
 * Functions that can overwrite their argument.
 * @module
 */
import { snapshot } from "../../autograd/apply.ts";
import { write } from "../../autograd/views.ts";
import type { Tensor } from "../../tensor.ts";

/** Option of functions that can overwrite their argument. */
export interface InPlaceOption {
  /** Write the result into the input; false unless given. */
  readonly inplace?: boolean;
}

/** Computes a function of a tensor and, if asked to, writes the result into it. */
export function inPlaceIf(
  { inplace }: InPlaceOption,
  input: Tensor,
  compute: (input: Tensor) => Tensor,
): Tensor {
  if (!inplace) return compute(input);
  // The gradient may read what the input was.
  return write(input, compute(snapshot(input)));
}
