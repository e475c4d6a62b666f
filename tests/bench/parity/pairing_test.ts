/** Pairs that cannot be compared: one message that names what does not fit. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { keras, torch } from "@tandem/tandem";
import {
  defaultParityOptions,
  formatParity,
  loadPair,
  type ModelPair,
  ParityError,
  runParity,
} from "../../../bench/parity/mod.ts";
import { ModelError, modelTemplate } from "../../../bench/models/mod.ts";
import { UserModuleError } from "../../../bench/user_module.ts";
import { inFolder } from "../../in_folder.ts";
import { kerasModel, smallPair } from "./small_pairs.ts";

const { nn } = torch;
const options = { ...defaultParityOptions(), steps: 1, batchSize: 4 };

async function messageOf(pair: ModelPair): Promise<string> {
  const error = await assertRejects(() => runParity(options, { pair }), ParityError);
  assertEquals(error.message.includes("\n"), false);
  return error.message;
}

const dense = (units: number) => new keras.layers.Dense({ units, name: `dense${units}` });

function ofLayers(layers: keras.SequentialPart[], modules: torch.nn.TensorModule[]): ModelPair {
  return {
    kerasModel: () => new keras.Sequential([keras.Input({ shape: [6] }), ...layers]),
    torchModel: () => new nn.Sequential(...modules),
  };
}

/** The rows about weights alone, that do not agree. */
async function weightRowsOf(pair: ModelPair): Promise<string[]> {
  const report = await runParity(options, { pair });
  assertEquals(report.agrees, false);
  return report.layers.filter((row) => row.pass === "weights" && !row.agrees).map(({ why }) =>
    why!
  );
}

Deno.test("a layer too many on either side is not compared, and then nothing agrees", async () => {
  const missing = await weightRowsOf(ofLayers([dense(4), dense(3)], [new nn.Linear(6, 4)]));
  assertEquals(missing, ["not compared: Keras' dense3 (Dense) has no counterpart"]);
  class Spare extends nn.Module {
    used = new nn.Linear(6, 4);
    unused = new nn.Linear(4, 4);
    override forward(x: torch.Tensor): torch.Tensor {
      return this.used(x);
    }
  }
  const spare = await runParity(options, {
    pair: { ...ofLayers([dense(4)], []), torchModel: () => new Spare() },
  });
  assertEquals(spare.agrees, false);
  assertEquals(spare.firstDifferent!.status, "not compared");
  assertStringIncludes(formatParity(spare), "layers: 1 not compared: unused");
});

Deno.test("layers of another kind that meet are not compared", async () => {
  const rows = await weightRowsOf(
    ofLayers([dense(4), dense(3)], [new nn.Linear(6, 4), new nn.BatchNorm1d(4)]),
  );
  assertEquals(rows, [
    "not compared: Keras' dense3 (Dense) has no counterpart",
    "not compared: PyTorch's 1 (BatchNorm1d) has no counterpart",
  ]);
});

Deno.test("weights whose shapes do not fit are named with both shapes", async () => {
  const [row] = await weightRowsOf(ofLayers([dense(4)], [new nn.Linear(5, 4)]));
  assertStringIncludes(row, "shapes differ: dense4 (Dense) and 0 (Linear)");
  assertStringIncludes(row, "kernel [6,4] would be weight [4,6], PyTorch has [4,5]");
});

Deno.test("pairs say which module is which layer, in whatever order they were made", async () => {
  class Turned extends nn.Module {
    last = new nn.Linear(4, 4);
    first = new nn.Linear(4, 4);
    override forward(x: torch.Tensor): torch.Tensor {
      return this.last(this.first(x).relu());
    }
  }
  const turned = (pairs?: ModelPair["pairs"]): ModelPair => ({
    kerasModel: () =>
      new keras.Sequential([
        keras.Input({ shape: [4] }),
        new keras.layers.Dense({ units: 4, activation: "relu", name: "one" }),
        new keras.layers.Dense({ units: 4, activation: "softmax", name: "two" }),
      ]),
    torchModel: () => new Turned(),
    pairs,
  });
  const named = await runParity(options, { pair: turned([["one", "first"]]) });
  assertEquals(named.agrees, true);
  // Found by its place in the graph, too.
  assertEquals((await runParity(options, { pair: turned() })).agrees, true);
  const wrong = await runParity(options, { pair: turned([["one", "last"]]) });
  assertEquals(wrong.agrees, false);
  assertStringIncludes(await messageOf(turned([["three", "first"]])), 'no layer "three"');
  assertStringIncludes(await messageOf(turned([["one", "frist"]])), 'no module "frist"');
});

