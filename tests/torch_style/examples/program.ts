/** How a program of torch_style/examples/ is tested: PyTorch's losses from the same weights and data, then its own run. */
import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";
import golden from "../../golden/torch_examples.json" with { type: "json" };

type Losses = (number | number[])[];

export const BATCHES = [0, 1, 2, 3, 4];

/** Values from -0.5 to 0.5 that only look random. */
function noise(count: number, seed: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const x = Math.sin(i * 12.9898 + seed * 78.233) * 43758.5453;
    return x - Math.floor(x) - 0.5;
  });
}

/** Values from -1 to 1. */
export function data(seed: number, ...shape: number[]): torch.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return torch.fromArray(Float32Array.from(noise(count, seed), (x) => 2 * x), shape);
}

export function labels(batch: number, count: number): torch.Tensor {
  return torch.tensor(Array.from({ length: count }, (_, i) => (7 * i + batch) % 10));
}

/** Images and labels of one batch. */
export function images(batch: number, count = 16): [torch.Tensor, torch.Tensor] {
  return [data(1000 + batch, count, 3, 32, 32), labels(batch, count)];
}

/** Gives a module the weights of tests/golden/torch_examples_formula.py. */
export function fill<M extends torch.nn.AnyModule>(module: M, seed = 0): M {
  for (const [k, [name, parameter]] of module.namedParameters().entries()) {
    const [numel, rows] = [parameter.numel(), parameter.shape[0]];
    const bound = 2 * Math.sqrt(3 / (numel / rows));
    const one = name.endsWith("weight") ? 1 : 0;
    const values = noise(numel, seed + k + 1).map((x) =>
      parameter.ndim > 1 ? x * bound : x * 0.2 + one
    );
    torch.noGrad(() =>
      parameter.copy_(torch.fromArray(Float32Array.from(values), parameter.shape))
    );
  }
  return module;
}

/**
 * Tests one program, named as its file.
 *
 * @param below what `main` returns must be less
 * @param losses of the first steps
 */
export function testProgram(
  name: keyof typeof golden.losses,
  main: (print: (line: string) => void) => Promise<number>,
  below: number,
  losses: () => Promise<Losses>,
): void {
  Deno.test(`${name}: the first losses are PyTorch's`, async () => {
    const actual = (await losses()).flat();
    const expected = (golden.losses[name] as Losses).flat();
    const deviations = (golden.deviations[name] as Losses).flat();
    assertEquals(actual.length, expected.length);
    expected.forEach((value, i) => {
      // Four times what rounding does to PyTorch's own, where that is more.
      const tolerance = Math.max(2e-4 * Math.max(0.05, Math.abs(value)), 4 * deviations[i]);
      assertAlmostEquals(actual[i], value, tolerance, `loss ${i}`);
    });
  });
  Deno.test(`${name}: runs and learns`, async () => {
    const lines: string[] = [];
    assertLess(await main((line) => lines.push(line)), below, lines.join("\n"));
    assert(lines.length > 0, "nothing was printed");
  });
}
