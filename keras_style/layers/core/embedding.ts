/**
 * Vectors for integers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type * as constraints from "../../constraints/mod.ts";
import type * as initializers from "../../initializers/mod.ts";
import { checkNumber, requireOption, takeOptions } from "../../options.ts";
import type * as regularizers from "../../regularizers/mod.ts";
import { readWeightSettings, weightConfig, type WeightSettings } from "../kernel_layer.ts";
import type { Shape } from "../keras_tensor.ts";
import { type CallOptions, Layer, type LayerOptions } from "../layer.ts";
import type { Weight } from "../weight.ts";

/** Options of {@linkcode Embedding}. */
export interface EmbeddingOptions extends LayerOptions {
  /** How many integers there are: one more than the largest. */
  readonly inputDim: number;
  /** Size of the vectors. */
  readonly outputDim: number;
  /** "uniform" unless given: within ±0.05. */
  readonly embeddingsInitializer?: initializers.InitializerIdentifier;
  readonly embeddingsRegularizer?: regularizers.RegularizerIdentifier;
  readonly embeddingsConstraint?: constraints.ConstraintIdentifier;
  /** Whether 0 stands for a step that does not count; false unless given. */
  readonly maskZero?: boolean;
}

/**
 * A vector for every integer: [...] to [..., outputDim]. Follows https://keras.io/api/layers/core_layers/embedding/
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.Embedding({ inputDim: 1000, outputDim: 16 });
 * console.log(layer(keras.Input({ shape: [8] })).shape); // [ null, 8, 16 ]
 * ```
 */
export class Embedding extends Layer {
  readonly inputDim: number;
  readonly outputDim: number;
  readonly maskZero: boolean;
  embeddings!: Weight;
  protected readonly settings: WeightSettings;

  /** @throws {RangeError} for sizes that are no integers of at least 1 */
  constructor(options: EmbeddingOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, {
      inputDim: undefined,
      outputDim: undefined,
      embeddingsInitializer: "randomUniform",
      embeddingsRegularizer: null,
      embeddingsConstraint: null,
      maskZero: false,
    });
    super(rest);
    const count = (name: "inputDim" | "outputDim") => {
      const value = requireOption(owner, name, own[name], "an integer");
      return checkNumber(owner, name, value, { from: 1, integer: true });
    };
    this.inputDim = count("inputDim");
    this.outputDim = count("outputDim");
    this.maskZero = Boolean(own.maskZero);
    this.settings = readWeightSettings(owner, "embeddings", own);
    this.supportsMasking = this.maskZero;
    this.autocast = false;
    this.computesInFloat32 = true;
  }

  override get inputDtype(): tf.DataType {
    return "int32";
  }

  override build(): void {
    const shape = [this.inputDim, this.outputDim];
    this.embeddings = this.addWeight({ name: "embeddings", shape, ...this.settings });
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return [...inputShape, this.outputDim];
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    const indices = inputs.dtype === "int32" ? inputs : tf.cast(inputs, "int32");
    const rows = tf.gather(this.embeddings, tf.reshape(indices, [-1]) as tf.Tensor1D);
    return tf.reshape(rows, [...inputs.shape, this.outputDim]);
  }

  override computeMask(inputs: tf.Tensor): tf.Tensor | undefined {
    return this.maskZero ? tf.notEqual(inputs, tf.zerosLike(inputs)) : undefined;
  }

  override getConfig(): Record<string, unknown> {
    const { inputDim, outputDim, maskZero } = this;
    const own = { inputDim, outputDim, maskZero };
    return { ...super.getConfig(), ...own, ...weightConfig("embeddings", this.settings) };
  }
}

/** Options of {@linkcode ReversibleEmbedding}. */
export interface ReversibleEmbeddingOptions extends EmbeddingOptions {
  /** Whether the way back goes by the same weights; true unless given. */
  readonly tieWeights?: boolean;
  /** Bends logits so that they stay within ± this; null, which leaves them, unless given. */
  readonly logitSoftCap?: number | null;
}

/**
 * An embedding, and the way back: called with `{ reverse: true }` it gives logits [..., inputDim] of vectors.
 * Follows https://keras.io/api/layers/core_layers/ (ReversibleEmbedding)
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const layer = new keras.layers.ReversibleEmbedding({ inputDim: 100, outputDim: 16 });
 * const vectors = layer(keras.Input({ shape: [8] }));
 * console.log(layer(vectors, { reverse: true }).shape); // [ null, 8, 100 ]
 * ```
 */
export class ReversibleEmbedding extends Embedding {
  readonly tieWeights: boolean;
  readonly logitSoftCap: number | null;
  reverseEmbeddings: Weight | undefined;

  constructor(options: ReversibleEmbeddingOptions) {
    const owner = new.target.name;
    const [own, rest] = takeOptions(owner, options, { tieWeights: true, logitSoftCap: null });
    super(rest as EmbeddingOptions);
    this.tieWeights = Boolean(own.tieWeights);
    this.logitSoftCap = own.logitSoftCap === null
      ? null
      : checkNumber(owner, "logitSoftCap", own.logitSoftCap, { above: 0 });
  }

  override build(): void {
    super.build();
    if (this.tieWeights) return;
    const shape = [this.outputDim, this.inputDim];
    const { initializer } = this.settings;
    this.reverseEmbeddings = this.addWeight({ name: "reverse_embeddings", shape, initializer });
  }

  protected override computeOutputSpec(
    args: readonly unknown[],
    options: Readonly<Record<string, unknown>>,
  ): unknown {
    return options.reverse
      ? this.inferResult(args, options)
      : super.computeOutputSpec(args, options);
  }

  override call(inputs: tf.Tensor, { reverse = false }: CallOptions = {}): tf.Tensor {
    if (!reverse) return super.call(inputs);
    const kernel = this.reverseEmbeddings ?? tf.transpose(this.embeddings);
    const rows = tf.reshape(inputs, [-1, this.outputDim]) as tf.Tensor2D;
    const logits = tf.reshape(tf.matMul(rows, kernel as tf.Tensor2D), [
      ...inputs.shape.slice(0, -1),
      this.inputDim,
    ]);
    const cap = this.logitSoftCap;
    return cap === null ? logits : tf.mul(tf.tanh(tf.div(logits, cap)), cap);
  }

  // Vectors have no zeros that stand for steps.
  override computeMask(inputs: tf.Tensor): tf.Tensor | undefined {
    return inputs.dtype === "int32" ? super.computeMask(inputs) : undefined;
  }

  override getConfig(): Record<string, unknown> {
    const { tieWeights, logitSoftCap } = this;
    return { ...super.getConfig(), tieWeights, logitSoftCap };
  }
}
