/**
 * Attention in which query heads share keys and values.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { takeOptions } from "../../options.ts";
import type { EinsumDense } from "../core/einsum_dense.ts";
import { HeadsAttention, type HeadsOptions, queryShapeOf, readSize } from "./heads_attention.ts";
import type { Shape } from "../keras_tensor.ts";

/** Options of {@linkcode GroupQueryAttention}. */
export interface GroupQueryAttentionOptions extends HeadsOptions {
  /** Size of a head. */
  readonly headDim: number;
  readonly numQueryHeads: number;
  /** How many heads keys and values have; a divisor of `numQueryHeads`. */
  readonly numKeyValueHeads: number;
}

/**
 * Attention in which several query heads share a head of keys and values (Ainslie et al., 2023).
 * Follows https://keras.io/api/layers/attention_layers/group_query_attention/
 *
 * @throws {RangeError} for a setting out of range
 */
export class GroupQueryAttention extends HeadsAttention {
  readonly headDim: number;
  readonly numQueryHeads: number;
  readonly numKeyValueHeads: number;
  queryDense: EinsumDense;
  keyDense: EinsumDense;
  valueDense: EinsumDense;
  outputDense: EinsumDense | undefined;

  constructor(options: GroupQueryAttentionOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      headDim: undefined,
      numQueryHeads: undefined,
      numKeyValueHeads: undefined,
    });
    super(rest, true);
    this.headDim = readSize(owner, "headDim", own.headDim);
    this.numQueryHeads = readSize(owner, "numQueryHeads", own.numQueryHeads);
    this.numKeyValueHeads = readSize(owner, "numKeyValueHeads", own.numKeyValueHeads);
    if (this.numQueryHeads % this.numKeyValueHeads !== 0) {
      throw new RangeError(
        `${owner}: numQueryHeads is ${this.numQueryHeads}, expected a multiple of ` +
          `numKeyValueHeads (${this.numKeyValueHeads})`,
      );
    }
    const heads = (name: string, count: number) =>
      this.projection(name, "abc,cde->abde", [null, count, this.headDim], "de");
    this.queryDense = heads("query", this.numQueryHeads);
    this.keyDense = heads("key", this.numKeyValueHeads);
    this.valueDense = heads("value", this.numKeyValueHeads);
  }

  override build(inputShape: unknown): void {
    const shapes = inputShape as Shape[];
    const query = queryShapeOf(inputShape);
    const [, value = query, key = value] = Array.isArray(shapes[0]) ? shapes : [query];
    const size = query.at(-1)!;
    this.outputDense = this.projection("attention_output", "abcd,cde->abe", [null, size], "e");
    this.queryDense.build(query);
    this.keyDense.build(key);
    this.valueDense.build(value);
    this.outputDense.build([query[0], query[1], this.numQueryHeads, this.headDim]);
  }

  override call(query: tf.Tensor, ...given: unknown[]): unknown {
    const { value, key, options } = this.readCall(given);
    const [k, v] = [this.keyDense(key), this.valueDense(value)].map((x) => this.#repeated(x));
    const heads = [this.queryDense(query), k, v];
    const masks = this.masksOf(query, value, key, options);
    const scale = 1 / Math.sqrt(this.headDim);
    const [result, weights] = this.attend(heads, scale, masks, options.training);
    const output = this.outputDense!(result);
    return options.returnAttentionScores ? [output, weights] : output;
  }

  /** Every head as often as query heads share it. */
  #repeated(x: tf.Tensor): tf.Tensor {
    const [n, steps, heads, size] = x.shape;
    const times = this.numQueryHeads / this.numKeyValueHeads;
    const wide = tf.broadcastTo(tf.expandDims(x, 3), [n, steps, heads, times, size]);
    return tf.reshape(wide, [n, steps, heads * times, size]);
  }

  override getConfig(): Record<string, unknown> {
    const { headDim, numQueryHeads, numKeyValueHeads } = this;
    return { ...super.getConfig(), headDim, numQueryHeads, numKeyValueHeads };
  }
}
