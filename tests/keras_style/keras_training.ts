/** The models and samples of tests/golden/keras_training_golden.py, and what Keras made of them. */
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";
import golden from "../golden/keras_training.json" with { type: "json" };
import { scattered } from "./golden.ts";

export { golden as training };

const { layers } = keras;
export const COUNT = 12;

export const x = { data: scattered(COUNT * 6, 7, 31), shape: [COUNT, 6] };
export const kinds = {
  data: Int32Array.from({ length: COUNT }, (_, i) => i * 5 % 3),
  shape: [COUNT],
};
export const sizes = { data: scattered(COUNT, 5, 11), shape: [COUNT, 1] };
export const weights = {
  data: Float32Array.from({ length: COUNT }, (_, i) => i % 4 / 2),
  shape: [COUNT],
};
export const otherWeights = {
  data: Float32Array.from({ length: COUNT }, (_, i) => 1 + i % 3),
  shape: [COUNT],
};

/** The first rows of an array. */
export function first(count: number, { data, shape }: keras.data.HostArray): keras.data.HostArray {
  const rowSize = data.length / shape[0];
  return { data: data.slice(0, count * rowSize), shape: [count, ...shape.slice(1)] };
}

function withFixedWeights<M extends keras.Model>(model: M): M {
  const fixed = model.getWeights().map(({ shape }) => {
    const values = scattered(tf.util.sizeFromShape(shape), 37, 101).map((value) => value * 0.4);
    return tf.tensor(values, shape);
  });
  model.setWeights(fixed);
  tf.dispose(fixed);
  return model;
}

export function twoHeads(): keras.Model {
  const inputs = keras.Input({ shape: [6] });
  const hidden = new layers.Dense({ units: 8, activation: "tanh" })(inputs);
  return withFixedWeights(
    new keras.Model({
      inputs,
      outputs: [
        new layers.Dense({ units: 3, activation: "softmax", name: "kind" })(hidden),
        new layers.Dense({ units: 1, name: "size" })(hidden),
      ],
    }),
  );
}

export function oneHead(): keras.Sequential {
  return withFixedWeights(
    new keras.Sequential([
      keras.Input({ shape: [6] }),
      new layers.Dense({ units: 8, activation: "tanh" }),
      new layers.Dense({ units: 3, activation: "softmax" }),
    ]),
  );
}
