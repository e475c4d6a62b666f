/**
 * In which floating point type values are made. TensorFlow.js knows float32 alone: tensors of the short types say "float32" too,
 * and their lazy arrays know better.
 * @module
 */

/** What floating point values are computed in. */
export type FloatType = "float32" | "float16" | "bfloat16";

let current: FloatType = "float32";

/** What new floating point values are of: that of the innermost {@linkcode withFloatType}. */
export function floatType(): FloatType {
  return current;
}

/** Runs something in which variables are read, and values made, in a type. */
export function withFloatType<T>(type: FloatType, run: () => T): T {
  const outer = current;
  current = type;
  try {
    return run();
  } finally {
    current = outer;
  }
}
