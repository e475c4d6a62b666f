/**
 * The network of the experiment, as the walkthrough wrote it in Keras.
 * @module
 */
import { seedNetwork } from "../../fixtures/mod.ts";
import { Input } from "../layers/input.ts";
import * as layers from "../layers/mod.ts";
import { Sequential } from "../models/mod.ts";

/** `seed`: as published, with softmax inside the network; `fixed`: scores, softmaxed by the loss. Both train rightly. */
export type KerasMode = "seed" | "fixed";

/** Where the channels of images stand; as Keras' `data_format`. */
export type DataFormat = "channelsLast" | "channelsFirst";

const { inputShape, convolutions, kernelSize, poolSize, dense: [hidden, output] } = seedNetwork;

/**
 * Images [n, 32, 32, 3] (channels first: [n, 3, 32, 32]) in [0, 1] to ten classes [n, 10]; 430,102 parameters.
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * console.log(keras.makeSeedNetwork("seed").countParams()); // 430102
 * ```
 */
export function makeSeedNetwork(
  mode: KerasMode = "seed",
  dataFormat: DataFormat = "channelsLast",
): Sequential {
  const [height, width, channels] = inputShape;
  const shape = dataFormat === "channelsLast" ? inputShape : [channels, height, width];
  const model = new Sequential([Input({ shape })]);
  for (const { filters } of convolutions) {
    const activation = "relu";
    model.add(
      new layers.Conv2D({ filters, kernelSize, padding: "same", activation, dataFormat }),
    );
    model.add(new layers.MaxPooling2D({ poolSize, dataFormat }));
  }
  model.add(new layers.Flatten());
  model.add(new layers.Dense({ units: hidden.units, activation: "relu" }));
  model.add(new layers.Dropout({ rate: seedNetwork.dropout }));
  const activation = mode === "seed" ? "softmax" : "linear";
  model.add(new layers.Dense({ units: output.units, activation }));
  return model;
}
