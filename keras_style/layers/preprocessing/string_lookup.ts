/**
 * Strings as indices in a vocabulary. Source: keras/src/layers/preprocessing/string_lookup.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { show } from "../../options.ts";
import { IndexLookup, type LookupOptions, type TokenRules } from "./index_lookup.ts";
import { binOf } from "./string_hash.ts";

/** Options of {@linkcode StringLookup}. */
export interface StringLookupOptions extends LookupOptions<string> {}

const STRINGS: TokenRules<string> = {
  kind: "string",
  oovToken: "[UNK]",
  check: (owner, option, value) => {
    if (typeof value === "string") return value;
    throw new TypeError(`${owner}: ${option} is ${show(value)}, expected a string`);
  },
  compare: (a, b) => byCodePoints(b, a),
};

/** Less than 0 where a comes first by its code points, as its bytes do. */
function byCodePoints(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  const at = left.findIndex((letter, i) => letter !== right[i]);
  if (at < 0) return left.length - right.length;
  return at < right.length ? left[at].codePointAt(0)! - right[at].codePointAt(0)! : 1;
}

/** Strings as layers take them. */
export type StringInputs = string | readonly string[] | readonly (readonly string[])[];

export interface StringLookup {
  /** Looks strings up. */
  (inputs: StringInputs): tf.Tensor;
}

/**
 * Strings as their indices in a vocabulary, that is given or that `adapt` finds: int32 of the input's shape, or encoded as
 * float32 [..., indices]. Strings are worked on by JavaScript: the layer is called on lists of them, or on TensorFlow.js'
 * tensors of them, before a model is, and cannot be part of one.
 * Follows https://keras.io/api/layers/preprocessing_layers/categorical/string_lookup/
 *
 * @throws {RangeError} for a setting out of range, or a vocabulary that has a string twice
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.StringLookup({ vocabulary: ["a", "b", "c"] });
 * console.log(await layer([["a", "c"], ["z", "b"]]).data()); // 1, 3, 0, 2
 * ```
 */
export class StringLookup extends IndexLookup<string> {
  #table: {
    readonly tokens: readonly string[];
    readonly indices: ReadonlyMap<string, number>;
  } | undefined;

  constructor(options: StringLookupOptions = {}) {
    super("StringLookup", options, STRINGS);
  }

  override get inputDtype(): tf.DataType {
    return "string";
  }

  /** @throws {Error} always: a model's tensors are numbers */
  override computeOutputShape(_inputShape: unknown): never {
    throw refusal(this);
  }

  override call(inputs: tf.Tensor | StringInputs): tf.Tensor {
    return super.call(this.invert ? inputs as tf.Tensor : stringTensor(this.name, inputs));
  }

  protected override tokensAt(places: tf.Tensor): tf.Tensor {
    const table = this.getVocabulary();
    const tokens = Array.from(places.dataSync(), (place) => table[place] ?? this.oovToken);
    return tf.tensor(tokens, places.shape, "string");
  }

  protected override placesOf(x: tf.Tensor): tf.Tensor {
    return tf.tensor(this.indicesOf(stringsOf(x)), x.shape, "int32");
  }

  /** The indices of a vocabulary's tokens: made once, as texts are looked up one by one. */
  #tableOf(tokens: readonly string[]): ReadonlyMap<string, number> {
    if (this.#table?.tokens === tokens) return this.#table.indices;
    const indices = new Map(tokens.map((token, i) => [token, i + this.tokenStart]));
    this.#table = { tokens, indices };
    return indices;
  }

  /** The index of each string; -1 for the mask's token where it has none. */
  indicesOf(strings: readonly string[]): Int32Array {
    const table = this.#tableOf(this.known());
    return Int32Array.from(strings, (token) => {
      if (token === this.maskToken) return this.outputMode === "int" ? 0 : -1;
      return table.get(token) ?? this.#unknownPlace(token);
    });
  }

  /** By TensorFlow's hash where there are several. */
  #unknownPlace(token: string): number {
    if (this.numOovIndices === 0) {
      throw new RangeError(
        `layer "${this.name}": ${show(token)} is not in the vocabulary, expected a string of it ` +
          "(numOovIndices is 0)",
      );
    }
    if (this.numOovIndices === 1) return this.oovStart;
    return this.oovStart + binOf(token, this.numOovIndices);
  }
}

/** Strings as a tensor. @throws {TypeError} for anything else */
export function stringTensor(layer: string, x: tf.Tensor | StringInputs): tf.Tensor {
  // An empty list says nothing of its kind.
  const dtype = Array.isArray(x) && x.length === 0 ? "string" : undefined;
  const given = x instanceof tf.Tensor ? x : tf.tensor(x as string[], undefined, dtype);
  if (given.dtype === "string") return given;
  throw new TypeError(
    `layer "${layer}": the input is ${given.dtype}[${given.shape}], expected strings`,
  );
}

/** The strings of a tensor, in a row. */
export function stringsOf(x: tf.Tensor): string[] {
  return Array.from(x.dataSync() as unknown as string[]);
}

/** What to throw where a layer of strings would be part of a model. */
export function refusal(layer: { readonly name: string }): Error {
  return new Error(
    `layer "${layer.name}": strings cannot be part of a model here, expected the layer to be called ` +
      "on them before the model is",
  );
}
