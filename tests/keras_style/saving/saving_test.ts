/** Models and weights go through files; files that do not fit are refused. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import {
  constant,
  decodeSafetensors,
  encodeSafetensors,
  type LazyArray,
} from "../../../onnx/mod.ts";
import { inFolder } from "../../in_folder.ts";
import { pauseFinalization } from "../../../keras_style/tensors/finalization.ts";
import { assertNoMoreTensors } from "../tensor_count.ts";

const { layers } = keras;

/** What a model predicts for values of its input shape. */
async function predictions(model: keras.Model): Promise<number[][]> {
  const x = model.inputs.map(({ shape }) => {
    const size = tf.util.sizeFromShape(shape.slice(1) as number[]);
    const data = Float32Array.from({ length: 2 * size }, (_, i) => Math.sin(i));
    return { data, shape: [2, ...shape.slice(1) as number[]] };
  });
  const outputs = await model.predictAll(x.length === 1 ? x[0] : x, { verbose: 0 });
  return await Promise.all(outputs.map(async (output) => [...await output.data()]));
}

/** An Inception block: four branches, one of them pooled, joined along the channels. */
function inception(x: keras.KerasTensor): keras.KerasTensor {
  const conv = (filters: number, kernelSize: number, input: keras.KerasTensor) =>
    new layers.Conv2D({ filters, kernelSize, padding: "same", activation: "relu" })(input);
  const pooled = new layers.MaxPooling2D({ poolSize: 3, strides: 1, padding: "same" })(x);
  return new layers.Concatenate()([
    conv(2, 1, x),
    conv(3, 3, conv(2, 1, x)),
    conv(2, 5, conv(1, 1, x)),
    conv(2, 1, pooled),
  ]);
}

const makers: Record<string, () => keras.Model> = {
  "branches, two inputs, two outputs, a shared layer": () => {
    const [image, values] = [keras.Input({ shape: [6, 6, 2] }), keras.Input({ shape: [3] })];
    const shared = new layers.Dense({ units: 4, activation: "tanh" });
    const flat = new layers.Flatten()(inception(image));
    const other = shared(new layers.Dense({ units: 4 })(values));
    const joined = new layers.Concatenate()([flat, other, shared(numbers4(values))]);
    return new keras.Model({
      inputs: [image, values],
      outputs: [
        new layers.Dense({ units: 3, activation: "softmax" })(joined),
        new layers.Dense({ units: 1 })(other),
      ],
    });
  },
  "a model in a model": () => {
    const inner = new keras.Sequential([
      keras.Input({ shape: [3] }),
      new layers.Dense({ units: 2, activation: "relu" }),
    ]);
    const inputs = keras.Input({ shape: [3] });
    const functional = new keras.Model({ inputs, outputs: inner(inputs) });
    return new keras.Sequential([
      keras.Input({ shape: [3] }),
      functional,
      new layers.Dense({ units: 2 }),
    ]);
  },
  "a layer in a model and in a model within it": () => {
    const shared = new layers.Dense({ units: 3, activation: "relu" });
    const within = keras.Input({ shape: [3] });
    const inner = new keras.Model({ inputs: within, outputs: shared(within) });
    const inputs = keras.Input({ shape: [3] });
    return new keras.Model({ inputs, outputs: shared(inner(layers.add([inner(inputs), inputs]))) });
  },
  "recurrent layers with dropout, both ways": () =>
    new keras.Sequential([
      keras.Input({ shape: [4, 3] }),
      new layers.Bidirectional({
        layer: new layers.LSTM({ units: 2, dropout: 0.5, returnSequences: true }),
      }),
      new layers.GRU({ units: 3, recurrentDropout: 0.25 }),
      new layers.Dense({ units: 2 }),
    ]),
  "regularizers, initializers, activations, frozen layers": () =>
    new keras.Sequential([
      keras.Input({ shape: [8] }),
      new layers.Dense({
        units: 3,
        kernelInitializer: "heNormal",
        kernelRegularizer: new keras.regularizers.L1L2({ l1: 0.1, l2: 0.2 }),
        biasConstraint: new keras.constraints.MaxNorm({ maxValue: 2 }),
      }),
      new layers.LeakyReLU({ alpha: 0.2 }),
      new layers.BatchNormalization({ momentum: 0.8 }),
      new layers.Dropout({ rate: 0.5 }),
      new layers.Dense({ units: 2, trainable: false }),
    ]),
};

