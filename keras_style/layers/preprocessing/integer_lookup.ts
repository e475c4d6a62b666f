/**
 * Integers as indices in a vocabulary. Source: keras/src/layers/preprocessing/index_lookup.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkChoice, checkNumber, show, takeOptions } from "../../options.ts";
import { type AdaptData, batchesOf } from "./adapt_data.ts";
import { encodeClasses } from "./encode_classes.ts";
import { Layer, type LayerOptions } from "../layer.ts";

/** What {@linkcode IntegerLookup} gives. */
export type LookupMode =
  | "int"
  | "oneHot"
  | "one_hot"
  | "multiHot"
  | "multi_hot"
  | "count"
  | "tfIdf"
  | "tf_idf";

/** Options of {@linkcode IntegerLookup}. */
export interface IntegerLookupOptions extends LayerOptions {
  /** How large the vocabulary may be, all of it counted; no limit unless given. */
  readonly maxTokens?: number | null;
  /** How many indices there are for integers that the vocabulary has not; with 0 they are an error; 1 unless given. */
  readonly numOovIndices?: number;
  /** The integer that stands for nothing: it is 0 in the result with "int", and left out otherwise. */
  readonly maskToken?: number | null;
  /** What `invert` gives for indices beyond the vocabulary; -1 unless given. */
  readonly oovToken?: number;
  /** The integers, in order, with or without those above in front; unless `adapt` is to find them. */
  readonly vocabulary?: readonly number[] | null;
  /** With "tfIdf" and a vocabulary: the weight of each of its integers. */
  readonly idfWeights?: readonly number[] | null;
  /** Whether indices become integers, instead of the other way round; false unless given. */
  readonly invert?: boolean;
  /** "int" unless given: indices; otherwise as of {@linkcode CategoryEncoding}, or counts times weights ("tfIdf"). */
  readonly outputMode?: LookupMode;
  /** Whether encoded results are as wide as `maxTokens` however small the vocabulary is; false unless given. */
  readonly padToMaxTokens?: boolean;
}

const MODES = ["int", "oneHot", "multiHot", "count", "tfIdf"] as const;

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
export class IntegerLookup extends Layer {
  readonly maxTokens: number | null;
  readonly numOovIndices: number;
  readonly maskToken: number | null;
  readonly oovToken: number;
  readonly invert: boolean;
  readonly outputMode: typeof MODES[number];
  readonly padToMaxTokens: boolean;
  #tokens: readonly number[] | undefined;
  #idfWeights: readonly number[] | undefined;
  /** What the vocabulary was set from, where it was given. */
  readonly #given: Pick<IntegerLookupOptions, "vocabulary" | "idfWeights"> | undefined;

  constructor(options: IntegerLookupOptions = {}) {
    const owner = "IntegerLookup";
    const [own, rest] = takeOptions(owner, options, {
      maxTokens: null,
      numOovIndices: 1,
      maskToken: null,
      oovToken: -1,
      vocabulary: null,
      idfWeights: null,
      invert: false,
      outputMode: "int",
      padToMaxTokens: false,
    });
    super(rest);
    const integer = { integer: true };
    this.maxTokens = own.maxTokens === null
      ? null
      : checkNumber(owner, "maxTokens", own.maxTokens, { from: 2, integer: true });
    this.numOovIndices = checkNumber(owner, "numOovIndices", own.numOovIndices, {
      from: 0,
      integer: true,
    });
    this.maskToken = own.maskToken === null
      ? null
      : checkNumber(owner, "maskToken", own.maskToken, integer);
    this.oovToken = checkNumber(owner, "oovToken", own.oovToken, integer);
    this.invert = Boolean(own.invert);
    this.outputMode = checkChoice(owner, "outputMode", own.outputMode, MODES);
    this.padToMaxTokens = Boolean(own.padToMaxTokens);
    if (this.invert && this.outputMode !== "int") {
      throw new RangeError(
        `${owner}: outputMode is "${this.outputMode}" and invert true, expected "int"`,
      );
    }
    if (this.padToMaxTokens && this.maxTokens === null) {
      throw new RangeError(`${owner}: padToMaxTokens is true, expected maxTokens as well`);
    }
    if (own.vocabulary !== null) {
      this.#given = { vocabulary: own.vocabulary, idfWeights: own.idfWeights };
      this.setVocabulary(own.vocabulary, own.idfWeights);
    } else if (own.idfWeights !== null) {
      throw new TypeError(`${owner}: idfWeights are given, expected the vocabulary as well`);
    }
    this.built = true;
  }

