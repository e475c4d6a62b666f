/**
 * The functional API: a model of three inputs and two outputs, layers that are shared, a model within a model, and features
 * taken from the middle of one.
 *
 *   deno run -P keras_style/examples/functional_api.ts
 *
 * Source of the program: https://keras.io/guides/functional_api/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";

const { layers } = keras;

/** Sizes of the model of support tickets. */
export const SIZES = { tags: 6, words: 50, departments: 4, embedding: 16, states: [16, 8] };

/** Ranks tickets by title, text and tags, and finds the department for them. */
export function ticketModel(sizes: Partial<typeof SIZES> = {}): keras.Model {
  const { tags, words, departments, embedding, states } = { ...SIZES, ...sizes };
  const title = keras.Input({ shape: [null], name: "title", dtype: "int32" });
  const body = keras.Input({ shape: [null], name: "body", dtype: "int32" });
  const given = keras.Input({ shape: [tags], name: "tags" });

  const embedded = (x: keras.KerasTensor) =>
    new layers.Embedding({ inputDim: words, outputDim: embedding })(x);
  const titleFeatures = new layers.LSTM({ units: states[0] })(embedded(title));
  const bodyFeatures = new layers.LSTM({ units: states[1] })(embedded(body));
  const all = layers.concatenate([titleFeatures, bodyFeatures, given]);
  const model = new keras.Model({
    inputs: [title, body, given],
    outputs: {
      priority: new layers.Dense({ units: 1, name: "priority" })(all),
      department: new layers.Dense({ units: departments, name: "department" })(all),
    },
  });
  model.compile({
    optimizer: new keras.optimizers.RMSprop({ learningRate: 1e-3 }),
    loss: {
      priority: new keras.losses.BinaryCrossentropy({ fromLogits: true }),
      department: new keras.losses.CategoricalCrossentropy({ fromLogits: true }),
    },
    lossWeights: { priority: 1, department: 0.2 },
  });
  return model;
}

/** Encoder and decoder of images as models, and both as one. */
export function autoencoder(): { encoder: keras.Model; autoencoder: keras.Model } {
  const image = keras.Input({ shape: [16, 16, 1], name: "img" });
  let x = new layers.Conv2D({ filters: 8, kernelSize: 3, activation: "relu" })(image);
  x = new layers.MaxPooling2D({ poolSize: 2 })(x);
  const code = new layers.GlobalMaxPooling2D()(
    new layers.Conv2D({ filters: 16, kernelSize: 3, activation: "relu" })(x),
  );
  const encoder = new keras.Model({ inputs: image, outputs: code, name: "encoder" });

  const codeInput = keras.Input({ shape: [16], name: "encoded_img" });
  let y = new layers.Reshape({ targetShape: [4, 4, 1] })(codeInput);
  y = new layers.Conv2DTranspose({ filters: 8, kernelSize: 3, activation: "relu" })(y);
  y = new layers.UpSampling2D({ size: 2 })(y);
  y = new layers.Conv2DTranspose({ filters: 1, kernelSize: 5, activation: "relu" })(y);
  const decoder = new keras.Model({ inputs: codeInput, outputs: y, name: "decoder" });

  const input = keras.Input({ shape: [16, 16, 1], name: "img" });
  const both = new keras.Model({
    inputs: input,
    outputs: decoder(encoder(input)),
    name: "autoencoder",
  });
  return { encoder, autoencoder: both };
}

/** Tickets whose priority is the first tag, and whose department the first word of the title tells. */
export function tickets(count: number): { x: tf.Tensor[]; y: Record<string, tf.Tensor> } {
  const { tags, words, departments } = SIZES;
  const title = keras.random.randint([count, 5], 0, words, { seed: 1 });
  const body = keras.random.randint([count, 12], 0, words, { seed: 2 });
  const given = tf.cast(keras.random.randint([count, tags], 0, 2, { seed: 3 }), "float32");
  const first = tf.squeeze(tf.slice(title, [0, 0], [count, 1]), [1]);
  return {
    x: [title, body, given],
    y: {
      priority: tf.slice(given, [0, 0], [count, 1]),
      department: tf.cast(
        tf.oneHot(tf.cast(tf.mod(first, departments), "int32") as tf.Tensor1D, departments),
        "float32",
      ),
    },
  };
}

/** Prints what the models are, and trains the first. @returns its losses */
export async function main(print = console.log): Promise<Record<string, number[]>> {
  keras.clearSession();
  keras.setRandomSeed(1);
  const model = ticketModel();
  print(`inputs: ${model.inputNames.join(", ")}; outputs: ${model.outputNames.join(", ")}`);
  const { x, y } = tickets(256);
  // By name as well: { title, body, tags }.
  const [title, body, given] = x;
  const { history } = await model.fit({ title, body, tags: given }, y, {
    epochs: 8,
    batchSize: 32,
    verbose: 0,
  });
  print(`loss ${history.loss[0].toFixed(4)} -> ${history.loss.at(-1)!.toFixed(4)}`);
  const predictions = await model.predict<Record<string, tf.Tensor>>(x, { verbose: 0 });
  print(
    `predictions: priority [${predictions.priority.shape}], department [${predictions.department.shape}]`,
  );

  const { encoder, autoencoder: both } = autoencoder();
  both.summary({ printFn: print });
  const images = keras.random.uniform([2, 16, 16, 1], { seed: 4 });
  print(`an image of [${both(images).shape}] from a code of [${encoder(images).shape}]`);

  // Every tensor within a graph can be an output: the same layers, another model.
  const features = new keras.Model({
    inputs: encoder.inputs,
    outputs: encoder.layers.slice(1).map((layer) => layer.output as keras.KerasTensor),
  });
  const values = features(images) as unknown as tf.Tensor[];
  print(`features: ${values.map(({ shape }) => `[${shape}]`).join(" ")}`);
  return history;
}

if (import.meta.main) await main();
