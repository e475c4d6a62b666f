/**
 * ConvNeXt-Pico with a stem for small images, in Keras' idiom.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Input, type KerasTensor, layers, Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import { dropRates, LAYER_SCALE, stages } from "./stages.ts";

const kernelInitializer = { className: "TruncatedNormal", config: { stddev: 0.02 } } as const;

/** Multiplies each channel by a trained value that is small at the beginning. */
class LayerScale extends layers.Layer {
  gamma!: tf.Variable;

  override build(inputShape: readonly (number | null)[]): void {
    const initializer = { className: "Constant", config: { value: LAYER_SCALE } } as const;
    this.gamma = this.addWeight({ name: "gamma", shape: [inputShape.at(-1)!], initializer });
  }

  override call(x: tf.Tensor): tf.Tensor {
    return tf.mul(x, this.gamma);
  }
}

function layerNorm(x: KerasTensor): KerasTensor {
  return new layers.LayerNormalization({ epsilon: 1e-6 })(x);
}

function dense(x: KerasTensor, units: number): KerasTensor {
  return new layers.Dense({ units, kernelInitializer })(x);
}

/** A depthwise 7x7 convolution, layer norm, two dense layers over the channels, layer scale; added to the input. */
function block(x: KerasTensor, channels: number, dropRate: number): KerasTensor {
  const convolution = {
    kernelSize: 7,
    padding: "same",
    depthwiseInitializer: kernelInitializer,
  } as const;
  const spatial = new layers.DepthwiseConv2D(convolution)(x);
  const hidden = new layers.Activation({ activation: "gelu" })(
    dense(layerNorm(spatial), 4 * channels),
  );
  const scaled = new LayerScale()(dense(hidden, channels));
  // One mask an image: stochastic depth.
  const noiseShape = [null, 1, 1, 1];
  const kept = dropRate === 0 ? scaled : new layers.Dropout({ rate: dropRate, noiseShape })(scaled);
  return new layers.Add()([x, kept]);
}

function halve(x: KerasTensor, filters: number): KerasTensor {
  return new layers.Conv2D({ filters, kernelSize: 2, strides: 2, kernelInitializer })(x);
}

/** Images [n, ...inputShape] to logits [n, classes]. It computes channels last whatever order the images have. */
export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): Model {
  const inputs = Input({ shape: inputShape });
  const rates = dropRates();
  let x: KerasTensor = dataFormat === "channelsFirst"
    ? new layers.Permute({ dims: [2, 3, 1] })(inputs)
    : inputs;
  stages.forEach(({ blocks, channels }, i) => {
    // The stem normalizes what it made, later stages what they are given.
    x = i === 0 ? layerNorm(halve(x, channels)) : halve(layerNorm(x), channels);
    for (let k = 0; k < blocks; k++) x = block(x, channels, rates.shift()!);
  });
  const pooled = new layers.GlobalAveragePooling2D({ dataFormat: "channelsLast" })(x);
  return new Model({ inputs, outputs: dense(layerNorm(pooled), classes) });
}
