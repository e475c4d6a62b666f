/** How layers and models hold together: what belongs to a layer, what training changes, what a call passes on. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";

const { layers } = keras;
const values = async (tensor: tf.Tensor) => [...await tensor.data()] as number[];
const quiet = { verbose: 0 } as const;

class Linear extends layers.Layer {
  kernel!: tf.Variable;

  constructor(readonly units: number, options: keras.layers.LayerOptions = {}) {
    super(options);
  }

  override build([, size]: number[]): void {
    this.kernel = this.addWeight({
      name: "kernel",
      shape: [size, this.units],
      initializer: "ones",
      regularizer: new keras.regularizers.L2({ l2: 0.5 }),
    });
  }

  override call(x: tf.Tensor): tf.Tensor {
    return tf.matMul(x, this.kernel);
  }

  override getConfig() {
    return { ...super.getConfig(), units: this.units };
  }

  static override fromConfig({ units, ...options }: { units: number }): Linear {
    return new Linear(units, options);
  }
}

/** Layers in a field, in a list, in an object and in a map. */
class Block extends layers.Layer {
  readonly first = new layers.Dense({ units: 3 });
  readonly list = [new layers.Dense({ units: 2 }), new layers.BatchNormalization()];
  readonly named = { last: new layers.Dense({ units: 1, useBias: false }) };
  readonly more = new Map([["gate", new layers.Dense({ units: 1, useBias: false })]]);
  readonly factor = keras.variable([2]);

  override call(x: tf.Tensor): tf.Tensor {
    const y = this.list[1](this.list[0](this.first(x)));
    return tf.mul(tf.mul(this.named.last(y), this.more.get("gate")!(y)), this.factor);
  }
}

Deno.test("names in snake case; shapes are found by running call on nothing", () => {
  keras.clearSession();
  const x = keras.Input({ shape: [4] });
  const layer = new Linear(3);
  assertEquals(layer(x).shape, [null, 3]);
  assertEquals([layer.name, new Linear(1).name], ["linear", "linear_1"]);
  assertEquals(layer.computeOutputShape([7, 4]), [7, 3]);
  class Norms extends layers.Layer {
    override call(x: tf.Tensor) {
      return { rows: tf.norm(x, 2, 1), doubled: tf.concat([x, x], 1) };
    }
  }
  const { rows, doubled } = new Norms()(x) as unknown as Record<string, keras.KerasTensor>;
  assertEquals([rows.shape, doubled.shape], [[null], [null, 8]]);
});

Deno.test("layers and variables in fields, lists, objects and maps are counted, trained, frozen and saved", async () => {
  const block = new Block();
  const model = new keras.Sequential([keras.Input({ shape: [4] }), block]);
  assertEquals(model.countParams(), (4 * 3 + 3) + (3 * 2 + 2) + 4 * 2 + 2 + 2 + 1);
  assertEquals(block.trainableWeights.length, 1 + 2 + 2 + 2 + 1 + 1);
  model.compile({ optimizer: new keras.optimizers.SGD({ learningRate: 0.1 }), loss: "mse" });
  const x = tf.tensor2d([[1, 2, 3, 4], [4, 3, 1, 1], [0, 1, 0, 2]]);
  const before = await Promise.all(block.weights.map(values));
  await model.fit(x, tf.ones([3, 1]), quiet);
  const after = await Promise.all(block.weights.map(values));
  after.forEach((list, i) => assert(String(list) !== String(before[i]), `weight ${i} moved`));
  const path = await Deno.makeTempFile();
  try {
    await model.save(path);
    const loaded = await keras.loadModel(path, { customObjects: { Block } });
    assertEquals(await values(loaded(x)), await values(model(x)));
  } finally {
    await Deno.remove(path);
  }
  block.trainable = false;
  assertEquals([model.trainableWeights.length, model.nonTrainableWeights.length], [0, 11]);
  assertEquals(block.first.trainable, false);
});

Deno.test("weights come layer by layer, each once, and getWeights gives values", async () => {
  const shared = new layers.Dense({ units: 2, name: "shared" });
  const x = keras.Input({ shape: [2] });
  const norm = new layers.BatchNormalization();
  const outputs = shared(norm(shared(x)));
  const model = new keras.Model({ inputs: x, outputs });
  assertEquals(model.weights.map(({ shape }) => shape.length), [2, 1, 1, 1, 1, 1]);
  assertEquals(model.countParams(), 6 + 8);
  const two = new keras.Sequential([
    keras.Input({ shape: [3] }),
    new layers.BatchNormalization(),
    new layers.BatchNormalization(),
  ]);
  const names = two.weights.map(({ name }) => name.split("/").at(-1)!.replace(/_\d+$/, ""));
  const one = ["gamma", "beta", "moving_mean", "moving_variance"];
  assertEquals(names, [...one, ...one]);
  const [kept] = two.getWeights();
  two.weights[0].assign(tf.tensor1d([5, 5, 5]));
  assertEquals(await values(kept), [1, 1, 1]);
});

