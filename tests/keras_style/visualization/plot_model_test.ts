import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { join } from "node:path";
import { branchedModel } from "../../../keras_style/examples/plot_model.ts";
import { kerasModel } from "../../../bench/models/published_cnn/keras.ts";
import * as keras from "../../../keras_style/mod.ts";
import { decodePng } from "../../../plotting/mod.ts";

const { layers } = keras;

async function drawn(model: keras.Model, options: keras.PlotModelOptions = {}): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "model.png");
    const { files } = await keras.plotModel(model, path, options);
    assertEquals(files, [path, join(folder, "model.svg")]);
    const svg = await Deno.readTextFile(files[1]);
    const png = await decodePng(await Deno.readFile(path));
    assertEquals(png.width, 2 * Number(svg.match(/ width="(\d+)"/)![1]));
    return svg;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Box {
  lines: string[];
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The boxes by what stands in their first line. */
function boxesOf(svg: string): Map<string, Box> {
  const found = svg.matchAll(
    /<g><rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)".*?<\/g>/g,
  );
  return new Map(Array.from(found, ([whole, ...values]) => {
    const [left, top, width, height] = values.map(Number);
    const lines = Array.from(whole.matchAll(/<text[^>]*>([^<]*)</g), (match) => match[1]);
    return [lines[0], { lines, left, top, right: left + width, bottom: top + height }];
  }));
}

/** Which boxes the arrows join: those that their ends touch. */
function arrowsOf(svg: string): string[] {
  const boxes = [...boxesOf(svg)];
  const at = (x: number, y: number) =>
    boxes.find(([, b]) => x > b.left - 1 && x < b.right + 1 && y > b.top - 1 && y < b.bottom + 1)
      ?.[0];
  return Array.from(svg.matchAll(/<path d="M([^"]*)" fill="none"/g), ([, d]) => {
    const values = d.match(/-?[\d.]+/g)!.map(Number);
    const [x0, y0] = values;
    const [x1, y1] = values.slice(-2);
    return `${at(x0, y0)} -> ${at(x1, y1)}`;
  }).sort();
}

Deno.test("a box a layer, with name, class, activation, parameters and shapes", async () => {
  keras.clearSession();
  const boxes = boxesOf(await drawn(kerasModel({ inputShape: [32, 32, 3], classes: 10 })));
  assertEquals(boxes.size, 9);
  assertEquals(boxes.get("input_layer")!.lines, ["input_layer", "InputLayer", "(None, 32, 32, 3)"]);
  assertEquals(boxes.get("conv2d")!.lines, [
    "conv2d",
    "Conv2D · relu · 896 parameters",
    "(None, 32, 32, 3) → (None, 32, 32, 32)",
  ]);
  assertEquals(boxes.get("dropout")!.lines[1], "Dropout");
  assertEquals(boxes.get("dense_1")!.lines[2], "(None, 100) → (None, 10)");
});

Deno.test("branches, joins and heads are joined by arrows, downwards, and no box covers another", async () => {
  keras.clearSession();
  const svg = await drawn(branchedModel());
  assertEquals(arrowsOf(svg), [
    "concatenate -> global_average_pooling2d",
    "conv2d -> concatenate",
    "conv2d_1 -> conv2d_2",
    "conv2d_2 -> concatenate",
    "global_average_pooling2d -> kind",
    "global_average_pooling2d -> size",
    "images -> conv2d",
    "images -> conv2d_1",
    "images -> max_pooling2d",
    "max_pooling2d -> concatenate",
  ]);
  const boxes = boxesOf(svg);
  for (const arrow of arrowsOf(svg)) {
    const [from, to] = arrow.split(" -> ").map((name) => boxes.get(name)!);
    assertLess(from.bottom, to.top);
  }
  const list = [...boxes.values()];
  for (const [i, a] of list.entries()) {
    for (const b of list.slice(i + 1)) {
      assert(a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top);
    }
  }
});

Deno.test("a layer that is called twice is there once, with two arrows in", async () => {
  keras.clearSession();
  const [a, b] = [keras.Input({ shape: [4], name: "a" }), keras.Input({ shape: [4], name: "b" })];
  const shared = new layers.Dense({ units: 2 });
  const outputs = new layers.Add()([shared(a), shared(b)]);
  const svg = await drawn(new keras.Model({ inputs: [a, b], outputs }));
  assertEquals(arrowsOf(svg), ["a -> dense", "b -> dense", "dense -> add", "dense -> add"]);
  assertEquals(boxesOf(svg).get("dense")!.lines[2], "(None, 4) → (None, 2)");
  assertEquals(boxesOf(svg).get("add")!.lines[2], "[(None, 2), (None, 2)] → (None, 2)");
});

Deno.test("a model within a model is one box", async () => {
  keras.clearSession();
  const inner = new keras.Sequential(
    [keras.Input({ shape: [4] }), new layers.Dense({ units: 3 })],
    { name: "inner" },
  );
  const model = new keras.Sequential([keras.Input({ shape: [4] }), inner, new layers.Softmax()]);
  const svg = await drawn(model);
  assertEquals(arrowsOf(svg).length, 2);
  assertEquals(boxesOf(svg).get("inner")!.lines[2], "(None, 4) → (None, 3)");
});

Deno.test("what is written can be chosen, and the direction", async () => {
  keras.clearSession();
  const model = new keras.Sequential([
    keras.Input({ shape: [4] }),
    new layers.Dense({ units: 3, activation: "relu" }),
  ]);
  const svg = await drawn(model, {
    rankdir: "LR",
    theme: "dark",
    showShapes: false,
    showLayerNames: false,
    showLayerActivations: false,
  });
  const boxes = boxesOf(svg);
  assertEquals([...boxes.keys()], ["InputLayer", "Dense · 15 parameters"]);
  assertLess(boxes.get("InputLayer")!.right, boxes.get("Dense · 15 parameters")!.left);
  assert(svg.includes("#16181b"));
});

Deno.test("the model's name cannot break the drawing", async () => {
  const model = new keras.Sequential(
    [keras.Input({ shape: [4] }), new layers.ReLU()],
    { name: `a<b>&"c"` },
  );
  const label = "The model a&lt;b&gt;&amp;&quot;c&quot;: 2 layers, 0 parameters";
  assert((await drawn(model)).includes(`aria-label="${label}"`));
});

Deno.test("bad input is named", async () => {
  const unbuilt = new keras.Sequential([new layers.Dense({ units: 1 })], { name: "open" });
  await assertRejects(() => drawn(unbuilt), Error, 'model "open" is not built');
  const model = kerasModel({ inputShape: [32, 32, 3], classes: 10 });
  await assertRejects(
    () => keras.plotModel(model, "net.pdf"),
    TypeError,
    'plotModel: path is "net.pdf"',
  );
  const rankdir = "BT" as "TB";
  await assertRejects(() => drawn(model, { rankdir }), TypeError, 'rankdir is "BT"');
});

Deno.test("plotModel stands where Keras has it", () => {
  assertEquals(keras.utils.plotModel, keras.plotModel);
});
