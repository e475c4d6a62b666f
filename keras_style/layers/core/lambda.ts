/**
 * Functions as layers, and what their results add to the loss.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { checkNumber, requireOption, show, takeOptions } from "../../options.ts";
import type { Shape } from "../keras_tensor.ts";
import { Layer, type LayerOptions } from "../layer.ts";

/** Options of {@linkcode Lambda}. */
export interface LambdaOptions extends LayerOptions {
  /** What the layer computes. */
  readonly function: (x: tf.Tensor) => tf.Tensor;
}

/**
 * A function as a layer. It cannot be saved: a model with one is made anew by code, and gets its weights from a file.
 * Follows https://keras.io/api/layers/core_layers/lambda/
 */
export class Lambda extends Layer {
  readonly #run: (x: tf.Tensor) => tf.Tensor;

  constructor(options: LambdaOptions) {
    const [own, rest] = takeOptions("Lambda", options, { function: undefined });
    super(rest);
    const run = requireOption<unknown>(
      "Lambda",
      "function",
      own.function,
      "a function of a tensor",
    );
    if (typeof run !== "function") {
      throw new TypeError(`Lambda: function is ${show(run)}, expected a function of a tensor`);
    }
    this.#run = run as (x: tf.Tensor) => tf.Tensor;
    this.built = true;
  }

  override call(x: tf.Tensor): tf.Tensor {
    return this.#run(x);
  }

  override getConfig(): Record<string, unknown> {
    throw new Error(
      `layer "${this.name}": a function cannot be saved, expected a layer class of one's own ` +
        `(keras.utils.registerKerasSerializable)`,
    );
  }
}

/** Options of {@linkcode ActivityRegularization}. */
export interface ActivityRegularizationOptions extends LayerOptions {
  /** What the magnitudes of the input add to the loss; 0 unless given. */
  readonly l1?: number;
  /** What the squares of the input add to the loss; 0 unless given. */
  readonly l2?: number;
}

/** Gives its input, which adds to the loss. */
export class ActivityRegularization extends Layer {
  readonly l1: number;
  readonly l2: number;

  constructor(options: ActivityRegularizationOptions = {}) {
    const owner = "ActivityRegularization";
    const [own, rest] = takeOptions(owner, options, { l1: 0, l2: 0 });
    const config = { l1: own.l1, l2: own.l2 };
    super({ ...rest, activityRegularizer: { className: "L1L2", config } });
    this.l1 = checkNumber(owner, "l1", own.l1, { from: 0 });
    this.l2 = checkNumber(owner, "l2", own.l2, { from: 0 });
    this.supportsMasking = true;
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return inputShape;
  }

  override call(x: tf.Tensor): tf.Tensor {
    return x;
  }

  override getConfig(): Record<string, unknown> {
    const { activityRegularizer: _, ...config } = super.getConfig();
    return { ...config, l1: this.l1, l2: this.l2 };
  }
}
