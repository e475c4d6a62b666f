/**
 * Writes models as the engine makes them, for check_onnx.py: every op case, a whole training step, an export.
 *
 *     deno run --permission-set=default tests/golden/dump_models.ts FOLDER
 *     deno run --permission-set=default tests/golden/dump_models.ts FOLDER opsets
 *
 * With "opsets", instead, every module in every operator set that has its operators.
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
import { TorchClassifier } from "../../bench/styles/torch_classifier.ts";
import { TorchModel } from "../../bench/models/published_cnn/torch.ts";
import * as torch from "../../torch_style/mod.ts";

const [folder, what] = Deno.args;
if (!folder) throw new Error("usage: dump_models.ts FOLDER [opsets]");
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
