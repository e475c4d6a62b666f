/** Files of Keras that do not fit, are damaged or wicked: refused by name, and nothing changes. Files of Keras 2. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import * as keras from "../../../keras_style/mod.ts";
import { decodeArchive, encodeArchive } from "../../../keras_style/saving/keras_archive.ts";
import { encodeHdf5 } from "../../../keras_style/saving/hdf5.ts";
import { pauseFinalization } from "../../../keras_style/tensors/finalization.ts";
import index from "../../golden/keras_archives/index.json" with { type: "json" };
import { inFolder } from "../../in_folder.ts";
import { assertNoMoreTensors } from "../tensor_count.ts";

const { layers } = keras;
const golden = new URL("../../golden/keras_archives/", import.meta.url);

function small(units = 3): keras.Sequential {
  const model = new keras.Sequential([
    keras.Input({ shape: [4] }),
    new layers.Dense({ units, activation: "relu" }),
    new layers.BatchNormalization(),
    new layers.Dense({ units: 2 }),
  ]);
  model.compile({ optimizer: "adam", loss: "mse" });
  return model;
}

async function valuesOf(model: keras.Model): Promise<number[]> {
  const all = await Promise.all(model.weights.map((weight) => weight.data()));
  return all.flatMap((values) => [...values]);
}

async function zip(members: Readonly<Record<string, string | Uint8Array>>): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [name, content] of Object.entries(members)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await writer.add(name, new Uint8ArrayReader(bytes));
  }
  return await writer.close();
}

Deno.test("weights that do not fit are all listed, and none changes; with skipMismatch the others are taken", () =>
  inFolder(async (folder) => {
    const path = `${folder}/model.weights.h5`;
    await small(3).saveWeights(path);
    const model = small(4);
    const before = await valuesOf(model);
    const error = await assertRejects(() => model.loadWeights(path), Error);
    const [dense, normalization, last] = model.layers.map(({ name }) => `for layer "${name}"`);
    assertEquals(error.message.split("\n").slice(1), [
      `  "layers/dense/vars/0" is float32[4, 3], expected float32[4, 4] ${dense}`,
      `  "layers/dense/vars/1" is float32[3], expected float32[4] ${dense}`,
      ...[0, 1, 2, 3].map((i) =>
        `  "layers/batch_normalization/vars/${i}" is float32[3], expected float32[4] ${normalization}`
      ),
      `  "layers/dense_1/vars/0" is float32[3, 2], expected float32[4, 2] ${last}`,
    ]);
    assertEquals(await valuesOf(model), before);
    const warned: string[] = [];
    const { warn } = console;
    console.warn = (line: string) => warned.push(line);
    try {
      model.layers[2].setWeights([tf.ones([4, 2]), tf.ones([2])]);
      await model.loadWeights(path, { skipMismatch: true });
    } finally {
      console.warn = warn;
    }
    assertEquals(warned.length, 1);
    assertEquals(await model.layers[2].weights[1].array(), [0, 0]);
    assertEquals(await model.layers[2].weights[0].array(), await tf.ones([4, 2]).array());
    const more = new keras.Sequential([
      keras.Input({ shape: [4] }),
      new layers.Dense({ units: 3 }),
    ]);
    await assertRejects(
      () => more.loadWeights(path),
      Error,
      '"layers/dense_1/vars/1" belongs to no layer',
    );
  }));

Deno.test("damaged and wicked archives say what is wrong with them; no variable is left", () =>
  inFolder(async (folder) => {
    using _paused = pauseFinalization();
    const path = `${folder}/bad.keras`;
    const model = small();
    await model.fit([[1, 2, 3, 4]], [[1, 2]], { verbose: 0 });
    await model.save(path);
    const good = await decodeArchive(await Deno.readFile(path));
    // deno-lint-ignore no-explicit-any
    const changed = (change: (config: any) => void) => {
      const config = JSON.parse(good.config);
      change(config);
      return encodeArchive({ ...good, config: JSON.stringify(config) });
    };
    const members = {
      "config.json": good.config,
      "metadata.json": good.metadata,
      "model.weights.h5": good.weights,
    };
    const { "model.weights.h5": _, ...without } = members;
    const cut = good.weights.slice(0, good.weights.length / 2);
    const whole = await encodeArchive(good);
    const flipped = whole.slice();
    flipped[whole.length >> 1] ^= 0xff;
    const cases: [Uint8Array | Promise<Uint8Array>, string][] = [
      [
        zip(without),
        "its member model.weights.h5 is missing (there is config.json, metadata.json)",
      ],
      [zip({ ...without, "model.weights.npz": "x" }), "model.weights.h5 is missing"],
      [whole.slice(0, whole.length - 30), "cannot be loaded"],
      [flipped, "cannot be loaded"],
      [zip({ ...members, "../up": "x" }), "cannot be loaded"],
      [zip({ ...members, "model.weights.h5": new Uint8Array(2 ** 26 + 1) }), "expected at most"],
      [zip({ ...members, "config.json": "{" }), "it is no JSON"],
      [zip({ ...members, "config.json": "[".repeat(1e5) }), "nested more than"],
      [
        zip({ ...members, "metadata.json": '{"tandem_random": [-1, 0]}' }),
        "state of random numbers",
      ],
      [encodeArchive({ ...good, weights: cut }), "its member model.weights.h5"],
      [encodeArchive({ ...good, weights: new Uint8Array(99) }), "is no HDF5 file"],
      [changed((config) => config.class_name = "toString"), '"toString" is not known'],
      [changed((config) => config.config.layers[1].config.units = 1e8), "more weights than"],
      [changed((config) => config.config.layers[1].config.units = 4), "mismatches:\n"],
      [changed((config) => config.config.layers[1].config.unit = 4), 'unknown option "unit"'],
      [
        changed((config) => config.config.layers[2].config.synchronized = true),
        "BatchNormalization: synchronized is true, expected false",
      ],
      [
        changed((config) =>
          config.config.layers[1].config.activation = { class_name: "__lambda__" }
        ),
        "a Python lambda, which is not run",
      ],
      [changed((config) => config.compile_config.optimizer.class_name = "eval"), '"eval"'],
      [changed((config) => config.compile_config.loss = "none at all"), "none at all"],
    ];
    const { numTensors } = tf.memory();
    for (const [bytes, message] of cases) {
      await Deno.writeFile(path, await bytes);
      const error = await assertRejects(() => keras.loadModel(path), Error, message);
      assert(error.message.length < 2000, error.message);
    }
    assertNoMoreTensors(numTensors);
    const polluted = good.config.replace('"layers":', '"__proto__":{"x":1},"layers":');
    await Deno.writeFile(path, await encodeArchive({ ...good, config: polluted }));
    await assertRejects(() => keras.loadModel(path), Error, "a field __proto__");
  }));

Deno.test("an HDF5 file whose arrays are never written may not claim more than it could hold", () =>
  inFolder(async (folder) => {
    const path = `${folder}/x.weights.h5`;
    const arrays = { 0: { shape: [2], data: new Float32Array([1, 2]) } };
    const bytes = await encodeHdf5([{ path: "layers/dense/vars", attributes: {}, arrays }]);
    await Deno.writeFile(path, bytes);
    await assertRejects(() => small().loadWeights(path), Error, '"layers/dense/vars/1" is missing');
    // A dimension in the header, made large.
    const view = new DataView(bytes.buffer);
    let found = 0;
    for (let i = 0; i + 16 <= bytes.length; i++) {
      if (view.getBigUint64(i, true) === 2n && view.getBigUint64(i + 8, true) === 2n) {
        view.setBigUint64(i, 1n << 40n, true);
        view.setBigUint64(i + 8, 1n << 40n, true);
        found++;
      }
    }
    assert(found > 0);
    await Deno.writeFile(path, bytes);
    await assertRejects(() => small().loadWeights(path), Error, "does not fit model");
  }));

Deno.test("names of files that promise another kind are refused before anything is written", () =>
  inFolder(async (folder) => {
    const model = small();
    await assertRejects(
      () => model.save(`${folder}/m.h5`),
      Error,
      "ends in .keras or .safetensors",
    );
    await assertRejects(() => model.saveWeights(`${folder}/m.h5`), Error, "ends in .weights.h5");
    await assertRejects(() => model.saveWeights(`${folder}/m.keras`), Error, "ends in .weights.h5");
    assertEquals([...Deno.readDirSync(folder)], []);
    await model.saveWeights(`${folder}/m.weights.h5`);
    await assertRejects(
      () => keras.loadModel(`${folder}/m.weights.h5`),
      Error,
      "it holds weights alone; make the model by code",
    );
    await assertRejects(
      () => keras.loadModel(new URL("legacy_model.h5", golden)),
      Error,
      "it is a whole model of Keras 2; load it with Python's Keras 3 and save it as .keras",
    );
  }));

Deno.test("half precision is read, another is refused", async () => {
  const half = await Deno.readTextFile(new URL("half.json", golden));
  const model = keras.modelFromJSON(half);
  assertEquals(model.layers.map(({ dtypePolicy }) => dtypePolicy.name), ["mixed_float16"]);
  assertThrows(
    () => keras.modelFromJSON(half.replaceAll("mixed_float16", "float64")),
    Error,
    'dtype is "float64", expected one of float32, float16, bfloat16, mixed_float16',
  );
});

for (const name of ["legacy_model.h5", "legacy_weights.h5"]) {
  Deno.test(`weights of Keras 2 are taken in the layers' order: ${name}`, async () => {
    const within = new keras.Sequential([
      keras.Input({ shape: [3] }),
      new layers.Dense({ units: 3, activation: "relu" }),
      new layers.BatchNormalization(),
    ]);
    const make = (units: number) =>
      new keras.Sequential([
        keras.Input({ shape: [4] }),
        new layers.Dense({ units: 3 }),
        new layers.BatchNormalization(),
        within,
        new layers.Dropout({ rate: 0.5 }),
        new layers.Dense({ units }),
      ]);
    const model = make(2);
    await model.loadWeights(new URL(name, golden));
    const { output } = index.find(({ file }) => file === name)!.outputs as {
      output: { values: number[] };
    };
    const x = tf.tensor2d(Float32Array.from({ length: 8 }, (_, i) => Math.sin(i * 0.7)), [2, 4]);
    const own = await model(x).data();
    output.values.forEach((value, i) => assertAlmostEquals(own[i], value, 2e-6));
    await assertRejects(() => make(3).loadWeights(new URL(name, golden)), Error, "2 mismatches");
    const short = new keras.Sequential([
      keras.Input({ shape: [4] }),
      new layers.Dense({ units: 3 }),
    ]);
    await assertRejects(
      () => short.loadWeights(new URL(name, golden)),
      Error,
      "it has 4 layers with weights, expected 1",
    );
  });
}

for (const isFrozen of [true, false]) {
  Deno.test(`weights of a model that was frozen in Keras 2 are taken by one that is${isFrozen ? "" : " not"}`, async () => {
    const within = new keras.Sequential([
      keras.Input({ shape: [4] }),
      new layers.Dense({ units: 3 }),
      new layers.BatchNormalization(),
      new layers.Dense({ units: 3 }),
    ]);
    within.trainable = !isFrozen;
    const outside = new layers.Dense({ units: 2 });
    const model = new keras.Sequential([keras.Input({ shape: [4] }), within, outside]);
    await model.loadWeights(new URL("legacy_frozen.h5", golden));
    const { output } = index.find(({ file }) => file === "legacy_frozen.h5")!.outputs as {
      output: { values: number[] };
    };
    const x = tf.tensor2d(Float32Array.from({ length: 8 }, (_, i) => Math.sin(i * 0.7)), [2, 4]);
    const own = await model(x).data();
    output.values.forEach((value, i) => assertAlmostEquals(own[i], value, 2e-6));
  });
}
