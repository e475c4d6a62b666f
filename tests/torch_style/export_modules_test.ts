/** Every module as an ONNX file, run by OnnxModule. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as ort from "onnxruntime-node";
import * as torch from "../../torch_style/mod.ts";
import { exportCases, notExported } from "./export_cases.ts";
import { modelOf } from "./exported_file.ts";

const { nn } = torch;
const folder = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

Deno.test("every module has a case", () => {
  const classes = Object.entries(nn)
    .filter(([name, value]) =>
      typeof value === "function" && /^[A-Z]/.test(name) && !notExported.has(name)
    )
    .map(([name]) => name);
  const cased = Object.keys(exportCases()).filter((name) => name in nn);
  assertEquals(cased.sort(), classes.sort());
});

for (const [name, { module, inputs }] of Object.entries(exportCases())) {
  Deno.test(`${name} as a file gives the module's values for every batch size`, async () => {
    const path = `${folder}/${name}.onnx`;
    await torch.onnx.export(module, inputs(1), path);
    const loaded = await torch.onnx.load(path);
    module.eval();
    for (const batch of [1, 3]) {
      const given = inputs(batch);
      const expected = [torch.noGrad(() => module(...given))].flat(Infinity) as torch.Tensor[];
      const actual = [loaded(...given)].flat() as torch.Tensor[];
      assertEquals(actual.length, expected.length);
      for (const [i, tensor] of expected.entries()) {
        assertEquals(actual[i].shape, tensor.shape);
        const [own, other] = [await tensor.data(), await actual[i].data()];
        own.forEach((value, k) =>
          assertAlmostEquals(
            Number(other[k]),
            Number(value),
            1e-5 * Math.max(1, Math.abs(Number(value))),
          )
        );
      }
    }
  });
}

Deno.test("nodes are named after the module they come from; opset, metadata and description are written", async () => {
  const path = `${folder}/named.onnx`;
  const module = new nn.Sequential(new nn.Linear(4, 3), new nn.Sequential(new nn.ReLU()));
  await torch.onnx.export(module, torch.zeros([1, 4]), path, {
    opsetVersion: 21,
    metadata: { author: "a test" },
    docString: "two layers",
  });
  const model = await modelOf(path);
  const scopes = model.graph!.node!.map((node) => node.name!.replace(/\/[^/]*$/, ""));
  assert(scopes.includes("/0") && scopes.includes("/1/0"), String(scopes));
  assertEquals(Number(model.opsetImport![0].version), 21);
  assertEquals(model.metadataProps!.map(({ key, value }) => [key, value]), [["author", "a test"]]);
  assertEquals(model.docString, "two layers");
});

Deno.test("dynamic axes: several by name, or none", async () => {
  const path = `${folder}/axes.onnx`;
  const module = new nn.Sequential(new nn.Conv2d(3, 2, 3, { padding: 1 }), new nn.MaxPool2d(2));
  await torch.onnx.export(module, torch.zeros([1, 3, 8, 6]), path, {
    inputNames: ["images"],
    dynamicAxes: { images: { 0: "n", 2: "height", 3: "width" } },
  });
  const loaded = await torch.onnx.load(path);
  assertEquals(loaded.inputs[0].shape, ["n", 3, "height", "width"]);
  const images = torch.rand([2, 3, 10, 12]);
  const expected = await module(images).data();
  assertThrows(() => loaded(images), Error, "use await module.run(...) instead");
  const actual = await (await loaded.run(images) as torch.Tensor).data();
  actual.forEach((value, i) => assertAlmostEquals(Number(value), Number(expected[i]), 1e-5));
  await torch.onnx.export(module, torch.zeros([1, 3, 8, 6]), path, { dynamicAxes: {} });
  assertEquals((await torch.onnx.load(path)).inputs[0].shape, [1, 3, 8, 6]);
});

Deno.test("a loaded module says what it takes, runs where it can, and refuses what does not fit", async () => {
  const path = `${folder}/linear.onnx`;
  await torch.onnx.export(new nn.Linear(4, 2), torch.zeros([1, 4]), path);
  const notices: string[] = [];
  const loaded = await torch.onnx.load(path, {
    provider: ["tensorrt", "cpu"],
    notice: (text) => notices.push(text),
  });
  assertEquals(loaded.provider, "cpu");
  assertEquals(notices.length, 1);
  assert(/"tensorrt" cannot start.*Falling back to "cpu"\.$/.test(notices[0]), notices[0]);
  assertEquals(
    String(loaded),
    "OnnxModule(input: float32[batch, 4] -> output: float32[batch, 2], provider=cpu)",
  );
  assertThrows(
    () => loaded(torch.zeros([3, 5])),
    Error,
    'input "input" is float32[3, 5], expected float32[batch, 4]',
  );
  assertThrows(() => loaded(), Error, "takes 1 inputs (input), got 0");
  await Deno.writeTextFile(`${folder}/text.onnx`, "this is no model");
  await assertRejects(() => torch.onnx.load(`${folder}/text.onnx`), Error, "is no ONNX model");
  await assertRejects(() => torch.onnx.load(`${folder}/none.onnx`), Deno.errors.NotFound);
});

Deno.test("wrong options are named before anything is written", async () => {
  const path = `${folder}/never.onnx`;
  const module = new nn.Linear(4, 2);
  const x = torch.zeros([1, 4]);
  const faults: [torch.onnx.ExportOptions, string][] = [
    [{ opsetVersion: 12 }, "opsetVersion is 12, expected an integer from 13 to 26"],
    [{ inputNames: ["a", "b"] }, "inputNames is [a, b], expected 1 different names"],
    [{ outputNames: [] }, "outputNames is [], expected 1 different names"],
    [{ dynamicAxes: { x: { 0: "n" } } }, 'dynamicAxes names "x", expected one of the inputs input'],
    [{ inputNames: ["weight"] }, 'the name "weight" of a weight belongs to something else'],
    [{ outputNames: ["input"] }, 'the name "input" of an output belongs to something else'],
    [{ dynamicAxes: { input: { 2: "n" } } }, 'axis 2 of input "input" is to be dynamic'],
  ];
  for (const [options, message] of faults) {
    await assertRejects(() => torch.onnx.export(module, x, path, options), Error, message);
  }
  await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
});

Deno.test("GELU is written as ONNX Runtime knows it, whatever names there are, and by hyperbolic tangent as it was", async () => {
  const path = `${folder}/gelu.onnx`;
  const joined = `${folder}/gelu_joined.onnx`;
  const module = new nn.Sequential(new nn.Linear(4, 8), new nn.GELU(), new nn.GELU());
  await torch.onnx.export(module, torch.zeros([1, 4]), path, { inputNames: ["sqrt_2"] });
  const written = (await modelOf(path)).graph!;
  assertEquals(written.node!.filter(({ opType }) => opType === "Div").length, 2);
  const names = written.initializer!.map(({ name }) => name!);
  const read = written.node!.flatMap(({ input }) => input!);
  assertEquals(names.filter((name) => !read.includes(name)), []);
  await ort.InferenceSession.create(path, { optimizedModelFilePath: joined });
  const kinds = (await modelOf(joined)).graph!.node!.map(({ opType }) => opType);
  assertEquals(kinds.filter((kind) => kind === "Gelu" || kind === "BiasGelu").length, 2);
  assertEquals(kinds.includes("Erf"), false);
  await torch.onnx.export(new nn.GELU({ approximate: "tanh" }), torch.zeros([1, 4]), path);
  const others = (await modelOf(path)).graph!.node!.map(({ opType }) => opType);
  assertEquals(others.includes("Div"), false);
});