function numbers4(x: keras.KerasTensor): keras.KerasTensor {
  return new layers.Dense({ units: 4 })(x);
}

for (const [what, make] of Object.entries(makers)) {
  Deno.test(`in Keras' archive and its file of weights, it predicts the same: ${what}`, () =>
    inFolder(async (folder) => {
      keras.setRandomSeed(2);
      const model = make();
      model.compile({ optimizer: "adam", loss: "mse" });
      await model.save(`${folder}/model.keras`);
      await model.saveWeights(`${folder}/model.weights.h5`);
      const loaded = await keras.loadModel(`${folder}/model.keras`);
      assertEquals(await predictions(loaded), await predictions(model));
      assertEquals(loaded.toJSON(), model.toJSON());
      assertEquals(loaded.isCompiled, true);
      const other = make();
      await other.loadWeights(`${folder}/model.weights.h5`);
      assertEquals(await predictions(other), await predictions(model));
      assertEquals([...Deno.readDirSync(folder)].length, 2);
    }));

  Deno.test(`saved and loaded, it predicts the same: ${what}`, () =>
    inFolder(async (folder) => {
      keras.setRandomSeed(2);
      const model = make();
      const path = `${folder}/model.safetensors`;
      await model.save(path);
      const loaded = await keras.loadModel(path);
      assertEquals(await predictions(loaded), await predictions(model));
      assertEquals(loaded.name, model.name);
      assertEquals(loaded.constructor, model.constructor);
      assertEquals(JSON.stringify(loaded.getConfig()), JSON.stringify(model.getConfig()));
      assertEquals(
        loaded.trainableVariables.map(({ shape }) => shape),
        model.trainableVariables.map(({ shape }) => shape),
      );
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["model.safetensors"]);
      // Twice around is the same file.
      await loaded.save(`${folder}/again.safetensors`);
      assertEquals(await Deno.readFile(`${folder}/again.safetensors`), await Deno.readFile(path));
      // Models made anew, with other names of layers, take the weights.
      const other = make();
      await other.loadWeights(path);
      assertEquals(await predictions(other), await predictions(model));
    }));
}

Deno.test("a loaded recurrent model drops afresh at every step", () =>
  inFolder(async (folder) => {
    await makers["recurrent layers with dropout, both ways"]().save(`${folder}/m`);
    const model = await keras.loadModel(`${folder}/m`);
    const step = keras.tfFunction((x: tf.Tensor) => model(x, { training: true }));
    const x = tf.ones([2, 4, 3]);
    assert(String(await step(x).data()) !== String(await step(x).data()));
  }));

