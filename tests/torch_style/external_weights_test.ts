/** Weights in a file of their own beside the model: written from a size on, whole or not at all, read from the model's folder only. */
import { assertEquals, assertRejects } from "@std/assert";
import proto from "onnx-proto";
import * as torch from "../../torch_style/mod.ts";
import { inFolder } from "../in_folder.ts";
import { assertSame, modelOf } from "./exported_file.ts";

const { nn } = torch;

Deno.test("weights from a size on lie beside the model and are read back", () =>
  inFolder(async (folder) => {
    const module = new nn.Sequential(new nn.Linear(16, 32), new nn.Linear(32, 2));
    const path = `${folder}/large.onnx`;
    await torch.onnx.export(module, torch.zeros([1, 16]), path, { externalDataThreshold: 1000 });
    const { graph } = await modelOf(path);
    const external = graph!.initializer!.filter((tensor) => tensor.externalData!.length > 0);
    assertEquals(external.map(({ name }) => name), ["0.weight"]);
    const entries = Object.fromEntries(
      external[0].externalData!.map(({ key, value }) => [key, value]),
    );
    assertEquals(entries, { location: "large.onnx.data", offset: "0", length: "2048" });
    assertEquals((await Deno.stat(`${path}.data`)).size, 2048);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "large.onnx",
      "large.onnx.data",
    ]);
    await assertSame(await torch.onnx.load(path), module, torch.randn([3, 16]));
    await assertRejects(
      () => torch.onnx.export(module, torch.zeros([1, 16]), path, { externalDataThreshold: -1 }),
      Error,
      "externalDataThreshold is -1",
    );
  }));

Deno.test("an export that fails leaves the earlier model and its weights as they were", () =>
  inFolder(async (folder) => {
    const module = new nn.Linear(16, 32);
    const path = `${folder}/model.onnx`;
    const exported = () =>
      torch.onnx.export(module, torch.zeros([1, 16]), path, { externalDataThreshold: 1000 });
    await exported();
    const files = () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    const before = [files(), await Deno.readFile(path), await Deno.readFile(`${path}.data`)];
    torch.noGrad(() => module.weight.add_(1));
    const { open } = Deno;
    // The disk is full once the weights are written.
    Deno.open = (file, options) =>
      String(file).startsWith(`${path}.data`) || !options?.createNew
        ? open(file, options)
        : Promise.reject(new Error("no space left on device"));
    try {
      await assertRejects(exported, Error, "no space left on device");
    } finally {
      Deno.open = open;
    }
    assertEquals([files(), await Deno.readFile(path), await Deno.readFile(`${path}.data`)], before);
    await exported();
    await assertSame(await torch.onnx.load(path), module, torch.randn([3, 16]));
  }));

Deno.test("weights are never read from outside of the model's folder", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/inner`);
    const path = `${folder}/inner/model.onnx`;
    const module = new nn.Linear(16, 4);
    await torch.onnx.export(module, torch.zeros([1, 16]), path, { externalDataThreshold: 100 });
    await Deno.copyFile(`${path}.data`, `${folder}/outside.data`);
    await Deno.symlink(`${folder}/outside.data`, `${folder}/inner/link.data`);
    const original = await modelOf(path);
    const withPlace = async (changes: Record<string, string>) => {
      const tensor = original.graph!.initializer!.find(({ externalData }) =>
        externalData!.length > 0
      )!;
      const before = tensor.externalData!;
      const entries: Record<string, string> = Object.fromEntries(
        before.map(({ key, value }) => [key!, value!]),
      );
      tensor.externalData = Object.entries({ ...entries, ...changes }).map(([key, value]) => ({
        key,
        value,
      }));
      await Deno.writeFile(path, proto.onnx.ModelProto.encode(original).finish());
      tensor.externalData = before;
    };
    for (
      const location of [
        "../outside.data",
        `${folder}/outside.data`,
        "link.data",
        "x/../../outside.data",
        "",
      ]
    ) {
      await withPlace({ location });
      await assertRejects(() => torch.onnx.load(path), Error, "inside the model's folder");
    }
    await withPlace({ location: "missing.data" });
    await assertRejects(() => torch.onnx.load(path), Error, "which is not there");
    await withPlace({ length: "100000" });
    await assertRejects(() => torch.onnx.load(path), Error, "ends at byte 100000");
    await withPlace({});
    await assertSame(await torch.onnx.load(path), module, torch.randn([2, 16]));
  }));
