/**
 * What graphs become for ONNX Runtime's CPU kernels: the same values, computed by the ops that were meant to be put in.
 * Inputs are small integers, so that sums are exact in whatever order, and equal maxima abound.
 */
import { assert, assertEquals } from "@std/assert";
import {
  collectGraph,
  fromHost,
  type LazyArray,
  ops,
  placeholder,
  type Shape,
  sizeOf,
} from "../../../onnx/mod.ts";
import { channelBlock } from "../../../onnx/rewrite/cpu/channel_block.ts";
import { computedByImage } from "../../../onnx/rewrite/cpu/by_image.ts";
import { rewriteForCpu, rewriteGraph } from "../../../onnx/rewrite/mod.ts";
import { ALWAYS } from "../rewriting/compare.ts";
import { blockCases } from "../rewriting/block_cases.ts";
import { channelsLastCases } from "../rewriting/channels_last_cases.ts";
import type { CpuCase } from "../rewriting/cpu_case.ts";
import { fillingCases } from "../rewriting/filling_cases.ts";
import { gradientCases } from "../rewriting/gradient_cases.ts";
import { productCases } from "../rewriting/product_cases.ts";
import { winogradCases } from "../rewriting/winograd_cases.ts";
import { throughSession } from "../through_session.ts";

/** Integers from -2 to 2, without a pattern that a window could fall in with. */
function integersOf(shape: Shape, seed: number): LazyArray {
  let state = seed * 7919 + 1;
  const data = Float32Array.from({ length: sizeOf(shape) }, () => {
    state = (state * 48271) % 2147483647;
    return state % 5 - 2;
  });
  return fromHost(data, shape);
}

function countOps(roots: readonly LazyArray[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of collectGraph(roots).nodes) counts[op.name] = (counts[op.name] ?? 0) + 1;
  return counts;
}

/** As programs for the CPU are rewritten: for all providers first. */
function forCpu(roots: readonly LazyArray[], block: number | undefined): LazyArray[] {
  const graph = collectGraph(roots);
  return rewriteForCpu(rewriteGraph(graph, roots, graph.leaves), block);
}

function opsAfter({ shapes, build }: CpuCase, block: number | undefined): Record<string, number> {
  const inputs = shapes.map((shape, i) => placeholder(`x${i}`, "float32", shape));
  return countOps(forCpu(build(inputs), block));
}

async function assertSame({ shapes, build }: CpuCase, block: number | undefined): Promise<void> {
  const inputs = shapes.map((shape, i) => integersOf(shape, i + 1));
  const plain = await throughSession(inputs, build);
  const rewritten = await throughSession(
    inputs,
    build,
    (roots) => computedByImage(forCpu(roots, block), undefined, ALWAYS),
  );
  plain.forEach(({ result }, i) => {
    assertEquals(rewritten[i].result.dims, result.dims, `shape of result ${i}`);
    assert(result.data.some((value) => Number(value) !== 0), `result ${i} is not all zeros`);
    assertEquals(rewritten[i].result.data, result.data, `result ${i}`);
  });
}

const cases = {
  ...blockCases,
  ...fillingCases,
  ...gradientCases,
  ...channelsLastCases,
  ...productCases,
  ...winogradCases,
};

for (const [title, item] of Object.entries(cases)) {
  Deno.test(title, async () => {
    const counts = opsAfter(item, 16);
    for (const [op, times] of Object.entries(item.expected)) {
      assertEquals(counts[op] ?? 0, times, `${op} in ${JSON.stringify(counts)}`);
    }
    await assertSame(item, await channelBlock());
  });
}

Deno.test("without blocks of channels all else is rewritten, and the same", async () => {
  for (const item of Object.values(cases)) {
    const counts = opsAfter(item, undefined);
    assert(
      !Object.keys(counts).some((name) => /Block|Phase|Channels$/.test(name)),
      JSON.stringify(counts),
    );
    await assertSame(item, undefined);
  }
});

Deno.test("more rows or columns than single precision counts are not resized", () => {
  const large: [Shape, Shape][] = [
    [[2 ** 20 + 1, 1], [2 ** 20 + 1, 16]],
    [[1, 2 ** 20, 1, 1, 1], [1, 2 ** 20, 17, 1, 2]],
  ];
  for (const [from, to] of large) {
    const counts = opsAfter(
      { shapes: [from], build: ([x]) => [ops.expand(x, to)], expected: {} },
      16,
    );
    assertEquals(counts, { Expand: 1 });
  }
});

Deno.test("the mask is exact from the smallest normal number on", async () => {
  const values = [1.1754944e-38, -1.1754944e-38, 0, -0, 1, -1, 3e38, -3e38, Infinity, -Infinity];
  const x = fromHost(new Float32Array(values), [values.length]);
  const [{ result }] = await throughSession(
    [x],
    ([a]) => [ops.step(a)],
    (roots) => forCpu(roots, undefined),
  );
  assertEquals([...result.data].map(Number), [1, 0, 0, 0, 1, 0, 1, 0, 1, 0]);
});

Deno.test("a block is 8 or 16 channels, or there are none", async () => {
  assert([undefined, 8, 16].includes(await channelBlock()));
});
