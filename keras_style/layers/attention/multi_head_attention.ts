/**
 * Attention of several heads.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type * as constraints from "../../constraints/mod.ts";
import type * as initializers from "../../initializers/mod.ts";
import { causalMask } from "../../ops/nn.ts";
import { checkNumber, requireOption, show, takeOptions } from "../../options.ts";
import type * as regularizers from "../../regularizers/mod.ts";
import { masked } from "./attention.ts";
import {
  alongPlaces,
  attentionAxes,
  fromPlaces,
  maskAlongPlaces,
  placesAlong,
} from "./attention_axes.ts";
import { dropUnits, readRate } from "../regularization/dropout.ts";
import { EinsumDense } from "../core/einsum_dense.ts";
import { readWeightSettings, weightConfig, type WeightSettings } from "../kernel_layer.ts";
import type { Shape } from "../keras_tensor.ts";
import { type CallOptions, Layer, type LayerOptions } from "../layer.ts";
import { maskOf } from "../masks.ts";
import { SeededDraws, type SeededOptions } from "../seeded_draws.ts";

/** Options of both layers of several heads. */
export interface HeadsOptions extends LayerOptions, SeededOptions {
  /** Share of the attention that is dropped while training; 0 unless given. */
  readonly dropout?: number;
  /** Whether the projections have biases; true unless given. */
  readonly useBias?: boolean;
  readonly kernelInitializer?: initializers.InitializerIdentifier;
  readonly biasInitializer?: initializers.InitializerIdentifier;
  readonly kernelRegularizer?: regularizers.RegularizerIdentifier;
  readonly biasRegularizer?: regularizers.RegularizerIdentifier;
  readonly kernelConstraint?: constraints.ConstraintIdentifier;
  readonly biasConstraint?: constraints.ConstraintIdentifier;
}

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

/** Options of {@linkcode GroupQueryAttention}. */
export interface GroupQueryAttentionOptions extends HeadsOptions {
  /** Size of a head. */
  readonly headDim: number;
  readonly numQueryHeads: number;
  /** How many heads keys and values have; a divisor of `numQueryHeads`. */
  readonly numKeyValueHeads: number;
}

/** What is said at a call. */
export interface HeadsCallOptions extends CallOptions {
  /** What queries are compared with; the value unless given. */
  readonly key?: tf.Tensor;
  /** True where a query sees a key: [n, queries, keys], or 1 instead of any of them. */
  readonly attentionMask?: tf.Tensor;
  readonly queryMask?: tf.Tensor;
  readonly valueMask?: tf.Tensor;
  readonly keyMask?: tf.Tensor;
  /** Whether the attention itself [n, heads, queries, keys] is given as well; false unless given. */
  readonly returnAttentionScores?: boolean;
  /** Whether a query sees only keys up to its own position; false unless given. */
  readonly useCausalMask?: boolean;
}

const DEFAULTS = {
  dropout: 0,
  useBias: true,
  kernelInitializer: "glorotUniform",
  biasInitializer: "zeros",
  kernelRegularizer: null,
  biasRegularizer: null,
  kernelConstraint: null,
  biasConstraint: null,
  seed: null,
};

/** Base class of attention of several heads. */
abstract class HeadsAttention extends Layer {
  readonly dropout: number;
  readonly useBias: boolean;
  readonly #kernel: WeightSettings;
  readonly #bias: WeightSettings;
  readonly #draws: SeededDraws;

