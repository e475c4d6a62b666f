/**
 * Attention of several heads.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../../options.ts";
import { attentionAxes } from "./attention_axes.ts";
import type { EinsumDense } from "../core/einsum_dense.ts";
import { HeadsAttention, type HeadsOptions, queryShapeOf, readSize } from "./heads_attention.ts";
import type { Shape } from "../keras_tensor.ts";

/** Options of {@linkcode MultiHeadAttention}. */
export interface MultiHeadAttentionOptions extends HeadsOptions {
  readonly numHeads: number;
  /** Size of a head's queries and keys. */
  readonly keyDim: number;
  /** Size of a head's values; `keyDim` unless given. */
  readonly valueDim?: number | null;
  /** Size of the result's last axis, or sizes of several; that of the query unless given. */
  readonly outputShape?: number | readonly number[] | null;
  /** The axes that attention goes along; all between the first and the last unless given. */
  readonly attentionAxes?: number | readonly number[] | null;
}

/**
 * Attention of several heads (Vaswani et al., 2017): `layer(query, value)`, `layer(query, value, key, options)`.
 * Follows https://keras.io/api/layers/attention_layers/multi_head_attention/
 *
 * @throws {RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const x = keras.Input({ shape: [16, 32] });
 * const attention = new keras.layers.MultiHeadAttention({ numHeads: 4, keyDim: 8 });
 * console.log(attention(x, x, { useCausalMask: true }).shape); // [ null, 16, 32 ]
 * ```
 */
export class MultiHeadAttention extends HeadsAttention {
  readonly numHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  readonly outputSizes: readonly number[] | null;
  readonly attentionAxes: readonly number[] | null;
  queryDense!: EinsumDense;
  keyDense!: EinsumDense;
  valueDense!: EinsumDense;
  outputDense: EinsumDense | undefined;

  constructor(options: MultiHeadAttentionOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      numHeads: undefined,
      keyDim: undefined,
      valueDim: null,
      outputShape: null,
      attentionAxes: null,
    });
    super(rest, false);
    this.numHeads = readSize(owner, "numHeads", own.numHeads);
    this.keyDim = readSize(owner, "keyDim", own.keyDim);
    this.valueDim = readSize(owner, "valueDim", own.valueDim ?? own.keyDim);
    this.outputSizes = own.outputShape === null
      ? null
      : [own.outputShape].flat().map((size) => readSize(owner, "outputShape", size));
    this.attentionAxes = own.attentionAxes === null ? null : [own.attentionAxes].flat();
    this.#project(3);
  }

  /** Projections of inputs of a rank. */
  #project(rank: number): void {
    const free = "ABCDEFGHIJKLM".slice(0, rank - 1);
    const equation = `${free}c,cde->${free}de`;
    const heads = (name: string, size: number) =>
      this.projection(name, equation, [...this.#anySizes(rank), this.numHeads, size], "de");
    this.queryDense = heads("query", this.keyDim);
    this.keyDense = heads("key", this.keyDim);
    this.valueDense = heads("value", this.valueDim);
  }

  #anySizes(rank: number): null[] {
    return new Array<null>(rank - 2).fill(null);
  }

  override build(inputShape: unknown): void {
    const shapes = inputShape as Shape[];
    const query = queryShapeOf(inputShape);
    const [, value = query, key = value] = Array.isArray(shapes[0]) ? shapes : [query];
    const rank = query.length;
    void attentionAxes(this.getClassName(), this.attentionAxes, rank);
    if (rank !== 3) this.#project(rank);
    const sizes = this.outputSizes ?? [query.at(-1)!];
    const free = "ABCDEFGHIJKLM".slice(0, rank - 1);
    const results = "efghijk".slice(0, sizes.length);
    this.outputDense = this.projection(
      "attention_output",
      `${free}cd,cd${results}->${free}${results}`,
      [...this.#anySizes(rank), ...sizes],
      results,
    );
    this.queryDense.build(query);
    this.keyDense.build(key);
    this.valueDense.build(value);
    this.outputDense.build([...query.slice(0, -1), this.numHeads, this.valueDim]);
  }

  override call(query: tf.Tensor, ...given: unknown[]): unknown {
    const { value, key, options } = this.readCall(given);
    const heads = [this.queryDense(query), this.keyDense(key), this.valueDense(value)];
    const axes = attentionAxes(this.getClassName(), this.attentionAxes, query.rank);
    const masks = this.masksOf(query, value, key, options, axes);
    const scale = 1 / Math.sqrt(this.keyDim);
    const [result, weights] = this.attend(heads, scale, masks, options.training, axes);
    const output = this.outputDense!(result);
    return options.returnAttentionScores ? [output, weights] : output;
  }

  override getConfig(): Record<string, unknown> {
    const { numHeads, keyDim, valueDim, outputSizes, attentionAxes } = this;
    const outputShape = outputSizes?.length === 1 ? outputSizes[0] : outputSizes;
    return { ...super.getConfig(), numHeads, keyDim, valueDim, outputShape, attentionAxes };
  }
}
