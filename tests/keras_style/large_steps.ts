/**
 * One training step of a ResNet-50 and of a small ViT against Python's Keras, from the same weights (tests/golden/keras_steps.py).
 * Off the suite's clock: `deno task test:networks`.
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";
import { withZeroWeights } from "../../keras_style/layers/weight.ts";
import golden from "../golden/keras_steps.json" with { type: "json" };

const { layers } = keras;

interface GoldenStep {
  readonly loss: number;
  /** How far each weight went. */
  readonly changes: readonly number[];
  /** Each weight's middle value afterwards. */
  readonly middle: readonly number[];
  readonly predictions: readonly number[];
}

/** The script's values of variance 1 that look random. */
function scattered(count: number, i: number): Float32Array {
  const values = new Float32Array(count);
  for (let k = 0; k < count; k++) {
    const large = Math.sin(k * 12.9898 + i) * 43758.5453;
    values[k] = ((large - Math.floor(large)) * 2 - 1) * Math.sqrt(3);
  }
  return values;
}

function valuesOf({ shape, size, name }: keras.layers.Weight, i: number): Float32Array {
  const isScale = /\/(gamma|moving_variance)(_\d+)?$/.test(name);
  const factor = shape.length > 1 ? Math.sqrt(2 * shape.at(-1)! / size) : 0.1;
  return scattered(size, i).map((value) => factor * value + (isScale ? 1 : 0));
}

function images(rows: number): tf.Tensor4D {
  const all = tf.tensor4d(scattered(4 * 64 * 64 * 3, 0.5), [4, 64, 64, 3]);
  return tf.slice4d(all, [0, 0, 0, 0], [4, rows, rows, 3]);
}

function vit(): keras.Model {
  const input = keras.Input({ shape: [32, 32, 3], name: "images" });
  const positions = keras.Input({ shape: [16], name: "positions", dtype: "int32" });
  const patches = layers.Conv2D({ filters: 32, kernelSize: 8, strides: 8 })(input);
  const places = layers.Embedding({ inputDim: 16, outputDim: 32 })(positions);
  let x = layers.add([layers.Reshape({ targetShape: [16, 32] })(patches), places]);
  for (let block = 0; block < 2; block++) {
    const y = layers.LayerNormalization({ epsilon: 1e-6 })(x);
    x = layers.add([layers.MultiHeadAttention({ numHeads: 4, keyDim: 8 })(y, y), x]);
    const z = layers.LayerNormalization({ epsilon: 1e-6 })(x);
    const hidden = layers.Dense({ units: 64, activation: "gelu" })(z);
    x = layers.add([layers.Dense({ units: 32 })(hidden), x]);
  }
  x = layers.GlobalAveragePooling1D()(layers.LayerNormalization({ epsilon: 1e-6 })(x));
  const outputs = layers.Dense({ units: 10, activation: "softmax" })(x);
  return new keras.Model({ inputs: { images: input, positions }, outputs });
}

async function check(
  model: keras.Model,
  x: tf.Tensor | Record<string, tf.Tensor>,
  expected: GoldenStep,
  tolerance: number,
): Promise<void> {
  const before = model.weights.map(valuesOf);
  model.weights.forEach((weight, i) =>
    tf.tidy(() => weight.assign(tf.tensor(before[i], weight.shape)))
  );
  model.compile({
    optimizer: new keras.optimizers.SGD({ learningRate: 0.01, momentum: 0.9 }),
    loss: "sparseCategoricalCrossentropy",
  });
  const [loss] = [await model.trainOnBatch(x as tf.Tensor, [1, 7, 3, 0])].flat() as number[];
  assertAlmostEquals(loss, expected.loss, 3e-5 * expected.loss, "loss");
  assertEquals(model.weights.length, expected.changes.length);
  let [worst, at] = [0, ""];
  for (const [i, weight] of model.weights.entries()) {
    const after = await weight.data();
    let square = 0;
    for (let k = 0; k < after.length; k++) square += (after[k] - before[i][k]) ** 2;
    const [change, known] = [Math.sqrt(square), expected.changes[i]];
    // Gradients that are nothing but rounding: biases before a normalization.
    const error = known < 1e-6 ? change > 1e-5 ? 1 : 0 : Math.abs(change - known) / known;
    if (error > worst) [worst, at] = [error, weight.name];
    const middle = expected.middle[i];
    const scale = Math.max(Math.abs(middle), known / Math.sqrt(after.length), 1e-2);
    // Running statistics see no gradient.
    const share = /moving_/.test(weight.name) ? 1e-5 : 3 * tolerance;
    assertAlmostEquals(after[after.length >> 1], middle, share * scale, weight.name);
  }
  assert(worst < tolerance, `${at} went ${worst} of its way further or less far`);
  const predictions = await (model(x as tf.Tensor, { training: false }) as tf.Tensor).data();
  expected.predictions.forEach((value, i) =>
    assertAlmostEquals(predictions[i], value, tolerance, `prediction ${i}`)
  );
}

Deno.test("a ResNet-50 of keras.applications trains a step with Keras' numbers", () => {
  const { ResNet50 } = keras.applications;
  const model = withZeroWeights(
    () => {},
    () => ResNet50({ inputShape: [64, 64, 3], classes: 10 }),
  );
  // Rounding grows through 53 normalizations: of the last activations to 5.8e-5 rms here, 7.8e-5 in TensorFlow. One ReLU of
  // conv4_block6 is so near to 0 that it opens: gradients behind it are 2e-2 off, others 1e-4 at most until the next such.
  // So they are in double precision where the images get noise of 1e-7: norms 1.2e-3 rms, 7.4e-3 at most, here 7.0e-3.
  return check(model, images(64), golden.resnet50, 1e-2);
});

Deno.test("a small ViT trains a step with Keras' numbers", () =>
  check(
    vit(),
    { images: images(32), positions: tf.tile(tf.range(0, 16, 1, "int32").expandDims(0), [4, 1]) },
    golden.vit,
    1e-3,
  ));
