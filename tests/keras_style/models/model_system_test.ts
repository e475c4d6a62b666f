/** What models do with their layers: graphs and classes, steps of one's own, dictionaries, copies. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";

const { layers } = keras;
const values = async (tensor: tf.Tensor) => [...await tensor.data()] as number[];
const quiet = { verbose: 0 } as const;

Deno.test("arithmetic on symbolic tensors is a part of the model", async () => {
  const x = keras.Input({ shape: [3] });
  const y = x.mul(2).add(new layers.Dense({ units: 3, kernelInitializer: "ones" })(x)).sum(1);
  const model = new keras.Model({ inputs: x, outputs: y });
  assertEquals(y.shape, [null]);
  assertEquals(await values(model(tf.tensor2d([[1, 2, 3]]))), [12 + 18]);
  const wide = keras.ops.multiply(keras.activations.relu(x), 2);
  const other = new keras.Model({
    inputs: x,
    outputs: keras.ops.concatenate([wide, x], { axis: 1 }),
  });
  const given = tf.tensor2d([[1, -2, 3]]);
  for (const one of [model, other]) {
    const copy = keras.modelFromJSON(one.toJSON());
    copy.setWeights(one.getWeights());
    assertEquals(await values(copy(given)), await values(one(given)));
    assertEquals(copy.toJSON(), one.toJSON());
  }
  const constant = new keras.Model({ inputs: x, outputs: x.add(tf.ones([3])) });
  assertThrows(() => constant.getConfig(), Error, "was called with a tensor of values");
  const wicked = other.toJSON().replaceAll("Multiply", "constructor");
  assertThrows(
    () => keras.modelFromJSON(wicked),
    Error,
    "has no counterpart in keras.ops here",
  );
});

Deno.test("inputs and outputs may be dictionaries, by which samples, labels and predictions go", async () => {
  const inputs = { left: keras.Input({ shape: [2] }), right: keras.Input({ shape: [1] }) };
  const outputs = {
    sum: new layers.Dense({ units: 1, kernelInitializer: "ones" })(
      layers.concatenate([inputs.left, inputs.right]),
    ),
    left: new layers.Dense({ units: 1, kernelInitializer: "ones" })(inputs.left),
  };
  const model = new keras.Model({ inputs, outputs });
  assertEquals([model.inputNames, model.outputNames], [["left", "right"], ["sum", "left"]]);
  const x = { left: tf.ones([4, 2]), right: tf.ones([4, 1]) };
  const predicted = await model.predict<Record<string, tf.Tensor>>(x, quiet);
  assertEquals(await values(predicted.sum), [3, 3, 3, 3]);
  model.compile({ optimizer: "sgd", loss: { sum: "mse", left: "mae" } });
  const y = { sum: tf.zeros([4, 1]), left: tf.zeros([4, 1]) };
  const { history } = await model.fit(x, y, quiet);
  assertEquals(Object.keys(history).sort(), ["left_loss", "loss", "sum_loss"]);
  assertAlmostEquals(history.loss[0], 9 + 2, 1e-5);
});

Deno.test("a class with call takes and gives lists and dictionaries", async () => {
  class Two extends keras.Model {
    readonly dense = new layers.Dense({ units: 2, kernelInitializer: "ones" });
    override call({ a, b }: Record<string, tf.Tensor>) {
      return { joined: this.dense(tf.concat([a, b], 1)), a: tf.neg(a) };
    }
  }
  const model = new Two();
  const x = { a: tf.ones([3, 1]), b: tf.ones([3, 2]) };
  const found = await model.predict<Record<string, tf.Tensor>>(x, quiet);
  assertEquals([found.joined.shape, await values(found.a)], [[3, 2], [-1, -1, -1]]);
  assertEquals(model.outputNames, ["joined", "a"]);
});

class OwnStep extends keras.Model {
  readonly tracker = new keras.metrics.Mean({ name: "loss" });
  readonly lossOf = new keras.losses.MeanSquaredError();
  override get metrics(): keras.metrics.Metric[] {
    return [this.tracker];
  }
  override trainStep([x]: tf.Tensor[], [y]: tf.Tensor[]): Record<string, tf.Tensor> {
    using tape = new keras.GradientTape();
    const loss = this.lossOf(y, this(x, { training: true }));
    this.optimizer.apply(tape.gradient(loss, this.trainableVariables), this.trainableVariables);
    this.tracker.updateState(loss);
    return { loss: this.tracker.result() };
  }
}

Deno.test("a step of one's own trains without a loss, and its metrics begin anew at every epoch", async () => {
  const inputs = keras.Input({ shape: [2] });
  const model = new OwnStep({ inputs, outputs: new layers.Dense({ units: 1 })(inputs) });
  model.compile({ optimizer: "sgd" });
  const { history } = await model.fit(tf.ones([32, 2]), tf.zeros([32, 1]), {
    ...quiet,
    epochs: 3,
    batchSize: 8,
  });
  assertEquals(await values(model.tracker.count), [4]);
  assert(history.loss[2] < history.loss[0]);
});

Deno.test("computeLoss of one's own, and fit of inputs alone", async () => {
  class Reconstructing extends keras.Model {
    override computeLoss([x]: tf.Tensor[], _y: tf.Tensor[], [yPred]: tf.Tensor[]) {
      return tf.mean(tf.square(tf.sub(x, yPred)));
    }
  }
  const inputs = keras.Input({ shape: [2] });
  const dense = new layers.Dense({ units: 2, kernelInitializer: "zeros" });
  const model = new Reconstructing({ inputs, outputs: dense(inputs) });
  model.compile({ optimizer: new keras.optimizers.SGD({ learningRate: 0.1 }) });
  const { history } = await model.fit(tf.ones([4, 2]), undefined, { ...quiet, epochs: 3 });
  assertEquals(history.loss[0], 1);
  assert(history.loss[2] < 1);
  const dataset = keras.data.Dataset.fromTensorSlices(tf.ones([4, 2])).batch(2);
  await model.fit(dataset, { ...quiet, epochs: 2 });
});

Deno.test("single steps: trainOnBatch, testOnBatch, predictOnBatch", async () => {
  const model = new keras.Sequential([
    keras.Input({ shape: [1] }),
    new layers.Dense({ units: 1, kernelInitializer: "ones" }),
  ]);
  model.compile({ optimizer: new keras.optimizers.SGD({ learningRate: 0.25 }), loss: "mse" });
  const [x, y] = [tf.ones([2, 1]), tf.zeros([2, 1])];
  assertEquals(await model.testOnBatch(x, y), [1]);
  const logs = await model.trainOnBatch(x, y, { returnDict: true });
  assertEquals(logs, { loss: 1 });
  // w = 1 - 0.25 * 2, b = 0 - 0.25 * 2
  assertEquals(await values(await model.predictOnBatch(x)), [0, 0]);
  // Of this batch alone, not the mean of all so far: Keras resets its metrics before each.
  assertEquals(await model.testOnBatch(x, y), [0]);
  assertEquals(await model.trainOnBatch(x, y), [0]);
});

Deno.test("epochs of so many steps go on where the last one stopped; validation begins anew", async () => {
  const seen: number[] = [];
  const inputs = keras.Input({ shape: [1] });
  class Noting extends keras.Model {
    override trainStep([x]: tf.Tensor[]) {
      return { first: tf.slice(x, [0, 0], [1, 1]).reshape([]) };
    }
  }
  const model = new Noting({ inputs, outputs: inputs.mul(1) });
  model.compile({});
  await model.fit(tf.range(0, 6).reshape([6, 1]), undefined, {
    ...quiet,
    batchSize: 1,
    epochs: 3,
    stepsPerEpoch: 2,
    shuffle: false,
    callbacks: [
      new keras.callbacks.LambdaCallback({
        onTrainBatchEnd: (_, logs) => void seen.push(logs!.first),
      }),
    ],
  });
  assertEquals(seen, [0, 1, 2, 3, 4, 5]);
});

Deno.test("a copy by cloneModel or by JSON has the same layers and weights of its own", () => {
  const inputs = [keras.Input({ shape: [4, 4, 1] }), keras.Input({ shape: [3] })];
  const conv = new layers.Conv2D({ filters: 2, kernelSize: 3, activation: "relu" });
  const joined = layers.concatenate([new layers.Flatten()(conv(inputs[0])), inputs[1]]);
  const model = new keras.Model({ inputs, outputs: new layers.Dense({ units: 2 })(joined) });
  for (const copy of [keras.cloneModel(model), keras.modelFromJSON(model.toJSON())]) {
    assertEquals(copy.weights.map(({ shape }) => shape), model.weights.map(({ shape }) => shape));
    assertEquals(
      copy.weights.some((weight) => (model.weights as unknown[]).includes(weight)),
      false,
    );
    assertEquals(copy.toJSON(), model.toJSON());
  }
  assertThrows(() => keras.modelFromJSON("{}"), TypeError, "is no saved object of Keras");
});

Deno.test("a model from the middle of another: feature extraction", async () => {
  const model = new keras.Sequential([
    keras.Input({ shape: [2] }),
    new layers.Dense({ units: 3, kernelInitializer: "ones", name: "middle" }),
    new layers.Dense({ units: 1, kernelInitializer: "ones" }),
  ]);
  const middle = model.getLayer("middle").output as keras.KerasTensor;
  const front = new keras.Model({ inputs: model.inputs, outputs: middle });
  const back = new keras.Model({ inputs: middle, outputs: model.outputs });
  const features = front([tf.ones([1, 2])]);
  assertEquals(await values(features), [2, 2, 2]);
  assertEquals(await values(back([features])), [6]);
  assertEquals(back.countParams(), 4);
});

Deno.test("a callback may ask the model that is trained", async () => {
  const seen: number[][] = [];
  const x = tf.ones([4, 2]);
  class Asking extends keras.callbacks.Callback {
    override async onEpochEnd() {
      const predicted = await this.model.predict(x, quiet);
      const [loss] = await this.model.evaluate(x, tf.zeros([4, 1]), quiet);
      seen.push([predicted.shape[0], loss, this.model.getLayer("last").weights.length]);
    }
  }
  const model = new keras.Sequential([
    keras.Input({ shape: [2] }),
    new layers.Dense({ units: 1, kernelInitializer: "ones", name: "last" }),
  ]);
  model.compile({ optimizer: new keras.optimizers.SGD({ learningRate: 0 }), loss: "mse" });
  await model.fit(x, tf.zeros([4, 1]), { ...quiet, epochs: 2, callbacks: [new Asking()] });
  assertEquals(seen, [[4, 4, 2], [4, 4, 2]]);
});

Deno.test("predictions keep the type of integers and booleans", async () => {
  const x = keras.Input({ shape: [3] });
  const outputs = [keras.ops.argmax(x, { axis: -1 }), keras.ops.greater(x, 1), x];
  const model = new keras.Model({ inputs: x, outputs });
  const given = tf.tensor2d([[1, 5, 2], [4, 0, 1], [0, 1, 2]]);
  const options = { batchSize: 2, verbose: 0 } as const;
  const found = await model.predict<tf.Tensor[]>(given, options);
  assertEquals(found.map(({ dtype, shape }) => [dtype, shape]), [
    ["int32", [3]],
    ["bool", [3, 3]],
    ["float32", [3, 3]],
  ]);
  assertEquals([...await found[0].data()], [1, 0, 2]);
  assertEquals(Array.from(await found[1].data(), Number), [0, 1, 1, 1, 0, 0, 0, 0, 1]);
});

Deno.test("predictions of batches whose rows have different shapes are refused", async () => {
  const x = keras.Input({ shape: [null], name: "x" });
  const model = new keras.Model({ inputs: x, outputs: keras.ops.multiply(x, 2) });
  const batches = keras.data.Dataset.fromIndices(2, (i) => tf.ones([2, 3 + i]));
  await assertRejects(
    () => model.predict(batches, { verbose: 0 }),
    RangeError,
    "have shape [3] in one batch and [4] in another, expected one shape",
  );
});
