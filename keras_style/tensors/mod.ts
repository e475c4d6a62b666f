/** Tensors: made of numbers, immutable, and their extents. @module */
export {
  constant,
  type ConstantOptions,
  type NestedValues,
  type NumericArray,
  type TensorValue,
  variable,
  type VariableOptions,
} from "./constant.ts";
export { ndim, size } from "./extents.ts";
export { ImmutableTensorError } from "./immutability.ts";
