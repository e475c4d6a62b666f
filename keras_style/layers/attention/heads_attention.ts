/**
 * What layers of attention of several heads share.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { causalMask } from "../../ops/nn.ts";
import { checkNumber, requireOption, show, takeOptions } from "../../options.ts";
import * as regularizers from "../../regularizers/mod.ts";
import { masked } from "./attention.ts";
import { alongPlaces, fromPlaces, maskAlongPlaces, placesAlong } from "./attention_axes.ts";
import { dropUnits, readRate } from "../regularization/dropout.ts";
import { EinsumDense } from "../core/einsum_dense.ts";
import {
  type KernelOptions,
  readWeightSettings,
  weightConfig,
  type WeightSettings,
} from "../kernel_layer.ts";
import type { Shape } from "../keras_tensor.ts";
import { type CallOptions, Layer } from "../layer.ts";
import { maskOf } from "../masks.ts";
import { SeededDraws, type SeededOptions } from "../seeded_draws.ts";

/** Options of both layers of several heads. */
export interface HeadsOptions extends Omit<KernelOptions, "activation">, SeededOptions {
  /** Share of the attention that is dropped while training; 0 unless given. */
  readonly dropout?: number;
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
  activityRegularizer: null,
  seed: null,
};

/** Base class of attention of several heads. */
export abstract class HeadsAttention extends Layer {
  readonly dropout: number;
  readonly useBias: boolean;
  readonly #kernel: WeightSettings;
  readonly #bias: WeightSettings;
  readonly #activity: regularizers.Regularizer | null;
  readonly #draws: SeededDraws;

  /** @param penalizesResult whether the activity regularizer is for the result too, beside the projections' */
  constructor(options: HeadsOptions, penalizesResult: boolean) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, DEFAULTS);
    const activity = regularizers.get(own.activityRegularizer, `${owner}: activityRegularizer`);
    super(penalizesResult && activity ? { ...rest, activityRegularizer: activity } : rest);
    this.#activity = activity;
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
    return new EinsumDense({
      name,
      equation,
      outputShape,
      biasAxes: this.useBias ? biasAxes : null,
      // One that draws gives the same values at every call.
      kernelInitializer: kernel.initializer.clone(),
      kernelRegularizer: kernel.regularizer,
      kernelConstraint: kernel.constraint,
      biasInitializer: bias.initializer.clone(),
      biasRegularizer: bias.regularizer,
      biasConstraint: bias.constraint,
      activityRegularizer: this.#activity,
      dtype: this.dtypePolicy,
    });
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
      ...this.#activity ? { activityRegularizer: regularizers.serialize(this.#activity) } : {},
      ...this.#draws.config,
    };
  }
}

/** A size among a layer's options. @throws {RangeError} unless it is an integer of at least 1 */
export function readSize(owner: string, option: string, value: unknown): number {
  const given = requireOption(owner, option, value, "an integer");
  return checkNumber(owner, option, given, { from: 1, integer: true });
}

/** Shapes of query, value and key, of what a layer is built for. */
export function queryShapeOf(inputShape: unknown): Shape {
  const shapes = inputShape as readonly (Shape | number | null)[];
  return Array.isArray(shapes[0]) ? shapes[0] : shapes as Shape;
}
