import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { pathToFileURL } from "node:url";
import { loadModel, ModelError, modelNames, modelTemplate } from "../../../bench/models/mod.ts";
import { UserModuleError } from "../../../bench/user_module.ts";
import { wideResNet } from "../../../bench/models/wide_resnet16_4/keras.ts";
import { WideResNet } from "../../../bench/models/wide_resnet16_4/torch.ts";
import { inFolder } from "../../in_folder.ts";
import type * as keras from "../../../keras_style/mod.ts";

const root = new URL("../../../", import.meta.url);

for (const name of await modelNames()) {
  Deno.test(`${name}: both idioms have as many parameters as its entry says`, async () => {
    const { parameters, keras, torch } = await loadModel(name);
    const { kerasModel } = await keras!();
    const { TorchModel } = await torch!();
    assertEquals(trained(kerasModel({ inputShape: [32, 32, 3], classes: 10 })), parameters);
    const network = new TorchModel({ inputShape: [3, 32, 32], classes: 10 });
    assertEquals(network.countParameters(), parameters);
  });

  Deno.test(`${name}: takes images of other sizes, down to the smallest, and other classes`, async () => {
    const { smallestImage, parameters, keras, torch } = await loadModel(name);
    const { kerasModel } = await keras!();
    const { TorchModel } = await torch!();
    // To draw millions of weights takes seconds.
    const others = parameters! < 1e6 ? [[28, 28, 1], [33, 47, 3]] : [];
    const shapes = [[...smallestImage, 1], ...others];
    for (const [height, width, channels] of shapes) {
      const model = kerasModel({ inputShape: [height, width, channels], classes: 7 });
      assertEquals(model.outputs[0].shape, [null, 7]);
      const network = new TorchModel({ inputShape: [channels, height, width], classes: 7 });
      assertEquals(network.countParameters(), trained(model));
    }
  });
}

for (const name of await modelNames()) {
  const { published } = await loadModel(name);
  if (!published?.parameters) continue;
  Deno.test(`${name}: has the published ${published.parameters} parameters`, async () => {
    const { imageShape = [32, 32, 3], classes = 10, fewer = 0 } = published;
    const { TorchModel } = await (await loadModel(name)).torch!();
    const [height, width, channels] = imageShape;
    const network = new TorchModel({ inputShape: [channels, height, width], classes });
    assertEquals(
      printedLike(published.parameters!, network.countParameters() + fewer),
      published.parameters,
    );
  });
}

Deno.test("bench/README.md lists every network with its figures", async () => {
  const readme = await Deno.readTextFile(new URL("bench/README.md", root));
  for (const name of await modelNames()) {
    const { parameters, published, source } = await loadModel(name);
    const cells = [
      `[\`${name}\`](models/${name}/)`,
      parameters!.toLocaleString("en-US"),
      published?.parameters ?? "",
      published?.accuracy ?? "",
      published?.source ?? source ?? "",
    ];
    const row = readme.split("\n").find((line) => line.startsWith(`| ${cells[0]} `));
    assertEquals(row?.split("|").slice(1, -1).map((cell) => cell.trim()), cells);
  }
});

/** A count as it is printed elsewhere: `3,504,872`, or so many decimals of a million. */
function printedLike(printed: string, count: number): string {
  const [, decimals] = /^\d+\.(\d+) M$/.exec(printed) ?? [];
  return decimals ? `${(count / 1e6).toFixed(decimals.length)} M` : count.toLocaleString("en-US");
}

Deno.test("wide residual networks of other sizes have the paper's parameters (table 4)", () => {
  for (const [blocks, widen, parameters] of [[6, 1, "0.6 M"], [6, 2, "2.2 M"], [2, 8, "11.0 M"]]) {
    const size = { blocks: Number(blocks), widen: Number(widen) };
    const network = new WideResNet({ inputShape: [3, 32, 32], classes: 10 }, size);
    assertEquals(printedLike(String(parameters), network.countParameters()), parameters);
    if (widen === 8) continue;
    const model = wideResNet({ inputShape: [32, 32, 3], classes: 10 }, size);
    assertEquals(trained(model), network.countParameters());
  }
});

