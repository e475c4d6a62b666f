/** The runnable examples print what they promise. */
import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import * as callbacks from "../../keras_style/examples/callbacks.ts";
import * as datasets from "../../keras_style/examples/datasets.ts";
import { readFlags } from "../../keras_style/examples/flags.ts";
import * as gradientTape from "../../keras_style/examples/gradient_tape.ts";
import * as inception from "../../keras_style/examples/inception.ts";
import * as multiOutput from "../../keras_style/examples/multi_output.ts";
import * as ownTrainingStep from "../../keras_style/examples/own_training_step.ts";
import * as saveAndResume from "../../keras_style/examples/save_and_resume.ts";
import * as tensors from "../../keras_style/examples/tensors.ts";
import * as tfFunction from "../../keras_style/examples/tf_function.ts";

async function printed(main: (print: (...values: unknown[]) => void) => Promise<unknown>) {
  const lines: string[] = [];
  await main((...values) => void lines.push(values.join(" ")));
  return lines;
}

Deno.test("every example of the folder is run by a test", async () => {
  const examples = new URL("../../keras_style/examples/", import.meta.url);
  const texts = await Promise.all(
    ["examples_test.ts", "visualization/examples_test.ts", "examples/training.ts"].map((name) =>
      Deno.readTextFile(new URL(name, import.meta.url))
    ),
  );
  for await (const { name } of Deno.readDir(examples)) {
    if (name.endsWith(".md")) continue;
    const isRun = texts.some((text) => text.includes(`keras_style/examples/${name}"`));
    assert(isRun, `keras_style/examples/${name} is run by no test`);
  }
});

Deno.test("flags of the examples: values, and clear errors for others", () => {
  assertEquals(
    readFlags(["--dataset", "mnist", "--data-dir", "d", "--limit=20", "--epochs", "3"]),
    { dataset: "mnist", dataDir: "d", limit: 20, epochs: 3 },
  );
  assertEquals(readFlags([]), {});
  assertThrows(
    () => readFlags(["--epoch", "3"]),
    TypeError,
    "--epoch is unknown, expected --dataset",
  );
  assertThrows(
    () => readFlags(["--limit", "few"]),
    RangeError,
    "--limit is few, expected an integer",
  );
});

Deno.test("the list of the examples names each of them", async () => {
  const folder = new URL("../../keras_style/examples/", import.meta.url);
  const list = await Deno.readTextFile(new URL("README.md", folder));
  const named = [...list.matchAll(/\]\((\w+\.ts)\)/g)].map(([, name]) => name);
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".ts") && name !== "flags.ts");
  assertEquals(named.sort(), files.sort());
});

Deno.test("tensors", async () => {
  assertEquals(await printed(tensors.main), [
    "dtype float32, ndim 0, shape [], size 1",
    "dtype float32, ndim 2, shape [2,3], size 6",
    "dtype float32, ndim 4, shape [2,4,4,3], size 96",
    "as nested arrays: [[1,2,3],[4,5,6]]",
    "as a typed array: Float32Array [1,2,3,4,5,6]",
    "the array was written into, the tensor is still: [[1,2,3],[4,5,6]]",
    "x[0] = ... : the tensor float32[2,3] is immutable, expected no write into it; make a new tensor " +
    "(tf.where, tf.scatterND, tf.concat), or keep what changes in a variable and use its assign",
    "assign: the tensor float32[2,3] is immutable, expected a variable: variable(value).assign(tensor)",
    "a variable can be assigned to: [10,20]",
    "static shape: [2,3]",
    "the same as a tensor: int32 [2,3]",
  ]);
});

Deno.test("gradient_tape", async () => {
  assertEquals(await printed(gradientTape.main), [
    "d x² / dx at 3: 6",
    "d sum(c³) / dc: [3,12,27]",
    "d sum(c³) / dc³: [1,1,1]",
    "d sum(c³) / dx: null",
    "d x³ / dx at 3: 27",
    "d² x³ / dx² at 3: 18",
    "a step against the slope makes the loss smaller: true",
  ]);
});

