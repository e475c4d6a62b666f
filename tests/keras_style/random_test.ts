import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../keras_style/mod.ts";

const { random } = keras;
const COUNT = 20000;

async function momentsOf(
  x: tf.Tensor,
): Promise<{ mean: number; deviation: number; values: number[] }> {
  const values = [...await x.data()];
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const square = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(square), values };
}

function near(actual: number, expected: number, tolerance: number): void {
  assert(Math.abs(actual - expected) < tolerance, `${actual} is not near ${expected}`);
}

Deno.test("uniform, normal and truncated normal numbers have the moments they are told to have", async () => {
  keras.setRandomSeed(11);
  const flat = await momentsOf(random.uniform([COUNT], { minval: 2, maxval: 6 }));
  near(flat.mean, 4, 0.03);
  near(flat.deviation, 4 / Math.sqrt(12), 0.02);
  const bell = await momentsOf(random.normal([COUNT], { mean: 1, stddev: 3 }));
  near(bell.mean, 1, 0.08);
  near(bell.deviation, 3, 0.06);
  const cut = await momentsOf(random.truncatedNormal([COUNT], { stddev: 2 }));
  near(cut.mean, 0, 0.05);
  near(cut.deviation, 2 * 0.87962566, 0.03);
  assert(cut.values.every((value) => Math.abs(value) <= 4));
  // Quartiles of a normal distribution cut at two deviations.
  const sorted = cut.values.toSorted((a, b) => a - b);
  near(sorted[COUNT / 4] / 2, -0.6373, 0.03);
});

Deno.test("integers, classes, order and dropout", async () => {
  keras.setRandomSeed(12);
  const integers = await random.randint([COUNT], 3, 6).data();
  for (const value of [3, 4, 5]) {
    near(integers.filter((one) => one === value).length / COUNT, 1 / 3, 0.02);
  }
  const logits = tf.log(tf.tensor2d([[0.7, 0.2, 0.1]]));
  const classes = await random.categorical(logits, COUNT).data();
  near(classes.filter((one) => one === 0).length / COUNT, 0.7, 0.02);
  const order = [...await random.shuffle(tf.range(0, 50)).data()];
  assertEquals(order.toSorted((a, b) => a - b), Array.from({ length: 50 }, (_, i) => i));
  assert(order.some((value, i) => value !== i));
  const kept = await random.dropout(tf.ones([COUNT]), 0.25).data();
  near(kept.filter((value) => value === 0).length / COUNT, 0.25, 0.02);
  near(Math.max(...kept), 4 / 3, 1e-6);
});

Deno.test("a number as seed repeats, a generator goes on, a traced function draws afresh", async () => {
  const values = async (x: tf.Tensor) => [...await x.data()];
  assertEquals(
    await values(random.normal([4], { seed: 3 })),
    await values(random.normal([4], { seed: 3 })),
  );
  const seed = new random.SeedGenerator({ seed: 3 });
  const [a, b] = [
    await values(random.uniform([4], { seed })),
    await values(random.uniform([4], { seed })),
  ];
  assert(a[0] !== b[0]);
  const again = new random.SeedGenerator({ seed: 3 });
  assertEquals(await values(random.uniform([4], { seed: again })), a);
  const traced = keras.tfFunction((x: tf.Tensor) => tf.add(x, random.uniform([4])));
  const [c, d] = [await values(traced(tf.zeros([4]))), await values(traced(tf.zeros([4])))];
  assert(c[0] !== d[0]);
  const fixed = keras.tfFunction((x: tf.Tensor) => tf.add(x, random.uniform([4], { seed: 5 })));
  assertEquals(await values(fixed(tf.zeros([4]))), await values(fixed(tf.zeros([4]))));
});

Deno.test("bad settings are refused by name", () => {
  const refused: [run: () => unknown, message: string][] = [
    [() => random.randint([1], 3, 3), "randint: maxval is 3, expected an integer of at least 4"],
    [
      () => random.dropout(tf.ones([1]), 1),
      "dropout: rate is 1, expected a number from 0 to below 1",
    ],
    [() => random.uniform([1], { min: 0 } as never), 'uniform: unknown option "min", expected'],
    [() => random.normal([1], { seed: 1.5 }), "normal: seed is 1.5, expected an integer"],
  ];
  for (const [run, message] of refused) assertThrows(run, Error, message);
});

Deno.test("gamma, beta and binomial have their distributions' means and variances", async () => {
  keras.setRandomSeed(5);
  const { gamma, beta, binomial } = keras.random;
  const shape = [20_000];
  const cases: [name: string, values: tf.Tensor, mean: number, variance: number][] = [
    ...[0.3, 1, 4].map((a) =>
      [`gamma ${a}`, gamma(shape, a), a, a] as [string, tf.Tensor, number, number]
    ),
    ["beta 0.2 0.2", beta(shape, 0.2, 0.2), 0.5, 0.25 / 1.4],
    ["beta 2 5", beta(shape, 2, 5), 2 / 7, 10 / (49 * 8)],
    ["binomial 10 0.3", binomial(shape, 10, 0.3), 3, 2.1],
  ];
  for (const [name, values, mean, variance] of cases) {
    const { mean: found, variance: spread } = tf.moments(values);
    // Four standard errors of the mean.
    assertAlmostEquals((await found.data())[0], mean, 4 * Math.sqrt(variance / shape[0]), name);
    assertAlmostEquals((await spread.data())[0], variance, 0.08 * variance, name);
    assertEquals((await tf.min(values).data())[0] >= 0, true, name);
  }
  const counts = binomial([2, 2], tf.tensor([0, 5]), tf.tensor([[1], [0]]));
  assertEquals(await counts.array(), [[0, 5], [0, 0]]);
  const draw = () => gamma([3], 2, { seed: 3 }).array();
  assertEquals(await draw(), await draw());
  assertThrows(() => gamma([1], 0), RangeError, "gamma: alpha is 0, expected a number above 0");
  assertThrows(() => binomial([1], 1.5, 0.5), RangeError, "binomial: counts is 1.5");
});
