/**
 * The `out` option: a result is written into a tensor that is there already.
 * @module
 */
import { showShape } from "../../onnx/mod.ts";
import { write } from "../autograd/views.ts";
import type { Tensor } from "../tensor.ts";
import { checkCanCast } from "./type_promotion.ts";

/** Options of functions that can write into a given tensor. */
export interface OutOption {
  /** Receives the result; must have its shape. */
  readonly out?: Tensor;
}

/** Writes a result into `out` if there is one and returns where it now is. */
export function deliver(result: Tensor, { out }: OutOption): Tensor {
  if (!out) return result;
  if (showShape(out.shape) !== showShape(result.shape)) {
    throw new Error(
      `out has shape ${showShape(out.shape)}, expected the result's shape ${
        showShape(result.shape)
      }`,
    );
  }
  checkCanCast(result.dtype, out.dtype);
  return write(out, result);
}
