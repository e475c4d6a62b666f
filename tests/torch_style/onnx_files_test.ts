/** ONNX files: names, dynamic axes in shapes, operator sets, and outputs that no node computes. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import proto from "onnx-proto";
import * as torch from "../../torch_style/mod.ts";
import { inFolder } from "../in_folder.ts";
import { assertSame, modelOf } from "./exported_file.ts";

const { nn } = torch;

/** A class token before the sequence, stretched over the batch; attention; all steps as rows and back. */
class Encoder extends nn.Module<[torch.Tensor], torch.Tensor> {
  token = new nn.Parameter(torch.randn([1, 1, 8]));
  layer = new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, batchFirst: true });
  head = new nn.Linear(8, 3);
  override forward(x: torch.Tensor): torch.Tensor {
    const [n] = x.shape;
    const all = torch.cat([this.token.expand(n, -1, -1), x], 1);
    const rows = this.layer(all).flatten(0, 1);
    return this.head(rows).reshape([n, all.shape[1], 3]);
  }
}

/** Subtracts what lies in a typed array of the user's. */
class Centred extends nn.Module<[torch.Tensor], torch.Tensor> {
  mean = this.registerBuffer("mean", torch.fromArray(Float32Array.of(1, 2, 3), [3, 1, 1]));
  override forward(x: torch.Tensor): torch.Tensor {
    return x.sub(this.mean);
  }
}

Deno.test("a buffer over a user's typed array is a weight of the file, by its name, for any batch", () =>
  inFolder(async (folder) => {
    const module = new Centred();
    const path = `${folder}/centred.onnx`;
    await torch.onnx.export(module, torch.zeros([1, 3, 2, 2]), path);
    const { graph } = await modelOf(path);
    assertEquals(graph!.initializer!.map(({ name }) => name), ["mean"]);
    await assertSame(await torch.onnx.load(path), module, torch.randn([5, 3, 2, 2]));
  }));

Deno.test("batch and length are dynamic through Expand, attention, flatten and reshape", () =>
  inFolder(async (folder) => {
    torch.manualSeed(0);
    const module = new Encoder();
    const path = `${folder}/encoder.onnx`;
    await torch.onnx.export(module, torch.zeros([1, 6, 8]), path, {
      inputNames: ["x"],
      outputNames: ["y"],
      dynamicAxes: { x: { 0: "batch", 1: "length" } },
    });
    const loaded = await torch.onnx.load(path);
    assertEquals(loaded.inputs[0].shape, ["batch", "length", 8]);
    assertEquals(loaded.outputs[0].shape, ["batch", "length_of_y", 3]);
    for (const [n, length] of [[1, 6], [3, 6], [2, 11], [5, 1]]) {
      await assertSame(loaded, module, torch.randn([n, length, 8]));
    }
  }));

Deno.test("axes of two inputs with one name are one, those with two names are two", () =>
  inFolder(async (folder) => {
    class Product extends nn.Module<[torch.Tensor, torch.Tensor], torch.Tensor> {
      override forward(a: torch.Tensor, b: torch.Tensor): torch.Tensor {
        return torch.einsum("nij,njk->nik", [a, b]).reshape([a.shape[0] * a.shape[1], -1]);
      }
    }
    const path = `${folder}/product.onnx`;
    const module = new Product();
    await torch.onnx.export(module, [torch.zeros([1, 2, 3]), torch.zeros([1, 3, 4])], path, {
      inputNames: ["a", "b"],
      dynamicAxes: { a: { 0: "n", 1: "rows" }, b: { 0: "n", 2: "columns" } },
    });
    const loaded = await torch.onnx.load(path);
    await assertSame(loaded, module, torch.randn([2, 5, 3]), torch.randn([2, 3, 7]));
  }));