Deno.test("trainable of a model reaches its layers, and a frozen model is not trained", async () => {
  const base = new keras.Sequential([
    keras.Input({ shape: [3] }),
    new layers.Dense({ units: 2, kernelInitializer: "ones" }),
  ]);
  base.trainable = false;
  const model = new keras.Sequential([base, new layers.Dense({ units: 1 })]);
  assertEquals(model.trainableVariables.length, 2);
  model.compile({ loss: "mse" });
  await model.fit(tf.ones([2, 3]), tf.zeros([2, 1]), quiet);
  assertEquals(await values(base.weights[0]), [1, 1, 1, 1, 1, 1]);
});

Deno.test("training is passed on to every layer of a call", async () => {
  class Net extends keras.Model {
    readonly blocks = [new keras.Sequential([new layers.Dropout({ rate: 0.5 })])];
    override call(x: tf.Tensor) {
      return this.blocks[0](x);
    }
  }
  const x = tf.ones([1, 200]);
  const net = new Net();
  assertEquals((await values(net(x))).includes(0), false);
  assertEquals((await values(net(x, { training: true }))).includes(0), true);
  assertEquals((await values(net(x))).includes(0), false);
});

Deno.test("built-in layers can be extended, and are what instanceof says, with new and without", async () => {
  class Doubling extends layers.Dense {
    override call(x: tf.Tensor): tf.Tensor {
      return tf.mul(super.call(x), 2);
    }
  }
  const layer = new Doubling({ units: 1, kernelInitializer: "ones" });
  assertEquals(await values(layer(tf.ones([1, 3]))), [6]);
  assertEquals([layer instanceof layers.Dense, layer instanceof layers.Layer], [true, true]);
  assertEquals(layers.Dense({ units: 1 }) instanceof layers.Dense, true);
  assertEquals([layer.getClassName(), layers.Dense({ units: 1 }).getClassName()], [
    "Doubling",
    "Dense",
  ]);
});

Deno.test("losses of layers and regularizers count, at every batch size", async () => {
  class Active extends layers.Layer {
    override call(x: tf.Tensor) {
      // Of what is no scalar the sum counts.
      this.addLoss(tf.mul(tf.mean(x, 0), 0.005));
      return x;
    }
  }
  const model = new keras.Sequential([keras.Input({ shape: [2] }), new Active(), new Linear(1)]);
  model.compile({ optimizer: new keras.optimizers.SGD({ learningRate: 0 }), loss: "mse" });
  for (const count of [4, 6, 4]) {
    const { history } = await model.fit(tf.ones([count, 2]), tf.zeros([count, 1]), {
      ...quiet,
      batchSize: 4,
    });
    // (1 + 1)² + 0.01 + 0.5 (1² + 1²)
    assertAlmostEquals(history.loss[0], 5.01, 1e-5);
  }
  model(tf.ones([1, 2]));
  assertEquals(model.losses.length, 2);
});

Deno.test("layers without a data format follow the setting", () => {
  const x = keras.Input({ shape: [3, 8, 8] });
  keras.config.setImageDataFormat("channels_first");
  try {
    const y = new layers.MaxPooling2D()(new layers.Conv2D({ filters: 4, kernelSize: 3 })(x));
    assertEquals(y.shape, [null, 4, 3, 3]);
  } finally {
    keras.config.setImageDataFormat("channels_last");
  }
  assertThrows(() => keras.config.setImageDataFormat("first" as never), RangeError, '"first"');
});

Deno.test("unknown options, and inputs that do not fit, are refused by name", async () => {
  const refused: [() => unknown, string][] = [
    [
      () => new layers.Dense({ unit: 3 } as never),
      'Dense: unknown option "unit", expected "units"',
    ],
    [() => new layers.Dense({} as never), "Dense: units is missing"],
    [
      () => new layers.Conv2D({ filters: 2, kernelSize: 3, group: 2 } as never),
      'Conv2D: unknown option "group", expected "groups"',
    ],
    [() => new layers.ReLU({ alpha: 0.1 } as never), 'ReLU: unknown option "alpha"'],
    [
      () => new layers.Conv2D({ filters: 2, kernelSize: [3] }),
      "Conv2D: kernelSize is [3], expected an integer of at least 1 or a list of 2",
    ],
    [
      () => new layers.Conv2D({ filters: 2, kernelSize: 3 })(keras.Input({ shape: [4] })),
      "expected 4 axes",
    ],
    [
      () => new layers.Dense({ units: 2 })(keras.Input({ shape: [null] })),
      "is unknown, expected a size",
    ],
    [() => new layers.Add()(keras.Input({ shape: [2] })), "expected a list of inputs"],
  ];
  for (const [run, message] of refused) assertThrows(run, Error, message);
  const model = new keras.Sequential([keras.Input({ shape: [1] }), new layers.Dense({ units: 1 })]);
  model.compile({ loss: "mse" });
  const one = tf.ones([1, 1]);
  await assertRejects(
    () => model.fit(one, one, { ...quiet, epoch: 3 } as never),
    TypeError,
    'fit: unknown option "epoch", expected "epochs"',
  );
});

