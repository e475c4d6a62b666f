import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { defaultRuntime } from "../../../onnx/mod.ts";
import { activeBackend, BACKEND_NAME } from "../../../keras_style/engine/mod.ts";
import {
  randomUniform,
  setRandomSeed,
  synchronize,
  tfFunction,
} from "../../../keras_style/tracing/mod.ts";
import { pauseFinalization } from "../../../keras_style/tensors/finalization.ts";
import { assertNoMoreTensors } from "../tensor_count.ts";

await tf.setBackend(BACKEND_NAME);

async function values(tensor: tf.Tensor): Promise<number[]> {
  return Array.from(await tensor.data());
}

Deno.test("a function is recorded once a signature and gives its values at every call", async () => {
  let recorded = 0;
  const f = tfFunction((x: tf.Tensor, factor: number) => {
    recorded++;
    return tf.add(tf.mul(x, factor), 1);
  });
  assertEquals(await values(f(tf.tensor([1, 2]), 3)), [4, 7]);
  assertEquals(await values(f(tf.tensor([5, 6]), 3)), [16, 19]);
  assertEquals(recorded, 1);
  assertEquals(await values(f(tf.tensor([5, 6]), 4)), [21, 25]);
  assertEquals(await values(f(tf.tensor([[5]]), 4)), [21]);
  assertEquals([recorded, f.signatures], [3, 3]);
});

Deno.test("arguments and results may be nested and handed through", async () => {
  const f = tfFunction((pair: { a: tf.Tensor; b: tf.Tensor[] }) => ({
    sum: tf.add(pair.a, pair.b[0]),
    same: pair.a,
    list: [tf.scalar(7), "text"] as const,
  }));
  const a = tf.tensor([1, 2]);
  const out = f({ a, b: [tf.tensor([10, 20])] });
  a.dispose();
  assertEquals(await values(out.sum), [11, 22]);
  assertEquals(await values(out.same), [1, 2]);
  assertEquals(await values(out.list[0]), [7]);
  assertEquals(out.list[1], "text");
});

Deno.test("variables are read at each call and changed by it", async () => {
  const total = tf.variable(tf.scalar(1));
  const last = tf.variable(tf.scalar(0));
  const add = tfFunction((x: tf.Tensor) => {
    last.assign(total as tf.Tensor as tf.Scalar);
    total.assign(tf.add(total, x) as tf.Scalar);
    return tf.mul(total, 10);
  });
  const results = [add(tf.scalar(2)), add(tf.scalar(3))];
  assertEquals(await Promise.all(results.map(values)), [[30], [60]]);
  assertEquals([await values(total), await values(last)], [[6], [3]]);
  total.assign(tf.scalar(100));
  assertEquals(await values(add(tf.scalar(1))), [1010]);
  tf.dispose([total, last]);
  assertThrows(() => add(tf.scalar(1)), Error, "was disposed");
});

Deno.test("a tensor that shares a variable's data keeps its value", async () => {
  const variable = tf.variable(tf.tensor([1, 2]));
  const copy = variable.clone();
  const step = tfFunction(() => {
    variable.assign(tf.add(variable, copy));
    return tf.sum(variable);
  });
  assertEquals(await values(step()), [6]);
  assertEquals(await values(step()), [9]);
  assertEquals([await values(copy), await values(variable)], [[1, 2], [3, 6]]);
  tf.dispose([variable, copy]);
});

Deno.test("variables made inside keep their state from call to call", async () => {
  let counter: tf.Variable | undefined;
  const count = tfFunction(() => {
    counter ??= tf.variable(tf.zeros([100]));
    counter.assign(tf.add(counter, 1));
    return tf.sum(counter);
  });
  assertEquals(await values(count()), [100]);
  assertEquals(await values(count()), [200]);
  counter!.dispose();
  const wrong = tfFunction((x: tf.Tensor) => tf.add(tf.variable(x, false, "wrong"), 1));
  assertThrows(() => wrong(tf.scalar(1)), Error, "variable wrong was made inside the function");
});

