import proto from "onnx-proto";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { convertFloatToFloat16, quantizeDynamic, quantizeStatic } from "../../../onnx/mod.ts";
import * as torch from "../../../torch_style/mod.ts";
import { inFolder } from "../../in_folder.ts";

/** Convolutions with and without groups and bias, a layer with few and one with many outputs. */
function network(): torch.nn.Module {
  torch.manualSeed(4);
  const { nn } = torch;
  return new nn.Sequential(
    new nn.Conv2d(3, 16, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.Conv2d(16, 32, 3, { stride: 2, groups: 2, bias: false }),
    new nn.BatchNorm2d(32),
    new nn.GELU(),
    new nn.Flatten(),
    new nn.Linear(32 * 9, 200),
    new nn.Tanh(),
    new nn.Linear(200, 10, { bias: false }),
  );
}

const SHAPE = [8, 3, 8, 8];

function images(): torch.Tensor {
  const count = SHAPE.reduce((a, b) => a * b);
  return torch.fromArray(Float32Array.from({ length: count }, (_, i) => Math.sin(i * i)), SHAPE);
}

async function logitsOf(path: string): Promise<number[]> {
  const model = await torch.onnx.load(path);
  const [logits] = [await model(images())].flat() as torch.Tensor[];
  return Array.from(await logits.data(), Number);
}

async function inputOf(path: string): Promise<string> {
  const model = proto.onnx.ModelProto.decode(await Deno.readFile(path));
  return model.graph!.input![0].name!;
}

/** The largest distance of two lists, as a share of the largest value. */
function distance(found: number[], right: number[]): number {
  const most = Math.max(...right.map(Math.abs));
  return Math.max(...found.map((value, i) => Math.abs(value - right[i]))) / most;
}

Deno.test("models of eight bits and of float16 compute what theirs did, in a fraction of the size", () =>
  inFolder(async (folder) => {
    const file = (name: string) => `${folder}/${name}.onnx`;
    await torch.onnx.export(network().eval(), torch.zeros([1, ...SHAPE.slice(1)]), file("own"));
    await quantizeDynamic(file("own"), file("int8"));
    await quantizeDynamic(file("own"), file("each"), { perChannel: true });
    await quantizeDynamic(file("own"), file("dense"), { opTypesToQuantize: ["Gemm", "MatMul"] });
    await convertFloatToFloat16(file("own"), file("float16"));
    const feeds = { [await inputOf(file("own"))]: images().array };
    const batches = [feeds, feeds];
    await quantizeStatic(file("own"), file("static"), batches);
    // Python's reader: null after the last batch.
    const reader = { getNext: () => Promise.resolve(batches.shift() ?? null) };
    await quantizeStatic(file("own"), file("staticEach"), reader, { perChannel: true });
    const unsigned = { activationType: "uint8", opTypesToQuantize: ["Conv", "Gemm"] } as const;
    await quantizeStatic(file("own"), file("unsigned"), [feeds], unsigned);
    const right = await logitsOf(file("own"));
    const { size } = await Deno.stat(file("own"));
    const most = {
      int8: [0.05, 0.35],
      each: [0.03, 0.35],
      dense: [0.05, 0.4],
      float16: [0.005, 0.55],
      static: [0.08, 0.35],
      staticEach: [0.06, 0.4],
      unsigned: [0.08, 0.35],
    } as const;
    for (const [name, [far, large]] of Object.entries(most)) {
      const found = await logitsOf(file(name));
      assertEquals(found.length, right.length);
      const apart = distance(found, right);
      assert(apart > 0 && apart < far, `${name}: ${apart}`);
      const share = (await Deno.stat(file(name))).size / size;
      assert(share < large, `${name}: ${share} of the size`);
    }
  }));

Deno.test("operators that know float32 only stay in it in a model of float16", () =>
  inFolder(async (folder) => {
    class Net extends torch.nn.Module {
      override forward(x: torch.Tensor): torch.Tensor {
        return torch.nn.functional.celu(x, 0.5).flatten(1).logsumexp([1]);
      }
    }
    const [own, half] = [`${folder}/own.onnx`, `${folder}/half.onnx`];
    await torch.onnx.export(new Net(), torch.zeros([1, ...SHAPE.slice(1)]), own);
    await convertFloatToFloat16(own, half);
    assert(distance(await logitsOf(half), await logitsOf(own)) < 2e-3);
  }));

Deno.test("what is no model, or an operator that has no integers, is refused", () =>
  inFolder(async (folder) => {
    const path = `${folder}/text.onnx`;
    await Deno.writeTextFile(path, "no model");
    for (const convert of [quantizeDynamic, convertFloatToFloat16]) {
      await assertRejects(() => convert(path, `${folder}/to.onnx`), Error, "is no ONNX model");
    }
    const options = { opTypesToQuantize: ["LSTM"] };
    await assertRejects(
      () => quantizeDynamic(path, `${folder}/to.onnx`, options),
      Error,
      'opTypesToQuantize has "LSTM", expected MatMul, Gemm, Conv',
    );
    const own = `${folder}/own.onnx`;
    const to = `${folder}/to.onnx`;
    await torch.onnx.export(new torch.nn.Linear(4, 2), torch.zeros([1, 4]), own);
    const wrong = [
      [path, [], {}, "is no ONNX model"],
      [own, [], {}, "there is no batch"],
      [own, [{ x: { data: new Float32Array(4), shape: [1, 4] } }], {}, 'a batch has "x", expected'],
      [
        own,
        [],
        { opTypesToQuantize: ["LSTM"] },
        'opTypesToQuantize has "LSTM", expected Conv, Mat',
      ],
      [own, [], { activationType: "int4" as "int8" }, "activationType is int4, expected int8"],
    ] as const;
    for (const [from, batches, options, message] of wrong) {
      await assertRejects(() => quantizeStatic(from, to, batches, options), Error, message);
    }
    assertEquals([...Deno.readDirSync(folder)].length, 2);
  }));
