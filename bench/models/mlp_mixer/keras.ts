/**
 * MLP-Mixer for small images, in Keras' idiom.
 * @module
 */
import { Input, type KerasTensor, layers, Model } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import { patchSequence } from "../keras_layers.ts";
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
  const { depth } = size;
  const inputs = Input({ shape: inputShape });
  let x = patchSequence(inputs, size, dataFormat);
  for (let i = 0; i < depth; i++) x = mixerBlock(x);
  const pooled = new layers.GlobalAveragePooling1D({ dataFormat: "channelsLast" })(layerNorm(x));
  return new Model({ inputs, outputs: new layers.Dense({ units: classes })(pooled) });
}
