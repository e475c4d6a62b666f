/** Calls at once, or inside each other's callbacks: each counts what it has seen itself, or is refused. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";
import { assertNoMoreTensors } from "./tensor_count.ts";

const { layers } = keras;
const COUNT = 48;

/** Samples [48, 6] of four classes, different for each number. */
function samples(kind: number) {
  const values = Float32Array.from(
    { length: COUNT * 6 },
    (_, i) => Math.sin(i * (1.7 + kind)) * (1 + kind),
  );
  const classes = Int32Array.from({ length: COUNT }, (_, i) => i % 4);
  return [{ data: values, shape: [COUNT, 6] }, { data: classes, shape: [COUNT] }] as const;
}

function network(options: keras.CompileOptions = {}): keras.Sequential {
  keras.setRandomSeed(1);
  const model = new keras.Sequential([
    keras.Input({ shape: [6] }),
    new layers.Dense({ units: 4, activation: "softmax" }),
  ]);
  model.compile({
    optimizer: new keras.optimizers.SGD({ learningRate: 0.1 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
    ...options,
  });
  return model;
}

const quiet = { verbose: 0, batchSize: 16, shuffle: false } as const;
const evaluation = { verbose: 0, batchSize: 16 } as const;
const [x, y] = samples(0);
const [other, otherY] = samples(1);

class During extends keras.callbacks.Callback {
  constructor(readonly act: (model: keras.Sequential) => Promise<unknown>) {
    super();
  }
  override async onTrainBatchEnd() {
    await this.act(this.model as unknown as keras.Sequential);
  }
}

Deno.test("evaluations of one model at once give what they give one after the other", async () => {
  const model = network();
  const one = await model.evaluate(x, y, evaluation);
  const two = await model.evaluate(other, otherY, evaluation);
  assertNotEquals(one, two);
  for (let round = 0; round < 3; round++) {
    const both = [
      model.evaluate(x, y, evaluation),
      model.evaluate(other, otherY, { ...evaluation, batchSize: 7 }),
      model.evaluate(x, y, evaluation),
    ];
    const [first, second, third] = await Promise.all(both);
    assertEquals([first, third], [one, one]);
    second.forEach((value, i) => assertAlmostEquals(value, two[i], 1e-6));
  }
});

Deno.test("fit reports the same whatever callbacks and others do with the model meanwhile", async () => {
  const { history: expected } = await network().fit(x, y, {
    ...quiet,
    epochs: 2,
    validationData: [other, otherY],
  });
  const acts: Record<string, (model: keras.Sequential) => Promise<unknown>> = {
    evaluate: (model) => model.evaluate(other, otherY, evaluation),
    predict: (model) => model.predict(other, evaluation),
    testOnBatch: (model) => model.testOnBatch(other, otherY),
    "two evaluations at once": (model) =>
      Promise.all([model.evaluate(x, y, evaluation), model.evaluate(other, otherY, evaluation)]),
  };
  for (const [name, act] of Object.entries(acts)) {
    const { history } = await network().fit(x, y, {
      ...quiet,
      epochs: 2,
      validationData: [other, otherY],
      callbacks: [new During(act)],
    });
    assertEquals(history, expected, name);
  }
  const model = network();
  const fitting = model.fit(x, y, { ...quiet, epochs: 2, validationData: [other, otherY] });
  for (let i = 0; i < 5; i++) await model.evaluate(other, otherY, evaluation);
  assertEquals((await fitting).history, expected);
});

Deno.test("an evaluation inside of fit gives what it gives alone", async () => {
  const model = network();
  const found: number[][] = [];
  const weights: tf.Tensor[][] = [];
  await model.fit(x, y, {
    ...quiet,
    callbacks: [
      new During(async () => {
        weights.push(model.getWeights().map((weight) => weight.clone()));
        found.push(await model.evaluate(other, otherY, evaluation));
      }),
    ],
  });
  for (const [i, values] of weights.entries()) {
    model.setWeights(values);
    assertEquals(await model.evaluate(other, otherY, evaluation), found[i]);
  }
});

Deno.test("the layers are looked through for metrics a few times an epoch, not at every step", async () => {
  class Counting extends keras.Sequential {
    looks = 0;
    override get metrics() {
      this.looks++;
      return super.metrics;
    }
  }
  const looks = async (batchSize: number) => {
    const model = new Counting([keras.Input({ shape: [6] }), new layers.Dense({ units: 4 })]);
    model.compile({ optimizer: "sgd", loss: "mse" });
    await model.fit(x, tf.zeros([COUNT, 4]), { verbose: 0, batchSize });
    return model.looks;
  };
  assertEquals(await looks(COUNT / 2), await looks(1));
});

Deno.test("a second fit of one model is refused while the first goes on, and allowed afterwards", async () => {
  const model = network();
  const first = model.fit(x, y, quiet);
  const message = "is being trained by another fit, expected one at a time";
  await assertRejects(() => model.fit(other, otherY, quiet), Error, message);
  await first;
  await model.fit(other, otherY, quiet);
  const nested = () =>
    model.fit(x, y, { ...quiet, callbacks: [new During(() => model.fit(x, y, quiet))] });
  await assertRejects(nested, Error, message);
  await model.fit(x, y, quiet);
});

Deno.test("two models trained at once end as they do one after the other", async () => {
  const train = async (model: keras.Sequential, kind: number) => {
    const { history } = await model.fit(...samples(kind), { ...quiet, epochs: 3 });
    return [history, await Promise.all(model.getWeights().map((weight) => weight.array()))];
  };
  const alone = [await train(network(), 0), await train(network(), 1)];
  assertEquals(await Promise.all([train(network(), 0), train(network(), 1)]), alone);
});

Deno.test("models that share a metric object each count their own, also at once", async () => {
  const shared = () => {
    const metric = new keras.metrics.SparseCategoricalAccuracy({ name: "accuracy" });
    return [network({ metrics: [metric] }), network({ metrics: [metric] })];
  };
  const alone = [
    (await network().fit(x, y, quiet)).history,
    (await network().fit(other, otherY, quiet)).history,
  ];
  const [a, b] = shared();
  const together = await Promise.all([a.fit(x, y, quiet), b.fit(other, otherY, quiet)]);
  assertEquals(together.map(({ history }) => history), alone);
});

Deno.test("models that share an optimizer object: the second is refused, naming the variable", async () => {
  const optimizer = new keras.optimizers.Adam();
  const [a, b] = [network({ optimizer }), network({ optimizer })];
  await a.fit(x, y, quiet);
  await assertRejects(
    () => b.fit(x, y, quiet),
    Error,
    "make a new optimizer for another model",
  );
  await a.fit(x, y, quiet);
});

Deno.test("single batches count for themselves while an evaluation goes on", async () => {
  const model = network();
  const [batch, labels] = [tf.ones([4, 6]), tf.tensor1d([0, 1, 2, 3], "int32")];
  const alone = await model.testOnBatch(batch, labels);
  const whole = await model.evaluate(x, y, evaluation);
  const running = model.evaluate(x, y, { ...evaluation, batchSize: 4 });
  for (let i = 0; i < 4; i++) assertEquals(await model.testOnBatch(batch, labels), alone);
  (await running).forEach((value, i) => assertAlmostEquals(value, whole[i], 1e-6));
});

Deno.test("memory of calls at once is given back", async () => {
  const model = network();
  const both = () =>
    Promise.all([model.evaluate(x, y, evaluation), model.evaluate(other, otherY, evaluation)]);
  await both();
  const { numTensors } = tf.memory();
  await both();
  assertNoMoreTensors(numTensors);
  assert(numTensors > 0);
});
