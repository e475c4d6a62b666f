/** Models that are classes: with weights made in `build`, with a step of their own and no `call`. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";

const { layers } = keras;

/** Makes its layer when it knows what goes in. */
class BuildsItself extends keras.Model {
  readonly builds: unknown[] = [];
  dense!: keras.layers.Dense;

  override build(inputShape: readonly (number | null)[]): void {
    this.builds.push(inputShape);
    this.dense = new layers.Dense({ units: inputShape.at(-1)! });
    this.built = true;
  }

  override call(x: tf.Tensor): tf.Tensor {
    return this.dense(x);
  }
}

const data = { x: tf.ones([6, 3]), y: tf.zeros([6, 3]) };

Deno.test("a model's own build runs once, whatever comes first", async (t) => {
  const firsts: Record<string, (model: BuildsItself) => unknown> = {
    fit: (model) => model.fit(data.x, data.y, { verbose: 0 }),
    predict: (model) => model.predict(data.x, { verbose: 0 }),
    "a call": (model) => model(data.x),
    "a symbolic call": (model) => model(keras.Input({ shape: [3] })),
    build: (model) => model.build([null, 3]),
    "fit of a data set": (model) =>
      model.fit(keras.data.Dataset.fromTensorSlices([data.x, data.y]).batch(3), { verbose: 0 }),
  };
  for (const [name, first] of Object.entries(firsts)) {
    await t.step(name, async () => {
      const model = new BuildsItself();
      model.compile({ loss: "mse" });
      await first(model);
      const { history } = await model.fit(data.x, data.y, { epochs: 2, verbose: 0 });
      assertEquals(history.loss.length, 2);
      assertEquals(model.builds, [[null, 3]].map((shape) => name === "a call" ? [6, 3] : shape));
      assertEquals(model.weights.map(({ shape }) => shape), [[3, 3], [3]]);
    });
  }
});

/** Trains its layer without being called itself. */
class OwnStep extends keras.Model {
  readonly dense = new layers.Dense({ units: 1, useBias: false, kernelInitializer: "ones" });
  shapes: unknown[] = [];

  override trainStep(x: tf.Tensor[], y: tf.Tensor[]): Record<string, tf.Tensor> {
    this.shapes = [x, y].map((list) => list.map(({ shape }) => shape));
    using tape = new keras.GradientTape();
    const loss = tf.mean(this.dense(x[0]));
    const weights = this.dense.trainableWeights;
    this.optimizer.apply(tape.gradient(loss, weights), weights);
    return { loss };
  }
}

Deno.test("a step of one's own needs no call; layers within are trained", async (t) => {
  for (const saysBuilt of [false, true]) {
    await t.step(saysBuilt ? "with built = true, as Keras' guide has it" : "as it is", async () => {
      const model = new OwnStep();
      model.built = saysBuilt;
      model.compile({ optimizer: new keras.optimizers.SGD({ learningRate: 0.5 }) });
      model.dense.build([null, 3]);
      const { history } = await model.fit(data.x, null, { epochs: 2, verbose: 0 });
      assertEquals(history.loss, [3, 1.5]);
      assertEquals(model.shapes, [[[6, 3]], []]);
      await model.fit(data.x, data.y, { verbose: 0 });
      assertEquals(model.shapes, [[[6, 3]], [[6, 3]]]);
      await assertRejects(
        () => model.predict(data.x, { verbose: 0 }),
        Error,
        "expected inputs and outputs, or a class with call",
      );
    });
  }
});

Deno.test("build makes weights once, for every layer that has any", () => {
  const made: [keras.layers.Layer, (number | null)[]][] = [
    [new layers.Dense({ units: 2 }), [null, 3]],
    [new layers.Conv2D({ filters: 2, kernelSize: 3 }), [null, 8, 8, 3]],
    [new layers.LSTM({ units: 2 }), [null, 5, 3]],
    [new layers.BatchNormalization(), [null, 3]],
    [new layers.TimeDistributed({ layer: new layers.Dense({ units: 2 }) }), [null, 5, 3]],
    [new keras.Sequential([new layers.Dense({ units: 2 })]), [null, 3]],
  ];
  for (const [layer, shape] of made) {
    layer.build(shape);
    assertEquals(layer.built, true, layer.name);
    const { weights } = layer;
    assert(weights.length > 0, layer.name);
    layer.build(shape);
    layer(tf.ones(shape.map((size) => size ?? 1)));
    assertEquals(layer.weights, weights, layer.name);
  }
});
