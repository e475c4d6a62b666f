/**
 * What layers share that give tokens their indices in a vocabulary. Source: keras/src/layers/preprocessing/index_lookup.py of
 * Keras 3.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkChoice, checkNumber, show, takeOptions } from "../../options.ts";
import { type AdaptData, batchesOf } from "./adapt_data.ts";
import { encodeClasses } from "./encode_classes.ts";
import { Layer, type LayerOptions } from "../layer.ts";

/** What a lookup gives. */
export type LookupMode =
  | "int"
  | "oneHot"
  | "one_hot"
  | "multiHot"
  | "multi_hot"
  | "count"
  | "tfIdf"
  | "tf_idf";

/** Options of layers that look tokens up. */
export interface LookupOptions<Token> extends LayerOptions {
  /** How large the vocabulary may be, all of it counted; no limit unless given. */
  readonly maxTokens?: number | null;
  /** How many indices there are for tokens that the vocabulary has not; with 0 they are an error; 1 unless given. */
  readonly numOovIndices?: number;
  /** The token that stands for nothing: it is 0 in the result with "int", and left out otherwise. */
  readonly maskToken?: Token | null;
  /** What `invert` gives for indices beyond the vocabulary; -1 or "[UNK]" unless given. */
  readonly oovToken?: Token;
  /** The tokens, in order, with or without those above in front; unless `adapt` is to find them. */
  readonly vocabulary?: readonly Token[] | null;
  /** With "tfIdf" and a vocabulary: the weight of each of its tokens. */
  readonly idfWeights?: readonly number[] | null;
  /** Whether indices become tokens, instead of the other way round; false unless given. */
  readonly invert?: boolean;
  /** "int" unless given: indices; otherwise as of {@linkcode CategoryEncoding}, or counts times weights ("tfIdf"). */
  readonly outputMode?: LookupMode;
  /** Whether encoded results are as wide as `maxTokens` however small the vocabulary is; false unless given. */
  readonly padToMaxTokens?: boolean;
}

export const LOOKUP_MODES = ["int", "oneHot", "multiHot", "count", "tfIdf"] as const;

/** What tells tokens of one kind from those of another. */
export interface TokenRules<Token> {
  /** What one is, for errors: "integer". */
  readonly kind: string;
  readonly oovToken: Token;
  /** @throws {RangeError} or {TypeError} for what is no token */
  check(owner: string, option: string, value: unknown): Token;
  /** The order of those that are as frequent, from the front. */
  compare(a: Token, b: Token): number;
}

/** Tokens as indices in a vocabulary that is given or that {@linkcode IndexLookup.adapt} finds. */
export abstract class IndexLookup<Token extends number | string> extends Layer {
  readonly maxTokens: number | null;
  readonly numOovIndices: number;
  readonly maskToken: Token | null;
  readonly oovToken: Token;
  readonly invert: boolean;
  readonly outputMode: typeof LOOKUP_MODES[number];
  readonly padToMaxTokens: boolean;
  readonly #owner: string;
  readonly #rules: TokenRules<Token>;
  #tokens: readonly Token[] | undefined;
  #idfWeights: readonly number[] | undefined;
  /** What the vocabulary was set from, where it was given. */
  readonly #given: Pick<LookupOptions<Token>, "vocabulary" | "idfWeights"> | undefined;

  protected constructor(owner: string, options: LookupOptions<Token>, rules: TokenRules<Token>) {
    const [own, rest] = takeOptions(owner, options, {
      maxTokens: null,
      numOovIndices: 1,
      maskToken: null,
      oovToken: rules.oovToken,
      vocabulary: null,
      idfWeights: null,
      invert: false,
      outputMode: "int",
      padToMaxTokens: false,
    });
    super(rest);
    this.#owner = owner;
    this.#rules = rules;
    this.maxTokens = own.maxTokens === null
      ? null
      : checkNumber(owner, "maxTokens", own.maxTokens, { from: 2, integer: true });
    this.numOovIndices = checkNumber(owner, "numOovIndices", own.numOovIndices, {
      from: 0,
      integer: true,
    });
    this.maskToken = own.maskToken === null ? null : rules.check(owner, "maskToken", own.maskToken);
    this.oovToken = rules.check(owner, "oovToken", own.oovToken);
    this.invert = Boolean(own.invert);
    this.outputMode = checkChoice(owner, "outputMode", own.outputMode, LOOKUP_MODES);
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

  /** Where the tokens that the vocabulary has not begin. */
  protected get oovStart(): number {
    return this.maskToken !== null && this.outputMode === "int" ? 1 : 0;
  }

  protected get tokenStart(): number {
    return this.oovStart + this.numOovIndices;
  }

  get #special(): Token[] {
    const unknown = new Array<Token>(this.numOovIndices).fill(this.oovToken);
    return this.oovStart === 1 ? [this.maskToken!, ...unknown] : unknown;
  }

  /** How many indices there are. @throws {Error} before a vocabulary is known */
  vocabularySize(): number {
    return this.known().length + this.tokenStart;
  }