Deno.test("a model that cannot be built, or is of unknown dimensions, is named", async () => {
  const failing = smallPair({}, { torchModel: () => new nn.Sequential(new nn.Linear(-1, 2)) });
  assertStringIncludes(await messageOf(failing), "torchModel() failed:");
  const open = await messageOf({
    kerasModel: () =>
      new keras.Sequential([
        keras.Input({ shape: [null, 4] }),
        new keras.layers.Dense({ units: 2 }),
      ]),
    torchModel: () => new nn.Linear(4, 2),
  });
  assertStringIncludes(open, "its input shape [?,4] has unknown dimensions");
});

Deno.test("batches of one's own that do not fit are named", async () => {
  const short = smallPair({}, {
    batch: () => ({ inputs: [1, 2, 3], labels: Int32Array.of(0, 1, 2, 3) }),
  });
  assertStringIncludes(await messageOf(short), "got 3 inputs and 4 labels, expected 768 inputs");
});

Deno.test("what a file does not export, or exports wrongly, is named", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = async (name: string, text: string) => {
      await Deno.writeTextFile(`${folder}/${name}`, text);
      const error = await assertRejects(() => loadPair(`${folder}/${name}`), Error);
      assertEquals(error.message.includes("\n"), false);
      assertStringIncludes(error.message, name);
      return error.message;
    };
    assertStringIncludes(await file("none.ts", "export const x = 1;"), "no function kerasModel");
    const both = "export const kerasModel = () => 1; export const torchModel = () => 1;";
    assertStringIncludes(
      await file("pairs.ts", `${both} export const pairs = ["a"];`),
      'pairs is ["a"], expected a list of [layer, module]',
    );
    assertStringIncludes(
      await file("shape.ts", `${both} export const inputShape = [0, 3];`),
      "inputShape is [0,3]",
    );
    assertStringIncludes(
      await file("order.ts", `${both} export const flattens = "last";`),
      'flattens is "last", expected "channelsFirst" or "channelsLast"',
    );
    assertStringIncludes(await file("broken.ts", "export const = 1;"), "broken.ts:1:");
    assertStringIncludes(
      (await assertRejects(() => loadPair(`${folder}/missing.ts`), UserModuleError)).message,
      "there is no file",
    );
    assertStringIncludes(
      (await assertRejects(() => loadPair(folder), UserModuleError)).message,
      "is no file",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a model of the bench, and the file that bench init writes, are pairs for any images", async () => {
  const text = modelTemplate(new URL("../../../mod.ts", import.meta.url).href);
  await inFolder(async (folder) => {
    const file = `${folder}/mine.ts`;
    await Deno.writeTextFile(file, text);
    for (const name of ["mlp", "published_cnn", file]) {
      const pair = await loadPair(name);
      const keras = pair.kerasModel({ inputShape: [12, 12, 1], classes: 4 });
      const torch = pair.torchModel({ inputShape: [1, 12, 12], classes: 4 });
      assertEquals(keras.countParams(), torch.countParameters());
    }
    await Deno.writeTextFile(
      file,
      `export const kerasModel = () => 1;\nexport const torchModel = () => {
      throw new Error("later");
    };`,
    );
    await Deno.copyFile(file, `${folder}/other.ts`);
    assertStringIncludes(
      await messageOf({ ...await loadPair(`${folder}/other.ts`), kerasModel }),
      "other.ts:3:13: later",
    );
  });
  await assertRejects(() => loadPair("mpl"), ModelError, "did you mean mlp?");
});

Deno.test("what kerasModel and torchModel return is checked", async () => {
  const notKeras = { kerasModel: () => 1, torchModel: () => new nn.Linear(1, 1) };
  assertStringIncludes(
    await messageOf(notKeras as unknown as ModelPair),
    "kerasModel() returned 1, expected a keras.Model",
  );
  const notTorch = { kerasModel, torchModel: () => "x" };
  assertStringIncludes(
    await messageOf(notTorch as unknown as ModelPair),
    'torchModel() returned "x", expected a torch.nn.Module',
  );
});
