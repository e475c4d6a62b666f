import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { activeBackend, BACKEND_NAME } from "../../keras_style/engine/mod.ts";
import { GradientTape } from "../../keras_style/gradient_tape.ts";
import * as ops from "../../keras_style/ops/mod.ts";
import { tfFunction } from "../../keras_style/tracing/mod.ts";
import { pauseFinalization } from "../../keras_style/tensors/finalization.ts";
import { assertNoMoreTensors } from "./tensor_count.ts";

await tf.setBackend(BACKEND_NAME);

async function values(tensor: tf.Tensor | null): Promise<number[]> {
  return Array.from(await tensor!.data());
}

function close(got: readonly number[], expected: readonly number[], tolerance = 1e-5): void {
  assertEquals(got.length, expected.length);
  got.forEach((value, i) => assertAlmostEquals(value, expected[i], tolerance));
}

/** A small network's loss with convolution, pooling, batch statistics and softmax. */
function loss(x: tf.Tensor4D, filter: tf.Variable, weight: tf.Variable): tf.Scalar {
  const z = tf.relu(tf.conv2d(x, filter as tf.Tensor as tf.Tensor4D, 1, "same"));
  const pooled = tf.maxPool(z as tf.Tensor4D, 2, 2, "valid");
  const { mean, variance } = tf.moments(pooled, [0, 1, 2]);
  const normal = tf.div(tf.sub(pooled, mean), tf.sqrt(tf.add(variance, 0.1)));
  const scores = tf.matMul(tf.reshape(normal, [2, 12]), weight as tf.Tensor as tf.Tensor2D);
  const labels = tf.oneHot(tf.tensor1d([0, 2], "int32"), 3);
  return tf.losses.softmaxCrossEntropy(labels, scores) as tf.Scalar;
}

function network() {
  return {
    x: tf.randomUniform<tf.Rank.R4>([2, 4, 4, 2], 0, 1, "float32", 4),
    filter: tf.variable(tf.randomUniform([3, 3, 2, 3], -1, 1, "float32", 5)),
    weight: tf.variable(tf.randomUniform([12, 3], -1, 1, "float32", 6)),
  };
}

Deno.test("gradients of variables are those of tf.variableGrads and of finite differences", async () => {
  const { x, filter, weight } = network();
  using tape = new GradientTape();
  const value = loss(x, filter, weight);
  const [dFilter, dWeight] = tape.gradient(value, [filter, weight]);
  const { grads } = tf.variableGrads(() => loss(x, filter, weight), [filter, weight]);
  close(await values(dFilter), await values(grads[filter.name]));
  close(await values(dWeight), await values(grads[weight.name]));
  const start = await filter.data() as Float32Array;
  for (const at of [0, 7, 25, 53]) {
    const sides = [];
    for (const h of [1e-2, -1e-2]) {
      const moved = start.slice();
      moved[at] += h;
      filter.assign(tf.tensor(moved, filter.shape as number[]));
      sides.push((await values(loss(x, filter, weight)))[0]);
    }
    assertAlmostEquals((sides[0] - sides[1]) / 2e-2, (await values(dFilter))[at], 2e-3);
  }
  tf.dispose([filter, weight]);
});

Deno.test("only what is watched has a gradient", async () => {
  const variable = tf.variable(tf.scalar(2));
  const fixed = tf.variable(tf.scalar(2), false);
  const [early, late, other] = [tf.scalar(3), tf.scalar(4), tf.scalar(5)];
  using tape = new GradientTape({ persistent: true });
  tape.watch([early]);
  const y = tf.mul(tf.mul(tf.mul(variable, fixed), tf.mul(early, late)), 1);
  tape.watch(late);
  const z = tf.mul(y, late);
  const got = tape.gradient(z, { variable, fixed, early, late, other });
  assertEquals(await values(got.variable), [2 * 3 * 4 * 4]);
  assertEquals(await values(got.early), [2 * 2 * 4 * 4]);
  // Only its second use came after watch.
  assertEquals(await values(got.late), [48]);
  assertEquals([got.fixed, got.other], [null, null]);
  const zeros = tape.gradient(z, [other, variable], { unconnectedGradients: "zero" });
  assertEquals(await values(zeros[0]), [0]);
  const blind = new GradientTape({ watchAccessedVariables: false });
  assertEquals(blind.gradient(tf.square(variable), variable), null);
  tf.dispose([variable, fixed]);
});

Deno.test("several targets add up, output gradients weigh them, a source may be the target", async () => {
  const x = tf.tensor([1, 2, 3]);
  using tape = new GradientTape({ persistent: true });
  tape.watch(x);
  const [square, cube] = [tf.square(x), tf.pow(x, 3)];
  assertEquals(await values(tape.gradient([square, cube], x)), [5, 16, 33]);
  const outputGradients = tf.tensor([1, 0, 10]);
  assertEquals(await values(tape.gradient(square, x, { outputGradients })), [2, 0, 60]);
  assertEquals(await values(tape.gradient(x, x)), [1, 1, 1]);
});

Deno.test("nested tapes give second derivatives, three of them third ones", async () => {
  const x = tf.variable(tf.scalar(2));
  using third = new GradientTape();
  using second = new GradientTape();
  using first = new GradientTape();
  const y = tf.pow(x, 4);
  const dy = first.gradient(y, x)!;
  const d2y = second.gradient(dy, x)!;
  const d3y = third.gradient(d2y, x);
  close(await values(dy), [32]);
  close(await values(d2y), [48]);
  close(await values(d3y), [48]);
  x.dispose();
});

