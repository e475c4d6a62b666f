/** Traced functions that are recorded once for dimensions that change. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { defaultRuntime } from "../../../onnx/mod.ts";
import { BACKEND_NAME } from "../../../keras_style/engine/mod.ts";
import { kerasModel } from "../../../bench/models/published_cnn/keras.ts";
import * as keras from "../../../keras_style/mod.ts";
import { fill, randomUniform, shape, tfFunction, zeros } from "../../../keras_style/tracing/mod.ts";

await tf.setBackend(BACKEND_NAME);

async function values(tensor: tf.Tensor): Promise<number[]> {
  return Array.from(await tensor.data());
}

/** Runs a function eagerly and traced on several shapes; gives how often it was run for the traced ones. */
async function compare(
  f: (...args: tf.Tensor[]) => tf.Tensor,
  specs: (number | null)[][],
  calls: number[][][],
): Promise<number> {
  let runs = 0;
  let counting = false;
  const traced = tfFunction((...args: tf.Tensor[]) => {
    if (counting) runs++;
    return f(...args);
  }, { inputSignature: specs.map((shape) => ({ shape })) });
  for (const shapes of calls) {
    const args = shapes.map((shape) => tf.randomUniform(shape, -1, 1, "float32", 3));
    counting = true;
    const actual = traced(...args);
    counting = false;
    const expected = f(...args);
    assertEquals(actual.shape, expected.shape);
    const [a, b] = [await values(actual), await values(expected)];
    a.forEach((value, i) => assertAlmostEquals(value, b[i], 1e-5 * Math.max(1, Math.abs(b[i]))));
  }
  return runs;
}

Deno.test("recorded once, whatever the open dimensions are; shapes have null; each call is one run", async () => {
  const seen: unknown[] = [];
  const f = tfFunction((x: tf.Tensor, y: tf.Tensor) => {
    seen.push([...x.shape], [...tf.matMul(x, y).shape]);
    return tf.relu(tf.matMul(x, y));
  }, { inputSignature: [{ shape: [null, 3] }, { shape: [3, null] }] });
  for (const [rows, columns] of [[2, 4], [5, 1], [1, 7]]) {
    const out = f(tf.ones([rows, 3]), tf.ones([3, columns]));
    assertEquals(out.shape, [rows, columns]);
    assertEquals(await values(out), new Array(rows * columns).fill(3));
  }
  assertEquals(seen, [[null, 3], [null, null]]);
  assertEquals(f.signatures, 1);
  const { runs } = defaultRuntime().statistics;
  await f(tf.ones([5, 3]), tf.ones([3, 1])).data();
  assertEquals(defaultRuntime().statistics.runs - runs, 1);
});

