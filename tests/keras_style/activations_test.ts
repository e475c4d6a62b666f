import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { join } from "node:path";
import * as keras from "../../keras_style/mod.ts";
import golden from "../golden/keras_activations.json" with { type: "json" };
import { assertClose } from "./golden.ts";

const { activations, layers } = keras;
const input = golden.input as number[][];
/** Needing arguments, or another size, or wrong in Keras: see keras_activations.py and ops_test.ts. */
const LEFT_OUT = ["glu", "sparsemax", "threshold", "get", "deserialize", "serialize"];
const functions = Object.entries(activations).filter(([name]) => !LEFT_OUT.includes(name)) as [
  string,
  keras.activations.ActivationFunction,
][];

/** What a dense layer of no other effect makes of the input. */
async function through(activation: keras.activations.ActivationOption): Promise<Float32Array> {
  const dense = new layers.Dense({
    units: 5,
    activation,
    useBias: false,
    kernelInitializer: "identity",
  });
  return await dense(tf.tensor2d(input)).data() as Float32Array;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

Deno.test("every activation is Keras', called and by either spelling of its name", async () => {
  assertEquals(
    functions.map(([name]) => snakeCase(name)).sort(),
    Object.keys(golden.outputs).sort(),
  );
  for (const [name, run] of functions) {
    const expected = golden.outputs[snakeCase(name) as "relu"];
    const scale = Math.max(...expected.map(Math.abs));
    const scaled = expected.map((value) => value / scale);
    const called = await run(tf.tensor2d(input)).data();
    assertClose(called.map((value) => value / scale), scaled, 1e-6, name);
    for (const given of [run, name, snakeCase(name)]) {
      const actual = (await through(given)).map((value) => value / scale);
      assertClose(actual, scaled, 1e-6, `${name} of a layer`);
    }
  }
});

Deno.test("a function of one's own, one of TensorFlow.js, a layer", async () => {
  const flat = input.flat();
  const square = (x: tf.Tensor) => tf.square(x);
  assertClose(await through(square), flat.map((v) => v * v), 1e-5, "own");
  assertClose(await through(tf.relu), flat.map((v) => Math.max(v, 0)), 1e-6, "tf.relu");
  const leaky = new layers.LeakyReLU({ alpha: 0.5 });
  assertClose(await through(leaky), flat.map((v) => v < 0 ? v / 2 : v), 1e-6, "layer");
  const capped = new layers.ReLU({ maxValue: 2 });
  assertClose(await through(capped), flat.map((v) => Math.min(Math.max(v, 0), 2)), 1e-6, "capped");
  const activation = new layers.Activation({ activation: square });
  assertClose(
    await activation(tf.tensor1d(flat)).data(),
    flat.map((v) => v * v),
    1e-5,
    "Activation",
  );
});

Deno.test("what the losses and saved models know by name is kept by name", () => {
  const named = (activation: keras.activations.ActivationOption) =>
    new layers.Dense({ units: 1, activation }).getConfig().activation;
  assertEquals(named(activations.softmax), "softmax");
  assertEquals(named(new layers.Softmax()), "softmax");
  assertEquals(named(new layers.Activation({ activation: "tanh" })), "tanh");
  assertEquals(named(tf.sigmoid), "sigmoid");
  assertEquals(named("hard_sigmoid"), "hard_sigmoid");
});

/** y = x² + 1, learned through an activation. */
async function losses(activation: keras.activations.ActivationOption): Promise<number[]> {
  keras.setRandomSeed(3);
  const model = new keras.Sequential([
    keras.Input({ shape: [1] }),
    new layers.Dense({ units: 16, activation }),
    new layers.Dense({ units: 1 }),
  ]);
  model.compile({ optimizer: new keras.optimizers.Adam({ learningRate: 0.05 }), loss: "mse" });
  const x = tf.linspace(-1, 1, 32).reshape([32, 1]);
  const y = tf.add(tf.square(x), 1);
  return (await model.fit(x, y, { epochs: 15, verbose: 0 })).history.loss;
}

Deno.test("networks learn through every kind", async () => {
  const square = (x: tf.Tensor) => tf.square(x);
  const kinds = ["hardSilu", "leaky_relu", "exponential", "gelu", square, new layers.LeakyReLU()];
  for (const activation of kinds) {
    const history = await losses(activation);
    assert(history.at(-1)! < history[0] / 3, `${activation}: ${history}`);
  }
});

async function saved(
  activation: keras.activations.ActivationOption,
  load: (path: string) => Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  try {
    const model = new keras.Sequential([
      keras.Input({ shape: [5] }),
      new layers.Dense({ units: 5, activation, useBias: false, kernelInitializer: "identity" }),
    ]);
    await model.save(join(folder, "model.safetensors"));
    await load(join(folder, "model.safetensors"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a saved model has the same activation, also when it is saved again", async () => {
  const square = (x: tf.Tensor) => tf.square(x);
  const cases: [keras.activations.ActivationOption, keras.LoadModelOptions][] = [
    ["hard_sigmoid", {}],
    [new layers.LeakyReLU({ alpha: 0.5 }), {}],
    [square, { customObjects: { square } }],
  ];
  for (const [activation, options] of cases) {
    const expected = await through(activation);
    await saved(activation, async (path) => {
      const model = await keras.loadModel(path, options);
      await model.save(path);
      const again = await keras.loadModel(path, options);
      assertEquals(await again(tf.tensor2d(input)).data(), expected);
    });
  }
  await saved(square, async (path) => {
    await assertRejects(() => keras.loadModel(path), Error, "square");
  });
});

Deno.test("what is no activation is refused", () => {
  const made = (activation: unknown) => () =>
    new layers.Dense({ units: 1, activation: activation as string });
  assertThrows(made("rellu"), TypeError, 'activation is "rellu", expected one of celu, elu');
  assertThrows(made("Dense"), TypeError, 'activation is "Dense"');
  assertThrows(made("constructor"), TypeError, 'activation is "constructor"');
  assertThrows(made(3), TypeError, "activation is 3");
  assertThrows(made({ relu: true }), TypeError, 'activation is {"relu":true}');
  assertThrows(made(new layers.PReLU()), TypeError, "activation is a layer PReLU");
  const softmax = (x: tf.Tensor) => x;
  assertThrows(made(softmax), TypeError, "a function softmax, expected another name");
  const gate = () => new layers.LSTM({ units: 1, recurrentActivation: "sigmod" });
  assertThrows(gate, TypeError, 'recurrentActivation is "sigmod"');
});

Deno.test("an LSTM's gates are Keras'", async () => {
  const lstm = new layers.LSTM({ units: 2 });
  lstm(tf.tensor3d([input]));
  lstm.setWeights(
    lstm.getWeights().map(({ size, shape }) => tf.reshape(tf.linspace(-1, 1, size), shape)),
  );
  const y = lstm(tf.tensor3d([input]));
  assertClose(await y.data(), golden.lstm, 1e-6, "lstm");
});

Deno.test("a model begins with an Input or with inputShape, which mean the same", () => {
  keras.clearSession();
  const options = { filters: 2, kernelSize: 3 };
  const first = new keras.Sequential([
    new layers.Conv2D({ ...options, inputShape: [8, 8, 3] }),
    new layers.Flatten(),
  ]);
  keras.clearSession();
  const second = new keras.Sequential([
    keras.Input({ shape: [8, 8, 3] }),
    new layers.Conv2D(options),
    new layers.Flatten(),
  ]);
  const table = (model: keras.Model) => {
    let text = "";
    model.summary({ printFn: (printed) => text += printed });
    return text;
  };
  assertEquals(table(first), table(second));
  for (const inputShape of ["x", [0], [1.5], 8]) {
    assertThrows(
      () => new layers.Dense({ units: 1, inputShape: inputShape as number[] }),
      RangeError,
      `inputShape is ${JSON.stringify(inputShape)}`,
    );
  }
});
