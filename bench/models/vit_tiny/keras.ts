/**
 * ViT-Tiny for small images, in Keras' idiom.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Input, type KerasTensor, layers, Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import { patchSequence } from "../keras_layers.ts";
import { size } from "./size.ts";

const kernelInitializer = { className: "TruncatedNormal", config: { stddev: 0.02 } } as const;

/** Puts a trained token before those of the patches, and adds a trained vector for each position. */
class ClassTokenAndPositions extends layers.Layer {
  classToken!: tf.Variable;
  positions!: tf.Variable;

  override build([, patches, width]: readonly (number | null)[]): void {
    this.classToken = this.addWeight({
      ...{ name: "class_token", shape: [1, 1, width!] },
      initializer: { className: "RandomNormal", config: { stddev: 1e-6 } },
    });
    this.positions = this.addWeight({
      ...{ name: "positions", shape: [1, patches! + 1, width!] },
      initializer: kernelInitializer,
    });
  }

  override call(patches: tf.Tensor): tf.Tensor {
    // A sum with zeros has the token once an image, however many images there are.
    const zeros = tf.mul(tf.slice(patches, [0, 0, 0], [-1, 1, -1]), 0);
    return tf.add(tf.concat([tf.add(zeros, this.classToken), patches], 1), this.positions);
  }
}

function layerNorm(x: KerasTensor): KerasTensor {
  return new layers.LayerNormalization({ epsilon: 1e-6 })(x);
}

function dense(x: KerasTensor, units: number, activation: "gelu" | "linear" = "linear") {
  return new layers.Dense({ units, activation, kernelInitializer })(x);
}

/** Attention and a two-layer network, each behind a layer norm and added to its input (pre-norm). */
function block(x: KerasTensor): KerasTensor {
  const { width, heads } = size;
  const normalized = layerNorm(x);
  const attention = new layers.MultiHeadAttention({
    ...{ numHeads: heads, keyDim: width / heads },
    kernelInitializer,
  })(normalized, normalized);
  const y = new layers.Add()([x, attention]);
  return new layers.Add()([y, dense(dense(layerNorm(y), 4 * width, "gelu"), width)]);
}

/**
 * Images [n, ...inputShape] to logits [n, classes]. It computes channels last whatever order the
 * images have.
 */
export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): Model {
  const { depth } = size;
  const inputs = Input({ shape: inputShape });
  let x = new ClassTokenAndPositions()(patchSequence(inputs, size, dataFormat));
  for (let i = 0; i < depth; i++) x = block(x);
  const token = new layers.Cropping1D({ cropping: [0, x.shape[1]! - 1] })(layerNorm(x));
  return new Model({ inputs, outputs: dense(new layers.Flatten()(token), classes) });
}
