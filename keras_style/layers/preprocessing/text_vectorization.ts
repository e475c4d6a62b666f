/**
 * Text as numbers. Source: keras/src/layers/preprocessing/text_vectorization.py of Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkChoice, checkNumber, show, takeOptions } from "../../options.ts";
import { type AdaptData, batchesOf } from "./adapt_data.ts";
import { LOOKUP_MODES, type LookupMode } from "./index_lookup.ts";
import {
  refusal,
  type StringInputs,
  StringLookup,
  stringsOf,
  stringTensor,
} from "./string_lookup.ts";
import { Layer, type LayerOptions } from "../layer.ts";

const STANDARDIZE = ["lowerAndStripPunctuation", "lower", "stripPunctuation"] as const;
const SPLIT = ["whitespace", "character"] as const;

/** Options of {@linkcode TextVectorization}. */
export interface TextVectorizationOptions extends LayerOptions {
  /** How large the vocabulary may be, with the indices of padding and of unknown words; no limit unless given. */
  readonly maxTokens?: number | null;
  /** "lowerAndStripPunctuation" unless given; a function of one's own takes a text; null changes nothing. */
  readonly standardize?:
    | typeof STANDARDIZE[number]
    | "lower_and_strip_punctuation"
    | "strip_punctuation"
    | ((text: string) => string)
    | null;
  /** "whitespace" unless given; a function of one's own takes a text; with null each text is one token. */
  readonly split?: typeof SPLIT[number] | ((text: string) => readonly string[]) | null;
  /** Runs of up to so many words are tokens as well; or runs of these lengths. */
  readonly ngrams?: number | readonly number[] | null;
  /** "int" unless given: indices, padded with 0; otherwise a row for each text, as of {@linkcode StringLookup}. */
  readonly outputMode?: LookupMode;
  /** With "int": how many indices there are for each text; those of the longest unless given. */
  readonly outputSequenceLength?: number | null;
  /** Whether rows are as wide as `maxTokens` however small the vocabulary is; false unless given. */
  readonly padToMaxTokens?: boolean;
  /** The words, in order, with or without "" and "[UNK]" in front; unless `adapt` is to find them. */
  readonly vocabulary?: readonly string[] | null;
  /** With "tfIdf" and a vocabulary: the weight of each word. */
  readonly idfWeights?: readonly number[] | null;
}

export interface TextVectorization {
  /** Vectorizes texts. */
  (inputs: StringInputs): tf.Tensor;
}

/**
 * Texts as the indices of their words, that a vocabulary has or `adapt` finds: int32 [texts, words], or encoded as float32
 * [texts, indices]; of one text, no list, without the first dimension. 0 is padding, 1 an unknown word. Texts are worked on by JavaScript: the layer is called on a list of them,
 * or on TensorFlow.js' tensor of them ([texts] or [texts, 1]), before a model is, and cannot be part of one.
 * Follows https://keras.io/api/layers/preprocessing_layers/text/text_vectorization/
 *
 * @throws {RangeError} for a setting out of range, or a vocabulary that has a word twice
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.TextVectorization({ outputSequenceLength: 4 });
 * await layer.adapt(["foo bar", "bar baz!"]);
 * console.log(layer.getVocabulary()); // "", "[UNK]", "bar", "foo", "baz"
 * console.log(await layer(["Foo qux bar"]).data()); // 3, 1, 2, 0
 * ```
 */
export class TextVectorization extends Layer {
  readonly #lookup: StringLookup;
  readonly #standardize: TextVectorizationOptions["standardize"];
  readonly #split: TextVectorizationOptions["split"];
  readonly #ngrams: number | readonly number[] | null;
  readonly outputSequenceLength: number | null;

  constructor(options: TextVectorizationOptions = {}) {
    const owner = "TextVectorization";
    const [own, rest] = takeOptions(owner, options, {
      maxTokens: null,
      standardize: "lowerAndStripPunctuation",
      split: "whitespace",
      ngrams: null,
      outputMode: "int",
      outputSequenceLength: null,
      padToMaxTokens: false,
      vocabulary: null,
      idfWeights: null,
    });
    super(rest);
    const { standardize, split, ngrams, outputSequenceLength, ...lookup } = own;
    const isPlain = (value: unknown) => value === null || typeof value === "function";
    this.#standardize = isPlain(standardize)
      ? standardize as null
      : checkChoice(owner, "standardize", standardize, STANDARDIZE);
    this.#split = isPlain(split) ? split as null : checkChoice(owner, "split", split, SPLIT);
    const positive = { from: 1, integer: true };
    this.#ngrams = ngrams === null
      ? null
      : Array.isArray(ngrams)
      ? ngrams.map((width) => checkNumber(owner, "ngrams", width, positive))
      : checkNumber(owner, "ngrams", ngrams, positive);
    const mode = checkChoice(owner, "outputMode", lookup.outputMode, LOOKUP_MODES);
    if (outputSequenceLength !== null && mode !== "int") {
      throw new RangeError(
        `${owner}: outputSequenceLength is ${
          show(outputSequenceLength)
        } and outputMode "${mode}", expected "int"`,
      );
    }
    this.outputSequenceLength = outputSequenceLength === null
      ? null
      : checkNumber(owner, "outputSequenceLength", outputSequenceLength, positive);
    this.#lookup = new StringLookup({ ...lookup, outputMode: mode, maskToken: "" });
    this.built = true;
  }

