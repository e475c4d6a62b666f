/**
 * Integers as indices in a vocabulary. Source: keras/src/layers/preprocessing/integer_lookup.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkNumber } from "../../options.ts";
import { IndexLookup, type LookupOptions, type TokenRules } from "./index_lookup.ts";

/** Options of {@linkcode IntegerLookup}. */
export interface IntegerLookupOptions extends LookupOptions<number> {}

const INTEGERS: TokenRules<number> = {
  kind: "integer",
  oovToken: -1,
  check: (owner, option, value) => checkNumber(owner, option, value, { integer: true }),
  compare: (a, b) => b - a,
};

/**
 * Integers as their indices in a vocabulary, that is given or that {@linkcode IntegerLookup.adapt} finds: int32 of the input's
 * shape, or encoded as float32 [..., indices]. Follows https://keras.io/api/layers/preprocessing_layers/categorical/integer_lookup/
 *
 * @throws {RangeError} for a setting out of range, or a vocabulary that has an integer twice
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.IntegerLookup({ vocabulary: [12, 36, 1138] });
 * console.log(await layer(keras.constant([36, 7, 12], { dtype: "int32" })).data()); // 2, 0, 1
 * ```
 */
export class IntegerLookup extends IndexLookup<number> {
  constructor(options: IntegerLookupOptions = {}) {
    super("IntegerLookup", options, INTEGERS);
  }

  override get inputDtype(): tf.DataType {
    return "int32";
  }

  protected override tokensAt(inputs: tf.Tensor): tf.Tensor {
    const places = tf.cast(inputs, "int32");
    const table = this.getVocabulary();
    const last = table.length - 1;
    const found = tf.gather(
      tf.tensor1d(table, "int32"),
      tf.cast(tf.clipByValue(places, 0, last), "int32"),
    );
    const isThere = tf.logicalAnd(tf.greaterEqual(places, 0), tf.lessEqual(places, last));
    return tf.where(
      isThere,
      found as tf.Tensor,
      tf.fill([...places.shape], this.oovToken, "int32"),
    );
  }

  protected override placesOf(inputs: tf.Tensor): tf.Tensor {
    const x = tf.cast(inputs, "int32");
    const tokens = this.known();
    const isToken = tf.equal(tf.expandDims(x, -1), tf.tensor1d([...tokens], "int32"));
    const order = tf.range(this.tokenStart, this.tokenStart + tokens.length, 1, "int32");
    const found = tf.sum(tf.mul(tf.cast(isToken, "int32"), order), -1);
    const isKnown = tf.any(isToken, -1);
    const places = this.numOovIndices === 0
      // An index beyond the end, which the engine refuses.
      ? tf.gather(order, this.#indices(isKnown, found, tokens.length))
      : tf.where(isKnown, found, this.#unknownPlaces(x));
    if (this.maskToken === null) return places;
    const isNothing = tf.equal(x, tf.scalar(this.maskToken, "int32"));
    const nothing = tf.fill(x.shape, this.outputMode === "int" ? 0 : -1, "int32");
    return tf.where(isNothing, nothing, places);
  }

  /** Places counted from the first integer; `end` for what the vocabulary has not. */
  #indices(isKnown: tf.Tensor, places: tf.Tensor, end: number): tf.Tensor1D {
    const counted = tf.sub(places, tf.scalar(this.tokenStart, "int32"));
    const index = tf.where(isKnown, counted, tf.fill([...places.shape], end, "int32"));
    return tf.cast(index, "int32") as tf.Tensor1D;
  }

  /** Where integers go that the vocabulary has not. */
  #unknownPlaces(x: tf.Tensor): tf.Tensor {
    const turn = tf.mod(x, tf.scalar(this.numOovIndices, "int32"));
    return tf.cast(tf.add(turn, tf.scalar(this.oovStart, "int32")), "int32");
  }
}