Deno.test("axes without names are free of each other; an output's are known when it is computed", () =>
  inFolder(async (folder) => {
    class Product extends nn.Module<[torch.Tensor, torch.Tensor], torch.Tensor> {
      override forward(a: torch.Tensor, b: torch.Tensor): torch.Tensor {
        return a.matmul(b).relu();
      }
    }
    const [named, inputsOnly, unnamed] = ["named", "inputs", "none"].map((name) =>
      `${folder}/${name}.onnx`
    );
    const module = new Product();
    await torch.onnx.export(module, [torch.zeros([2, 3]), torch.zeros([3, 4])], named, {
      inputNames: ["a", "b"],
      dynamicAxes: { a: { 0: "rows" }, b: { 1: "columns" } },
    });
    const forget = async (path: string, kinds: readonly ("input" | "output")[]) => {
      const model = await modelOf(named);
      for (const value of kinds.flatMap((kind) => model.graph![kind]!)) {
        const shape = value.type!.tensorType!.shape!;
        shape.dim = shape.dim!.map((dimension) => dimension.dimParam ? {} : dimension);
      }
      await Deno.writeFile(path, proto.onnx.ModelProto.encode(model).finish());
    };
    await forget(inputsOnly, ["output"]);
    await forget(unnamed, ["input", "output"]);
    const inputs = [torch.randn([5, 3]), torch.randn([3, 7])];
    for (const path of [inputsOnly, unnamed]) {
      const loaded = await torch.onnx.load(path);
      await assertSame(loaded, module, ...inputs);
      assertThrows(() => loaded(...inputs), Error, "use await module.run(...) instead");
    }
    const loaded = await torch.onnx.load(unnamed);
    assertEquals(loaded.extraRepr().split(",")[0], "a: float32[?");
    await assertRejects(
      () => loaded.run(inputs[0], torch.zeros([4, 7])),
      Error,
      'input "b" is float32[4, 7], expected float32[3, ?]',
    );
    const result = (await torch.onnx.load(named))(...inputs) as torch.Tensor;
    assertEquals([...result.shape], [5, 7]);
  }));

Deno.test("work that depends on a dimension otherwise is refused, and nothing is written", () =>
  inFolder(async (folder) => {
    class Scaled extends nn.Module<[torch.Tensor], torch.Tensor> {
      override forward(x: torch.Tensor): torch.Tensor {
        return x.div(x.shape[0]);
      }
    }
    const path = `${folder}/never.onnx`;
    await assertRejects(
      () => torch.onnx.export(new Scaled(), torch.zeros([1, 2]), path),
      Error,
      'depends on the dimension of axis "batch"',
    );
    assertEquals([...Deno.readDirSync(folder)], []);
  }));

Deno.test("inputs and outputs may be called as what every JavaScript object has", () =>
  inFolder(async (folder) => {
    const path = `${folder}/names.onnx`;
    const module = new nn.Linear(3, 2);
    const names = { inputNames: ["constructor"], outputNames: ["__proto__"] };
    await torch.onnx.export(module, torch.zeros([2, 3]), path, { ...names, dynamicAxes: {} });
    const x = torch.randn([2, 3]);
    const result = (await torch.onnx.load(path))(x) as torch.Tensor;
    const expected = await torch.noGrad(() => module(x)).data();
    (await result.data()).forEach((value, i) =>
      assertAlmostEquals(Number(value), Number(expected[i]), 1e-6)
    );
  }));

Deno.test("names of inputs and outputs that ours would have are kept free", () =>
  inFolder(async (folder) => {
    const module = new nn.Sequential(new nn.Linear(3, 2), new nn.ReLU());
    const path = `${folder}/names.onnx`;
    await torch.onnx.export(module, torch.zeros([1, 3]), path, {
      inputNames: ["MatMul_0"],
      outputNames: ["const_1"],
    });
    const { graph } = await modelOf(path);
    const names = [
      ...graph!.node!.flatMap((node) => node.output!),
      ...graph!.initializer!.map(({ name }) => name!),
      "MatMul_0",
    ];
    assertEquals(new Set(names).size, names.length);
    await assertSame(await torch.onnx.load(path), module, torch.randn([4, 3]));
  }));

const models: Record<string, [() => torch.nn.AnyModule, shape: number[]]> = {
  "convolution, batch norm and pooling": [
    () =>
      new nn.Sequential(
        new nn.Conv2d(2, 3, 3),
        new nn.BatchNorm2d(3),
        new nn.ReLU(),
        new nn.AdaptiveAvgPool2d(1),
        new nn.Flatten(),
        new nn.Linear(3, 2),
      ),
    [2, 6, 6],
  ],
  "transformer layer": [
    () =>
      new nn.TransformerEncoderLayer(4, 2, {
        batchFirst: true,
        dimFeedforward: 8,
        activation: "gelu",
      }),
    [5, 4],
  ],
  GRU: [() => {
    class Last extends nn.Module<[torch.Tensor], torch.Tensor> {
      gru = new nn.GRU(3, 4, { batchFirst: true });
      override forward(x: torch.Tensor): torch.Tensor {
        return this.gru(x)[1].squeeze(0);
      }
    }
    return new Last();
  }, [4, 3]],
};

