/**
 * Xception (Chollet, 2016). Follows keras/src/applications/xception.py of Keras 3.
 * @module
 */
import type { KerasTensor } from "../layers/keras_tensor.ts";
import * as layers from "../layers/mod.ts";
import { channelAxis, defineApplication, ending, type Settings } from "./application.ts";

const axis = () => channelAxis() === 3 ? -1 : 1;

const normalized = (x: KerasTensor, name?: string) =>
  layers.BatchNormalization({ axis: axis(), ...name ? { name } : {} })(x);

const relu = (x: KerasTensor, name: string) => layers.Activation({ activation: "relu", name })(x);

function separable(x: KerasTensor, filters: number, name: string): KerasTensor {
  const conv = { kernelSize: 3, padding: "same", useBias: false } as const;
  return normalized(layers.SeparableConv2D({ ...conv, filters, name })(x), `${name}_bn`);
}

/** A narrow way around a block that halves the size. */
function shortcut(x: KerasTensor, filters: number): KerasTensor {
  const conv = { kernelSize: 1, strides: 2, padding: "same", useBias: false } as const;
  return normalized(layers.Conv2D({ ...conv, filters })(x));
}

/** Two separable convolutions and a pooling; the first block begins without an activation. */
function entry(x: KerasTensor, counts: readonly [number, number], block: number): KerasTensor {
  const residual = shortcut(x, counts[1]);
  const name = `block${block}`;
  let y = block === 2 ? x : relu(x, `${name}_sepconv1_act`);
  y = separable(y, counts[0], `${name}_sepconv1`);
  y = separable(relu(y, `${name}_sepconv2_act`), counts[1], `${name}_sepconv2`);
  const pool = { poolSize: 3, strides: 2, padding: "same", name: `${name}_pool` } as const;
  return layers.Add({})([layers.MaxPooling2D(pool)(y), residual]);
}

function middle(x: KerasTensor, block: number): KerasTensor {
  let y = x;
  for (const part of [1, 2, 3]) {
    const name = `block${block}_sepconv${part}`;
    y = separable(relu(y, `${name}_act`), 728, name);
  }
  return layers.Add({})([y, x]);
}

function body(images: KerasTensor, settings: Settings): KerasTensor {
  const stem = (y: KerasTensor, filters: number, strides: number, name: string) =>
    relu(
      normalized(
        layers.Conv2D({ filters, kernelSize: 3, strides, useBias: false, name })(y),
        `${name}_bn`,
      ),
      `${name}_act`,
    );
  let x = stem(stem(images, 32, 2, "block1_conv1"), 64, 1, "block1_conv2");
  x = entry(x, [128, 128], 2);
  x = entry(x, [256, 256], 3);
  x = entry(x, [728, 728], 4);
  for (let block = 5; block <= 12; block++) x = middle(x, block);
  x = entry(x, [728, 1024], 13);
  for (const [name, filters] of [["block14_sepconv1", 1536], ["block14_sepconv2", 2048]] as const) {
    x = relu(separable(x, filters, name), `${name}_act`);
  }
  return ending(x, settings, { named: false, namedTop: true });
}

/** Xception: 22,910,480 parameters for 1000 classes. Follows https://keras.io/api/applications/xception/ */
export const Xception = defineApplication("Xception", {
  name: "xception",
  size: 299,
  least: 71,
  body,
});
