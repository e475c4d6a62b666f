import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import { kerasModel } from "../../../bench/models/published_cnn/keras.ts";
import * as keras from "../../../keras_style/mod.ts";
import proto from "onnx-proto";
import { pauseFinalization } from "../../../keras_style/tensors/finalization.ts";
import { assertNoMoreTensors } from "../tensor_count.ts";

const { layers } = keras;

async function exported<T>(
  model: keras.Model,
  look: (session: ort.InferenceSession, bytes: Uint8Array) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    await model.export(`${folder}/model.onnx`);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["model.onnx"]);
    const bytes = await Deno.readFile(`${folder}/model.onnx`);
    const session = await ort.InferenceSession.create(bytes);
    try {
      return await look(session, bytes);
    } finally {
      await session.release();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the exported published network predicts what the model predicts, for any batch size", async () => {
  keras.setRandomSeed(1);
  const model = kerasModel({ inputShape: [32, 32, 3], classes: 10 });
  await exported(model, async (session, bytes) => {
    assertEquals([session.inputNames, session.outputNames], [["input"], ["output"]]);
    const { graph } = proto.onnx.ModelProto.decode(bytes);
    const weights = new Set(graph!.initializer!.map(({ name }) => name));
    const moves = graph!.node!.filter(({ opType, input }) =>
      opType === "Transpose" && !weights.has(input![0])
    );
    // Axes are permuted once on the way in and once before they are flattened.
    assertEquals(moves.length, 2);
    const values = graph!.initializer!.reduce(
      (sum, { dims }) =>
        sum + dims!.reduce<number>((size, dimension) => size * Number(dimension), 1),
      0,
    );
    assertAlmostEquals(values, 430_102, 100);
    for (const count of [1, 7]) {
      const data = Float32Array.from({ length: count * 3072 }, (_, i) => i * 7919 % 251 / 250);
      const own = await model(tf.tensor(data, [count, 32, 32, 3])).data();
      const { output } = await session.run({
        input: new ort.Tensor("float32", data, [count, 32, 32, 3]),
      });
      assertEquals(output.dims, [count, 10]);
      own.forEach((value, i) => assertAlmostEquals((output.data as Float32Array)[i], value, 1e-5));
    }
  });
});

Deno.test("what a layer computes from its weights alone is still there when the file is written", async () => {
  // Of so many features that their memory is used again; see onnx/runtime/buffer_pool.ts.
  const features = 128;
  class Scaled extends keras.Layer {
    override call(x: tf.Tensor): tf.Tensor {
      const deviations = tf.sqrt(tf.add(tf.range(0, features), 1));
      return tf.div(x, tf.maximum(deviations, 1e-7));
    }
  }
  const inputs = keras.Input({ shape: [features] });
  const model = new keras.Model({ inputs, outputs: new Scaled()(inputs) });
  const data = new Float32Array(features).fill(1);
  await exported(model, async (session) => {
    const { output } = await session.run({ input: new ort.Tensor("float32", data, [1, features]) });
    const values = output.data as Float32Array;
    values.forEach((value, i) => assertAlmostEquals(value, 1 / Math.sqrt(i + 1), 1e-6));
  });
});

Deno.test("several outputs keep their names; exporting changes nothing", async () => {
  using _paused = pauseFinalization();
  const inputs = keras.Input({ shape: [4] });
  const hidden = new layers.BatchNormalization()(new layers.Dense({ units: 3 })(inputs));
  const model = new keras.Model({
    inputs,
    outputs: [
      new layers.Dense({ units: 2, name: "left" })(hidden),
      new layers.Dense({ units: 1, name: "right", activation: "sigmoid" })(hidden),
    ],
  });
  const before = tf.memory().numTensors;
  await exported(model, async (session) => {
    assertEquals(session.outputNames, ["left", "right"]);
    const input = new ort.Tensor("float32", Float32Array.of(1, 2, 3, 4), [1, 4]);
    const results = await session.run({ input });
    const own = await model.predictAll([[1, 2, 3, 4]], { verbose: 0 });
    for (const [i, name] of ["left", "right"].entries()) {
      const values = await own[i].data();
      values.forEach((value, k) =>
        assertAlmostEquals((results[name].data as Float32Array)[k], value, 1e-5)
      );
      own[i].dispose();
    }
  });
  assertNoMoreTensors(before);
});

Deno.test("what cannot be exported says why, and leaves no file", async () => {
  const folder = await Deno.makeTempDir();
  const model = new keras.Sequential([
    keras.Input({ shape: [null, 3] }),
    new layers.Dense({ units: 1 }),
  ]);
  await assertRejects(
    () => model.export(`${folder}/a.onnx`),
    Error,
    'export: axis 1 of input "input" is null',
  );
  const plain = new keras.Sequential([new layers.Dense({ units: 1, inputShape: [1] })]);
  await assertRejects(
    () => plain.export(`${folder}/a.onnx`, { inputNames: ["x", "y"] }),
    Error,
    "export: inputNames is [x, y], expected 1 different names",
  );
  await assertRejects(() => plain.export(`${folder}/missing/a.onnx`), Error);
  assertEquals([...Deno.readDirSync(folder)], []);
  await Deno.remove(folder);
});
