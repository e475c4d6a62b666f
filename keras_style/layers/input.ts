/**
 * Where a model begins.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { autoName } from "../naming.ts";

/** Options of {@linkcode Input}. */
export interface InputOptions {
  /** Dimensions without the batch axis; null is unknown. */
  readonly shape: readonly (number | null)[];
  /** The batch size, where it is fixed. */
  readonly batchSize?: number;
  /** float32 unless given. */
  readonly dtype?: tf.DataType;
  readonly name?: string;
}

/**
 * A symbolic tensor to begin a model with. Follows https://keras.io/api/layers/core_layers/input/
 *
 * @throws {RangeError} for a dimension that is neither null nor an integer of at least 1
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * console.log(keras.Input({ shape: [32, 32, 3] }).shape); // [ null, 32, 32, 3 ]
 * ```
 */
export function Input({ shape, batchSize, dtype, name }: InputOptions): tf.SymbolicTensor {
  if (!Array.isArray(shape) || !shape.every(isDimension)) {
    throw new RangeError(
      `Input: shape is ${JSON.stringify(shape)}, expected integers of at least 1 or null, ` +
        `without the batch axis, such as [32, 32, 3]`,
    );
  }
  return tf.input(
    {
      batchShape: [batchSize ?? null, ...shape],
      dtype: dtype ?? "float32",
      name: name ?? autoName("InputLayer"),
    } as Parameters<typeof tf.input>[0],
  );
}

/** Whether this can be an axis' dimension: an integer of at least 1, or null for an unknown one. */
export function isDimension(dimension: number | null): boolean {
  return dimension === null || (Number.isInteger(dimension) && dimension >= 1);
}
