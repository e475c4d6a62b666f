import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import * as keras from "../../../keras_style/mod.ts";
import { decodePng } from "../../../plotting/mod.ts";

async function drawn(
  history: keras.PlottableHistory,
  options: keras.PlotHistoryOptions = {},
): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "curves.svg");
    const { files, png } = await keras.plotHistory(history, path, options);
    assertEquals(files, [join(folder, "curves.png"), path]);
    assert((await decodePng(png)).width > 600);
    return await Deno.readTextFile(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The curves: their colour and their points, from the lower left corner, in units. */
function curves(svg: string): { colour: string; points: [number, number][] }[] {
  const lines = svg.matchAll(/aria-roledescription="line mark" d="([^"]*)" stroke="([^"]*)"/g);
  return Array.from(lines, ([, d, colour]) => {
    const points = Array.from(d.matchAll(/[ML]([-\d.]+),([-\d.]+)/g), ([, x, y]) => {
      return [Number(x), 220 - Number(y)] as [number, number];
    });
    return { colour, points };
  });
}

const [TRAINING, VALIDATION] = ["#0072b2", "#d55e00"];

Deno.test("one panel a number, the loss first, training and validation in their colours", async () => {
  const svg = await drawn({
    accuracy: [0.5, 0.6, 0.9],
    loss: [4, 3, 0],
    val_accuracy: [0.5, 0.5, 0.5],
    val_loss: [2, 2, 2],
  });
  const lines = curves(svg);
  assertEquals(lines.map(({ colour }) => colour), [TRAINING, VALIDATION, TRAINING, VALIDATION]);
  const [loss, valLoss, accuracy] = lines.map(({ points }) => points);
  // Epochs 1, 2 and 3 from edge to edge; 4 down to 0.
  assertEquals(loss, [[0, 220], [160, 165], [320, 0]]);
  assertEquals(valLoss, [[0, 110], [160, 110], [320, 110]]);
  assertAlmostEquals(
    (accuracy[1][1] - accuracy[0][1]) / (accuracy[2][1] - accuracy[0][1]),
    0.25,
    0.01,
  );
  for (const text of ["loss", "accuracy", "Epoch", "training", "validation"]) {
    assert(svg.includes(`>${text}</text>`), text);
  }
});

Deno.test("what fit returns is plotted by its epochs", async () => {
  const history = new keras.callbacks.History();
  history.onEpochEnd(4, { loss: 2 });
  history.onEpochEnd(5, { loss: 1 });
  history.onEpochEnd(6, { loss: 1.5 });
  const svg = await drawn(history, { title: "Resumed <training>", theme: "dark" });
  for (const text of ["5", "6", "7", "Resumed &lt;training&gt;"]) {
    assert(svg.includes(`>${text}</text>`), text);
  }
  assert(!svg.includes(">validation</text>"), "without validation there is no legend");
  assert(svg.includes("#16181b"));
});

Deno.test("a number that is not finite leaves a gap", async () => {
  const svg = await drawn({ loss: [3, 2, NaN, 1, Infinity] });
  const [{ points }] = curves(svg);
  assertEquals(points.map(([x]) => x), [0, 80, 240]);
});

Deno.test("one epoch is a point in the middle", async () => {
  const svg = await drawn({ loss: [3] });
  const [, x] = svg.match(/aria-label="Epoch: 1; loss: 3; data: training".*?translate\(([\d.]+),/)!;
  assertEquals(Number(x), 160);
  assert(!svg.includes(">0</text>"), "there is no epoch 0");
});

Deno.test("bad input is named", async () => {
  const wrong = (value: unknown) => drawn(value as keras.PlottableHistory);
  await assertRejects(() => wrong({}), TypeError, "history is {}");
  await assertRejects(() => wrong(undefined), TypeError, "history is undefined");
  await assertRejects(() => wrong({ loss: "low" }), TypeError, 'history is {"loss":"low"}');
  await assertRejects(() => wrong({ loss: [] }), RangeError, "history.loss has 0 values");
  await assertRejects(
    () => wrong({ loss: [1, 2], val_loss: [1] }),
    RangeError,
    "history.val_loss has 1 values, expected 2",
  );
  await assertRejects(
    () => keras.plotHistory({ loss: [1] }, "curves.pdf"),
    TypeError,
    'plotHistory: path is "curves.pdf"',
  );
});
