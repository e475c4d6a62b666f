/** Policies of short types: Keras' results, element types and trainings (tests/golden/keras_mixed_precision.json). */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { elementType } from "../../keras_style/engine/mod.ts";
import * as keras from "../../keras_style/mod.ts";
import { inFolder } from "../in_folder.ts";
import golden from "../golden/keras_mixed_precision.json" with { type: "json" };

const { layers, mixedPrecision } = keras;
type Policy = keyof typeof golden.training;
const POLICIES = Object.keys(golden.training) as Policy[];
/** float16 has 11 bits, bfloat16 8; sums are rounded at another place than in TensorFlow's kernels. */
const TOLERANCES: Record<Policy, number> = {
  mixed_float16: 4e-3,
  mixed_bfloat16: 2e-2,
  bfloat16: 3e-2,
};

/** Values by a formula, the same in the script. */
function wave(shape: readonly number[], phase = 0, scale = 1, near = 0): tf.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from(
    { length: count },
    (_, i) => near + scale * Math.sin(0.7 * i + phase),
  );
  return tf.tensor(values, [...shape], "float32");
}

function setWeights(layer: keras.Layer): void {
  layer.weights.forEach((weight, i) => {
    const isScale = /gamma|variance|scale/.test(weight.name);
    weight.assign(wave(weight.shape, i, 0.3, isScale ? 1 : 0));
  });
}

function withPolicy<T>(policy: Policy, run: () => T): T {
  mixedPrecision.setGlobalPolicy(policy);
  try {
    return run();
  } finally {
    mixedPrecision.setGlobalPolicy("float32");
  }
}

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

function assertClose(found: ArrayLike<number>, expected: number[], by: number, what: string): void {
  const size = Math.max(1, ...expected.map(Math.abs));
  expected.forEach((value, i) => assertAlmostEquals(found[i], value, by * size, `${what}[${i}]`));
}

for (const entry of golden.layers) {
  const [name, config, shape, training] = entry.layer as [string, object, number[], boolean];
  Deno.test(`${name}${training ? " while training" : ""} under short policies: Keras' values and types`, async () => {
    for (const policy of POLICIES) {
      const expected = entry[policy];
      const options = Object.fromEntries(
        Object.entries(config).map(([key, value]) => [camel(key), value]),
      );
      const layer = withPolicy(policy, () =>
        // deno-lint-ignore no-explicit-any
        new (layers as any)[name](options) as keras.Layer);
      const x = name === "Embedding"
        ? tf.tensor(Array.from({ length: 8 }, (_, i) => i % 6), shape, "int32")
        : wave(shape);
      layer(x);
      setWeights(layer);
      const y = layer(x, training ? { training } : {});
      assertEquals([elementType(y), y.shape], [expected.dtype, expected.shape], policy);
      const types = new Set(layer.weights.map((weight) => elementType(weight)));
      assertEquals([...types].sort(), expected.variables, policy);
      assertClose(await y.data(), expected.values, TOLERANCES[policy], `${name}, ${policy}`);
    }
  });
}

function trained(policy: Policy) {
  const image = [6, 6, 4];
  const model = new keras.Sequential([
    keras.Input(image),
    layers.Conv2D(6, 3, { activation: "relu" }),
    layers.BatchNormalization(),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.LayerNormalization(),
    layers.Dense(8, { activation: "gelu" }),
    layers.Dense(3, { dtype: "float32" }),
  ]);
  const inner = keras.optimizers.SGD(0.05, { momentum: 0.9 });
  const optimizer = keras.optimizers.LossScaleOptimizer(inner, {
    initialScale: 1024,
    dynamicGrowthSteps: 3,
  });
  model.compile({
    optimizer: policy === "mixed_float16" ? optimizer : inner,
    loss: keras.losses.SparseCategoricalCrossentropy({ fromLogits: true }),
  });
  setWeights(model);
  return { model, inner, optimizer };
}

Deno.test("LossScaleOptimizer without variables leaves those that it was built for where gradients overflow", async () => {
  const optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(1), {
    initialScale: 2,
  });
  const weight = tf.variable(tf.scalar(3));
  optimizer.build([weight]);
  optimizer.apply([tf.scalar(Infinity)]);
  assertEquals([...await weight.data(), ...await optimizer.dynamicScale.data()], [3, 1]);
  optimizer.apply([tf.scalar(2)]);
  assertEquals([...await weight.data()], [1]);
});

