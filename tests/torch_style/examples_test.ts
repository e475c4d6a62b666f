/** The runnable examples print what they promise. */
import { assert, assertEquals, assertLess } from "@std/assert";
import * as autograd from "../../torch_style/examples/autograd.ts";
import * as data from "../../torch_style/examples/data.ts";
import * as optim from "../../torch_style/examples/optim.ts";
import * as saving from "../../torch_style/examples/saving.ts";
import * as tensors from "../../torch_style/examples/tensors.ts";

async function printed(main: (print: (...values: unknown[]) => void) => Promise<unknown>) {
  const lines: string[] = [];
  await main((...values) => {
    lines.push(values.map((v) => typeof v === "string" ? v : JSON.stringify(v)).join(" "));
  });
  return lines;
}

Deno.test("every example is listed in README.md, ends with its own start, and is run by a test", async () => {
  const examples = new URL("../../torch_style/examples/", import.meta.url);
  const readme = await Deno.readTextFile(new URL("README.md", examples));
  // Those in the folder are run by `deno task test:examples`.
  const tests = ["./examples_test.ts", "nn/examples_test.ts", "distributed/distributed_test.ts"];
  for await (const { name } of Deno.readDir(new URL("examples", import.meta.url))) {
    tests.push(`examples/${name}`);
  }
  const texts = await Promise.all(
    tests.map((path) => Deno.readTextFile(new URL(path, import.meta.url))),
  );
  for await (const { name } of Deno.readDir(examples)) {
    if (!name.endsWith(".ts")) continue;
    assert(readme.includes(`| [${name}](${name})`), `${name} is not listed in README.md`);
    const text = await Deno.readTextFile(new URL(name, examples));
    assert(text.includes("\nif (import.meta.main) "), `${name} does not start`);
    const isRun = texts.some((text) => text.includes(`torch_style/examples/${name}"`));
    assert(isRun, `${name} is run by no test`);
  }
});

Deno.test("tensors", async () => {
  assertEquals(await printed(tensors.main), [
    "x = [[0,1,2,3],[4,5,6,7],[8,9,10,11]]",
    "x[1] = [4,5,6,7]",
    "x[:, 1:3] = [[1,2],[5,6],[9,10]]",
    "x[..., -1] = [3,7,11]",
    "x[x > 8] = [9,10,11]",
    "x[[2, 0]] = [[8,9,10,11],[0,1,2,3]]",
    "a view was filled with -1, x = [[-1,1,2,3],[-1,5,6,7],[-1,9,10,11]]",
    "int64 + 0.5 is float32 [1.5,2.5]",
    "[3, 1] + [4] broadcasts to [3,4]",
  ]);
});

Deno.test("autograd", async () => {
  assertEquals(await printed(autograd.main), [
    "d sum(x²) / dx = [2,4,6]",
    "d² sum(x³) / dx² = [6,12,18]",
    'x after a step = ["0.8","1.6","2.4"]',
    "straight through a rounding: [2,2]",
    "caught: one of the variables needed for gradient computation has been modified by an inplace operation",
  ]);
});

Deno.test("optim", async () => {
  let loss = NaN;
  const lines = await printed(async (print) => loss = await optim.main(print));
  assertEquals(lines.length, 5);
  assertEquals(lines.at(-1), "y = 3.00 x + -1.00");
  assertLess(loss, 1e-3);
});

Deno.test("data", async () => {
  assertEquals(await printed(data.main), [
    "80 training and 20 validation images",
    "batch [32,3,32,32] labels [32]",
    "batch [32,3,32,32] labels [32]",
    "batch [16,3,32,32] labels [16]",
    "batch from a worker [50,3,32,32]",
    "batch from a worker [50,3,32,32]",
  ]);
});

Deno.test("saving", async () => {
  const lines = await printed(saving.main);
  assertEquals(lines[0], 'resumed at {"step":5}');
  assertEquals(lines[1], "unbroken and resumed are equal: true");
  assertEquals(lines[2], 'saved: ["0.weight","0.bias","2.weight","2.bias"]');
  assert(lines[3].startsWith("OnnxModule(input: float32[batch, 4]"));
  assertEquals(lines[4], "the file agrees: true");
});