/** Running statistics are no parameters. */
function trained(model: keras.Model): number {
  return model.trainableVariables.reduce((sum, { size }) => sum + size, 0);
}

/** A folder of models in which a third one is put. */
async function withToy(run: (models: URL) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/toy`);
    const style = (name: string) => new URL(`${name}_style/mod.ts`, root).href;
    await Deno.writeTextFile(
      `${folder}/toy/model.ts`,
      `export const model = { name: "toy", title: "a toy", source: null, parameters: 30730, published: null,
        smallestImage: [1, 1], keras: () => import("./keras.ts"), torch: null };`,
    );
    await Deno.writeTextFile(
      `${folder}/toy/keras.ts`,
      `import { Input, layers, Sequential } from "${style("keras")}";
      export const kerasModel = ({ inputShape, classes }) => new Sequential([
        Input({ shape: inputShape }), new layers.Flatten(), new layers.Dense({ units: classes })]);`,
    );
    await run(pathToFileURL(`${folder}/`));
  });
}

Deno.test("adding a model is adding a folder", () =>
  withToy(async (models) => {
    assertEquals(await modelNames(models), ["toy"]);
    const { keras, torch, parameters } = await loadModel("toy", models);
    const { kerasModel } = await keras!();
    assertEquals(kerasModel({ inputShape: [32, 32, 3], classes: 10 }).countParams(), parameters);
    assertEquals(torch, null);
  }));

Deno.test("an unknown model names the nearest and all there are", async () => {
  await assertRejects(
    () => loadModel("publishedcnn"),
    ModelError,
    '--model: "publishedcnn" is unknown; did you mean published_cnn?; expected one of ' +
      (await modelNames()).join(", "),
  );
});

Deno.test("the file that bench init writes runs as it is", () =>
  inFolder(async (folder) => {
    const file = `${folder}/mine.ts`;
    await Deno.writeTextFile(file, modelTemplate(new URL("mod.ts", root).href));
    const model = await loadModel(file);
    assertEquals([model.name, model.file], ["my_model", file]);
    const { kerasModel } = await model.keras!();
    const { TorchModel } = await model.torch!();
    const ours = kerasModel({ inputShape: [28, 28, 1], classes: 3 });
    assertEquals(ours.outputs[0].shape, [null, 3]);
    const network = new TorchModel({ inputShape: [1, 28, 28], classes: 3 });
    assertEquals(network.countParameters(), ours.countParams());
  }));

const broken: readonly [string, string, RegExp][] = [
  ["nothing", "export const model = 1;", /mine_nothing.ts exports model; expected a function/],
  ["empty", "", /exports nothing; expected a function kerasModel/],
  ["kind", "export const kerasModel = 3;", /kerasModel is 3, expected a function/],
  ["throws", '\n\nthrow new Error("no weights\\nhere");', /mine_throws.ts:3:\d+: no weights$/],
  ["syntax", "export const a = ;", /mine_syntax.ts:1:\d+: /],
  ["import", 'import "./not_there.ts";\n', /mine_import.ts(:1:\d+)?: .*not_there/],
  [
    "order",
    'export const flattens = "last"; export class TorchModel {}',
    /flattens is "last", exp/,
  ],
  [
    "pairs",
    'export const pairs = ["a"]; export class TorchModel {}',
    /pairs is \["a"\], expected a li/,
  ],
  ["name", 'export const name = "a b"; export class TorchModel {}', /name is "a b", expected/],
];

Deno.test("a file that is no model is one line that names it, and its line where one is to blame", () =>
  inFolder(async (folder) => {
    for (const [what, text, message] of broken) {
      const path = `${folder}/mine_${what}.ts`;
      await Deno.writeTextFile(path, text);
      const error = await assertRejects(() => loadModel(path), UserModuleError);
      assertMatch(error.message, message);
      assertEquals(error.message.split("\n").length, 1);
    }
    await assertRejects(() => loadModel(`${folder}/no.ts`), UserModuleError, "there is no file");
  }));