for (const policy of POLICIES) {
  Deno.test(`a training under ${policy}: Keras' losses, and steps left out where it overflows`, async () => {
    const expected = golden.training[policy];
    const { model, inner, optimizer } = withPolicy(policy, () => trained(policy));
    assertEquals(
      model.layers.map(({ computeDtype }) => computeDtype),
      expected.dtypes as "float16"[],
    );
    const labels = tf.tensor1d(Array.from({ length: 6 }, (_, i) => i % 3), "int32");
    const scales: number[] = [];
    for (const [step, loss] of expected.losses.entries()) {
      const isOverflow = golden.overflows.includes(step) && policy === "mixed_float16";
      const sampleWeight = tf.fill([6], isOverflow ? 1e7 : 1);
      const batch = wave([6, 6, 6, 4], step % 3);
      const [found] = await model.trainOnBatch(batch, labels, { sampleWeight });
      model.resetMetrics();
      // Rounding at other places than TensorFlow's grows from step to step.
      const by = TOLERANCES[policy] * (step < 2 ? 0.1 : 1) * Math.max(1, loss);
      assertAlmostEquals(found, loss, by, `${policy}: loss ${step}`);
      if (policy === "mixed_float16") scales.push(...await optimizer.dynamicScale.data());
    }
    if (policy === "mixed_float16") assertEquals(scales, expected.scales);
    assertEquals((await inner.iterations.data())[0], expected.iterations);
    if (policy !== "mixed_float16") return;
    const logits = await model.predictOnBatch(wave([2, 6, 6, 4])) as tf.Tensor;
    assertClose(await logits.data(), expected.logits, 2e-3, "logits");
  });
}

Deno.test("a saved model keeps its policies, the scale of its loss and the optimizer within", () =>
  inFolder(async (folder) => {
    const model = withPolicy("mixed_float16", () => {
      const made = new keras.Sequential([
        keras.Input([4]),
        layers.Dense(3, { activation: "relu" }),
        layers.Dense(1, { dtype: "float32" }),
      ]);
      made.compile({ optimizer: "adam", loss: "mse" });
      return made;
    });
    const { optimizer } = model;
    assert(optimizer instanceof keras.optimizers.LossScaleOptimizer);
    // So large a loss overflows a few times.
    await model.fit(wave([32, 4]), wave([32, 1], 0, 200), { epochs: 3, verbose: 0 });
    const scale = (await optimizer.dynamicScale.data())[0];
    assert(scale < 2 ** 15 && scale > 1, `${scale}`);
    await model.save(`${folder}/model.keras`);
    const loaded = await keras.loadModel(`${folder}/model.keras`);
    assertEquals(loaded.layers.map(({ dtypePolicy }) => dtypePolicy.name), [
      "mixed_float16",
      "float32",
    ]);
    const own = loaded.optimizer as typeof optimizer;
    assertEquals((await own.dynamicScale.data())[0], scale);
    assertEquals((await own.iterations.data())[0], (await optimizer.iterations.data())[0]);
    assertEquals((await own.learningRate.data())[0], Math.fround(0.001));
  }));

Deno.test("a layer of one's own computes in its policy's type, and its variables stay float32", async () => {
  const seen: string[] = [];
  class Scale extends keras.Layer {
    factor!: tf.Variable;
    row!: tf.Variable;
    override build() {
      this.factor = this.addWeight({ name: "factor", initializer: "ones" });
      this.row = this.addWeight({ name: "row", shape: [2], initializer: "ones" });
    }
    override call(x: tf.Tensor) {
      const y = tf.mul(tf.add(x, 1e-3), this.factor);
      this.factor.assign(tf.add(this.factor, tf.scalar(0.5)));
      // Kernels of many inputs are given them as a list.
      for (const joined of [tf.concat([x, this.row]), tf.addN([this.row, this.row])]) {
        seen.push(keras.ops.dtype(joined));
      }
      for (const tensor of [x, y, tf.zeros([2]), tf.cast(tf.greater(x, 0), "float32")]) {
        seen.push(keras.ops.dtype(tensor));
      }
      return y;
    }
  }
  const layer = new Scale({ dtype: new keras.DTypePolicy("mixed_bfloat16") });
  const x = wave([3]);
  using tape = new keras.GradientTape();
  tape.watch(x);
  const y = layer(x);
  const gradient = tape.gradient(tf.mul(y, 2), x)!;
  assertEquals(seen, Array(6).fill("bfloat16"));
  const types = [y, gradient, layer.factor, keras.ops.cast(y, "float32")].map(keras.ops.dtype);
  assertEquals(types, ["bfloat16", "float32", "float32", "float32"]);
  assertEquals([...await gradient.data()], [2, 2, 2]);
  assertEquals([...await layer.factor.data()], [1.5]);
});

Deno.test("a policy that there is not, and an engine without short types, are refused in one error", async () => {
  assertThrows(() => mixedPrecision.setGlobalPolicy("float64" as "float32"), TypeError, "float64");
  assertThrows(() => mixedPrecision.setGlobalPolicy("int32"), TypeError, "floating point");
  assertEquals(mixedPrecision.globalPolicy().name, "float32");
  await tf.setBackend("cpu");
  try {
    const layer = layers.Dense(2, { dtype: "mixed_float16" });
    assertThrows(() => layer(wave([1, 3])), Error, 'the engine "cpu" has no float16');
  } finally {
    await tf.setBackend("onnxruntime");
  }
});
