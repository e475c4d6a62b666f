/**
 * Writes models as the engine makes them, for check_onnx.py: every op case, a whole training step, an export.
 *
 *     deno run --permission-set=default tests/golden/dump_models.ts FOLDER
 *     deno run --permission-set=default tests/golden/dump_models.ts FOLDER opsets
 *     deno run --permission-set=default tests/golden/dump_models.ts FOLDER networks
 *
 * With "opsets", instead, every module in every operator set that has its operators; with "networks" the networks of
 * bench/models, as both idioms export them.
 */
import {
  GraphWriter,
  lowerGraph,
  NEWEST_OPSET,
  OLDEST_OPSET,
  OPSET,
  placeholder,
} from "../../onnx/mod.ts";
import { opCases } from "../onnx/op_cases.ts";
import { exportCases } from "../torch_style/export_cases.ts";
import * as ort from "onnxruntime-node";
import { TorchClassifier } from "../../bench/styles/torch/classifier.ts";
import { TorchModel } from "../../bench/models/published_cnn/torch.ts";
import { loadModel, modelNames } from "../../bench/models/mod.ts";
import * as keras from "../../keras_style/mod.ts";
import * as torch from "../../torch_style/mod.ts";

const [folder, what] = Deno.args;
if (!folder) throw new Error("usage: dump_models.ts FOLDER [opsets | networks]");
await Deno.mkdir(folder, { recursive: true });

/** Modules with an input and what they make of it, for Python's onnxruntime to agree with. */
async function dumpModules(opsetVersion: number, ending = ""): Promise<void> {
  for (const [name, { module, inputs }] of Object.entries(exportCases())) {
    const path = `${folder}/module_${name}${ending}`;
    const given = inputs(3);
    try {
      await torch.onnx.export(module, inputs(1), `${path}.onnx`, { opsetVersion });
    } catch (error) {
      if (!/operator set \d+ has no/.test((error as Error).message)) throw error;
      console.log((error as Error).message);
      continue;
    }
    module.eval();
    const outputs = [torch.noGrad(() => module(...given))].flat(Infinity) as torch.Tensor[];
    const flat = async (x: torch.Tensor) => ({
      dtype: x.dtype,
      shape: x.shape,
      data: Array.from(await x.data(), Number),
    });
    const example = {
      inputs: await Promise.all(given.map(flat)),
      outputs: await Promise.all(outputs.map(flat)),
    };
    await Deno.writeTextFile(`${path}.json`, JSON.stringify(example));
  }
}

/** Every network in both idioms, with images and the logits that the idiom gives for them. */
async function dumpNetworks(): Promise<void> {
  const flat = (data: ArrayLike<number>, shape: readonly number[]) => ({
    ...{ dtype: "float32", shape, data: Array.from(data) },
  });
  const [batch, size] = [3, 32];
  // PyTorch's own float32 is 4e-5 from its float64 on convnext_pico.
  const tolerance = 1e-4;
  for (const name of await modelNames()) {
    const entry = await loadModel(name);
    const pixels = Float32Array.from({ length: batch * size * size * 3 }, (_, i) => Math.sin(i));
    const { TorchModel } = await entry.torch!();
    torch.manualSeed(1);
    const network = new TorchModel({ inputShape: [3, size, size], classes: 10 });
    await torch.onnx.export(
      network,
      torch.zeros([1, 3, size, size]),
      `${folder}/torch_${name}.onnx`,
    );
    network.eval();
    const x = torch.fromArray(pixels, [batch, 3, size, size]);
    const logits = await torch.noGrad(() => network(x)).data() as Float32Array;
    const own = {
      inputs: [flat(pixels, x.shape)],
      outputs: [flat(logits, [batch, 10])],
      tolerance,
    };
    await Deno.writeTextFile(`${folder}/torch_${name}.json`, JSON.stringify(own));
    const { kerasModel } = await entry.keras!();
    keras.setRandomSeed(1);
    const model = kerasModel({ inputShape: [size, size, 3], classes: 10 });
    await model.export(`${folder}/keras_${name}.onnx`);
    const shape = [batch, size, size, 3];
    const predicted = await (await model.predictOnBatch({ data: pixels, shape })).data();
    const theirs = {
      inputs: [flat(pixels, shape)],
      outputs: [flat(predicted, [batch, 10])],
      tolerance,
    };
    await Deno.writeTextFile(`${folder}/keras_${name}.json`, JSON.stringify(theirs));
  }
}

if (what === "networks") {
  await dumpNetworks();
  Deno.exit();
}
if (what === "opsets") {
  for (let opset = OLDEST_OPSET; opset <= NEWEST_OPSET; opset++) {
    await dumpModules(opset, `_opset${opset}`);
  }
  Deno.exit();
}
await dumpModules(OPSET);
for (const [name, cases] of Object.entries(opCases)) {
  for (const [i, item] of cases.entries()) {
    const inputs = item.inputs.map(({ shape, kind }, k) =>
      placeholder(`x${k}`, kind === "boolean" ? "bool" : "float32", shape)
    );
    const writer = new GraphWriter();
    inputs.forEach((x, k) => writer.input(`x${k}`, x));
    lowerGraph(writer, [{ name: "y", array: item.call(inputs) }]);
    await Deno.writeFile(`${folder}/${name}_${i}.onnx`, writer.encode());
  }
}

// The program of a training step is only ever handed to ONNX Runtime: caught on its way there.
const create = ort.InferenceSession.create;
let step = 0;
Object.assign(ort.InferenceSession, {
  create: async (model: Uint8Array, options: ort.InferenceSession.SessionOptions) => {
    await Deno.writeFile(`${folder}/training_step_${step++}.onnx`, model);
    return await create.call(ort.InferenceSession, model, options);
  },
});
torch.manualSeed(1);
const network = new TorchModel({ inputShape: [3, 32, 32], classes: 10 });
const optimizer = new torch.optim.RMSprop(network.parameters(), { lr: 0.001 });
const classifier = new TorchClassifier({ network, optimizer });
const images = torch.rand([32, 3, 32, 32]);
await classifier.trainBatch(images, torch.arange(32).remainder(10));
await classifier.export(`${folder}/export.onnx`, [3, 32, 32]);
console.log([...Deno.readDirSync(folder)].length, "models in", folder);
