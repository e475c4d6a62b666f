/**
 * Activations by name, as functions and as layers; the beginning of a model as an `Input` or as `inputShape`.
 *
 *   deno run --permission-set=default keras_style/examples/activations.ts
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";

const { activations, layers } = keras;

/** What a layer with an activation, and no other effect, makes of three values. */
async function through(activation: keras.activations.ActivationOption): Promise<string> {
  const dense = new layers.Dense({ units: 3, activation, kernelInitializer: "identity" });
  return String(await dense(tf.tensor2d([[-1, 0.5, 2]])).data());
}

/** A small network; `options` begin it, or nothing where an `Input` does. */
function smallLayers(options: { inputShape?: number[] } = {}) {
  const same = { kernelSize: 3, padding: "same", activation: activations.relu } as const;
  return [
    new layers.Conv2D({ filters: 32, ...same, ...options }),
    new layers.MaxPooling2D(),
    new layers.Conv2D({ filters: 64, ...same }),
    new layers.MaxPooling2D(),
    new layers.Flatten(),
    new layers.Dense({ units: 100, activation: "relu" }),
    new layers.Dropout({ rate: 0.5 }),
    new layers.Dense({ units: 10, activation: "softmax" }),
  ];
}

/** Prints that the ways agree. */
export async function main(print: (...values: unknown[]) => void = console.log): Promise<void> {
  print(`relu(-1, 0.5, 2) = ${await activations.relu([-1, 0.5, 2]).data()}`);
  const ways = await Promise.all(["relu", activations.relu, new layers.ReLU()].map(through));
  print("by name, as function and as layer: the same values:", new Set(ways).size === 1);
  print(`a function of one's own: ${await through((x) => tf.square(x))}`);
  print(`a layer with its own slope: ${await through(new layers.LeakyReLU({ alpha: 0.5 }))}`);

  const inputShape = [32, 32, 3];
  const first = new keras.Sequential([keras.Input({ shape: inputShape }), ...smallLayers()]);
  const second = new keras.Sequential(smallLayers({ inputShape }));
  const [one, other] = [first, second].map((model) => model.countParams().toLocaleString("en-US"));
  print(`with an Input: ${one} parameters, with inputShape: ${other}`);

  try {
    new layers.Dense({ units: 1, activation: "rellu" });
  } catch (error) {
    print("caught:", (error as Error).message.split(",")[0]);
  }
}

if (import.meta.main) await main();