for (const [name, [make, shape]] of Object.entries(models)) {
  Deno.test(`${name} runs in every operator set from 13 to 26`, () =>
    inFolder(async (folder) => {
      const module = make();
      for (let opsetVersion = 13; opsetVersion <= 26; opsetVersion++) {
        const path = `${folder}/opset_${opsetVersion}.onnx`;
        await torch.onnx.export(module, torch.zeros([1, ...shape]), path, { opsetVersion });
        const model = await modelOf(path);
        assertEquals(
          Number(model.opsetImport!.find(({ domain }) => !domain)!.version),
          opsetVersion,
        );
        if (opsetVersion < 18) {
          assert(
            !model.graph!.node!.some(({ opType, input }) =>
              opType === "ReduceMean" && input!.length > 1
            ),
          );
        }
        await assertSame(await torch.onnx.load(path), module, torch.randn([3, ...shape]));
      }
    }));
}

Deno.test("attributes that an older set does not have are left out", () =>
  inFolder(async (folder) => {
    const module = new nn.MaxUnpool1d(2);
    const inputs = [torch.ones([1, 1, 1]), torch.full([1, 1, 1], 1, { dtype: "int64" })];
    const path = `${folder}/unpool.onnx`;
    await torch.onnx.export(module, inputs, path, { opsetVersion: 15 });
    const names = (await modelOf(path)).graph!.node!.flatMap((node) =>
      node.attribute!.map(({ name }) => name)
    );
    assert(!names.includes("reduction"), String(names));
  }));

Deno.test("an operator that an older set does not have is named", () =>
  inFolder(async (folder) => {
    class Bits extends nn.Module<[torch.Tensor], torch.Tensor> {
      override forward(x: torch.Tensor): torch.Tensor {
        return x.to("int32").bitwiseAnd(3).float();
      }
    }
    const path = `${folder}/old.onnx`;
    await assertRejects(
      () => torch.onnx.export(new Bits(), torch.zeros([1, 2]), path, { opsetVersion: 17 }),
      Error,
      "operator set 17 has no BitwiseAnd",
    );
    assertEquals([...Deno.readDirSync(folder)], []);
    await torch.onnx.export(new Bits(), torch.zeros([1, 2]), path, { opsetVersion: 18 });
  }));

const four = { dim: [{ dimValue: 4 }] };
const value = (name: string) => ({ name, type: { tensorType: { elemType: 1, shape: four } } });
const relu = { opType: "Relu", input: ["x"], output: ["y"] };
const weights = { name: "w", dataType: 1, dims: [4], floatData: [5, 6, 7, 8] };

/** Graphs whose outputs no node computes, or one node computes twice; and what comes out for 1, 2, 3, 4. */
const passing: Record<string, [graph: proto.onnx.IGraphProto, expected: number[][]]> = {
  "the input": [{ output: [value("x")] }, [[1, 2, 3, 4]]],
  "the input beside another": [
    { node: [relu], output: [value("y"), value("x")] },
    [[1, 2, 3, 4], [1, 2, 3, 4]],
  ],
  "a weight": [
    { node: [relu], initializer: [weights], output: [value("y"), value("w")] },
    [[1, 2, 3, 4], [5, 6, 7, 8]],
  ],
  "a copy of another": [
    {
      node: [relu, { opType: "Identity", input: ["y"], output: ["z"] }],
      output: [value("y"), value("z")],
    },
    [[1, 2, 3, 4], [1, 2, 3, 4]],
  ],
};

for (const [what, [graph, expected]] of Object.entries(passing)) {
  Deno.test(`an output that is ${what} is the same by a call and by run`, () =>
    inFolder(async (folder) => {
      const model = proto.onnx.ModelProto.create({
        irVersion: 8,
        opsetImport: [{ domain: "", version: 18 }],
        graph: { name: "graph", input: [value("x")], ...graph },
      });
      await Deno.writeFile(`${folder}/m.onnx`, proto.onnx.ModelProto.encode(model).finish());
      const module = await torch.onnx.load(`${folder}/m.onnx`);
      const x = torch.tensor([1, 2, 3, 4], { dtype: "float32" });
      const values = (outputs: torch.Tensor | torch.Tensor[]) =>
        Promise.all([outputs].flat().map((output) => output.tolist()));
      assertEquals(await values(module(x)), expected);
      assertEquals(await values(await module.run(x)), expected);
      assertEquals(await x.tolist(), [1, 2, 3, 4]);
    }));
}
