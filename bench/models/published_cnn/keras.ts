/**
 * The published network, as the walkthrough wrote it in Keras; without its softmax, which is the recipe's.
 * @module
 */
import { Input, layers, Sequential } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";

/**
 * Images [n, ...inputShape] to logits [n, classes].
 *
 * @example
 * ```ts
 * console.log(kerasModel({ inputShape: [32, 32, 3], classes: 10 }).countParams()); // 430102
 * ```
 */
export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): Sequential {
  const convolution = { kernelSize: 3, padding: "same", activation: "relu", dataFormat } as const;
  return new Sequential([
    Input({ shape: inputShape }),
    new layers.Conv2D({ filters: 32, ...convolution }),
    new layers.MaxPooling2D({ poolSize: 2, dataFormat }),
    new layers.Conv2D({ filters: 64, ...convolution }),
    new layers.MaxPooling2D({ poolSize: 2, dataFormat }),
    new layers.Flatten(),
    new layers.Dense({ units: 100, activation: "relu" }),
    new layers.Dropout({ rate: 0.5 }),
    new layers.Dense({ units: classes }),
  ]);
}
