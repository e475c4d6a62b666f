/** Seven steps of every optimizer with many options, and schedules, against Keras'. */
import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { setConstraint } from "../../../keras_style/constraints/weight_constraints.ts";
import * as keras from "../../../keras_style/mod.ts";
import golden from "../../golden/keras_optimizers.json" with { type: "json" };
import { assertClose, scattered } from "../golden.ts";

const { optimizers } = keras;

function gradient(count: number, step: number): Float32Array {
  const values = scattered(count, 5 + step, 13).map((value) => value * 2);
  values[0] *= 1e-4;
  return values;
}

type Settings = Record<string, unknown>;

function make(name: string, options: Settings): keras.optimizers.Optimizer {
  return optimizers.deserialize({ className: name, config: options });
}

/** How many steps the JSON has results after. */
const KEPT = [4, 7];

for (const { name, options, after, final } of golden.cases as Case[]) {
  const { learningRate: _, ...shown } = options;
  Deno.test(`${name} ${JSON.stringify(shown)}: seven traced steps end where Keras' end`, async () => {
    const optimizer = make(name, options);
    const variables = [
      tf.variable(tf.tensor2d(scattered(6, 3, 11), [3, 2])),
      tf.variable(tf.tensor1d(scattered(5, 2, 7))),
    ];
    optimizer.build(variables);
    const step = keras.tfFunction((a: tf.Tensor, b: tf.Tensor) =>
      optimizer.apply([a, b], variables)
    );
    const values = async () => [...await variables[0].data(), ...await variables[1].data()];
    for (let i = 0; i < 7; i++) {
      step(tf.tensor2d(gradient(6, i), [3, 2]), tf.tensor1d(gradient(5, i + 1)));
      const kept = KEPT.indexOf(i + 1);
      if (kept >= 0) assertClose(await values(), after[kept], 3e-6, `after step ${i + 1}`);
    }
    assertEquals(step.signatures, 1);
    if (final) {
      optimizer.finalizeVariableValues();
      assertClose(await values(), final, 3e-6, "averages");
    }
    assertEquals(make(name, optimizer.getConfig()).getConfig(), optimizer.getConfig());
    optimizer.dispose();
  });
}

interface Case {
  readonly name: string;
  readonly options: Settings;
  readonly after: number[][];
  readonly final?: number[];
}

for (const { name, options, steps, rates } of golden.schedules) {
  Deno.test(`${name} ${JSON.stringify(options)}: Keras' rates`, async () => {
    const schedule = optimizers.schedules.deserialize({ className: name, config: options });
    const values: number[] = [];
    for (const step of steps) values.push((await schedule(step).data())[0]);
    assertClose(values, rates, 2e-7, name);
    const copy = optimizers.schedules.deserialize(optimizers.schedules.serialize(schedule));
    assertEquals(copy.getConfig(), schedule.getConfig());
  });
}

Deno.test("a schedule's rate changes from step to step without another trace", async () => {
  const learningRate = new optimizers.schedules.PiecewiseConstantDecay({
    boundaries: [0, 1],
    values: [1, 0.1, 0.01],
  });
  const optimizer = new optimizers.SGD({ learningRate });
  const weight = tf.variable(tf.scalar(0));
  optimizer.build([weight]);
  const step = keras.tfFunction((g: tf.Tensor) => optimizer.apply([g], [weight]));
  for (let i = 0; i < 4; i++) step(tf.scalar(-1));
  assertClose(await weight.data(), [1.12], 1e-6, "weight");
  assertEquals(step.signatures, 1);
  assertThrows(() => optimizer.learningRate = 1, TypeError, "a schedule sets it");
  assertEquals(make("SGD", optimizer.getConfig()).getConfig(), optimizer.getConfig());
});

Deno.test("weights left out of weight decay stay; constraints hold after every step", async () => {
  const [kernel, bias] = ["kernel", "bias"].map((name) =>
    tf.variable(tf.ones([2]), true, `excluded/${name}`)
  );
  const optimizer = new optimizers.SGD({ learningRate: 1, weightDecay: 0.5 });
  optimizer.excludeFromWeightDecay({ varNames: ["bias$"] });
  setConstraint(bias, new keras.constraints.NonNeg());
  optimizer.apply([tf.zeros([2]), tf.tensor1d([0.5, 3])], [kernel, bias]);
  assertEquals([...await kernel.data(), ...await bias.data()], [0.5, 0.5, 0.5, 0]);
  assertThrows(
    () => optimizer.excludeFromWeightDecay({ varList: [kernel] }),
    Error,
    "excludeFromWeightDecay was called after build",
  );
});

Deno.test("the loss is scaled as the gradients are scaled back", async () => {
  const optimizer = new optimizers.Adam({ lossScaleFactor: 8 });
  assertEquals(await optimizer.scaleLoss(tf.scalar(2)).data(), Float32Array.of(16));
});

const refused: [run: () => unknown, message: string][] = [
  [
    () => new optimizers.Adam("fast" as never),
    'Adam: learningRate is "fast"',
  ],
  [
    () => new optimizers.Adam({ clipNorm: 1 } as never),
    'Adam: unknown option "clipNorm", expected "clipnorm"',
  ],
  [
    () => new optimizers.AdamW({ beta_1: 1 } as never),
    'AdamW: unknown option "beta_1", expected "beta1"',
  ],
  [() => new optimizers.SGD({ lr: 1 } as never), 'SGD: unknown option "lr"'],
  [
    () => new optimizers.SGD({ clipnorm: 1, clipvalue: 1 }),
    "SGD: clipnorm and clipvalue are given, expected one of them",
  ],
  [
    () => new optimizers.Adam({ gradientAccumulationSteps: 1 }),
    "Adam: gradientAccumulationSteps is 1, expected an integer of at least 2",
  ],
  [
    () => new optimizers.Ftrl({ learningRatePower: 1 }),
    "learningRatePower is 1, expected a number up to 0",
  ],
  [() => optimizers.get("adamm" as "adam"), 'optimizer is "adamm", expected one of Adadelta'],
  [
    () => new optimizers.schedules.CosineDecay({ initialLearningRate: 1, decaySteps: 0 }),
    "CosineDecay: decaySteps is 0, expected a number",
  ],
  [
    () => new optimizers.schedules.PiecewiseConstantDecay({ boundaries: [1], values: [1] }),
    "PiecewiseConstantDecay: values is [1], expected 2 values",
  ],
  [
    () => new optimizers.SGD().apply([null], [tf.variable(tf.scalar(1))]),
    "no variable has a gradient",
  ],
];

for (const [run, message] of refused) {
  Deno.test(`refused: ${message}`, () => void assertThrows(run, Error, message));
}
