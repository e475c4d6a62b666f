/**
 * Vectors for integers.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type * as constraints from "../constraints/mod.ts";
import type * as initializers from "../initializers/mod.ts";
import { checkNumber, requireOption, takeOptions } from "../options.ts";
import type * as regularizers from "../regularizers/mod.ts";
import { readWeightSettings, weightConfig, type WeightSettings } from "./kernel_layer.ts";
import type { Shape } from "./keras_tensor.ts";
import { Layer, type LayerOptions } from "./layer.ts";
import type { Weight } from "./weight.ts";

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
  readonly #settings: WeightSettings;

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
    this.#settings = readWeightSettings(owner, "embeddings", own);
    this.supportsMasking = this.maskZero;
  }

  override get inputDtype(): tf.DataType {
    return "int32";
  }

  override build(): void {
    const shape = [this.inputDim, this.outputDim];
    this.embeddings = this.addWeight({ name: "embeddings", shape, ...this.#settings });
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
    return { ...super.getConfig(), ...own, ...weightConfig("embeddings", this.#settings) };
  }
}
