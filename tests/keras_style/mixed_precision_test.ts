/** Policies of short types: Keras' results, element types and trainings (tests/golden/keras_mixed_precision.json). */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { elementType } from "../../keras_style/engine/mod.ts";
import * as keras from "../../keras_style/mod.ts";
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
