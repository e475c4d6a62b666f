/**
 * Element types and numbers under the names they have in `torch`. Follows
 * https://docs.pytorch.org/docs/stable/tensor_attributes.html#torch.dtype; a dtype is its name.
 * @module
 */
export const float32 = "float32";
export const float = "float32";
export const float64 = "float64";
export const double = "float64";
export const float16 = "float16";
export const half = "float16";
export const bfloat16 = "bfloat16";
export const uint8 = "uint8";
export const uint32 = "uint32";
export const int8 = "int8";
export const int32 = "int32";
export const int = "int32";
export const int64 = "int64";
export const long = "int64";
export const bool = "bool";

/** The ratio of a circle's circumference to its diameter. */
export const pi: number = Math.PI;
/** Euler's number. */
export const e: number = Math.E;
/** Infinity. */
export const inf: number = Infinity;
/** Not a number. */
export const nan: number = NaN;
