import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as ort from "onnxruntime-node";
import { openSession } from "../../onnx/mod.ts";
import { TorchModel } from "../../bench/models/published_cnn/torch.ts";
import * as torch from "../../torch_style/mod.ts";
import { inFolder } from "../in_folder.ts";
import { modelOf } from "./exported_file.ts";

const { nn } = torch;

Deno.test("an exported network gives the module's values for every batch size", () =>
  inFolder(async (folder) => {
    torch.manualSeed(5);
    const network = new TorchModel({ inputShape: [3, 32, 32], classes: 10 });
    const path = `${folder}/network.onnx`;
    await torch.onnx.export(network, torch.zeros([1, 3, 32, 32]), path);
    const session = await openSession(path, "cpu");
    assertEquals(session.inputMetadata[0], {
      name: "input",
      isTensor: true,
      type: "float32",
      shape: ["batch", 3, 32, 32],
    });
    network.eval();
    for (const batch of [1, 3, 32]) {
      const images = torch.rand([batch, 3, 32, 32]);
      const expected = await torch.noGrad(() => network(images)).data();
      const feed = new ort.Tensor("float32", await images.data() as Float32Array, [
        ...images.shape,
      ]);
      const { output } = await session.run({ input: feed });
      assertEquals(output.dims, [batch, 10]);
      expected.forEach((value, i) =>
        assertAlmostEquals(Number(output.data[i]), Number(value), 1e-5)
      );
    }
  }));

Deno.test("parameters stand in the file under their names, also after training", () =>
  inFolder(async (folder) => {
    const module = new nn.Sequential(new nn.Linear(4, 3), new nn.ReLU(), new nn.Linear(3, 2));
    const optimizer = new torch.optim.RMSprop(module.parameters(), { lr: 0.1 });
    module(torch.ones([2, 4])).sum().backward();
    // Not awaited: export waits for it.
    optimizer.step();
    await torch.onnx.export(module, torch.zeros([1, 4]), `${folder}/m.onnx`, {
      inputNames: ["features"],
      outputNames: ["scores"],
    });
    const model = await modelOf(`${folder}/m.onnx`);
    assertEquals(
      model.graph!.initializer!.map((t) => t.name).filter((name) => name!.includes(".")),
      ["0.weight", "0.bias", "2.weight", "2.bias"],
    );
    const stored = model.graph!.initializer!.find((t) => t.name === "2.bias")!;
    const bytes = stored.rawData!.slice();
    const bias = module.namedParameters().find(([name]) => name === "2.bias")![1];
    assertEquals([...new Float32Array(bytes.buffer)], [...await bias.data() as Float32Array]);
    assertEquals(model.graph!.input![0].name, "features");
    assertEquals(model.graph!.output![0].name, "scores");
  }));

Deno.test("export is in eval mode and leaves the module in the mode it was in", () =>
  inFolder(async (folder) => {
    const module = new nn.Sequential(new nn.Linear(4, 3), new nn.Dropout(0.5));
    await torch.onnx.export(module, torch.zeros([1, 4]), `${folder}/m.onnx`);
    assert(module.training);
    const model = await modelOf(`${folder}/m.onnx`);
    assertEquals(model.graph!.node!.map((n) => n.opType).includes("BitwiseXor"), false);
    // Nothing that was recorded for the file may be computed later.
    assertEquals(await module(torch.ones([1, 4])).sum().mul(0).item(), 0);
  }));

class Shuffled extends nn.Module {
  override forward(x: torch.Tensor): torch.Tensor {
    return nn.functional.dropout(x);
  }
}

class PairsOfRows extends nn.Module {
  override forward(x: torch.Tensor): torch.Tensor {
    return x.add(torch.zeros([x.shape[0], 1]));
  }
}

Deno.test("what has no ONNX form is named, and no file is left behind", () =>
  inFolder(async (folder) => {
    const path = `${folder}/m.onnx`;
    await assertRejects(
      () => torch.onnx.export(new Shuffled(), torch.zeros([1, 4]), path),
      Error,
      "Shuffled draws random numbers in eval mode",
    );
    await assertRejects(
      () => torch.onnx.export(new PairsOfRows(), torch.zeros([1, 4]), path),
      Error,
      'depends on the dimension of axis "batch"',
    );
    await assertRejects(
      () => torch.onnx.export(new nn.Linear(4, 2), torch.zeros([1, 4]), `${folder}/no/m.onnx`),
      Deno.errors.NotFound,
    );
    assertEquals([...Deno.readDirSync(folder)], []);
  }));
