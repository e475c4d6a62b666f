/** MultiOptimizer and OptimizerMap: Keras' training (tests/golden/keras_multi_optimizer.py). */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import golden from "../../golden/keras_multi_optimizer.json" with { type: "json" };

const { layers, optimizers } = keras;
const { Adam, MultiOptimizer, OptimizerMap, SGD } = optimizers;

const filled = (shape: number[], value: (i: number) => number) =>
  tf.tensor(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)), shape);
const x = filled([8, 4], Math.cos);
const y = filled([8, 2], (i) => Math.sin(3 * i));
const fitted = { batchSize: 4, shuffle: false, verbose: 0 } as const;

function compiled(lossScaleFactor: number | null = null): keras.Sequential {
  const model = new keras.Sequential([
    keras.Input([4]),
    layers.Dense(3, { name: "body" }),
    layers.Dense(2, { name: "head" }),
  ]);
  const map = new OptimizerMap(SGD(0.1, 0.9), {
    ".*head/.*": Adam(0.01, { weightDecay: 0.1 }),
  });
  model.compile({ optimizer: new MultiOptimizer(map, { lossScaleFactor }), loss: "mse" });
  model.setWeights(model.weights.map(({ shape }, i) => filled(shape, (k) => Math.sin(k + i))));
  return model;
}

for (const { scale, losses, weights } of golden.cases) {
  Deno.test(`two optimizers, the loss scaled by ${scale}: Keras' losses and weights`, async () => {
    const model = compiled(scale);
    const { history } = await model.fit(x, y, { ...fitted, epochs: 4 });
    losses.forEach((loss, i) => assertAlmostEquals(history.loss[i], loss, 2e-6, `loss ${i}`));
    for (const [i, expected] of weights.entries()) {
      const values = await model.weights[i].data();
      expected.forEach((value, k) => assertAlmostEquals(values[k], value, 2e-5, `${i}[${k}]`));
    }
  });
}

for (const end of ["keras", "safetensors"]) {
  Deno.test(`a model saved as ${end} goes on with both optimizers' states`, async () => {
    const path = await Deno.makeTempFile({ suffix: `.${end}` });
    try {
      const model = compiled();
      await model.fit(x, y, { ...fitted, epochs: 2 });
      await model.save(path);
      const again = await keras.loadModel(path);
      const [one, other] = [
        await model.fit(x, y, { ...fitted, epochs: 2 }),
        await again.fit(x, y, { ...fitted, epochs: 2 }),
      ];
      assertEquals(other.history.loss, one.history.loss);
    } finally {
      await Deno.remove(path);
    }
  });
}

Deno.test("a function chooses optimizers, and may not be saved", async () => {
  const [sgd, adam] = [SGD(0.1), Adam()];
  const optimizer = MultiOptimizer((variable) => variable.name.endsWith("bias") ? adam : sgd);
  const [kernel, bias] = ["kernel", "bias"].map((name) =>
    tf.variable(tf.scalar(1), true, `chosen/${name}`)
  );
  optimizer.apply([tf.scalar(1), tf.scalar(1)], [kernel, bias]);
  assertAlmostEquals((await kernel.data())[0], 0.9, 1e-6);
  assertAlmostEquals((await bias.data())[0], 0.999, 1e-6);
  assertEquals(optimizer.optimizers, [sgd, adam]);
  assertEquals((await optimizer.iterations.data())[0], 1);
  assertThrows(() => optimizer.getConfig(), TypeError, "which cannot be saved");
});

Deno.test("callbacks show and change the rates of all optimizers within, as Keras does", async () => {
  const { LearningRateScheduler, ReduceLROnPlateau, TensorBoard } = keras.callbacks;
  const logDir = await Deno.makeTempDir();
  const rates: unknown[] = [];
  const model = compiled();
  await model.fit(x, y, {
    ...{ ...fitted, epochs: 2 },
    callbacks: [
      new LearningRateScheduler({ schedule: (epoch, rate) => epoch === 0 ? 2 * rate : rate }),
      new ReduceLROnPlateau({ monitor: "loss", patience: 1, minDelta: 1e9, factor: 0.25 }),
      new TensorBoard({ logDir }),
      new keras.callbacks.LambdaCallback({
        onEpochEnd: (_, logs) =>
          void rates.push(
            Object.entries(logs ?? {}).filter(([name]) => name.startsWith("learning")),
          ),
      }),
    ],
  });
  await Deno.remove(logDir, { recursive: true });
  const [adam, sgd] = (model.optimizer as keras.optimizers.MultiOptimizer).optimizers;
  const doubled = [0.02, 0.2].map(Math.fround);
  const shown = [adam, sgd].map(({ name }, i) => [`learning_rate_${name}`, doubled[i]]);
  assertEquals(rates, [shown, shown]);
  for (const [i, { learningRate }] of [adam, sgd].entries()) {
    assertEquals((await learningRate.data())[0], Math.fround(doubled[i] / 4));
  }
});

const refused: [run: () => unknown, message: string][] = [
  [
    () => new MultiOptimizer(3 as never),
    "MultiOptimizer: optimizerMap is 3, expected an OptimizerMap",
  ],
  [() => new OptimizerMap("adam" as never), 'defaultOptimizer is "adam", expected an optimizer'],
  [
    () => new OptimizerMap(SGD(), { "a.*": SGD(), ".*b": SGD() }).get("ab"),
    'variable "ab" fits "a.*" and ".*b", expected one key',
  ],
  [() => new OptimizerMap(SGD(), { a: SGD() }).set("a", SGD()), 'key "a" is there already'],
  [() => MultiOptimizer(new OptimizerMap(SGD())).learningRate, "learningRate is that of each"],
  [
    () => new OptimizerMap(MultiOptimizer(new OptimizerMap(SGD()))),
    "expected an optimizer for one variable",
  ],
];

for (const [run, message] of refused) {
  Deno.test(`refused: ${message}`, () => void assertThrows(run, Error, message));
}
