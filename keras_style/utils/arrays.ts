/**
 * Labels, vectors and sequences in the form that training wants. Follows https://keras.io/api/utils/python_utils/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { normalize as normalizeOp } from "../ops/reductions.ts";
import { checkChoice, checkNumber, readOptions } from "../options.ts";
import { oneHotVectors } from "../ops/one_hot.ts";

/** Class indices. */
export type ClassNumbers = tf.Tensor | readonly number[] | Int32Array | Uint8Array;

/**
 * One-hot rows of class indices.
 *
 * @param numClasses one more than the largest number unless given; needed for a tensor
 * @throws {RangeError} for class indices out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * console.log(await keras.utils.toCategorical([0, 2], 3).array()); // [[1, 0, 0], [0, 0, 1]]
 * ```
 */
export function toCategorical(labels: ClassNumbers, numClasses?: number): tf.Tensor {
  if (labels instanceof tf.Tensor) {
    const count = checkNumber("toCategorical", "numClasses", numClasses, {
      from: 1,
      integer: true,
    });
    return tf.tidy(() => {
      const isColumn = labels.rank > 1 && labels.shape.at(-1) === 1;
      const flat = isColumn ? tf.squeeze(labels, [labels.rank - 1]) : labels;
      return tf.cast(oneHotVectors(flat, count), "float32");
    });
  }
  const values = Array.from(labels);
  const count = numClasses ?? values.reduce((most, label) => Math.max(most, label), -1) + 1;
  const data = new Float32Array(values.length * count);
  values.forEach((label, i) => {
    checkNumber("toCategorical", `labels[${i}]`, label, { from: 0, below: count, integer: true });
    data[i * count + label] = 1;
  });
  return tf.tensor2d(data, [values.length, count]);
}

/** Vectors of length 1 along an axis, the last unless given; vectors of length 0 stay. */
export function normalize(
  x: tf.Tensor | tf.TensorLike,
  options: { readonly axis?: number; readonly order?: number } = {},
): tf.Tensor {
  return normalizeOp(x, readOptions("normalize", options, { axis: -1, order: 2 }));
}

/** Options of {@linkcode padSequences}. */
export interface PadSequencesOptions {
  /** Length of all sequences; that of the longest unless given. */
  readonly maxlen?: number | null;
  /** Where short ones are filled up: "pre" (in front, unless given) or "post". */
  readonly padding?: "pre" | "post";
  /** Where long ones are cut: "pre" (in front, unless given) or "post". */
  readonly truncating?: "pre" | "post";
  /** What fills up; 0 unless given. */
  readonly value?: number;
  /** int32 unless given. */
  readonly dtype?: tf.NumericDataType;
}

/** Sequences of values as rows of one length. */
export function padSequences(
  sequences: readonly (readonly number[])[],
  options: PadSequencesOptions = {},
): tf.Tensor {
  const { maxlen, padding, truncating, value, dtype } = readOptions("padSequences", options, {
    maxlen: null,
    padding: "pre",
    truncating: "pre",
    value: 0,
    dtype: "int32",
  });
  checkChoice("padSequences", "padding", padding, ["pre", "post"]);
  checkChoice("padSequences", "truncating", truncating, ["pre", "post"]);
  const length = maxlen ?? Math.max(0, ...sequences.map((sequence) => sequence.length));
  const data = new Float32Array(sequences.length * length).fill(value);
  sequences.forEach((sequence, row) => {
    const excess = Math.max(sequence.length - length, 0);
    const kept = truncating === "pre"
      ? sequence.slice(excess)
      : sequence.slice(0, sequence.length - excess);
    data.set(kept, row * length + (padding === "pre" ? length - kept.length : 0));
  });
  return tf.tidy(() => tf.cast(tf.tensor2d(data, [sequences.length, length]), dtype));
}