Deno.test("random numbers are drawn afresh at every call, the same for a seed", async () => {
  const draw = tfFunction(() => [randomUniform([2, 50]), randomUniform([100])]);
  setRandomSeed(3);
  const first = await Promise.all(draw().map(values));
  const second = await Promise.all(draw().map(values));
  assertNotEquals(first[0], second[0]);
  assertNotEquals(first[0], first[1]);
  setRandomSeed(3);
  assertEquals(await values(randomUniform([2, 50])), first[0]);
  await tf.setBackend("cpu");
  assertEquals(await values(randomUniform([100])), first[1]);
  await tf.setBackend(BACKEND_NAME);
  assertEquals(await values(draw()[1]), await (setRandomSeed(3), draw(), values(draw()[1])));
});

Deno.test("random numbers drawn in JavaScript would never change: they are refused, but for first values", async () => {
  const noisy = tfFunction((x: tf.Tensor) => tf.add(x, tf.mul(tf.randomUniform([3]), 2)));
  assertThrows(() => noisy(tf.zeros([3])), Error, "would be the same at every call");
  const big = tfFunction((x: tf.Tensor) => tf.add(x, tf.randomNormal([100])));
  assertThrows(() => big(tf.scalar(0)), Error, "use random.uniform");
  const seeded = tfFunction(() => tf.randomUniform([100], 0, 1, "float32", 5));
  assertEquals(await values(seeded()), await values(seeded()));
  const made: tf.Variable[] = [];
  const layer = tfFunction((x: tf.Tensor) => {
    if (made.length === 0) {
      made.push(
        tf.variable(tf.randomUniform([100], 1, 2)),
        tf.variable(tf.randomNormal([3]).mul(2)),
      );
    }
    return tf.sum(tf.mul(x, made[0]));
  });
  const sum = await values(layer(tf.scalar(1)));
  assert(sum[0] > 100 && sum[0] < 200);
  assertEquals(await values(layer(tf.scalar(1))), sum);
  assertNotEquals(await values(made[1]), [0, 0, 0]);
  assertEquals(Math.random.toString(), "function random() { [native code] }");
  tf.dispose(made);
});

Deno.test("reading a value while recording is an error, and the variables keep their values", async () => {
  const variable = tf.variable(tf.scalar(5));
  const f = tfFunction((x: tf.Tensor) => {
    variable.assign(tf.scalar(6));
    return tf.scalar(x.dataSync()[0]);
  });
  assertThrows(() => f(tf.scalar(1)), Error, "inside a tfFunction at file:");
  assertThrows(() => f(tf.scalar(1)), Error, "tf_function_test.ts:145:");
  assertEquals(await values(variable), [5]);
  let kept: tf.Tensor | undefined;
  await tfFunction((x: tf.Tensor) => {
    kept = tf.keep(tf.mul(x, 2));
    return tf.mul(kept, 2);
  })(tf.scalar(1)).data();
  await assertRejects(() => kept!.data(), Error, "return it from the function");
  variable.dispose();
});

Deno.test("what cannot be recorded is refused", () => {
  assertThrows(() => tfFunction(5 as never), TypeError, "fn is 5");
  // deno-lint-ignore require-await
  assertThrows(() => tfFunction(async () => 1), TypeError, "async function");
  assertThrows(() => tfFunction(() => Promise.resolve(1))(), Error, "returned a promise");
  const x = tf.scalar(1);
  x.dispose();
  assertThrows(() => tfFunction((x: tf.Tensor) => tf.neg(x))(x), Error, "argument 0 is disposed");
});

Deno.test("on another engine the function is simply run", async () => {
  await tf.setBackend("cpu");
  const f = tfFunction((x: tf.Tensor) => tf.square(x));
  assertEquals(Array.from(f(tf.tensor([3])).dataSync()), [9]);
  assertEquals(f.signatures, 0);
  await tf.setBackend(BACKEND_NAME);
});

