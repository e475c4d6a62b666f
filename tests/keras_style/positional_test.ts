/** What may stand by position is what stands there in Python's Keras (tests/golden/keras_positional.py). */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";
import { toCamelCase } from "../../keras_style/naming.ts";
import golden from "../golden/keras_positional.json" with { type: "json" };

const { layers, ops } = keras;

// deno-lint-ignore no-explicit-any
type AnyClass = { new (...args: any[]): any; (...args: any[]): any };

/** Base classes, and classes whose constructors take something else than options. */
const OTHERS = new Set([
  ...["Layer", "Loss", "Metric", "Optimizer", "Initializer", "Regularizer", "Constraint"],
  ...[
    "Callback",
    "CallbackList",
    "History",
    "ProgbarLogger",
    "LearningRateSchedule",
    "MeanMetricWrapper",
  ],
  ...["InputSpec", "MultiOptimizer", "OptimizerMap"],
]);

const moduleOf = (path: string) =>
  path.split(".").reduce((found, part) => found[part], keras as unknown as Record<string, never>);

/** The message of what a call throws; undefined where it throws nothing. */
function messageOf(call: () => unknown): string | undefined {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
}

function namesByPosition(Class: AnyClass): string[] {
  const message = messageOf(() => new Class(...Array(9).fill(0)));
  const [, names] = / is argument \d+, expected an object of options(?: behind (.*))?$/
    .exec(message ?? "") ?? [, `no such error: ${message}`];
  return names?.split(", ") ?? [];
}

for (const [path, classes] of Object.entries(golden.classes)) {
  Deno.test(`keras.${path}: every class takes Keras' first four arguments by position, as far as they are here`, () => {
    const found = moduleOf(path) as unknown as Record<string, AnyClass>;
    const [here, wanted]: Record<string, string[]>[] = [{}, {}];
    for (const [name, all] of Object.entries(classes)) {
      const Class = found[name];
      if (!Class || OTHERS.has(name)) continue;
      const isKnown = (option: string) =>
        !messageOf(() => new Class({ [option]: undefined }))?.includes("unknown option");
      const expected = (all as string[]).map(toCamelCase);
      const absent = expected.findIndex((option) => !isKnown(option));
      here[name] = namesByPosition(Class);
      wanted[name] = absent < 0 ? expected : expected.slice(0, absent);
      assert(!isKnown("noSuchOption"), `${path}.${name} takes an unknown option`);
    }
    assertEquals(here, wanted);
  });
}

Deno.test("a class with and without new, by position and by name, and extended", () => {
  const byName = new layers.Conv2D({ filters: 2, kernelSize: 3, strides: 2, name: "a" });
  const byPosition = layers.Conv2D(2, 3, 2, { name: "a" });
  assertEquals(byPosition.getConfig(), byName.getConfig());
  assertEquals(layers.MaxPooling2D(2, undefined, "same").strides, [2, 2]);
  class Hidden extends layers.Dense {
    constructor(units: number) {
      super(units, "relu");
    }
  }
  const layer = new Hidden(3);
  assertEquals([layer.units, layer.getClassName()], [3, "Hidden"]);
  assert(layer instanceof layers.Dense && layer instanceof Hidden);
  assert(layers.Dense(1) instanceof keras.Layer);
  const optimizer = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 10), 0.9);
  assertEquals(optimizer.getConfig().momentum, 0.9);
  assertEquals(keras.regularizers.l2(0.1).getConfig(), { l2: 0.1 });
});

Deno.test("inputs and outputs of a model by position, objects of them too", () => {
  const x = keras.Input([4], { name: "x" });
  const y = layers.Dense(2)(x);
  assertEquals(new keras.Model(x, y, { name: "m" }).name, "m");
  assertEquals(keras.Model([x], [y]).outputs.length, 1);
  assertEquals(new keras.Model({ x }, { y }).inputs.length, 1);
  assertEquals(new keras.Model(x, { y }).outputs.length, 1);
  assertThrows(() => new keras.Model(x as never), TypeError);
});

Deno.test("the parameters of random draws by position", async () => {
  const { normal, truncatedNormal, uniform } = keras.random;
  for (const draw of [normal, truncatedNormal]) {
    const values = await draw([500], 100, 0.5, { seed: 1 }).data();
    assertEquals(values, await draw([500], { mean: 100, stddev: 0.5, seed: 1 }).data());
    assert(values.every((value) => Math.abs(value - 100) < 3));
  }
  const values = await uniform([50], 5, 7, { seed: 1 }).data();
  assert(values.every((value) => value >= 5 && value < 7));
});

