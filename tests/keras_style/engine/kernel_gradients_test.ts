/** Gradients that are TensorFlow's where TensorFlow.js' own are not. */
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import { assertClose } from "../golden.ts";

Deno.test("relu6 passes no gradient on and beyond its bounds (TensorFlow 2.21: tf.nn.relu6)", async () => {
  const x = tf.tensor1d([-1, 0, 1e-30, 3, 5.999999, 6, 7]);
  using tape = new keras.GradientTape();
  tape.watch(x);
  const gradient = tape.gradient(tf.sum(tf.mul(tf.relu6(x), 2)), [x])[0]!;
  assertClose(await gradient.data(), [0, 0, 2, 2, 2, 0, 0], 0, "gradient");
});