Deno.test("what a number outside decides is recorded for each value of it", async () => {
  const settings = { rate: 2 };
  const f = tfFunction((x: tf.Tensor) => tf.mul(x, settings.rate), {
    dependsOn: () => settings.rate,
  });
  assertEquals(await values(f(tf.scalar(1))), [2]);
  settings.rate = 3;
  assertEquals(await values(f(tf.scalar(1))), [3]);
  settings.rate = 2;
  assertEquals(await values(f(tf.scalar(1))), [2]);
  assertEquals(f.signatures, 2);
});

/** A small network with everything a training step usually has. */
function network() {
  const weights = [
    tf.variable(tf.randomUniform([3, 3, 3, 8], -0.2, 0.2, "float32", 1)),
    tf.variable(tf.zeros([8])),
    tf.variable(tf.randomUniform([8 * 8 * 8, 10], -0.1, 0.1, "float32", 2)),
    tf.variable(tf.zeros([10])),
  ];
  const loss = (x: tf.Tensor, y: tf.Tensor, drop: boolean) => {
    const [filter, bias, weight, shift] = weights;
    let z: tf.Tensor = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same");
    z = tf.maxPool(tf.relu(tf.add(z, bias)) as tf.Tensor4D, 2, 2, "same");
    z = tf.reshape(z, [-1, 8 * 8 * 8]);
    if (drop) z = tf.mul(z, tf.cast(tf.greaterEqual(randomUniform(z.shape), 0.5), "float32"));
    const scores = tf.add(tf.matMul(z as tf.Tensor2D, weight as tf.Tensor2D), shift);
    return tf.losses.softmaxCrossEntropy(tf.oneHot(tf.cast(y, "int32"), 10), scores) as tf.Scalar;
  };
  return { weights, loss };
}

function batch(seed: number): [tf.Tensor, tf.Tensor] {
  return [
    tf.randomUniform([4, 16, 16, 3], 0, 1, "float32", seed),
    tf.tensor1d([1, 3, 5, 7].map((i) => (i + seed) % 10)),
  ];
}

Deno.test("a whole training step is one run of ONNX Runtime, and values are those of the cpu engine", async () => {
  const train = async (engine: string, traced: boolean) => {
    await tf.setBackend(engine);
    const { weights, loss } = network();
    const optimizer = tf.train.rmsprop(0.01);
    const body = (x: tf.Tensor, y: tf.Tensor) =>
      optimizer.minimize(() => loss(x, y, false), true, weights)!;
    const step = traced ? tfFunction(body) : body;
    const losses: number[] = [];
    for (let i = 0; i < 3; i++) losses.push(...await values(step(...batch(i % 2))));
    const last = await values(weights[0]);
    tf.dispose(weights);
    optimizer.dispose();
    return { losses, last };
  };
  const expected = await train("cpu", false);
  const eager = await train(BACKEND_NAME, false);
  const traced = await train(BACKEND_NAME, true);
  for (const got of [eager, traced]) {
    got.losses.forEach((value, i) => assertAlmostEquals(value, expected.losses[i], 2e-4));
    got.last.forEach((value, i) => assertAlmostEquals(value, expected.last[i], 2e-3));
  }
});

