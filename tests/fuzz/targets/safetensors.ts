/** Named tensors in a file: `torch.load`, and `loadWeights` of the Keras idiom. */
import { keras, torch } from "../../../mod.ts";
import type { Random } from "../../../fixtures/random.ts";
import { joined, mutatedBytes, mutatedJson, mutatedValue, pick } from "../mutation.ts";
import { attempt, expect, type Outcome, type Target } from "../target.ts";
import { bytesOfModule } from "./state_bytes.ts";

/** A header and what follows it. */
export interface Parts {
  readonly header: Record<string, unknown>;
  readonly content: Uint8Array;
}

/** Takes a file apart. */
export function partsOf(file: Uint8Array): Parts {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  return { header, content: file.subarray(8 + length) };
}

/** A file of a header's text and a content, with a length of its own where one is given. */
export function fileOf(
  text: string,
  content: Uint8Array,
  length?: bigint,
): Uint8Array<ArrayBuffer> {
  const header = new TextEncoder().encode(text);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, length ?? BigInt(header.length), true);
  return joined(size, header, content);
}

/** A damaged file: its bytes, its header, or a header that is a bomb. */
export function mutatedFile(file: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  if (random.below(3) === 0) return mutatedBytes(file, random);
  const { header, content } = partsOf(file);
  if (random.below(200) === 0) return fileOf(bomb(random), content);
  const text = mutatedJson(mutatedValue(header, random), random);
  const lies = random.below(20) === 0;
  return fileOf(text, content, lies ? BigInt(random.below(2 ** 31)) * 7919n : undefined);
}

function bomb(random: Random): string {
  switch (random.below(4)) {
    case 0: {
      const empty = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';
      return `{${Array.from({ length: 1e6 }, (_, i) => `"t${i}":${empty}`).join(",")}}`;
    }
    case 1:
      return "[".repeat(5e6);
    case 2:
      return `{"a":{"dtype":"F32","shape":[${"1,".repeat(1e6)}1],"data_offsets":[0,4]}}`;
    default:
      return `{"__metadata__":{"a":"${"x".repeat(2e7)}"},"a":${'{"a":'.repeat(1e5)}1${
        "}".repeat(1e5)
      }}`;
  }
}

const target: Target = {
  name: "safetensors",
  async prepare(folder) {
    torch.manualSeed(1);
    const module = new torch.nn.Sequential(
      new torch.nn.Linear(3, 4),
      new torch.nn.BatchNorm1d(4),
      new torch.nn.Linear(4, 2),
    );
    const x = torch.rand([5, 3]);
    const layers = () => [
      keras.Input({ shape: [3] }),
      new keras.layers.Dense({ units: 4, activation: "relu" }),
      new keras.layers.BatchNormalization(),
      new keras.layers.Dense({ units: 2 }),
    ];
    const model = new keras.Sequential(layers());
    const path = `${folder}/weights.safetensors`;
    await torch.save(module.stateDict(), path, { metadata: { epoch: "3" } });
    const torchSeed = await Deno.readFile(path);
    await torch.save({
      half: torch.rand([3]).to("float16"),
      long: torch.arange(4),
      flag: torch.arange(4).gt(1),
      empty: torch.zeros([0, 3]),
    }, path);
    const otherSeed = await Deno.readFile(path);
    const kerasPath = `${folder}/model.safetensors`;
    await model.saveWeights(kerasPath);
    const kerasSeed = await Deno.readFile(kerasPath);
    const kerasBytes = async () => {
      await model.saveWeights(`${folder}/now.safetensors`);
      return String(await Deno.readFile(`${folder}/now.safetensors`));
    };
    return async (random): Promise<Outcome> => {
      if (random.below(3) === 0) {
        await Deno.writeFile(kerasPath, mutatedFile(kerasSeed, random));
        const before = await kerasBytes();
        const result = await attempt(() => model.loadWeights(kerasPath), [kerasPath]);
        if ("value" in result) return "taken";
        expect(await kerasBytes() === before, "a model changed although loadWeights failed");
        return "refused";
      }
      await Deno.writeFile(path, mutatedFile(pick(random, [torchSeed, otherSeed]), random));
      const before = await bytesOfModule(module);
      const read = await attempt(() => torch.load(path), [path]);
      if ("error" in read) return "refused";
      const taken = await attempt(() => module.loadStateDict(read.value, { strict: false }));
      if ("error" in taken) {
        expect(await bytesOfModule(module) === before, "a module changed although loading failed");
        return "refused";
      }
      await (module(x) as torch.Tensor).tolist();
      for (const tensor of Object.values(read.value)) await tensor.data();
      return "taken";
    };
  },
};

export default target;