Deno.test("datasets", async () => {
  const lines = await printed(datasets.main);
  const [first, second] = [5, 6].map((i) => JSON.parse(lines[i].split(": ")[1])[0]);
  assert(String(first) !== String(second));
  for (const order of [first, second]) {
    assertEquals([...order].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
  }
  assertEquals(lines.toSpliced(5, 2), [
    "batch(3): [[0,1,2],[3,4,5],[6,7]]",
    "batch(3, dropRemainder): [[0,1,2],[3,4,5]]",
    "take(3).repeat(2): [0,1,2,0,1,2]",
    "skip(6): [6,7]",
    "map(x²).batch(4): [[0,1,4,9],[16,25,36,49]]",
    "the same order each time: true",
    "4 batches of images:",
    "images [32,32,32,3], labels [32]",
    "images [32,32,32,3], labels [32]",
    "images [32,32,32,3], labels [32]",
    "images [4,32,32,3], labels [4]",
    "pair 5: 5 and 6",
    "pair 6: 6 and 7",
  ]);
});

Deno.test("own_training_step", async () => {
  let losses: number[] = [];
  const options = { limit: 400, epochs: 3 };
  const lines = await printed(async (print) => {
    losses = await ownTrainingStep.main(print, options);
  });
  assertEquals(lines.length, 4);
  const epoch =
    /^Epoch \d, Loss: [\d.]+, Accuracy: [\d.]+, Test Loss: [\d.]+, Test Accuracy: [\d.]+$/;
  for (const line of lines.slice(0, 3)) assert(epoch.test(line), line);
  assertEquals(lines[3], "recorded 2 times, for the whole batch and for the last one");
  assertLess(losses[2], losses[0]);
});

Deno.test("inception", async () => {
  let losses: number[] = [];
  const lines = await printed(async (print) => {
    losses = (await inception.main(print, { limit: 400, epochs: 3 })).history.loss;
  });
  const [table] = lines;
  for (const text of ["concatenate", "(None, 7, 7, 20)", "Total params: 11,156"]) {
    assert(table.includes(text), text);
  }
  assertEquals(lines.length, 4);
  assertLess(losses[2], losses[0]);
});

Deno.test("multi_output", async () => {
  let history: Record<string, number[]> = {};
  const lines = await printed(async (print) => {
    ({ history } = await multiOutput.main(print, { limit: 400, epochs: 3 }));
  });
  assertEquals(Object.keys(history), [
    "brightness_loss",
    "brightness_mae",
    "kind_accuracy",
    "kind_loss",
    "loss",
  ]);
  assertLess(history.loss[2], history.loss[0]);
  assertEquals(lines.slice(-2), [
    "test: brightness_loss, brightness_mae, kind_accuracy, kind_loss, loss",
    "predictions: kind [80,10], brightness [80,1]",
  ]);
});

Deno.test("callbacks", async () => {
  const lines = await printed((print) => callbacks.main(print, { limit: 300 }));
  assertEquals(lines.slice(0, 2), ["training begins", "training ends"]);
  const [, epochs, best] = lines[2].match(/^trained (\d+) of 40 epochs, the best was (\d+)$/)!;
  assertEquals(Number(epochs), Number(best) + 3);
  assertEquals(lines[3], "its weights are back: true");
  assert(lines[4].includes(`the last one is epoch${best.padStart(2, "0")}-`), lines[4]);
  assertEquals(lines[5], "it is the best one: true");
  assertEquals(
    lines[6],
    `training.csv: epoch,accuracy,learning_rate,loss,val_accuracy,val_loss, ${epochs} lines`,
  );
});

Deno.test("save_and_resume", async () => {
  const lines = await printed(saveAndResume.main);
  assertEquals(lines[0].split(": ")[1].trim(), lines[1].split(": ")[1].trim());
  assertEquals(lines.slice(2), [
    "losses equal to the last bit: true",
    "weights equal to the last bit: true",
    "a model with its weights scores the same: true",
  ]);
});

Deno.test("tf_function", async () => {
  const lines = await printed(tfFunction.main);
  const [caught] = lines.splice(-2, 1);
  assert(caught.startsWith("caught: the value of a tensor was asked for inside a tfFunction"));
  assertEquals(lines, [
    "square of two values:",
    "  recorded for float32[2]",
    "  [1,4]",
    "of two others:",
    "  [9,16]",
    "of three:",
    "  recorded for float32[3]",
    "  [1,4,9]",
    "2 signatures",
    "a border of zeros:",
    "  recorded, static shape [null, null]",
    "  [1,2] becomes [3,4]: [[0,0,0,0],[0,1,1,0],[0,0,0,0]]",
    "  [3,1] becomes [5,3]: [[0,0,0],[0,1,0],[0,1,0],[0,1,0],[0,0,0]]",
    "a counter times ten: [10] [20] [30] the counter: [3]",
    "two draws differ: true",
    "the same seed, the same values: true",
    "with tf.where: [1,2]",
  ]);
});