Deno.test("a loaded model is compiled as it was, and its layers can be added to", () =>
  inFolder(async (folder) => {
    const model = new keras.Sequential([
      keras.Input({ shape: [3] }),
      new layers.Dense({ units: 2 }),
    ]);
    model.compile({
      optimizer: new keras.optimizers.RMSprop({ momentum: 0.5, centered: true, rho: 0.8 }),
      loss: new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true, name: "mine" }),
      metrics: ["accuracy", new keras.metrics.SparseCategoricalAccuracy({ name: "other" })],
      weightedMetrics: ["accuracy"],
    });
    model.optimizer.learningRate = 0.25;
    await model.save(`${folder}/m`);
    const loaded = await keras.loadModel(`${folder}/m`) as keras.Sequential;
    const { optimizer, objective, options } = loaded.compiled("test");
    assertEquals(optimizer.getConfig(), model.optimizer.getConfig());
    assertEquals((await optimizer.learningRate.data())[0], 0.25);
    const scores = await loaded.evaluate([[1, 2, 3]], [1], { verbose: 0, returnDict: true });
    assertEquals(Object.keys(scores), ["accuracy", "loss", "other", "weighted_accuracy"]);
    assertEquals(objective.losses[0]?.getConfig(), {
      name: "mine",
      reduction: "sumOverBatchSize",
      fromLogits: true,
      ignoreClass: null,
      axis: -1,
    });
    assertEquals(options.weightedMetrics, ["accuracy"]);
    loaded.add(new layers.Softmax());
    assertEquals(loaded(tf.ones([1, 3])).shape, [1, 2]);
    const plain = await keras.loadModel(`${folder}/m`, { compile: false });
    assertEquals(plain.isCompiled, false);
  }));

class Doubling extends keras.layers.Layer {
  override computeOutputShape<T>(shape: T): T {
    return shape;
  }
  override call(x: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul([x].flat()[0], 2);
  }
}

class Halving extends keras.Sequential {
  override predictStep(x: tf.Tensor[]): tf.Tensor[] {
    return super.predictStep(x).map((y) => tf.div(y, 2));
  }
}

function largest(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
  return tf.max(tf.abs(tf.sub(yTrue, yPred)), -1);
}

Deno.test("classes and functions of one's own are given as customObjects", () =>
  inFolder(async (folder) => {
    const model = new Halving([
      keras.Input({ shape: [2] }),
      new Doubling(),
    ]);
    model.compile({ loss: largest, metrics: [largest] });
    await model.save(`${folder}/m`);
    const load = (customObjects: keras.CustomObjects, compile = true) =>
      keras.loadModel(`${folder}/m`, { customObjects, compile });
    const loaded = await load({ Doubling, Halving, largest });
    assertEquals(await predictions(loaded), await predictions(model));
    await assertRejects(
      () => load({ Halving, largest }),
      Error,
      'layer class "Doubling" is not known, expected it in customObjects: { Doubling }',
    );
    await assertRejects(() => load({ Doubling, largest }), Error, '"Halving" is not known');
    await assertRejects(
      () => load({ Doubling, Halving }),
      Error,
      'loss of the saved model is a function "largest" that is not known',
    );
    await load({ Doubling, Halving }, false);
    // Known only while something is loaded.
    await assertRejects(() => load({ Halving, largest }), Error, '"Doubling" is not known');
    const nameless = [(a: tf.Tensor, b: tf.Tensor) => largest(a, b)][0];
    model.compile({ loss: nameless });
    await assertRejects(
      () => model.save(`${folder}/n`),
      Error,
      "loss has a function without a name",
    );
  }));

Deno.test("saving what is not built, or into no folder, leaves nothing behind", () =>
  inFolder(async (folder) => {
    const model = new keras.Sequential([new layers.Dense({ units: 1 })]);
    await assertRejects(() => model.save(`${folder}/m`), Error, "is not built");
    model.build([null, 3]);
    await assertRejects(() => model.save(`${folder}/none/m`), Deno.errors.NotFound);
    assertEquals([...Deno.readDirSync(folder)], []);
  }));

Deno.test("weights that do not fit are refused, and nothing is changed", () =>
  inFolder(async (folder) => {
    const make = (units: number, more = 0) =>
      new keras.Sequential([
        keras.Input({ shape: [3] }),
        new layers.Dense({ units }),
        ...Array.from({ length: more }, () => new layers.Dense({ units })),
      ]);
    const path = `${folder}/weights`;
    await make(2).saveWeights(path);
    const model = make(4);
    const before = await predictions(model);
    await assertRejects(
      () => model.loadWeights(path),
      Error,
      `does not fit model "${model.name}": 2 mismatches:\n` +
        '  its "layers/dense/kernel" is float32[3, 2], expected float32[3, 4]\n' +
        '  its "layers/dense/bias" is float32[2], expected float32[4]',
    );
    assertEquals(await predictions(model), before);
    await assertRejects(
      () => make(2, 1).loadWeights(path),
      Error,
      'it has no "layers/dense_1/kernel"',
    );
    await make(2, 1).saveWeights(path);
    await assertRejects(
      () => make(2).loadWeights(path),
      Error,
      'its "layers/dense_1/kernel" belongs to no layer',
    );
  }));

