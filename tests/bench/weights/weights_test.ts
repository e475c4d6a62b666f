/** Weights that others saved: names of torchvision and timm, torch.save's files, Keras' files; what does not fit is listed whole. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { loadModel, modelNames } from "../../../bench/models/mod.ts";
import {
  kerasOf,
  loadIntoKeras,
  loadIntoTorch,
  torchOf,
} from "../../../bench/weights/load_weights.ts";
import { nameIn, namingOf, rulesOf } from "../../../bench/weights/names.ts";
import { saveTorchState } from "../../../bench/weights/torch_state.ts";
import { WeightsError } from "../../../bench/weights/weights_error.ts";
import * as torch from "../../../torch_style/mod.ts";
import { inFolder } from "../../in_folder.ts";
import golden from "../../golden/pretrained_names.json" with { type: "json" };

const shapesOf = (network: torch.nn.Module) =>
  Object.entries(network.stateDict()).filter(([name]) => !name.endsWith("num_batches_tracked"))
    .map(([name, { shape }]) => [name, shape] as const);

for (const name of new Set(Object.keys(golden).map((key) => key.split(" ")[0]))) {
  Deno.test(`${name}: others have the same parameters under the names that the rules give`, async () => {
    const model = await loadModel(name);
    const own = shapesOf(await torchOf({ model, imageShape: [32, 32, 3], classes: 10 }));
    for (const naming of Object.keys(model.names)) {
      const shapes = (golden as Record<string, Record<string, number[]>>)[`${name} ${naming}`];
      const rules = rulesOf(model, naming);
      const named = own.map(([name, shape]) => [nameIn(rules, name), shape] as const);
      assertEquals(Object.fromEntries(named), shapes);
      const found = namingOf(model, own.map(([name]) => name), new Set(Object.keys(shapes)));
      const foundRules = rulesOf(model, found);
      assertEquals(own.map(([name]) => nameIn(foundRules, name)), named.map(([name]) => name));
    }
  });
}

Deno.test("every naming is held against its library", async () => {
  const known = await Promise.all((await modelNames()).map(async (name) => {
    const { names } = await loadModel(name);
    return Object.keys(names).map((naming) => `${name} ${naming}`);
  }));
  assertEquals(known.flat().sort(), Object.keys(golden).sort());
});

const small = { model: await loadModel("mlp_mixer"), imageShape: [8, 8, 1], classes: 3 };

async function valuesOf(network: torch.nn.Module): Promise<Record<string, number[]>> {
  const state = Object.entries(network.stateDict());
  return Object.fromEntries(
    await Promise.all(state.map(async ([name, x]) => [name, Array.from(await x.data(), Number)])),
  );
}

/** A file of the small network under timm's names, changed. */
async function timmFile(
  folder: string,
  change: (state: Record<string, torch.Tensor>) => void = () => {},
): Promise<{ path: string; network: torch.nn.Module }> {
  torch.manualSeed(2);
  const network = await torchOf(small);
  const path = `${folder}/timm.safetensors`;
  await saveTorchState(small.model, network, path, "timm");
  const state = await torch.load(path);
  change(state);
  await torch.save(state, path);
  return { path, network };
}

Deno.test("a state dict under timm's names, in float16 and behind the prefixes of DataParallel and compile, goes into both idioms", () =>
  inFolder(async (folder) => {
    const { path, network } = await timmFile(folder, (state) => {
      for (const [name, tensor] of Object.entries(state)) {
        delete state[name];
        state[`module._orig_mod.${name}`] = tensor.half();
      }
    });
    const expected = await valuesOf(network);
    const other = await torchOf(small);
    await loadIntoTorch(other, { ...small, path });
    const actual = await valuesOf(other);
    for (const [name, values] of Object.entries(expected)) {
      assertEquals(actual[name], [...Float32Array.from(Float16Array.from(values))]);
    }
    const keras = await kerasOf(small);
    await loadIntoKeras(keras, { ...small, path });
    for (const ending of ["weights.h5", "safetensors"]) {
      const weights = `${folder}/mixer.${ending}`;
      await keras.saveWeights(weights);
      const third = await torchOf(small);
      await loadIntoTorch(third, { ...small, path: weights });
      assertEquals(await valuesOf(third), actual, ending);
      const again = await kerasOf(small);
      await loadIntoKeras(again, { ...small, path: weights });
      const [first] = again.weights;
      assertEquals(await first.data(), await keras.weights[0].data(), ending);
    }
    for (
      const [name, why] of [
        ["a.safetensors", "is no valid safetensors file"],
        ["a.pt", "its 17 bytes are neither of torch.save nor of safetensors"],
        ["a.weights.h5", "its 17 bytes are neither Keras' archive nor HDF5"],
        ["a.keras", "its 17 bytes are neither Keras' archive nor HDF5"],
      ]
    ) {
      const path = `${folder}/${name}`;
      await Deno.writeTextFile(path, "no weights at all");
      await assertRejects(() => loadIntoTorch(other, { ...small, path }), Error, why);
      await assertRejects(() => loadIntoKeras(keras, { ...small, path }), Error, why);
    }
  }));

