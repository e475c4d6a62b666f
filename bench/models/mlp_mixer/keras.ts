/**
 * MLP-Mixer for small images, in Keras' idiom.
 * @module
 */
import { Input, type KerasTensor, layers, Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import { size } from "./size.ts";

function layerNorm(x: KerasTensor): KerasTensor {
  return new layers.LayerNormalization({ epsilon: 1e-6 })(x);
}

/** Two dense layers over the last axis. */
function mlp(x: KerasTensor, hidden: number): KerasTensor {
  const units = x.shape.at(-1)!;
  const inner = new layers.Dense({ units: hidden, activation: "gelu" })(x);
  return new layers.Dense({ units })(inner);
}

/** [n, patches, channels]: dense layers over the patches, then over the channels, each added to its input. */
function mixerBlock(x: KerasTensor): KerasTensor {
  const transposed = new layers.Permute({ dims: [2, 1] })(layerNorm(x));
  const mixed = new layers.Permute({ dims: [2, 1] })(mlp(transposed, size.tokens));
  const y = new layers.Add()([x, mixed]);
  return new layers.Add()([y, mlp(layerNorm(y), size.channels)]);
}

/**
 * Images [n, ...inputShape] to logits [n, classes]. It computes channels last whatever order the
 * images have.
 */
export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): Model {
  const { patch, width, depth } = size;
  const inputs = Input({ shape: inputShape });
  const images = dataFormat === "channelsFirst"
    ? new layers.Permute({ dims: [2, 3, 1] })(inputs)
    : inputs;
  const projection = { filters: width, kernelSize: patch, strides: patch } as const;
  const patches = new layers.Conv2D({ ...projection, dataFormat: "channelsLast" })(images);
  let x = new layers.Reshape({ targetShape: [-1, width] })(patches);
  for (let i = 0; i < depth; i++) x = mixerBlock(x);
  const pooled = new layers.GlobalAveragePooling1D({ dataFormat: "channelsLast" })(layerNorm(x));
  return new Model({ inputs, outputs: new layers.Dense({ units: classes })(pooled) });
}