  override get inputDtype(): tf.DataType {
    return "string";
  }

  /** @throws {Error} always: a model's tensors are numbers */
  override computeOutputShape(_inputShape: unknown): never {
    throw refusal(this);
  }

  /** How many indices there are. @throws {Error} before a vocabulary is known */
  vocabularySize(): number {
    return this.#lookup.vocabularySize();
  }

  /** The words by their indices; without "" and "[UNK]" if `includeSpecialTokens` is false. */
  getVocabulary(options: { readonly includeSpecialTokens?: boolean } = {}): string[] {
    return this.#lookup.getVocabulary(options);
  }

  /** Sets the vocabulary. @throws {RangeError} for a word that is there twice, or more of them than `maxTokens` */
  setVocabulary(vocabulary: readonly string[], idfWeights?: readonly number[] | null): void {
    this.#lookup.setVocabulary(vocabulary, idfWeights);
  }

  /**
   * Finds the vocabulary: the words of texts, the most frequent first, the later in order where they are as frequent.
   *
   * @throws {Error} where a vocabulary was given
   */
  async adapt(data: AdaptData): Promise<void> {
    const documents: string[][][] = [];
    for await (const batch of batchesOf(data)) {
      documents.push(this.#tokensOf(stringTensor(this.name, batch)));
    }
    await this.#lookup.adaptToDocuments(documents.flat());
  }

  /** The tokens of each text. */
  #tokensOf(x: tf.Tensor): string[][] {
    const isRow = x.rank === 2 && x.shape[1] === 1;
    if (x.rank > 1 && !isRow && this.#split !== null) {
      throw new RangeError(
        `layer "${this.name}": the input is [${x.shape}], expected [texts] or [texts, 1]`,
      );
    }
    const strings = stringsOf(x).map((text) => this.#standardized(text));
    const width = x.rank > 1 ? x.size / x.shape[0] : 1;
    return Array.from({ length: strings.length / width }, (_, i) => {
      const row = strings.slice(i * width, (i + 1) * width);
      return this.#withRuns(this.#split === null ? row : this.#words(row[0]));
    });
  }

  #standardized(text: string): string {
    const how = this.#standardize;
    if (typeof how === "function") return how(text);
    // Letters beyond ASCII stay, as in TensorFlow.
    const isLower = how === "lower" || how === "lowerAndStripPunctuation";
    const cased = isLower ? text.replace(/[A-Z]+/g, (part) => part.toLowerCase()) : text;
    return how === null || how === "lower"
      ? cased
      : cased.replace(/[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g, "");
  }

  #words(text: string): readonly string[] {
    if (typeof this.#split === "function") return this.#split(text);
    if (this.#split === "character") return Array.from(text);
    return text.split(/[ \t\n\v\f\r]+/).filter((word) => word !== "");
  }

  #withRuns(words: readonly string[]): string[] {
    const ngrams = this.#ngrams;
    if (ngrams === null) return [...words];
    const widths = typeof ngrams === "number"
      ? Array.from({ length: ngrams }, (_, i) => i + 1)
      : ngrams;
    return widths.flatMap((width) =>
      Array.from(
        { length: Math.max(words.length - width + 1, 0) },
        (_, i) => words.slice(i, i + width).join(" "),
      )
    );
  }

  override call(inputs: tf.Tensor | StringInputs): tf.Tensor {
    const x = stringTensor(this.name, inputs);
    const texts = this.#tokensOf(x).map((tokens) => this.#lookup.indicesOf(tokens));
    const isInt = this.#lookup.outputMode === "int";
    const longest = texts.reduce((most, { length }) => Math.max(most, length), isInt ? 0 : 1);
    const length = this.outputSequenceLength ?? longest;
    const places = new Int32Array(texts.length * length).fill(isInt ? 0 : -1);
    texts.forEach((indices, i) => places.set(indices.subarray(0, length), i * length));
    // Texts that are one token each keep their shape; one text, no list, is one row.
    const isFlat = x.rank < 2 && this.#split === null && places.length === x.size;
    const shape = isFlat ? x.shape : x.rank === 0 ? [length] : [texts.length, length];
    return this.#lookup.encoded(tf.tensor(places, shape, "int32"));
  }

  /** @throws {Error} where a function of one's own standardizes or splits: it cannot be saved */
  override getConfig(): Record<string, unknown> {
    const own = Object.entries({ standardize: this.#standardize, split: this.#split })
      .find(([, value]) => typeof value === "function");
    if (own) {
      throw new Error(
        `layer "${this.name}": ${
          own[0]
        } is a function, expected one of its names where the layer is saved`,
      );
    }
    const { maxTokens, outputMode, padToMaxTokens, vocabulary, idfWeights } = this.#lookup
      .getConfig();
    return {
      ...super.getConfig(),
      ...{ maxTokens, outputMode, padToMaxTokens, vocabulary, idfWeights },
      standardize: this.#standardize,
      split: this.#split,
      ngrams: this.#ngrams,
      outputSequenceLength: this.outputSequenceLength,
    };
  }
}