Deno.test("a tape goes with TensorFlow.js' own gradient functions, either way round", async () => {
  const x = tf.scalar(3);
  using tape = new GradientTape();
  tape.watch(x);
  const slope = tf.grad((v: tf.Tensor) => tf.pow(v, 3))(x);
  close(await values(tape.gradient(slope, x)), [18]);
  const outer = tf.grad((v: tf.Tensor) => {
    using inner = new GradientTape();
    inner.watch(v);
    return inner.gradient(tf.pow(v, 3), v)!;
  });
  close(await values(outer(x)), [18]);
});

Deno.test("inside tfFunction a step with a tape is one run and keeps nothing", async () => {
  using _paused = pauseFinalization();
  const { x, filter, weight } = network();
  const optimizer = tf.train.sgd(0.1);
  const step = tfFunction((x: tf.Tensor4D) => {
    using tape = new GradientTape();
    const value = loss(x, filter, weight);
    const [a, b] = tape.gradient(value, [filter, weight]);
    optimizer.applyGradients([{ name: filter.name, tensor: a! }, {
      name: weight.name,
      tensor: b!,
    }]);
    return value;
  });
  const losses = [await values(step(x))];
  const { runs } = activeBackend()!.runtime.statistics;
  const { numTensors } = tf.memory();
  for (let i = 0; i < 10; i++) {
    const value = step(x);
    losses.push(await values(value));
    value.dispose();
  }
  assertEquals(activeBackend()!.runtime.statistics.runs - runs, 10);
  assertNoMoreTensors(numTensors);
  assert(losses.at(-1)![0] < losses[0][0] * 0.6);
  assertEquals(tf.engine().state.gradientDepth, 0);
  tf.dispose([filter, weight]);
});

Deno.test("a tape frees what it kept, also inside tidy and after an error", async () => {
  using _paused = pauseFinalization();
  const { x, filter, weight } = network();
  const before = tf.memory().numTensors;
  const gradient = tf.tidy(() => {
    using tape = new GradientTape();
    const value = tf.tidy(() => loss(x, filter, weight));
    return tape.gradient(value, filter)!;
  });
  assert((await values(gradient)).some((g) => g !== 0));
  gradient.dispose();
  assertThrows(() =>
    tf.tidy(() => {
      using _tape = new GradientTape({ persistent: true });
      loss(x, filter, weight);
      throw new Error("in between");
    })
  );
  assertNoMoreTensors(before);
  assertEquals([tf.engine().state.gradientDepth, tf.engine().state.activeTape], [0, null!]);
  tf.dispose([filter, weight]);
});

Deno.test("wrong use of a tape is named", () => {
  const x = tf.scalar(3);
  const tape = new GradientTape();
  assertThrows(() => tape.watch(tf.tensor([1], [1], "int32")), TypeError, "dtype int32");
  assertThrows(() => tape.gradient(tf.cast(x, "int32"), x), TypeError, "target 0 is dtype int32");
  const wrong = { outputGradients: tf.ones([2]) };
  assertThrows(() => tape.gradient(x, x, wrong), TypeError, "shape [2], expected []");
  tape.gradient(x, x);
  assertThrows(() => tape.gradient(x, x), Error, "persistent: true");
  const disposed = new GradientTape({ persistent: true });
  disposed[Symbol.dispose]();
  assertThrows(() => disposed.gradient(x, x), Error, "was disposed");
  using unable = new GradientTape();
  unable.watch(x);
  const { values } = tf.unique(tf.stack([x, x]));
  assertThrows(() => unable.gradient(values, x), Error, "kernel Unique has no gradient");
});

Deno.test("what was computed from watched tensors can be differentiated for", async () => {
  const x = tf.scalar(3);
  const other = tf.scalar(2);
  using tape = new GradientTape({ persistent: true });
  tape.watch(x);
  const y = tf.mul(x, x);
  const unwatched = tf.mul(other, other);
  const z = tf.mul(tf.mul(y, y), unwatched);
  // TensorFlow's guide on automatic differentiation: dz/dy = 2 y, here times 4.
  assertEquals([...await tape.gradient(z, y)!.data()], [72]);
  assertEquals([...await tape.gradient(z, x)!.data()], [432]);
  assertEquals(tape.gradient(z, unwatched), null);
  const [ofY, ofX] = tape.gradient(z, [y, x]);
  assertEquals([[...await ofY!.data()], [...await ofX!.data()]], [[72], [432]]);
});

Deno.test("running sums along any axis: the gradient is the running sum from the other end", async () => {
  for (const axis of [0, 1, 2, -1]) {
    const x = tf.ones([2, 2, 2]);
    const upstream = tf.reshape(tf.range(0, 8), [2, 2, 2]);
    using tape = new GradientTape();
    tape.watch(x);
    const slope = tape.gradient(tf.mul(tf.cumsum(x, axis), upstream), x);
    const expected = await tf.cumsum(upstream, axis, false, true).data();
    assertEquals(Array.from(await slope!.data()), Array.from(expected));
  }
});

Deno.test("nothing flows back through conditions, positions and whole quotients: what they decide is differentiated", async () => {
  const x = tf.variable(tf.tensor1d([-2, 3]));
  using tape = new GradientTape({ persistent: true });
  const y = tf.where(tf.greater(x, 0), tf.square(x), tf.mul(x, 0.5));
  close(await values(tape.gradient(y, x)), [0.5, 6]);
  const factors: [find: (x: tf.Tensor) => tf.Tensor, slope: number[]][] = [
    [(x) => ops.any(x), [1, 1]],
    [(x) => ops.all(x), [1, 1]],
    [(x) => ops.argsort(x), [0, 1]],
    [(x) => ops.floorDivide(x, 2), [-1, 1]],
  ];
  for (const [find, slope] of factors) {
    const product = tf.mul(x, tf.cast(find(x), "float32"));
    close(await values(tape.gradient(product, x)), slope);
  }
});
