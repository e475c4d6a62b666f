/**
 * VGG (Simonyan and Zisserman, 2014). Follows keras/src/applications/vgg16.py and vgg19.py of Keras 3.
 * @module
 */
import type { KerasTensor } from "../layers/keras_tensor.ts";
import * as layers from "../layers/mod.ts";
import { defineApplication, pooled, type Settings } from "./application.ts";

function body(counts: readonly number[]) {
  return (images: KerasTensor, settings: Settings): KerasTensor => {
    let x = images;
    counts.forEach((count, i) => {
      const block = `block${i + 1}`;
      for (let k = 1; k <= count; k++) {
        x = layers.Conv2D({
          filters: Math.min(64 * 2 ** i, 512),
          kernelSize: 3,
          activation: "relu",
          padding: "same",
          name: `${block}_conv${k}`,
        })(x);
      }
      x = layers.MaxPooling2D({ poolSize: 2, strides: 2, name: `${block}_pool` })(x);
    });
    if (!settings.includeTop) return pooled(x, settings, false);
    x = layers.Flatten({ name: "flatten" })(x);
    for (const name of ["fc1", "fc2"]) {
      x = layers.Dense({ units: 4096, activation: "relu", name })(x);
    }
    const { classes, classifierActivation: activation } = settings;
    return layers.Dense({ units: classes, activation, name: "predictions" })(x);
  };
}

const define = (owner: string, counts: readonly number[]) =>
  defineApplication(owner, {
    name: owner.toLowerCase(),
    size: 224,
    least: 32,
    body: body(counts),
  });

/** VGG-16: 138,357,544 parameters for 1000 classes. Follows https://keras.io/api/applications/vgg/ */
export const VGG16 = define("VGG16", [2, 2, 3, 3, 3]);
/** VGG-19: 143,667,240 parameters for 1000 classes. */
export const VGG19 = define("VGG19", [2, 2, 4, 4, 4]);
