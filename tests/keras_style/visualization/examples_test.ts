/** The runnable examples print what they promise. */
import { assertEquals, assertLess } from "@std/assert";
import * as activations from "../../../keras_style/examples/activations.ts";
import * as durationTime from "../../../keras_style/examples/duration_time.ts";
import * as gpu from "../../../keras_style/examples/gpu.ts";
import * as history from "../../../keras_style/examples/history.ts";
import * as plotModel from "../../../keras_style/examples/plot_model.ts";
import * as samples from "../../../keras_style/examples/samples.ts";

/** Runs an example that writes images; `FOLDER` stands for where it wrote them. */
async function drawn(
  main: (print: (...values: unknown[]) => void, folder: string) => Promise<unknown>,
): Promise<{ lines: string[]; files: string[] }> {
  const folder = await Deno.makeTempDir();
  try {
    const lines = await printed((print) => main(print, folder));
    const files = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
    return { lines: lines.map((line) => line.replaceAll(folder, "FOLDER")), files };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function printed(main: (print: (...values: unknown[]) => void) => Promise<unknown>) {
  const lines: string[] = [];
  await main((...values) => void lines.push(values.join(" ")));
  return lines;
}

Deno.test("gpu", async () => {
  const lines = await printed(gpu.main);
  assertEquals(/^\d+ Physical GPUs, [01] Logical GPUs$/.test(lines[0]), true);
  assertEquals(/^computing with \S+ on \S+$/.test(lines.at(-1)!), true);
});

Deno.test("duration_time", async () => {
  const lines = await printed(durationTime.main);
  // Times differ from run to run.
  const fixed = lines.map((line) =>
    line.replace(/[\d.]+ (µs|ms|s)$/, "TIME").replace(/\d+ images/, "MANY images")
  );
  assertEquals(fixed, [
    "  loading: TIME",
    "    epoch 1: TIME",
    "    epoch 2: TIME",
    "  MANY images a second",
    "  training: TIME",
    "  testing: TIME",
    "loss is a number: true",
    "all: TIME",
    "a sum: TIME",
    "1 + 2 + ... + 1000 = 500500",
  ]);
});

Deno.test("samples", async () => {
  const { lines, files } = await drawn(samples.main);
  assertEquals(lines, ["images 100,32,32,3 labels 100", "written: FOLDER/samples.png"]);
  assertEquals(files, ["samples.png"]);
});

Deno.test("plot_model", async () => {
  const { lines, files } = await drawn(plotModel.main);
  assertEquals(lines.filter((line) => line.startsWith("written")), [
    "written: FOLDER/plain.png, FOLDER/plain.svg",
    "written: FOLDER/inception.png, FOLDER/inception.svg",
  ]);
  for (const text of ["(None, 32, 32, 32)", "896", "81,930", "Total params: 82,826"]) {
    assertEquals(lines[0].includes(text), true, text);
  }
  assertEquals(files, ["inception.png", "inception.svg", "plain.png", "plain.svg"]);
});

Deno.test("history", async () => {
  let values: Record<string, number[]> = {};
  const { lines, files } = await drawn(async (print, folder) => {
    values = (await history.main(print, folder)).history;
  });
  assertEquals(lines, [
    "numbers of every epoch: accuracy, loss, val_accuracy, val_loss",
    "epochs: 6",
    "written: FOLDER/history.png, FOLDER/history.svg",
  ]);
  assertEquals(files, ["history.png", "history.svg"]);
  assertLess(values.loss.at(-1)!, values.loss[0]);
});

Deno.test("activations", async () => {
  assertEquals(await printed(activations.main), [
    "relu(-1, 0.5, 2) = 0,0.5,2",
    "by name, as function and as layer: the same values: true",
    "a function of one's own: 1,0.25,4",
    "a layer with its own slope: -0.5,0.5,2",
    "with an Input: 430,102 parameters, with inputShape: 430,102",
    'caught: Dense: activation is "rellu"',
  ]);
});