Deno.test("steps with dropout: one run each, JavaScript below 1 ms, memory flat", async () => {
  using _paused = pauseFinalization();
  const { weights, loss } = network();
  const optimizer = tf.train.adam(0.01);
  const step = tfFunction((x: tf.Tensor, y: tf.Tensor) =>
    optimizer.minimize(() => loss(x, y, true), true, weights)!
  );
  const [x, y] = batch(1);
  const losses = [await step(x, y).data()];
  const tensors = tf.memory().numTensors;
  const before = defaultRuntime().statistics;
  const times: number[] = [];
  for (let i = 0; i < 300; i++) {
    const begin = performance.now();
    const value = step(x, y);
    times.push(performance.now() - begin);
    if (i % 3 === 0) losses.push(await value.data());
    else await activeBackend()!.synchronize();
    value.dispose();
  }
  await activeBackend()!.synchronize(0);
  const after = defaultRuntime().statistics;
  assertEquals(after.runs - before.runs, 300);
  assertEquals(after.compiled, before.compiled);
  assertNoMoreTensors(tensors);
  assertLess(times.sort((a, b) => a - b)[150], 1);
  assertLess(losses.at(-1)![0], losses[0][0] * 0.7);
  // Two sets of buffers for what changes, and nothing else.
  const bytes = weights.reduce((sum, w) => sum + w.size * 4, 0);
  assertLess(defaultRuntime().pool.freeBytes, 20 * bytes);
  assert(weights.every((w) => !w.isDisposed));
});

Deno.test("small sums over results on their way build no session of their own", async () => {
  const f = tfFunction((x: tf.Tensor) => tf.mean(tf.square(x)));
  const x = tf.fill([2000], 3);
  await f(x).data();
  const before = defaultRuntime().statistics;
  let total: tf.Tensor = tf.scalar(0);
  for (let i = 0; i < 10; i++) total = tf.tidy(() => tf.add(total, tf.mul(f(x), 32)));
  assertEquals(await values(total), [10 * 9 * 32]);
  const after = defaultRuntime().statistics;
  assertEquals([after.runs - before.runs, after.compiled - before.compiled], [10, 0]);
});

Deno.test("a call that fails tells whoever reads its results, and variables stay as they were", async () => {
  const state = tf.variable(tf.zeros([2000]));
  const pick = tfFunction((indices: tf.Tensor) => {
    state.assign(tf.add(state, tf.sum(tf.gather(tf.range(0, 2000), indices as tf.Tensor1D))));
    return tf.sum(state);
  });
  assertEquals(await values(pick(tf.tensor1d([3], "int32"))), [6000]);
  const failed = pick(tf.tensor1d([5000], "int32"));
  const after = pick(tf.tensor1d([4], "int32"));
  const message = "GatherV2: the index value 5000 is not in [0, 1999]";
  await assertRejects(() => failed.data(), RangeError, message);
  await assertRejects(() => after.data(), RangeError, message);
  assertEquals((await values(state))[0], 3);
  assertEquals(await values(pick(tf.tensor1d([1], "int32"))), [2000 * 4]);
  state.dispose();
});

Deno.test("a loop that awaits synchronize runs no more than so many calls ahead", async () => {
  const f = tfFunction((x: tf.Tensor) => tf.sum(tf.square(x)));
  const x = tf.ones([3000]);
  const waiting = new Set<number>();
  for (let i = 0; i < 20; i++) {
    waiting.add(i);
    f(x).data().then(() => waiting.delete(i));
    await synchronize(2);
    assertLess(waiting.size, 4);
  }
  await synchronize(0);
  await assertRejects(() => synchronize(-1), RangeError, "allowed is -1");
});

Deno.test("recording looks at no variables but those it meets, however many there are", async () => {
  const { state } = tf.engine();
  const { registeredVariables } = state;
  let looks = 0;
  state.registeredVariables = new Proxy(registeredVariables, {
    ownKeys: (all) => (looks++, Reflect.ownKeys(all)),
  });
  try {
    const variable = tf.variable(tf.scalar(1));
    const f = tfFunction((x: tf.Tensor) => {
      for (let i = 0; i < 20; i++) variable.assign(tf.add(variable, tf.clone(x)));
      return tf.clone(variable);
    });
    assertEquals(await values(f(tf.scalar(2))), [41]);
    assertEquals(looks, 0);
    variable.dispose();
  } finally {
    state.registeredVariables = registeredVariables;
  }
});
