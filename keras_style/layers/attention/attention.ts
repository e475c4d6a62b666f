/**
 * Attention of one head: dot products or sums of queries and keys.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { large } from "../../engine/mod.ts";
import { causalMask } from "../../ops/nn.ts";
import { checkChoice, show, takeOptions } from "../../options.ts";
import { dropUnits, readRate } from "../regularization/dropout.ts";
import type { Shape } from "../keras_tensor.ts";
import { type CallOptions, Layer, type LayerOptions } from "../layer.ts";
import { SeededDraws, type SeededOptions } from "../seeded_draws.ts";
import type { Weight } from "../weight.ts";

/** Options of {@linkcode AdditiveAttention}. */
export interface AdditiveAttentionOptions extends LayerOptions, SeededOptions {
  /** Whether scores are scaled by weights; true unless given. */
  readonly useScale?: boolean;
  /** Share of the attention that is dropped while training; 0 unless given. */
  readonly dropout?: number;
}

/** Options of {@linkcode Attention}. */
export interface AttentionOptions extends AdditiveAttentionOptions {
  /** How queries and keys are compared: "dot" (unless given) or "concat", a tanh of their sum. */
  readonly scoreMode?: "dot" | "concat";
}

/** What is said at a call. */
export interface AttentionCallOptions extends CallOptions {
  /** Masks of query and value: [n, queries], [n, keys]; true where they count. */
  readonly mask?: (tf.Tensor | null | undefined)[];
  /** Whether the attention itself is given as well; false unless given. */
  readonly returnAttentionScores?: boolean;
  /** Whether a query sees only keys up to its own position; false unless given. */
  readonly useCausalMask?: boolean;
}

abstract class SingleHeadAttention extends Layer {
  readonly useScale: boolean;
  readonly dropout: number;
  readonly #draws: SeededDraws;

  constructor(options: AdditiveAttentionOptions, defaults: { readonly useScale: boolean }) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      useScale: defaults.useScale,
      dropout: 0,
      seed: null,
    });
    super(rest);
    this.useScale = Boolean(own.useScale);
    this.dropout = readRate(owner, own.dropout, { to: 1 });
    this.#draws = new SeededDraws(owner, own.seed);
    this.supportsMasking = true;
  }

  /** How queries [n, q, d] and keys [n, k, d] go together: [n, q, k]. */
  protected abstract scores(query: tf.Tensor, key: tf.Tensor): tf.Tensor;

  override computeOutputShape(inputShape: readonly Shape[]): Shape {
    const [query, value] = inputShape;
    return [...query.slice(0, -1), value.at(-1)!];
  }

  /** @param inputs query [n, q, d], value [n, k, d] and key [n, k, d]; the value unless given */
  override call(inputs: readonly tf.Tensor[], options: AttentionCallOptions = {}): unknown {
    if (!Array.isArray(inputs) || inputs.length < 2 || inputs.length > 3) {
      throw new TypeError(
        `${this.getClassName()}: inputs are ${show(inputs)}, expected [query, value] or ` +
          `[query, value, key]`,
      );
    }
    const [query, value, key = value] = inputs;
    const { training, returnAttentionScores, useCausalMask } = options;
    const [queryMask, valueMask] = [options.mask ?? []].flat();
    const logits = this.scores(query, key);
    const masks = [
      ...(valueMask ? [tf.expandDims(valueMask, 1)] : []),
      ...(useCausalMask ? [tf.expandDims(causalMask(query.shape[1], key.shape[1]), 0)] : []),
    ];
    const weights = this.#dropped(tf.softmax(masked(logits, masks)), training);
    const result = tf.matMul(weights as tf.Tensor3D, value as tf.Tensor3D);
    const counted = queryMask
      ? tf.mul(result, tf.expandDims(tf.cast(queryMask, "float32"), -1))
      : result;
    return returnAttentionScores ? [counted, weights] : counted;
  }

  #dropped(weights: tf.Tensor, training: boolean | undefined): tf.Tensor {
    if (!training || this.dropout === 0) return weights;
    return dropUnits(weights, this.dropout, this.#draws.uniform(weights.shape));
  }

  override computeMask(_inputs: unknown, mask: unknown): unknown {
    return [mask].flat()[0];
  }

  override getConfig(): Record<string, unknown> {
    const { useScale, dropout } = this;
    return { ...super.getConfig(), useScale, dropout, ...this.#draws.config };
  }
}

/** Logits that become very small where one of the masks is false. */
export function masked(logits: tf.Tensor, masks: readonly tf.Tensor[]): tf.Tensor {
  return masks.reduce(
    (rest, mask) => tf.sub(rest, tf.mul(tf.sub(1, tf.cast(mask, "float32")), large(logits))),
    logits,
  );
}

/**
 * Attention by dot products (Luong et al., 2015): softmax(query keyᵀ) value.
 * Follows https://keras.io/api/layers/attention_layers/attention/
 */
export class Attention extends SingleHeadAttention {
  readonly scoreMode: "dot" | "concat";
  scale: Weight | null = null;
  concatScoreWeight: Weight | null = null;

  constructor(options: AttentionOptions = {}) {
    const [own, rest] = takeOptions("Attention", options, { scoreMode: "dot" });
    super(rest, { useScale: false });
    this.scoreMode = checkChoice("Attention", "scoreMode", own.scoreMode, ["dot", "concat"]);
  }

  override build(): void {
    if (this.useScale) this.scale = this.addWeight({ name: "scale", initializer: "ones" });
    if (this.scoreMode === "concat") {
      this.concatScoreWeight = this.addWeight({ name: "concat_score_weight", initializer: "ones" });
    }
  }

  protected override scores(query: tf.Tensor, key: tf.Tensor): tf.Tensor {
    if (this.scoreMode === "dot") {
      const product = tf.matMul(query as tf.Tensor3D, key as tf.Tensor3D, false, true);
      return this.scale ? tf.mul(product, this.scale) : product;
    }
    const sum = tf.add(tf.expandDims(query, 2), tf.expandDims(key, 1));
    const scaled = this.scale ? tf.mul(sum, this.scale) : sum;
    return tf.mul(this.concatScoreWeight!, tf.sum(tf.tanh(scaled), -1));
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), scoreMode: this.scoreMode };
  }
}

/**
 * Attention by sums (Bahdanau et al., 2014): scores are the sum of scale tanh(query + key).
 * Follows https://keras.io/api/layers/attention_layers/additive_attention/
 */
export class AdditiveAttention extends SingleHeadAttention {
  scale: Weight | null = null;

  constructor(options: AdditiveAttentionOptions = {}) {
    super(options, { useScale: true });
  }

  override build(inputShape: readonly Shape[]): void {
    if (!this.useScale) return;
    const shape = [inputShape[0].at(-1)!];
    this.scale = this.addWeight({ name: "scale", shape, initializer: "glorotUniform" });
  }

  protected override scores(query: tf.Tensor, key: tf.Tensor): tf.Tensor {
    const sum = tf.tanh(tf.add(tf.expandDims(query, 2), tf.expandDims(key, 1)));
    return tf.sum(this.scale ? tf.mul(this.scale, sum) : sum, -1);
  }
}