Deno.test("optimizer and loss of compile by position", async () => {
  const model = new keras.Sequential([keras.Input([2]), layers.Dense(1)]);
  model.compile("sgd", "mse", { metrics: ["mae"] });
  assertEquals(model.optimizer.name.startsWith("sgd"), true);
  const { history } = await model.fit(tf.ones([4, 2]), tf.ones([4, 1]), { verbose: 0 });
  assertEquals(Object.keys(history), ["loss", "mae"]);
  model.compile(keras.optimizers.Adam(), keras.losses.Huber());
  assertThrows(
    () => (model.compile as (...args: unknown[]) => void)("sgd", { loss: "mse", rate: 1 }),
    TypeError,
    'compile: unknown option "rate"',
  );
});

type AnyCall = (...args: unknown[]) => unknown;

const refused: [call: () => unknown, message: string][] = [
  [() => new (layers.Dense as AnyClass)(), "Dense: units is missing, expected an integer"],
  [
    () => (layers.Dense as AnyClass)(8, { units: 3 }),
    "Dense: units is given by position and as an option",
  ],
  [() => (layers.Add as AnyClass)(3), "Add: 3 is argument 1, expected an object of options"],
  [() => (layers.Dense as AnyClass)("8"), 'Dense: units is "8", expected an integer of at least 1'],
  [
    () => (layers.Conv2D as AnyClass)(1, 2, 3, "same", null),
    "Conv2D: null is argument 5, expected an object of options behind filters, kernelSize, strides, padding",
  ],
  [() => (keras.optimizers.Adam as AnyClass)("fast"), "learningRate"],
  [
    () => (keras.activations.threshold as AnyCall)([1], 0.5, -2),
    "threshold: -2 is argument 3, expected an object of options",
  ],
  [
    () => (keras.activations.relu as AnyCall)([1], { maxValue: 6 }, 0.1),
    "relu: 0.1 is argument 3, expected nothing behind the options",
  ],
  [() => (ops.sum as AnyCall)([1], 0, { keepdims: true }, 3), "sum: 3 is argument 4"],
];

for (const [call, message] of refused) {
  Deno.test(`refused: ${message}`, () => void assertThrows(call, Error, message));
}

Deno.test("ops whose first option in Keras is the axis take it by position, at once and in models", async () => {
  const found = ops as unknown as Record<string, (...args: unknown[]) => unknown>;
  const x = tf.tensor([[[0.5, 2], [3, 1], [5, -2]]]);
  const other: Readonly<Record<string, unknown[]>> = {
    split: [2],
    arraySplit: [2],
    repeat: [2],
    roll: [1],
    quantile: [0.5],
    percentile: [50],
    oneHot: [3],
    take: [tf.tensor([0, 0], [2], "int32")],
    append: [x],
    takeAlongAxis: [tf.tensor([[[0, 0]]], undefined, "int32")],
  };
  const tested: string[] = [];
  for (
    const [name, [required, option]] of Object.entries(golden.ops) as [string, [number, string]][]
  ) {
    const op = found[toCamelCase(name)];
    if (option !== "axis" || !op) continue;
    const more = other[toCamelCase(name)] ?? [];
    if (more.length !== required - 1) continue;
    // Halves and squeezes what axis 0 of the others cannot be.
    const input = ["glu", "split"].includes(name) ? tf.concat([x, x]) : x;
    const first = ["concatenate", "stack"].includes(name)
      ? [x, x]
      : name === "one_hot"
      ? tf.tensor([0, 2], [2], "int32")
      : input;
    const values = async (result: unknown) =>
      await Promise.all(
        [result].flat().map(async (
          one,
        ) => [(one as tf.Tensor).shape, [...await (one as tf.Tensor).data()]]),
      );
    assertEquals(
      await values(op(first, ...more, 0)),
      await values(op(first, ...more, { axis: 0 })),
      name,
    );
    tested.push(name);
  }
  assert(tested.length >= 35, tested.join());
  const symbolic = keras.Input([3]);
  assertEquals(ops.sum(symbolic, 1, { keepdims: true }).shape, [null, 1]);
  assertEquals(ops.sum(symbolic, undefined, { keepdims: true }).shape, [1, 1]);
  const model = new keras.Model(symbolic, ops.softmax(symbolic, -1));
  assertEquals(keras.modelFromJSON(model.toJSON()).outputShape, [null, 3]);
});