  override get inputDtype(): tf.DataType {
    return "int32";
  }

  /** Where the integers that the vocabulary has not begin. */
  get #oovStart(): number {
    return this.maskToken !== null && this.outputMode === "int" ? 1 : 0;
  }

  get #tokenStart(): number {
    return this.#oovStart + this.numOovIndices;
  }

  get #special(): number[] {
    const unknown = new Array<number>(this.numOovIndices).fill(this.oovToken);
    return this.#oovStart === 1 ? [this.maskToken!, ...unknown] : unknown;
  }

  /** How many indices there are. @throws {Error} before a vocabulary is known */
  vocabularySize(): number {
    return this.#known().length + this.#tokenStart;
  }

  /** The integers by their indices; without those for what is unknown and for nothing if `includeSpecialTokens` is false. */
  getVocabulary(
    { includeSpecialTokens = true }: { readonly includeSpecialTokens?: boolean } = {},
  ): number[] {
    return [...includeSpecialTokens ? this.#special : [], ...this.#known()];
  }

  #known(): readonly number[] {
    if (this.#tokens) return this.#tokens;
    throw new Error(
      `layer "${this.name}": no vocabulary is known, expected the option vocabulary or a call of adapt`,
    );
  }

  /**
   * Sets the vocabulary.
   *
   * @param idfWeights one for each integer, with "tfIdf"
   * @throws {RangeError} for an integer that is there twice, or more of them than `maxTokens`
   */
  setVocabulary(vocabulary: readonly number[], idfWeights?: readonly number[] | null): void {
    const owner = "IntegerLookup";
    const special = this.#special;
    if (!Array.isArray(vocabulary) || vocabulary.length === 0) {
      throw new RangeError(`${owner}: vocabulary is ${show(vocabulary)}, expected integers`);
    }
    const isWhole = special.every((token, i) => vocabulary[i] === token);
    const tokens = isWhole ? vocabulary.slice(special.length) : [...vocabulary];
    tokens.forEach((token) => checkNumber(owner, "vocabulary", token, { integer: true }));
    const twice = tokens.find((token, i) => tokens.indexOf(token) !== i);
    const reserved = tokens.find((token) =>
      token === this.maskToken || (this.invert && token === this.oovToken)
    );
    if (twice !== undefined || reserved !== undefined) {
      throw new RangeError(
        `${owner}: vocabulary has ${twice ?? reserved} ` +
          (twice === undefined ? "behind its front, " : "twice, ") +
          `expected each integer once${special.length > 0 ? `, [${special}] in front only` : ""}`,
      );
    }
    if (this.maxTokens !== null && tokens.length + special.length > this.maxTokens) {
      throw new RangeError(
        `${owner}: vocabulary has ${tokens.length + special.length} places, expected at most ` +
          `maxTokens, ${this.maxTokens}`,
      );
    }
    if ((this.outputMode === "tfIdf") !== Boolean(idfWeights)) {
      throw new TypeError(
        `${owner}: idfWeights is ${show(idfWeights)} and outputMode "${this.outputMode}", ` +
          `expected weights with "tfIdf" only`,
      );
    }
    if (idfWeights && idfWeights.length !== vocabulary.length) {
      throw new RangeError(
        `${owner}: there are ${idfWeights.length} idfWeights, expected ${vocabulary.length}`,
      );
    }
    this.#tokens = tokens;
    this.#idfWeights = idfWeights
      ? isWhole ? [...idfWeights] : withMeanInFront(idfWeights, special.length)
      : undefined;
  }

  /**
   * Finds the vocabulary: the integers of data, the most frequent first, the larger first where they are as frequent.
   *
   * @throws {Error} where a vocabulary was given
   */
  async adapt(data: AdaptData): Promise<void> {
    if (this.#given) {
      throw new Error(`layer "${this.name}": its vocabulary was given, expected no call of adapt`);
    }
    const counts = new Map<number, number>();
    const documents = new Map<number, number>();
    let documentCount = 0;
    const isWhole = data instanceof tf.Tensor || Array.isArray(data);
    for await (const batch of batchesOf(data)) {
      const values = [...await batch.data()];
      // As in Keras, a list is one document an integer, a batch that is a list one document.
      const length = batch.rank > 1 ? values.length / batch.shape[0] : isWhole ? 1 : values.length;
      for (let at = 0; at < values.length; at += length) {
        const document = values.slice(at, at + length);
        for (const token of document) counts.set(token, (counts.get(token) ?? 0) + 1);
        for (const token of new Set(document)) {
          documents.set(token, (documents.get(token) ?? 0) + 1);
        }
        documentCount++;
      }
    }
    counts.delete(this.oovToken);
    if (this.maskToken !== null) counts.delete(this.maskToken);
    const sorted = [...counts].sort(([a, n], [b, m]) => m - n || b - a).map(([token]) => token);
    const room = this.maxTokens === null ? Infinity : this.maxTokens - this.#tokenStart;
    this.#tokens = sorted.slice(0, room);
    if (this.outputMode !== "tfIdf") return;
    const weights = this.#tokens.map((token) =>
      Math.log(1 + documentCount / (1 + documents.get(token)!))
    );
    this.#idfWeights = withMeanInFront(weights, this.#tokenStart);
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    const x = tf.cast(inputs, "int32");
    if (this.invert) return this.#tokensAt(x);
    const places = this.#placesOf(x);
    if (this.outputMode === "int") return places;
    const width = this.padToMaxTokens ? this.maxTokens! : this.vocabularySize();
    if (this.outputMode !== "tfIdf") return encodeClasses(places, width, this.outputMode);
    const weights = [...this.#idfWeights!];
    while (weights.length < width) weights.push(0);
    return tf.mul(encodeClasses(places, width, "count"), tf.tensor1d(weights));
  }

  #tokensAt(places: tf.Tensor): tf.Tensor {
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

  #placesOf(x: tf.Tensor): tf.Tensor {
    const tokens = this.#known();
    const isToken = tf.equal(tf.expandDims(x, -1), tf.tensor1d([...tokens], "int32"));
    const order = tf.range(this.#tokenStart, this.#tokenStart + tokens.length, 1, "int32");
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
    const counted = tf.sub(places, tf.scalar(this.#tokenStart, "int32"));
    const index = tf.where(isKnown, counted, tf.fill([...places.shape], end, "int32"));
    return tf.cast(index, "int32") as tf.Tensor1D;
  }

  /** Where integers go that the vocabulary has not. */
  #unknownPlaces(x: tf.Tensor): tf.Tensor {
    const turn = tf.mod(x, tf.scalar(this.numOovIndices, "int32"));
    return tf.cast(tf.add(turn, tf.scalar(this.#oovStart, "int32")), "int32");
  }

  override getConfig(): Record<string, unknown> {
    const { maxTokens, numOovIndices, maskToken, oovToken, invert, outputMode } = this;
    return {
      ...super.getConfig(),
      maxTokens,
      numOovIndices,
      maskToken,
      oovToken,
      invert,
      outputMode,
      padToMaxTokens: this.padToMaxTokens,
      ...this.#given ?? {
        vocabulary: this.#tokens ? this.getVocabulary() : null,
        idfWeights: this.#idfWeights ?? null,
      },
    };
  }
}

/** Weights behind some of their mean. */
function withMeanInFront(weights: readonly number[], count: number): number[] {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return [...new Array<number>(count).fill(mean), ...weights];
}
