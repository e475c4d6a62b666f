/** Every loss of Keras with many options: its losses, gradient, weights, masks and reductions. */
import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";
import { toSnakeCase } from "../../../keras_style/naming.ts";
import golden from "../../golden/keras_losses.json" with { type: "json" };
import { assertClose } from "../golden.ts";

const { losses } = keras;

type Kind = keyof typeof golden.inputs;

function inputs(kind: Kind): { yTrue: tf.Tensor; yPred: tf.Tensor } {
  const { yTrue, yPred } = golden.inputs[kind];
  return {
    yTrue: tf.tensor(yTrue.values, yTrue.shape),
    yPred: tf.tensor(yPred.values, yPred.shape),
  };
}

function make(className: string, config: object): keras.losses.Loss {
  return losses.deserialize({ className, config: { ...config } });
}

/** As far as float32 carries; CTC and Circle go through exponentials of large numbers. */
const tolerance = (value: number) => 2e-5 * Math.max(1, Math.abs(value));

function assertRelative(actual: ArrayLike<number>, expected: readonly number[], what: string) {
  assertEquals(actual.length, expected.length, what);
  expected.forEach((value, i) =>
    assertClose([actual[i]], [value], tolerance(value), `${what}[${i}]`)
  );
}

for (const { name, options, kind, mean, each, gradient } of golden.cases) {
  Deno.test(`${name} ${JSON.stringify(options)} of ${kind}: Keras' losses and gradient`, async () => {
    const { yTrue, yPred } = inputs(kind as Kind);
    const loss = make(name, options);
    using tape = new keras.GradientTape();
    tape.watch(yPred);
    const value = loss(yTrue, yPred);
    assertRelative(await value.data(), [mean], "mean");
    assertRelative(await tape.gradient(value, yPred)!.data(), gradient, "gradient");
    const single = make(name, { ...options, reduction: "none" });
    assertRelative(await single(yTrue, yPred).data(), each, "each");
    assertEquals(make(name, loss.getConfig()).getConfig(), loss.getConfig());
    assertEquals(losses.get(toSnakeCase(name) as "mse").constructor.name, name);
  });
}

const { weights, results } = golden.reductions;
for (const [reduction, expected] of Object.entries(results)) {
  Deno.test(`reduction ${reduction}: Keras' values with weights and masks`, async () => {
    const { yTrue, yPred } = inputs("numbers");
    const loss = new losses.MeanSquaredError({ reduction: reduction as "sum" });
    const mask = tf.tensor1d([1, 0, 1, 1, 0, 1], "bool");
    const found = {
      plain: loss(yTrue, yPred),
      weighted: loss(yTrue, yPred, weights),
      masked: loss(yTrue, yPred, undefined, mask),
      both: loss(yTrue, yPred, weights, mask),
    };
    for (const name of ["plain", "weighted", "masked", "both"] as const) {
      assertRelative(await found[name].data(), expected[name], name);
    }
  });
}

Deno.test("functions take nested arrays and their own options", async () => {
  const { binaryCrossentropy, meanSquaredError } = losses;
  assertClose(await meanSquaredError([[0, 1]], [[1, 3]]).data(), [2.5], 1e-6, "mse");
  const smooth = binaryCrossentropy([[1]], [[0.9]], { labelSmoothing: 0.5 });
  const expected = -0.75 * Math.log(0.9) - 0.25 * Math.log(0.1);
  assertClose(await smooth.data(), [expected], 1e-6, "bce");
});

const refused: [run: () => unknown, message: string][] = [
  [
    () => new losses.CategoricalCrossentropy({ label_smoothing: 0.1 } as never),
    'CategoricalCrossentropy: unknown option "label_smoothing", expected "labelSmoothing"',
  ],
  [
    () => new losses.BinaryCrossentropy({ labelSmoothing: 1.5 }),
    "BinaryCrossentropy: labelSmoothing is 1.5, expected a number from 0 to 1",
  ],
  [
    () => new losses.MeanSquaredError({ delta: 1 } as never),
    'MeanSquaredError: unknown option "delta"',
  ],
  [
    () => losses.huber([1], [1], { detla: 1 } as never),
    'huber: unknown option "detla", expected "delta"',
  ],
  [() => new losses.Huber({ delta: 0 }), "Huber: delta is 0, expected a number above 0"],
  [
    () => losses.get("mean_square" as "mse"),
    'loss is "mean_square", expected one of BinaryCrossentropy',
  ],
  [
    () => new losses.Tversky({ alpha: -1 }),
    "Tversky: alpha is -1, expected a number of at least 0",
  ],
  [() => losses.ctc([1], [[1]]), "ctc: labels have shape [1] and logits [1,1], expected"],
];

for (const [run, message] of refused) {
  Deno.test(`refused: ${message}`, () => void assertThrows(run, Error, message));
}
