/** Tensors: made of values, immutable, and their dimensions. @module */
export {
  constant,
  type ConstantOptions,
  type NestedValues,
  type NumericArray,
  type TensorValue,
  variable,
  type VariableOptions,
} from "./constant.ts";
import "./finalization.ts";
export { ndim, size } from "./dimensions.ts";
export { ImmutableTensorError } from "./immutability.ts";
