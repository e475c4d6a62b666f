/**
 * Dropout. TensorFlow.js' own draws its numbers on the host, so that a traced step would drop the same units for ever.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { drawUniform } from "../tracing/mod.ts";

/** What TensorFlow.js' layers are made from; it does not export the type. */
export type LayerArgs = NonNullable<ConstructorParameters<typeof tf.layers.Layer>[0]>;

/** Options of {@linkcode DropoutLayer}. */
export interface DropoutArgs extends LayerArgs {
  /** Share of the inputs that is set to 0, from 0 to 1; at 1 everything is. */
  readonly rate: number;
  /** Shape of the random mask; where it is 1 or null, the mask is shared along the axis or has the input's dimension. */
  readonly noiseShape?: readonly (number | null)[];
}

/** Sets a share of its inputs to 0 while training and scales the others by 1 / (1 - rate). */
export class DropoutLayer extends tf.layers.Layer {
  /** As in Keras; also the name it is saved under. */
  static className = "Dropout";
  readonly rate: number;
  readonly noiseShape: readonly (number | null)[] | undefined;

  constructor(args: DropoutArgs) {
    super(args);
    if (!(args?.rate >= 0 && args.rate <= 1)) {
      throw new RangeError(`Dropout: rate is ${args?.rate}, expected a number from 0 to 1`);
    }
    this.rate = args.rate;
    this.noiseShape = args.noiseShape;
    this.supportsMasking = true;
  }

  override computeOutputShape<T>(inputShape: T): T {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    if (!kwargs?.training || this.rate === 0) return x;
    return tf.tidy(() => this.drop(x));
  }

  /** The inputs with a share of them set to 0. */
  protected drop(x: tf.Tensor): tf.Tensor {
    if (this.rate === 1) return tf.zerosLike(x);
    const kept = tf.greaterEqual(drawUniform(this.maskShape(x)), this.rate);
    return tf.mul(tf.mul(x, tf.cast(kept, "float32")), 1 / (1 - this.rate));
  }

  /** Shape of the mask for an input. */
  protected maskShape(x: tf.Tensor): number[] {
    return x.shape.map((dimension, axis) => this.noiseShape?.[axis] ?? dimension);
  }

  override getConfig(): tf.serialization.ConfigDict {
    const noiseShape = this.noiseShape ? [...this.noiseShape] : null;
    return { ...super.getConfig(), rate: this.rate, noiseShape };
  }
}

/** Drops whole channels of [n, steps, channels]. */
export class SpatialDropout1DLayer extends DropoutLayer {
  static override className = "SpatialDropout1D";

  protected override maskShape(x: tf.Tensor): number[] {
    return [x.shape[0], 1, x.shape[2]!];
  }
}

// A loaded model gets these classes too.
tf.serialization.registerClass(DropoutLayer);
tf.serialization.registerClass(SpatialDropout1DLayer);
