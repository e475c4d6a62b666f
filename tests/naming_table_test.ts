/** Runs every row of torch_style/naming_table.md in both idioms. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import "../keras_style/mod.ts";
import * as torch from "../torch_style/mod.ts";

const text = await Deno.readTextFile(new URL("../torch_style/naming_table.md", import.meta.url));
const rows = text.split("\n").filter((line) => line.startsWith("|")).slice(2).map((line) =>
  line.split("|").slice(1, -1).map((cell) => cell.trim().replace(/^`|`$/g, ""))
);

const values = {
  a: [[-1.5, 0.25, 2], [0.5, 3, -0.75]],
  b: [[1, -2, 0.5], [0.75, 2.5, 1.5]],
  c: [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[9, 10], [11, 12]]],
  r: [1, 2, 3],
};

/** The value of an expression of the table. */
function evaluate(idiom: string, scope: Record<string, unknown>, expression: string): unknown {
  const names = Object.keys(scope);
  const call = new Function(...names, `"use strict"; return (${expression});`);
  const value = call(...names.map((name) => scope[name]));
  assert(value !== undefined, `${idiom}: ${expression}`);
  return value;
}

Deno.test("the table has all rows and columns", () => {
  assertEquals(rows.length, 29);
  for (const row of rows) assertEquals(row.length, 6, row[0]);
});

for (const [what, , , , keras, pytorch] of rows) {
  Deno.test(`naming table: ${what}`, async () => {
    const tensors = Object.entries(values);
    const kerasScope = Object.fromEntries(tensors.map(([name, v]) => [name, tf.tensor(v)]));
    const torchScope = Object.fromEntries(
      tensors.map(([name, v]) => [name, torch.tensor(v, { dtype: "float32" })]),
    );
    const left = evaluate("Keras idiom", { tf, ...kerasScope }, keras) as tf.Tensor;
    const right = evaluate("PyTorch idiom", { torch, ...torchScope }, pytorch) as torch.Tensor;
    assertEquals(left.shape, [...right.shape]);
    const [own, other] = [await left.data(), await right.data()];
    own.forEach((value, i) => assertAlmostEquals(Number(other[i]), Number(value), 1e-6));
  });
}
