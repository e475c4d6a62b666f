/** Tensors print as PyTorch prints them, and operands meet in PyTorch's dtypes: tests/golden/torch_tensors_text.py. */
import { assertEquals, assertThrows } from "@std/assert";
import * as torch from "../../torch_style/mod.ts";

interface Golden {
  readonly texts: readonly { readonly javascript: string; readonly text: string }[];
  readonly operands: readonly (readonly [value: string, kind: string])[];
  readonly types: Readonly<Record<string, readonly (readonly (string | null)[])[]>>;
}

const golden: Golden = JSON.parse(
  await Deno.readTextFile(new URL("../golden/torch_tensors_text.json", import.meta.url)),
);

Deno.test(`${golden.texts.length} tensors print as in PyTorch`, () => {
  for (const { javascript, text } of golden.texts) {
    const value = new Function("torch", `return ${javascript}`)(torch);
    assertEquals(String(value), text, javascript);
    assertEquals(Deno.inspect(value), text, javascript);
    assertEquals(`${value}`, text, javascript);
  }
});

Deno.test("what only ONNX Runtime computes prints once it is there", async () => {
  const y = torch.ones([600, 600]).matmul(torch.ones([600, 600]));
  const before = "tensor(..., size=(600, 600), to be computed: await its data())";
  assertEquals(String(y), before);
  await y.data();
  assertEquals(String(y).split("\n")[0], "tensor([[600., 600., 600.,  ..., 600., 600., 600.],");
});

Deno.test("a tensor is no number, and says so", () => {
  const x = torch.ones([2]) as unknown as number;
  assertThrows(() => x * 2, TypeError, "compute with methods");
  assertThrows(() => x > 1, TypeError, "await x.item()");
  assertEquals("x is " + x, "x is tensor([1., 1.])");
});

function operand([value, kind]: readonly [string, string]): torch.Operand {
  if (kind === "number") return JSON.parse(value);
  return torch.ones(kind === "tensor" ? [3] : [], { dtype: value as "float32" });
}

for (const [name, rows] of Object.entries(golden.types)) {
  Deno.test(`${name}: dtypes of all pairs of operands are PyTorch's`, () => {
    const call = torch[name as "add"];
    rows.forEach((row, i) =>
      row.forEach((dtype, j) => {
        if (dtype === null) return;
        const [a, b] = [golden.operands[i], golden.operands[j]];
        assertEquals(call(operand(a), operand(b)).dtype, dtype, `${name} of ${a} and ${b}`);
      })
    );
  });
}
