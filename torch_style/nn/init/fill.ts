/** How initializers write into a tensor. @module */
import { fromHost, storageFrom } from "../../../onnx/mod.ts";
import type { Tensor } from "../../tensor.ts";

/** Puts values into a tensor, in place; gradients do not flow. */
export function fill(tensor: Tensor, values: ArrayLike<number>): Tensor {
  tensor.array = fromHost(storageFrom(values, tensor.dtype), tensor.shape, tensor.dtype);
  return tensor;
}
