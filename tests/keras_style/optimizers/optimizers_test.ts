import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import { assertClose, golden, scattered } from "../golden.ts";

const { RMSprop, SGD, Adam } = keras.optimizers;
const makers: Record<keyof typeof golden.optimizers, () => keras.optimizers.Optimizer> = {
  rmsprop: () => new RMSprop({ learningRate: 0.01 }),
  rmspropMomentum: () => new RMSprop({ learningRate: 0.01, momentum: 0.5 }),
  rmspropCentered: () => new RMSprop({ learningRate: 0.01, centered: true, rho: 0.8 }),
  sgd: () => new SGD({ learningRate: 0.1 }),
  sgdMomentum: () => new SGD({ learningRate: 0.1, momentum: 0.9 }),
  sgdNesterov: () => new SGD({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
  adam: () => new Adam({ learningRate: 0.01 }),
};

for (const name of Object.keys(makers) as (keyof typeof makers)[]) {
  Deno.test(`${name}: four steps end where Keras' end`, async () => {
    const optimizer = makers[name]();
    const variable = tf.variable(tf.tensor1d(scattered(5, 3, 11)));
    for (const [step, expected] of golden.optimizers[name].entries()) {
      const gradient = scattered(5, 5 + step, 13);
      gradient[0] *= 1e-4;
      optimizer.apply([tf.tensor1d(gradient)], [variable]);
      assertClose(await variable.data(), expected, 2e-6, `${name} step ${step}`);
    }
    assertEquals([...await optimizer.iterations.data()], [4]);
  });
}

Deno.test("a learning rate set between traced steps counts without another trace", async () => {
  const optimizer = new SGD({ learningRate: 1 });
  const variable = tf.variable(tf.tensor1d([10]));
  optimizer.build([variable]);
  const step = keras.tfFunction((gradient: tf.Tensor) => optimizer.apply([gradient], [variable]));
  step(tf.tensor1d([1]));
  optimizer.learningRate = 0.5;
  step(tf.tensor1d([1]));
  assertEquals([...await variable.data()], [8.5]);
  assertEquals(step.signatures, 1);
});

Deno.test("variables without a gradient stay as they are", async () => {
  const [a, b] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(2))];
  new SGD({ learningRate: 1 }).applyGradients([[tf.scalar(3), a], [null, b]]);
  assertEquals([...await a.data(), ...await b.data()], [-2, 2]);
});

Deno.test("settings out of range and foreign variables are refused", () => {
  assertThrows(
    () => new RMSprop({ rho: 1.5 }),
    RangeError,
    "RMSprop: rho is 1.5, expected a number from 0 to below 1",
  );
  assertThrows(
    () => new RMSprop({ learningRate: -1 }),
    RangeError,
    "RMSprop: learningRate is -1, expected a number of at least 0",
  );
  assertThrows(
    () => new Adam({ learningRate: NaN }),
    RangeError,
    "learningRate is NaN",
  );
  const optimizer = new SGD();
  optimizer.build([tf.variable(tf.scalar(1))]);
  const stranger = tf.variable(tf.zeros([2]), true, "stranger");
  assertThrows(
    () => optimizer.apply([tf.ones([2])], [stranger]),
    Error,
    'variable "stranger" [2] is not among those the optimizer was built for',
  );
  assertThrows(() => optimizer.apply([]), Error, "0 gradients for 1 variables");
});