  constructor(options: HeadsOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, DEFAULTS);
    super(rest);
    this.dropout = readRate(owner, own.dropout, { to: 1 });
    this.useBias = Boolean(own.useBias);
    this.#kernel = readWeightSettings(owner, "kernel", own);
    this.#bias = readWeightSettings(owner, "bias", own);
    this.#draws = new SeededDraws(owner, own.seed);
    this.supportsMasking = true;
  }

  /** A projection of [n, steps, size] to heads, or of heads to [n, steps, size]. */
  protected projection(
    name: string,
    equation: string,
    outputShape: (number | null)[],
    biasAxes: string,
  ): EinsumDense {
    const kernel = this.#kernel;
    const bias = this.#bias;
    const layer = new EinsumDense({
      name,
      equation,
      outputShape,
      biasAxes: this.useBias ? biasAxes : null,
      kernelInitializer: kernel.initializer,
      kernelRegularizer: kernel.regularizer,
      kernelConstraint: kernel.constraint,
      biasInitializer: bias.initializer,
      biasRegularizer: bias.regularizer,
      biasConstraint: bias.constraint,
      dtype: this.dtypePolicy,
    });
    return layer;
  }

  /** Attention of heads: query [n, q, heads, d], key and value [n, k, heads, d], or with more axes. */
  protected attend(
    [query, key, value]: readonly tf.Tensor[],
    scale: number,
    masks: readonly tf.Tensor[],
    training: boolean | undefined,
    axes: readonly number[] = [1],
  ): [result: tf.Tensor, weights: tf.Tensor] {
    const [q, k, v] = [query, key, value].map((x) => alongPlaces(x, axes));
    const logits = tf.matMul(tf.mul(q, scale) as tf.Tensor4D, k as tf.Tensor4D, false, true);
    const weights = tf.softmax(masked(logits, masks));
    const kept = training && this.dropout > 0
      ? dropUnits(weights, this.dropout, this.#draws.uniform(weights.shape))
      : weights;
    const result = tf.matMul(kept as tf.Tensor4D, v as tf.Tensor4D);
    const [ofQuery, ofKey] = [query, key].map((x) => axes.map((axis) => x.shape[axis]!));
    const shape = [...weights.shape.slice(0, -2), ...ofQuery, ...ofKey];
    return [fromPlaces(result, axes, ofQuery), tf.reshape(weights, shape)];
  }

  /** Everything that says which keys count, as [n, 1, queries, keys] or with sizes of 1. */
  protected masksOf(
    query: tf.Tensor,
    value: tf.Tensor,
    key: tf.Tensor,
    options: HeadsCallOptions,
    axes: readonly number[] = [1],
  ): tf.Tensor[] {
    const { attentionMask, useCausalMask } = options;
    const given = [options.mask].flat()[0] as tf.Tensor | undefined;
    const queryMask = options.queryMask ?? given ?? maskOf(query);
    const valueMask = options.valueMask ?? maskOf(value);
    const keyMask = options.keyMask ?? (key === value ? undefined : maskOf(key));
    const sizes: [number, number] = [placesAlong(query, axes), placesAlong(key, axes)];
    const fitted = (mask: tf.Tensor) => maskAlongPlaces(mask, query.rank, sizes, axes);
    const ones = axes.map(() => 1);
    const ofKeys = (mask: tf.Tensor) => {
      const [n, ...rest] = mask.shape;
      return fitted(tf.reshape(mask, [n, ...ones, ...rest]));
    };
    return [
      ...(attentionMask ? [fitted(attentionMask)] : []),
      ...(queryMask ? [fitted(tf.reshape(queryMask, [...queryMask.shape, ...ones]))] : []),
      ...(valueMask ? [ofKeys(valueMask)] : []),
      ...(keyMask ? [ofKeys(keyMask)] : []),
      ...(useCausalMask ? [causalMask(...sizes)] : []),
    ];
  }

  /** Queries, values, keys and what was said, of what a call was given. */
  protected readCall(given: readonly unknown[]): {
    value: tf.Tensor;
    key: tf.Tensor;
    options: HeadsCallOptions;
  } {
    const options = given.at(-1) as HeadsCallOptions;
    const [value, third] = given.slice(0, -1) as tf.Tensor[];
    if (!(value instanceof tf.Tensor)) {
      throw new TypeError(`${this.getClassName()}: value is ${show(value)}, expected a tensor`);
    }
    return { value, key: third ?? options.key ?? value, options };
  }

  override computeMask(_inputs: unknown, mask: unknown): unknown {
    return [mask].flat()[0];
  }

  override getConfig(): Record<string, unknown> {
    const { dropout, useBias } = this;
    return {
      ...super.getConfig(),
      dropout,
      useBias,
      ...weightConfig("kernel", this.#kernel),
      ...weightConfig("bias", this.#bias),
      ...this.#draws.config,
    };
  }
}

function readSize(owner: string, option: string, value: unknown): number {
  const given = requireOption(owner, option, value, "an integer");
  return checkNumber(owner, option, given, { from: 1, integer: true });
}

/** Shapes of query, value and key, of what a layer is built for. */
function queryShapeOf(inputShape: unknown): Shape {
  const shapes = inputShape as readonly (Shape | number | null)[];
  return Array.isArray(shapes[0]) ? shapes[0] : shapes as Shape;
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
    super(rest);
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
    super(rest);
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