Deno.test("a cell of one's own, alone and in a stack", async () => {
  class Adding extends layers.Layer {
    readonly stateSize = 2;
    kernel!: tf.Variable;
    override build([, size]: number[]) {
      this.kernel = this.addWeight({ name: "kernel", shape: [size, 2], initializer: "ones" });
    }
    override call(x: tf.Tensor, [state]: tf.Tensor[]): [tf.Tensor, tf.Tensor[]] {
      const sum = tf.add(tf.matMul(x, this.kernel), state);
      return [sum, [sum]];
    }
  }
  const x = tf.ones([1, 3, 2]);
  const made = () => new Adding() as unknown as keras.layers.Cell;
  const one = new layers.RNN({ cell: made(), returnSequences: true });
  assertEquals(await values(one(x)), [2, 2, 4, 4, 6, 6]);
  const stack = new layers.RNN({ cell: [made(), new layers.SimpleRNNCell({ units: 3 })] });
  assertEquals(stack(x).shape, [1, 3]);
  assertEquals(stack.weights.length, 1 + 3);
});

Deno.test("a stateful layer goes on from batch to batch until it is reset", async () => {
  const layer = new layers.SimpleRNN({
    units: 1,
    stateful: true,
    activation: "linear",
    kernelInitializer: "ones",
    recurrentInitializer: "ones",
  });
  const model = new keras.Sequential([keras.Input({ shape: [2, 1], batchSize: 1 }), layer]);
  const x = tf.ones([1, 2, 1]);
  assertEquals(await values(model(x)), [2]);
  assertEquals(await values(model(x)), [4]);
  layer.resetState();
  assertEquals(await values(model(x)), [2]);
  assertThrows(
    () => new layers.LSTM({ units: 1, stateful: true })(keras.Input({ shape: [2, 1] })),
    RangeError,
    "the batch size is unknown",
  );
});

Deno.test("masks go through layers to where they count", async () => {
  const inputs = keras.Input({ shape: [4], dtype: "int32" });
  const embedded = new layers.Embedding({ inputDim: 5, outputDim: 2, maskZero: true })(inputs);
  const pooled = new layers.GlobalAveragePooling1D()(new layers.Dropout({ rate: 0.5 })(embedded));
  const model = new keras.Model({ inputs, outputs: pooled });
  model.setWeights([tf.tensor2d([[9, 9], [1, 2], [3, 4], [5, 6], [7, 8]])]);
  assertEquals(await values(model(tf.tensor2d([[1, 2, 0, 0]], undefined, "int32"))), [2, 3]);
  const given = new layers.GlobalAveragePooling1D()(tf.tensor3d([[[1], [5]]]), {
    mask: tf.tensor2d([[1, 0]], undefined, "bool"),
  });
  assertEquals(await values(given), [1]);
});

Deno.test("InputSpec: what a layer of one's own demands is checked when it is called", () => {
  const cases: [keras.layers.InputSpecOptions, string][] = [
    [{ ndim: 3 }, "input has shape [2, 4], expected 3 axes"],
    [{ minNdim: 3 }, "expected at least 3 axes"],
    [{ axes: { [-1]: 5 } }, "expected 5 at axis -1"],
    [{ shape: [null, 4, 1] }, "expected 3 axes"],
    [{ shape: [null, 5] }, "expected 5 at axis 1"],
    [{ dtype: "int32" }, "input has dtype float32, expected int32"],
  ];
  for (const [options, message] of cases) {
    class Picky extends keras.layers.Layer {
      override inputSpec = new keras.layers.InputSpec(options);
      override call(x: tf.Tensor) {
        return x;
      }
    }
    assertThrows(() => new Picky()(tf.ones([2, 4])), RangeError, message);
  }
  assertThrows(() => new keras.layers.InputSpec({ min_ndim: 2 } as never), TypeError, "minNdim");
});