Deno.test("all that is missing, unexpected or of another shape is listed, by the file's names; nothing is changed", () =>
  inFolder(async (folder) => {
    const { path } = await timmFile(folder, (state) => {
      for (const name of Object.keys(state)) {
        if (/^blocks\.[0-4]\..*norm/.test(name)) delete state[name];
      }
      for (let i = 0; i < 6; i++) state[`more.${i}`] = torch.zeros([1]);
      for (const name of ["head.weight", "head.bias", "stem.proj.weight"]) {
        state[name] = torch.cat([state[name], state[name]]);
      }
      for (let i = 0; i < 5; i++) {
        const name = `blocks.${i}.mlp_channels.fc1.bias`;
        state[name] = state[name].ge(0);
      }
    });
    const network = await torchOf(small);
    const before = await valuesOf(network);
    for (
      const load of [
        () => loadIntoTorch(network, { ...small, path }),
        async () => loadIntoKeras(await kerasOf(small), { ...small, path }),
      ]
    ) {
      const { message } = await assertRejects(load, WeightsError, "does not fit mlp_mixer: ");
      assertEquals(message.match(/is missing/g)!.length, 20);
      assertEquals(message.match(/is unexpected/g)!.length, 6);
      assertEquals(message.match(/is bool, expected float32/g)!.length, 5);
      assertStringIncludes(message, "stem.proj.weight is [256,1,4,4], expected [128,1,4,4]");
      assertStringIncludes(message, "head.weight is [6,128], expected [3,128]");
      assertStringIncludes(message, "head.bias is [6], expected [3]");
      assertEquals(message.split("\n").length, 1);
    }
    assertEquals(await valuesOf(network), before);
  }));

Deno.test("skipped modules stay as they were drawn, in both idioms; the rest is taken", () =>
  inFolder(async (folder) => {
    const { path, network } = await timmFile(folder, (state) => {
      state["head.weight"] = torch.zeros([1000, 128]);
      state["head.bias"] = torch.zeros([1000]);
      delete state["stem.proj.bias"];
    });
    const saved = await valuesOf(network);
    const skipped = ["head", "stem.proj"];
    const other = await torchOf(small);
    const before = await valuesOf(other);
    await loadIntoTorch(other, { ...small, path, skipped });
    const after = await valuesOf(other);
    for (const name of Object.keys(after)) {
      assertEquals(after[name], (/^(head|stem)/.test(name) ? before : saved)[name]);
    }
    await assertRejects(
      () => loadIntoTorch(other, { ...small, path, skipped: ["head", "stem.porj"] }),
      WeightsError,
      '"stem.porj" is no module or parameter of the network or the file; did you mean stem.proj?',
    );
    const keras = await kerasOf(small);
    const [first, , norm] = keras.weights;
    const drawn = (await first.data()).slice();
    await loadIntoKeras(keras, { ...small, path, skipped });
    assertEquals(await first.data(), drawn);
    assertEquals(Array.from(await norm.data()), saved["blocks.0.norm1.weight"]);
    await keras.saveWeights(`${folder}/a.weights.h5`);
    await assertRejects(
      () => loadIntoTorch(other, { ...small, path: `${folder}/a.weights.h5`, skipped }),
      WeightsError,
      "which is taken whole",
    );
  }));

Deno.test("what Keras saved goes into both idioms: tests/golden/keras_networks.py", async () => {
  const folder = new URL("../../golden/keras_networks/", import.meta.url);
  const { images, shape, logits } = JSON.parse(
    await Deno.readTextFile(new URL("lenet5.json", folder)),
  );
  const source = { model: await loadModel("lenet5"), imageShape: shape.slice(1), classes: 3 };
  const close = (actual: ArrayLike<number>) => {
    logits.forEach((value: number, i: number) => assert(Math.abs(actual[i] - value) < 1e-5));
  };
  const data = Float32Array.from(images);
  for (const ending of ["weights.h5", "keras"]) {
    const path = new URL(`lenet5.${ending}`, folder).pathname;
    const keras = await kerasOf(source);
    await loadIntoKeras(keras, { ...source, path });
    close(await (await keras.predictOnBatch({ data, shape })).data());
    const network = await torchOf(source);
    await loadIntoTorch(network, { ...source, path });
    network.eval();
    const x = torch.fromArray(data, shape).permute(0, 3, 1, 2);
    close(await torch.noGrad(() => network(x)).data() as Float32Array);
  }
});

Deno.test("what a user's file says of its flatten holds for weights of the other idiom", () =>
  inFolder(async (folder) => {
    const path = `${folder}/odd.ts`;
    const style = (name: string) => new URL(`../../../${name}_style/mod.ts`, import.meta.url).href;
    const text = `
import { Input, layers, Sequential } from "${style("keras")}";
import * as torch from "${style("torch")}";
export const kerasModel = ({ inputShape, classes }) => new Sequential([
  Input({ shape: inputShape }), new layers.Flatten(), new layers.Dense({ units: classes })]);
export class TorchModel extends torch.nn.Module {
  head = new torch.nn.Linear(24, 3);
  forward(x) {
    return this.head(torch.cat([x, x], 1).narrow(1, 0, 2).permute(0, 2, 3, 1).flatten(1));
  }
}`;
    const spec = { imageShape: [3, 4, 2], classes: 3 } as const;
    for (const flattens of ["", 'export const flattens = "channelsLast";']) {
      const file = flattens ? path : `${folder}/untold.ts`;
      await Deno.writeTextFile(file, `${text}\n${flattens}`);
      const source = { model: await loadModel(file), ...spec };
      const [keras, network] = [await kerasOf(source), await torchOf(source)];
      const weights = `${file}.weights.h5`;
      await keras.saveWeights(weights);
      const load = () => loadIntoTorch(network, { ...source, path: weights });
      if (!flattens) await assertRejects(load, Error, "give flattens");
      else {
        await load();
        const kernel = await keras.weights[0].data();
        assertEquals(await network.stateDict()["head.weight"].t().contiguous().data(), kernel);
      }
    }
  }));
