/** LeNet-5 in Keras' idiom. @module */
import { Input, layers, Sequential } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";

/** Images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): Sequential {
  const convolution = { kernelSize: 5, activation: "tanh", dataFormat } as const;
  return new Sequential([
    Input({ shape: inputShape }),
    new layers.Conv2D({ filters: 6, ...convolution }),
    new layers.AveragePooling2D({ poolSize: 2, dataFormat }),
    new layers.Conv2D({ filters: 16, ...convolution }),
    new layers.AveragePooling2D({ poolSize: 2, dataFormat }),
    new layers.Flatten(),
    new layers.Dense({ units: 120, activation: "tanh" }),
    new layers.Dense({ units: 84, activation: "tanh" }),
    new layers.Dense({ units: classes }),
  ]);
}
