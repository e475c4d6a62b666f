/** Dtypes of results where they are not those of the inputs, or easily lost on the way: PyTorch 2.15's. */
import { assertEquals } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";

const truths = torch.tensor([[true, false], [true, true]]);
const bytes = torch.tensor([[3, 0], [3, 3]], { dtype: "uint8" });
const halves = torch.tensor([0.25, 0.5], { dtype: "float16" });
const integers = torch.tensor([1, 3]);

const results: Record<string, [torch.Tensor, dtype: string, values: unknown]> = {
  "logit of float16": [torch.logit(halves).mul(0), "float16", [-0, 0]],
  "logit of bfloat16": [torch.logit(halves.to("bfloat16")).mul(0), "bfloat16", [-0, 0]],
  "square of bool": [torch.square(truths), "int64", [[1, 0], [1, 1]]],
  "softsign of int64": [torch.nn.functional.softsign(integers), "float32", [0.5, 0.75]],
  "all of uint8": [bytes.all(1), "uint8", [0, 1]],
  "any of uint8": [bytes.any(), "uint8", 1],
  "any of bool": [truths.any(), "bool", true],
  "amax of bool": [truths.amax(1), "bool", [true, true]],
  "amin of bool": [truths.amin(1), "bool", [false, true]],
  "min of bool": [truths.min(), "bool", false],
};

for (const [title, [result, dtype, values]] of Object.entries(results)) {
  Deno.test(`${title} is ${dtype}`, async () => {
    assertEquals(result.dtype, dtype);
    assertEquals(await result.tolist(), values);
  });
}