  /** The tokens by their indices; without those for what is unknown and for nothing if `includeSpecialTokens` is false. */
  getVocabulary(
    { includeSpecialTokens = true }: { readonly includeSpecialTokens?: boolean } = {},
  ): Token[] {
    return [...includeSpecialTokens ? this.#special : [], ...this.known()];
  }

  /** The tokens behind those in front. @throws {Error} before a vocabulary is known */
  protected known(): readonly Token[] {
    if (this.#tokens) return this.#tokens;
    throw new Error(
      `layer "${this.name}": no vocabulary is known, expected the option vocabulary or a call of adapt`,
    );
  }

  /**
   * Sets the vocabulary.
   *
   * @param idfWeights one for each token, with "tfIdf"
   * @throws {RangeError} for a token that is there twice, or more of them than `maxTokens`
   */
  setVocabulary(vocabulary: readonly Token[], idfWeights?: readonly number[] | null): void {
    const owner = this.#owner;
    const special = this.#special;
    if (!Array.isArray(vocabulary) || vocabulary.length === 0) {
      throw new RangeError(
        `${owner}: vocabulary is ${show(vocabulary)}, expected ${this.#rules.kind}s`,
      );
    }
    const isWhole = special.every((token, i) => vocabulary[i] === token);
    const tokens = isWhole ? vocabulary.slice(special.length) : [...vocabulary];
    tokens.forEach((token) => this.#rules.check(owner, "vocabulary", token));
    const twice = new Set(tokens).size < tokens.length
      ? tokens.find((token, i) => tokens.indexOf(token) !== i)
      : undefined;
    const reserved = tokens.find((token) =>
      token === this.maskToken || (this.invert && token === this.oovToken)
    );
    if (twice !== undefined || reserved !== undefined) {
      throw new RangeError(
        `${owner}: vocabulary has ${twice ?? reserved} ` +
          (twice === undefined ? "behind its front, " : "twice, ") +
          `expected each ${this.#rules.kind} once${
            special.length > 0 ? `, [${special}] in front only` : ""
          }`,
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
   * Finds the vocabulary: the tokens of data, the most frequent first, the larger first where they are as frequent.
   *
   * @throws {Error} where a vocabulary was given
   */
  async adapt(data: AdaptData): Promise<void> {
    await this.adaptToDocuments(this.#documentsOf(data));
  }

  async *#documentsOf(data: AdaptData): AsyncGenerator<Token[]> {
    const isWhole = data instanceof tf.Tensor || Array.isArray(data);
    for await (const batch of batchesOf(data)) {
      const values = [...await batch.data() as unknown as Iterable<Token>];
      // As in Keras, a list is one document a token, a batch that is a list one document.
      const length = batch.rank > 1 ? values.length / batch.shape[0] : isWhole ? 1 : values.length;
      for (let at = 0; at < values.length; at += length) yield values.slice(at, at + length);
    }
  }

  /** Finds the vocabulary of documents. @throws {Error} where a vocabulary was given */
  async adaptToDocuments(
    documents: AsyncIterable<readonly Token[]> | Iterable<readonly Token[]>,
  ): Promise<void> {
    if (this.#given) {
      throw new Error(`layer "${this.name}": its vocabulary was given, expected no call of adapt`);
    }
    const counts = new Map<Token, number>();
    const documentCounts = new Map<Token, number>();
    let documentCount = 0;
    const more = (map: Map<Token, number>, token: Token) =>
      map.set(token, (map.get(token) ?? 0) + 1);
    for await (const document of documents) {
      for (const token of document) more(counts, token);
      for (const token of new Set(document)) more(documentCounts, token);
      documentCount++;
    }
    counts.delete(this.oovToken);
    if (this.maskToken !== null) counts.delete(this.maskToken);
    const sorted = [...counts].sort(([a, n], [b, m]) => m - n || this.#rules.compare(a, b))
      .map(([token]) => token);
    const room = this.maxTokens === null ? Infinity : this.maxTokens - this.tokenStart;
    this.#tokens = sorted.slice(0, room);
    if (this.outputMode !== "tfIdf") return;
    const weights = this.#tokens.map((token) =>
      Math.log(1 + documentCount / (1 + documentCounts.get(token)!))
    );
    this.#idfWeights = withMeanInFront(weights, this.tokenStart);
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    return this.invert ? this.tokensAt(inputs) : this.encoded(this.placesOf(inputs));
  }

  /** Indices, or what the mode makes of them. */
  encoded(places: tf.Tensor): tf.Tensor {
    if (this.outputMode === "int") return places;
    const width = this.padToMaxTokens ? this.maxTokens! : this.vocabularySize();
    if (this.outputMode !== "tfIdf") return encodeClasses(places, width, this.outputMode);
    const weights = [...this.#idfWeights!];
    while (weights.length < width) weights.push(0);
    return tf.mul(encodeClasses(places, width, "count"), tf.tensor1d(weights));
  }

  protected abstract tokensAt(places: tf.Tensor): tf.Tensor;

  /** The index of each token; -1 for the mask's token where it has none. */
  protected abstract placesOf(x: tf.Tensor): tf.Tensor;

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
