/** Compares the PyTorch idiom with PyTorch's values, as tests/golden/torch_cases.py records them. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type DType, storageFrom } from "../../onnx/mod.ts";
import * as torch from "../../torch_style/mod.ts";

/** A tensor as JSON. */
export interface Flat {
  dtype: string;
  shape: number[];
  /** "NaN", "Infinity" and "-Infinity" are written as text. */
  data: (number | boolean | string)[];
}

/** One recorded call. */
export interface GoldenCase {
  name: string;
  options: unknown;
  inputs: Flat[];
  output: Flat;
  gradients: (Flat | null)[];
}

/** How a case is called here. */
// deno-lint-ignore no-explicit-any
export type Rule = (inputs: torch.Tensor[], options: any) => torch.Tensor;

/** The tensor that was recorded; fractions require gradients. */
export function tensorOf({ dtype, shape, data }: Flat): torch.Tensor {
  if (dtype === "int64") {
    return torch.fromArray(BigInt64Array.from(data, (value) => BigInt(value)), shape);
  }
  if (dtype === "bool") {
    return torch.fromArray(Uint8Array.from(data, Number), shape, { dtype: "bool" });
  }
  const type = dtype as DType;
  return torch.fromArray(storageFrom(data.map(Number), type), shape, {
    dtype: type,
    requiresGrad: true,
  });
}

/** How far values may be apart, relative to their size: one step of the short types, else 1e-4. */
export function toleranceOf(dtype: string): number {
  return { float16: 2 ** -10, bfloat16: 2 ** -7 }[dtype] ?? 1e-4;
}

/** Same shape, dtype and values within {@linkcode toleranceOf}. */
export async function assertSame(
  actual: torch.Tensor,
  expected: Flat,
  what: string,
): Promise<void> {
  assertEquals([...actual.shape], expected.shape, `${what}: shape`);
  assertEquals(actual.dtype, expected.dtype, `${what}: dtype`);
  const data = await actual.data();
  expected.data.map(Number).forEach((value, i) => {
    const own = Number(data[i]);
    if (Object.is(own, value)) return;
    const bound = 1e-5 + toleranceOf(expected.dtype) * Math.abs(value);
    assertAlmostEquals(own, value, bound, `${what}: element ${i}`);
  });
}

/** Registers one test a name that occurs in the cases. */
export function testCases(cases: readonly GoldenCase[], rules: Record<string, Rule>): void {
  for (const name of new Set(cases.map((item) => item.name))) {
    Deno.test(`${name}: values and gradients are PyTorch's`, async () => {
      for (const [i, item] of cases.entries()) {
        if (item.name === name) await checkCase(item, rules[name], `${name} #${i}`);
      }
    });
  }
}

async function checkCase(item: GoldenCase, rule: Rule, title: string): Promise<void> {
  const inputs = item.inputs.map(tensorOf);
  const output = rule(inputs, item.options);
  await assertSame(output, item.output, title);
  if (item.gradients.every((gradient) => gradient === null)) return;
  const upstream = Float32Array.from({ length: output.numel() }, (_, i) => Math.cos(i));
  output.backward({ gradient: torch.fromArray(upstream, output.shape) });
  for (const [i, gradient] of item.gradients.entries()) {
    assertEquals(inputs[i].grad === null, gradient === null, `${title}: gradient ${i}`);
    if (gradient) await assertSame(inputs[i].grad!, gradient, `${title}: gradient ${i}`);
  }
}