Deno.test("ops that depend on dimensions: reshapes, slices, means, pads, pooling, tiles", async () => {
  const image = [[[2, 8, 6, 3]], [[5, 16, 4, 3]], [[1, 10, 12, 3]]];
  const open = [[null, null, null, 3]];
  const cases: [string, (x: tf.Tensor) => tf.Tensor][] = [
    ["flatten", (x) => tf.reshape(x, [-1])],
    ["mean", (x) => tf.mean(x, [1, 2])],
    ["all mean", (x) => tf.mean(x)],
    ["softmax", (x) => tf.softmax(tf.reshape(x, [-1, 3]))],
    ["slice", (x) => tf.slice(x, [0, 1, 1, 0], [-1, -1, -1, 2])],
    ["strided", (x) => tf.stridedSlice(x, [0, 1, 1, 0], [0, -1, -1, 3], [1, 2, 2, 1], 15, 1)],
    ["pad", (x) => tf.pad(x, [[0, 0], [1, 2], [3, 0], [0, 0]])],
    ["pool", (x) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid")],
    ["pool with gaps", (x) => tf.avgPool(x as tf.Tensor4D, 2, 3, "valid")],
    ["conv", (x) => tf.conv2d(x as tf.Tensor4D, tf.ones([3, 3, 3, 2]), 1, "valid")],
    ["same conv", (x) => tf.conv2d(x as tf.Tensor4D, tf.ones([3, 3, 3, 2]), 1, "same")],
    ["strided conv", (x) => tf.conv2d(x as tf.Tensor4D, tf.ones([3, 3, 3, 2]), 2, "valid")],
    ["transpose", (x) => tf.transpose(x, [0, 2, 1, 3])],
    ["tile", (x) => tf.tile(x, [1, 2, 1, 3])],
    ["concat", (x) => tf.concat([x, x], 2)],
    ["zerosLike", (x) => tf.add(tf.zerosLike(x), tf.onesLike(x))],
    ["gradient", (x) => tf.grad((v: tf.Tensor) => tf.mean(tf.square(v)))(x)],
    [
      "conv gradient",
      (x) =>
        tf.grad((v: tf.Tensor) =>
          tf.sum(tf.square(tf.conv2d(v as tf.Tensor4D, tf.ones([3, 3, 3, 2]), 1, "same")))
        )(x),
    ],
    [
      "pool gradient",
      (x) =>
        tf.grad((v: tf.Tensor) => tf.sum(tf.square(tf.maxPool(v as tf.Tensor4D, 2, 2, "valid"))))(
          x,
        ),
    ],
  ];
  for (const [name, f] of cases) {
    try {
      assertEquals(await compare(f as never, open, image), 1);
    } catch (error) {
      throw new Error(name, { cause: error });
    }
  }
});

Deno.test("the dynamic shape is a value: dimensions worked out from it make tensors", async () => {
  const f = (x: tf.Tensor) => {
    const [h, w] = tf.unstack(shape(x));
    const frame = zeros([tf.add(h, 2), tf.mul(w, 2)]);
    const share = tf.div(tf.sum(x), tf.cast(tf.mul(h, w), "float32"));
    return tf.add(frame, share);
  };
  assertEquals(await compare(f, [[null, null]], [[[2, 3]], [[7, 5]], [[1, 1]]]), 1);
  assertEquals(await values(fill([tf.scalar(2, "int32"), 1], 7)), [7, 7]);
  assertThrows(() => zeros([1.5]), TypeError, "dimension 0 is 1.5");
});

Deno.test("random numbers of open dimensions are drawn afresh", async () => {
  const f = tfFunction((x: tf.Tensor) => {
    const [n] = tf.unstack(shape(x));
    return randomUniform([n, 4]);
  }, { inputSignature: [{ shape: [null] }] });
  const [a, b] = [f(tf.ones([3])), f(tf.ones([3]))];
  assertEquals(a.shape, [3, 4]);
  assert((await values(a)).join() !== (await values(b)).join());
  assertEquals(f(tf.ones([9])).shape, [9, 4]);
});

Deno.test("a model trains with batches of any size, recorded once, as it does without a signature", async () => {
  const losses = async (inputSignature?: { shape: (number | null)[]; dtype?: tf.DataType }[]) => {
    keras.setRandomSeed(1);
    const model = kerasModel({ inputShape: [32, 32, 3], classes: 10 });
    const loss = new keras.losses.SparseCategoricalCrossentropy({ fromLogits: true });
    const optimizer = new keras.optimizers.RMSprop();
    optimizer.build(model.trainableVariables);
    let runs = 0;
    const step = tfFunction((x: tf.Tensor, y: tf.Tensor) => {
      runs++;
      using tape = new keras.GradientTape();
      const value = loss(y, model(x, { training: true }));
      const gradients = tape.gradient(value, model.trainableVariables);
      optimizer.applyGradients(model.trainableVariables.map((v, i) => [gradients[i], v]));
      return value;
    }, { inputSignature });
    const found: number[] = [];
    for (const n of [4, 7, 4, 2]) {
      const x = tf.randomUniform([n, 32, 32, 3], 0, 1, "float32", n);
      found.push(...await values(step(x, tf.range(0, n, 1, "int32"))));
    }
    return { found, runs };
  };
  const plain = await losses();
  const open = await losses([{ shape: [null, 32, 32, 3] }, { shape: [null], dtype: "int32" }]);
  assertEquals([plain.runs, open.runs], [3, 1]);
  plain.found.forEach((value, i) => assertAlmostEquals(value, open.found[i], 1e-5));
});

Deno.test("arguments that do not fit the signature are named", () => {
  const f = tfFunction((x: tf.Tensor) => x, { inputSignature: [{ shape: [null, 3] }] });
  assertThrows(
    () => f(tf.ones([2, 4])),
    TypeError,
    "argument 0 is float32[2, 4], expected float32[null, 3]",
  );
  assertThrows(() => f(tf.ones([2, 3], "int32")), TypeError, "argument 0 is int32[2, 3]");
  assertThrows(() => f(3 as never), TypeError, "argument 0 is no tensor");
  const none = f as unknown as () => tf.Tensor;
  assertThrows(() => none(), TypeError, "0 arguments, expected 1");
  assertThrows(
    () => tfFunction(() => tf.scalar(1), { inputSignature: [{ shape: [-1] }] }),
    TypeError,
    "inputSignature[0].shape is [-1]",
  );
});

Deno.test("what cannot follow an open dimension is recorded for each shape, which is said once", async () => {
  const cases: ((...args: tf.Tensor4D[]) => tf.Tensor)[] = [
    (x) => tf.maxPool(x, 2, 2, "same"),
    (x) => tf.grad((v) => tf.sum(tf.square(tf.maxPool(v as tf.Tensor4D, 2, 2, "same"))))(x),
    (x) => tf.image.resizeBilinear(x, [3, 5]),
    (x) => tf.reverse(x, 1),
    (x) => tf.image.resizeNearestNeighbor(x, [3, 5]),
    (x) => tf.image.cropAndResize(x, [[0.1, 0, 0.2, 1]], [0], [4, 4]),
    (x, y) => tf.add(x, y),
  ];
  const { warn } = console;
  const said: string[] = [];
  console.warn = (text: string) => said.push(text);
  try {
    for (const f of cases) {
      const open = [1, null, null, 1];
      const calls = [[4, 6], [5, 9], [4, 6]].map(([h, w]) => [[1, h, w, 1], [1, 1, w, 1]]);
      assertEquals(await compare(f as never, [open, open], calls), 3);
      assertEquals(said.length, 1);
      assert(said.pop()!.includes("is recorded for each shape of its arguments"));
    }
  } finally {
    console.warn = warn;
  }
});

Deno.test("values near symbolic dimensions stay as they are, those of derived dimensions follow", async () => {
  const open = [null, null, null, 3];
  const calls = [[[2, 8, 6, 3]], [[5, 7, 9, 3]]];
  const sizes = [384, 784, 1000, 1024, 3000, 6000, 6144, 6200, 40000, 40361 - 1, 6637 + 2, 3318];
  for (const size of sizes) await compare((x) => tf.add(x, size), [open], calls);
  for (const size of [384, 784, 1500, 6000]) {
    const kernel = tf.variable(tf.randomUniform([3, size], -1, 1, "float32", 1));
    const f = (x: tf.Tensor) => tf.matMul(tf.reshape(x, [-1, 3]), kernel as tf.Tensor2D);
    assertEquals(await compare(f, [open], calls), 1);
  }
  const pooled = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid");
  await compare((x) => shape(pooled(x)), [open], calls);
  await compare((x) => zeros(tf.unstack(shape(pooled(x)))), [open], calls);
  const meanSquare = (x: tf.Tensor) => tf.mean(tf.square(x));
  await compare((x) => tf.grad((v) => meanSquare(pooled(v)))(x), [open], calls);
  const wide = [[[2, 100, 100, 3]], [[3, 100, 100, 3]]];
  await compare((x) => tf.mul(tf.grad(meanSquare)(x), 1e4), [[null, 100, 100, 3]], wide);
});

Deno.test("dimensions of different arguments that match are one, whichever axes they are", async () => {
  const product = (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y);
  const both = [[null, null], [null, null]];
  const calls = [[[3, 4], [4, 2]], [[5, 5], [5, 5]], [[1, 2], [2, 1]]];
  assertEquals(await compare(product, both, calls), 1);
  const difference = (x: tf.Tensor, y: tf.Tensor) => tf.mean(tf.square(tf.sub(x, y)), 1);
  assertEquals(await compare(difference, both, [[[2, 3], [2, 3]], [[4, 4], [4, 4]]]), 1);
});

Deno.test("the function sees null in tidy too; layers see numbers", async () => {
  const seen: unknown[] = [];
  const layer = keras.layers.LayerNormalization();
  layer.build([null, null, 3]);
  const f = (x: tf.Tensor) =>
    tf.tidy(() => {
      seen.push(x.shape);
      return layer(x);
    });
  assertEquals(await compare(f, [[null, null, 3]], [[[2, 4, 3]], [[3, 1, 3]]]), 1);
  assertEquals(seen[0], [null, null, 3]);
});

Deno.test("what the function does to a dimension that is null is an error that says what to do", () => {
  const unknown = tfFunction((x: tf.Tensor) => zeros(x.shape), {
    inputSignature: [{ shape: [null] }],
  });
  assertThrows(() => unknown(tf.ones([3])), TypeError, "use shape(x)");
  const value = tfFunction((x: tf.Tensor) => zeros([tf.sum(x)]), {
    inputSignature: [{ shape: [null] }],
  });
  assertThrows(() => value(tf.ones([3])), Error, "follows from the values in a tensor");
});
