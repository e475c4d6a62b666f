/** A training that is stopped, saved, loaded and resumed equals one that never stopped, bit for bit. */
import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { fileURLToPath } from "node:url";
import * as keras from "../../../keras_style/mod.ts";
import { makeModel, run, stateOf } from "./trainings.ts";
import { inFolder } from "../../in_folder.ts";
import { NO_LINKER_VARIABLES } from "../../../onnx/runtime/linker_variables.ts";

for (const kind of ["arrays", "dataset"] as const) {
  Deno.test(`two epochs, save, load, two epochs equal four epochs: ${kind}`, () =>
    inFolder(async (folder) => {
      const unbroken = makeModel(3);
      const whole = await run(unbroken, 0, 4, kind);
      const stopped = makeModel(3);
      const first = await run(stopped, 0, 2, kind);
      await stopped.save(`${folder}/model.safetensors`);
      // What happens meanwhile does not matter.
      await run(makeModel(99), 0, 1, kind);
      const resumed = await keras.loadModel(`${folder}/model.safetensors`);
      const second = await run(resumed, 2, 4, kind);
      for (const name of Object.keys(whole)) {
        assertEquals([...first[name], ...second[name]], whole[name], name);
      }
      assertEquals(await stateOf(resumed), await stateOf(unbroken));
    }));
}

Deno.test("a training is resumed in another process", () =>
  inFolder(async (folder) => {
    const unbroken = makeModel(3);
    const whole = await run(unbroken, 0, 3);
    const stopped = makeModel(3);
    await run(stopped, 0, 1);
    const [saved, result] = [`${folder}/model.safetensors`, `${folder}/result.json`];
    await stopped.save(saved);
    const program = fileURLToPath(import.meta.resolve("./trainings.ts"));
    const { success, stderr } = await new Deno.Command("deno", {
      args: ["run", "--permission-set=default", "--no-check", program, saved, "1", "3", result],
      env: NO_LINKER_VARIABLES,
      stdout: "null",
      stderr: "piped",
    }).output();
    assertEquals(success, true, new TextDecoder().decode(stderr));
    const { history, state } = JSON.parse(await Deno.readTextFile(result));
    for (const name of Object.keys(whole)) assertEquals(history[name], whole[name].slice(1), name);
    assertEquals(state, await stateOf(unbroken));
  }));

Deno.test("without the random numbers' state a resumed training is another one", () =>
  inFolder(async (folder) => {
    const stopped = makeModel(3);
    await run(stopped, 0, 2);
    await stopped.save(`${folder}/model.safetensors`);
    const after = await run(stopped, 2, 3);
    keras.setRandomSeed(7);
    const other = await keras.loadModel(`${folder}/model.safetensors`, {
      restoreRandomState: false,
    });
    assertNotEquals((await run(other, 2, 3)).loss, after.loss);
  }));

Deno.test("a checkpoint of an epoch goes on from its end", () =>
  inFolder(async (folder) => {
    const model = makeModel(5);
    const x = { data: new Float32Array(60).map((_, i) => Math.cos(i)), shape: [10, 6] };
    const y = { data: Uint8Array.from({ length: 10 }, (_, i) => i % 3), shape: [10] };
    const { history } = await model.fit(x, y, {
      epochs: 4,
      batchSize: 4,
      verbose: 0,
      callbacks: [
        new keras.callbacks.ModelCheckpoint({ filepath: `${folder}/{epoch:02d}.safetensors` }),
      ],
    });
    const resumed = await keras.loadModel(`${folder}/02.safetensors`);
    const rest = await resumed.fit(x, y, {
      initialEpoch: 2,
      epochs: 4,
      batchSize: 4,
      verbose: 0,
    });
    assertEquals(rest.epoch, [2, 3]);
    assertEquals(rest.history.loss, history.loss.slice(2));
    assertEquals(await stateOf(resumed), await stateOf(model));
  }));

Deno.test("a training is resumed bit for bit on another TensorFlow.js engine too", () =>
  inFolder(async (folder) => {
    try {
      await tf.setBackend("cpu");
      const unbroken = makeModel(3);
      const whole = await run(unbroken, 0, 2);
      const stopped = makeModel(3);
      await run(stopped, 0, 1);
      await stopped.save(`${folder}/model.safetensors`);
      const resumed = await keras.loadModel(`${folder}/model.safetensors`);
      assertEquals((await run(resumed, 1, 2)).loss, whole.loss.slice(1));
      assertEquals(await stateOf(resumed), await stateOf(unbroken));
    } finally {
      await tf.setBackend("onnxruntime");
    }
  }));
