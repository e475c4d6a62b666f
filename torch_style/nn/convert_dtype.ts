/**
 * Modules in another dtype.
 * @module
 */
import { type DType, isFloating, ops } from "../../onnx/mod.ts";
import { Tensor } from "../tensor.ts";
import { BufferRegistry } from "./buffers.ts";
import { Parameter } from "./parameter.ts";

/**
 * Replaces the floating point parameters and buffers that are fields of a module by ones of another dtype.
 *
 * @param converted what each tensor became: shared ones stay shared
 */
export function convertFields(
  module: object,
  dtype: DType,
  converted: Map<Tensor, Tensor>,
): void {
  const buffers = BufferRegistry.of(module);
  for (const [field, value] of Object.entries(module)) {
    if (!(value instanceof Parameter) && !buffers.has(field)) continue;
    if (!(value instanceof Tensor)) continue;
    Object.assign(module, { [field]: convertedTensor(value, dtype, converted) });
  }
}

/** A tensor in another dtype, the same one each time it is asked for; one that is not floating point as it is. */
export function convertedTensor(
  tensor: Tensor,
  dtype: DType,
  converted: Map<Tensor, Tensor>,
): Tensor {
  if (!isFloating(tensor.dtype) || tensor.dtype === dtype) return tensor;
  let result = converted.get(tensor);
  if (!result) converted.set(tensor, result = convert(tensor, dtype));
  return result;
}

function convert(tensor: Tensor, dtype: DType): Tensor {
  const cast = new Tensor(ops.cast(tensor.array, dtype));
  if (!(tensor instanceof Parameter)) return cast;
  const parameter = new Parameter(cast, tensor.requiresGrad);
  if (tensor.grad) parameter.grad = new Tensor(ops.cast(tensor.grad.array, dtype));
  return parameter;
}
