/**
 * A multilayer perceptron in Keras.
 * @module
 */
import { Input, layers, Sequential } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";

/** Images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel({ inputShape, classes }: KerasSpec): Sequential {
  return new Sequential([
    Input({ shape: inputShape }),
    new layers.Flatten(),
    new layers.Dense({ units: 512, activation: "relu" }),
    new layers.Dense({ units: 512, activation: "relu" }),
    new layers.Dense({ units: classes }),
  ]);
}