Deno.test("a damaged or wicked file says what is wrong with it", () =>
  inFolder(async (folder) => {
    using _paused = pauseFinalization();
    const path = `${folder}/m`;
    const model = new keras.Sequential([
      keras.Input({ shape: [3] }),
      new layers.Dense({ units: 2 }),
    ]);
    model.compile({ optimizer: "adam", loss: "mse" });
    await model.fit([[1, 2, 3]], [[1, 2]], { verbose: 0 });
    await model.save(path);
    const { arrays, metadata } = decodeSafetensors(await Deno.readFile(path), path);
    // deno-lint-ignore no-explicit-any
    type Change = (saved: any, arrays: Map<string, LazyArray>) => void;
    const cases: [Change, string][] = [
      [(saved) => saved.version = 9, "its version is 9, expected 3"],
      [(saved) => saved.version = 2, "its version is 2, expected 3: make the model by code"],
      [(saved) => delete saved.model, "its model has no class or no name"],
      [(saved) => saved.model.className = "toString", 'layer class "toString" is not known'],
      [
        (saved) => saved.model.config.layers[1].className = "constructor",
        'layer class "constructor" is not known',
      ],
      [
        (saved) => saved.model.config.layers[1].config.units = 1e9,
        "its layers have more weights than the 8 values in it",
      ],
      [(saved) => saved.model.config.layers[1].config.units = -1, "cannot be loaded"],
      [(saved) => saved.model.config.layers = 3, "cannot be loaded"],
      [(saved) => saved.model.config.layers[0] = null, "cannot be loaded"],
      [(saved) => saved.compile.optimizer["@class"] = "eval", 'a class "eval" that is not known'],
      [(saved) => saved.compile.loss = "hinge?", 'loss is "hinge?"'],
      [(saved) => saved.random = [-1, 0], "its state of random numbers is [-1,0]"],
      [(_, list) => list.delete("layers/dense/bias"), "more weights than the 6 values"],
      [
        (_, list) => list.set("layers/dense/bias", constant([1, 2, 3])),
        'its "layers/dense/bias" is float32[3], expected float32[2]',
      ],
      [(_, list) => list.set("layers/other", constant([1])), '"layers/other" belongs to no layer'],
      [
        (_, list) => list.delete("optimizer/layers/dense/bias/velocity"),
        'it has no "optimizer/layers/dense/bias/velocity"',
      ],
    ];
    const { numTensors } = tf.memory();
    for (const [change, message] of cases) {
      const saved = JSON.parse(metadata.tandem);
      const changed = new Map(arrays);
      change(saved, changed);
      const bytes = await encodeSafetensors(changed, { tandem: JSON.stringify(saved) });
      await Deno.writeFile(`${folder}/bad`, bytes);
      await assertRejects(() => keras.loadModel(`${folder}/bad`), Error, message);
    }
    assertNoMoreTensors(numTensors);
    const polluted = metadata.tandem.replace('"layers":', '"__proto__":{"x":1},"layers":');
    await Deno.writeFile(`${folder}/bad`, await encodeSafetensors(arrays, { tandem: polluted }));
    await assertRejects(() => keras.loadModel(`${folder}/bad`), Error, "a field __proto__");
    await Deno.writeTextFile(`${folder}/bad`, "PK and so on, for more than eight bytes");
    await assertRejects(() => keras.loadModel(`${folder}/bad`), Error, "no valid safetensors file");
  }));
