/** ONNX files, with weights inside and beside them: `torch.onnx.load`. */
import proto from "onnx-proto";
import { torch } from "../../../mod.ts";
import type { Random } from "../../../fixtures/random.ts";
import { mutatedBytes, pick, TEXTS } from "../mutation.ts";
import { attempt, expect, namesBelow, type Outcome, type Target } from "../target.ts";

const { ModelProto } = proto.onnx;

/** Where weights could be that are none of a model's business. */
const ELSEWHERE = [
  "../secret.bin",
  "sub/../../secret.bin",
  "./../secret.bin",
  "/etc/passwd",
  "link.bin",
  "linked/secret.bin",
  "",
  ".",
  "model.onnx",
  "missing.bin",
  ...TEXTS,
];

const OPERATORS = ["Conv", "Relu", "MatMul", "Loop", "If", "Gather", "Reshape", "Nonsense", ""];

/** A damaged model: its bytes, or what the protocol buffer says. */
function mutatedModel(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  if (random.below(3) === 0) return mutatedBytes(bytes, random);
  const model = ModelProto.decode(bytes);
  const graph = model.graph!;
  for (let left = 1 + random.below(2); left > 0; left--) mutateGraph(graph, random);
  return ModelProto.encode(model).finish().slice();
}

function mutateGraph(graph: proto.onnx.IGraphProto, random: Random): void {
  const weight = graph.initializer!.length > 0 ? pick(random, graph.initializer!) : undefined;
  const node = graph.node!.length > 0 ? pick(random, graph.node!) : undefined;
  switch (random.below(10)) {
    case 0:
      if (weight) weight.dims = [pick(random, [-1, 0, 1, 2 ** 31, 1e9, 3])] as never;
      break;
    case 1:
      if (weight) weight.dataType = random.below(25);
      break;
    case 2:
      if (weight) weight.name = pick(random, TEXTS);
      break;
    case 3:
      if (weight) {
        weight.dataLocation = 1;
        weight.externalData = [
          { key: "location", value: pick(random, ELSEWHERE) },
          { key: "offset", value: pick(random, ["0", "-1", "1e9", "x", "99999999999999999999"]) },
          { key: "length", value: pick(random, ["16", "-1", "0", "1e18", ""]) },
        ];
        if (random.below(2) === 0) delete weight.rawData;
      }
      break;
    case 4:
      if (node) node.opType = pick(random, OPERATORS);
      break;
    case 5:
      if (node?.input?.length) node.input[random.below(node.input.length)] = pick(random, TEXTS);
      break;
    case 6:
      if (node) node.output = [...node.output!, ...node.input!];
      break;
    case 7:
      graph.node!.splice(random.below(graph.node!.length + 1), random.below(3));
      break;
    case 8:
      graph.output = [...graph.output!, ...graph.input!];
      break;
    default:
      graph.input![0].name = pick(random, TEXTS);
  }
}

const target: Target = {
  name: "onnx_model",
  async prepare(root) {
    const folder = `${root}/model`;
    await Deno.mkdir(`${folder}/sub`, { recursive: true });
    const secret = "a secret of 64 bytes that no model reads, whatever it says of itself";
    await Deno.writeTextFile(`${root}/secret.bin`, secret);
    torch.manualSeed(1);
    const module = new torch.nn.Sequential(
      new torch.nn.Conv2d(1, 2, 3),
      new torch.nn.ReLU(),
      new torch.nn.Flatten(),
      new torch.nn.Linear(8, 2),
    );
    const path = `${folder}/model.onnx`;
    const example = torch.zeros([1, 1, 4, 4]);
    await torch.onnx.export(module, example, path);
    const inside = await Deno.readFile(path);
    await torch.onnx.export(module, example, path, { externalDataThreshold: 16 });
    const beside = await Deno.readFile(path);
    const data = await Deno.readFile(`${path}.data`);
    const names = [...namesBelow(root)];
    return async (random): Promise<Outcome> => {
      await Deno.writeFile(path, mutatedModel(pick(random, [inside, beside]), random));
      await Deno.writeFile(
        `${path}.data`,
        random.below(6) === 0 ? mutatedBytes(data, random) : data,
      );
      const loaded = await attempt(
        () => torch.onnx.load(path, { notice: () => {} }),
        [path],
      );
      expect(String(namesBelow(root)) === String(names), "files were made");
      expect(Deno.readTextFileSync(`${root}/secret.bin`) === secret, "a file outside was written");
      if ("error" in loaded) return "refused";
      const inputs = loaded.value.inputs.map(({ dtype, shape }) => {
        const sizes = shape.map((size) => typeof size === "number" ? size : 2);
        if (sizes.some((size) => size < 0) || sizes.reduce((a, b) => a * b, 1) > 1e6) return null;
        return torch.ones(sizes, { dtype });
      });
      if (inputs.includes(null)) return "taken";
      const given = inputs as torch.Tensor[];
      const run = await attempt(async () => {
        const outputs = [await loaded.value.run(...given)].flat();
        for (const output of outputs) {
          const text = new TextDecoder().decode(new Uint8Array((await output.data()).buffer));
          expect(!text.includes("secret"), "a file outside of the model's folder was read");
        }
        for (const output of [loaded.value(...given)].flat()) await output.data();
      });
      return "error" in run ? "refused" : "taken";
    };
  },
};

export default target;
