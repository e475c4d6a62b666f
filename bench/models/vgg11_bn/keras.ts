/**
 * VGG-11 with batch norm for small images, in Keras' idiom.
 * @module
 */
import { Input, layers, Sequential } from "../../../keras_style/mod.ts";
import type { KerasSpec } from "../bench_model.ts";
import { channelAxis, fanOut } from "../keras_layers.ts";
import { plan } from "./plan.ts";

/** Images [n, ...inputShape] to logits [n, classes]. */
export function kerasModel({ inputShape, classes, dataFormat }: KerasSpec): Sequential {
  const axis = channelAxis(dataFormat);
  const features = plan.flatMap((entry): layers.Layer[] =>
    entry === "pool" ? [new layers.MaxPooling2D({ dataFormat })] : [
      new layers.Conv2D({
        ...{ filters: entry, kernelSize: 3, padding: "same", dataFormat },
        kernelInitializer: fanOut,
      }),
      // PyTorch's constants.
      new layers.BatchNormalization({ axis, momentum: 0.9, epsilon: 1e-5 }),
      new layers.ReLU(),
    ]
  );
  return new Sequential([
    Input({ shape: inputShape }),
    ...features,
    new layers.GlobalAveragePooling2D({ dataFormat }),
    new layers.Dense({ units: classes }),
  ]);
}
