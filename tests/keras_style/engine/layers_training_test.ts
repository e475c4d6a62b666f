import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { BACKEND_NAME } from "../../../keras_style/engine/mod.ts";

/**
 * A model of TensorFlow.js' own layers with one of most kinds, started from seeds. (Not upsampling, nor average
 * pooling over edges: the cpu engine's gradients of those are wrong, see the kernels' cases.)
 */
function model(): tf.Sequential {
  const start = (seed: number) => tf.initializers.glorotUniform({ seed });
  const net = tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [8, 8, 3],
        filters: 4,
        kernelSize: 3,
        padding: "same",
        kernelInitializer: start(1),
      }),
      tf.layers.batchNormalization(),
      tf.layers.leakyReLU(),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.separableConv2d({
        filters: 5,
        kernelSize: 3,
        depthwiseInitializer: start(2),
        pointwiseInitializer: start(3),
      }),
      tf.layers.averagePooling2d({ poolSize: 2, strides: 1 }),
      tf.layers.flatten(),
      tf.layers.layerNormalization(),
      tf.layers.dense({ units: 6, activation: "elu", kernelInitializer: start(4) }),
      tf.layers.reshape({ targetShape: [3, 2] }),
      tf.layers.simpleRNN({
        units: 4,
        kernelInitializer: start(5),
        recurrentInitializer: start(6),
      }),
      tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer: start(7) }),
    ],
  });
  net.compile({
    optimizer: tf.train.adam(0.01),
    loss: "categoricalCrossentropy",
    metrics: ["acc"],
  });
  return net;
}

async function train(engine: string): Promise<number[]> {
  await tf.setBackend(engine);
  const x = tf.randomUniform([8, 8, 8, 3], 0, 1, "float32", 11);
  const y = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1], "int32"), 3);
  const net = model();
  const { history } = await net.fit(x, y, {
    batchSize: 4,
    epochs: 2,
    shuffle: false,
    verbose: 0,
    validationData: [x, y],
  });
  const predicted = await (net.predict(x) as tf.Tensor).data();
  const values = [...Object.values(history).flat(), ...predicted] as number[];
  tf.dispose([x, y]);
  net.dispose();
  return values;
}

Deno.test("TensorFlow.js' own layers and fit train as on its cpu engine", async () => {
  const expected = await train("cpu");
  const got = await train(BACKEND_NAME);
  assertEquals(got.length, expected.length);
  got.forEach((value, i) => assertAlmostEquals(value, expected[i], 2e-3, `number ${i}`));
});
