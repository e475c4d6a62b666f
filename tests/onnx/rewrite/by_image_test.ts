/** Chains that are computed image by image: which nodes they hold, and that nothing changes, to the bit. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  collectGraph,
  constant,
  fromHost,
  type GraphNode,
  type LazyArray,
  ops,
  placeholder,
  Runtime,
  type Shape,
  sizeOf,
} from "../../../onnx/mod.ts";
import { computedByImage } from "../../../onnx/rewrite/cpu/by_image.ts";
import { writerFor } from "../../../onnx/runtime/program.ts";
import { ALWAYS } from "../rewriting/compare.ts";
import { throughSession } from "../through_session.ts";

const { add, concat, exp, maximum, mul, pad, relu, reshape, slice, step, sub, sum, transpose } =
  ops;

type Build = (inputs: readonly LazyArray[]) => readonly LazyArray[];

function nodesOf(roots: readonly LazyArray[]): readonly GraphNode[] {
  return collectGraph(roots).nodes;
}

/** Names of the ops outside of chains, and how many chains there are. */
function outside(build: Build, shapes: readonly Shape[]): string[] {
  const inputs = shapes.map((shape, i) => placeholder(`x${i}`, "float32", shape));
  return nodesOf(computedByImage(build(inputs), undefined, ALWAYS))
    .map(({ op }) => op.name).filter((name) => name !== "Reshape").sort();
}

/** Each makes something of images [6, 4, 8] that looks at one image at a time. */
const wise: Record<string, (x: LazyArray) => LazyArray> = {
  "an element": exp,
  "with a number": (x) => mul(x, constant(3)),
  "with what is the same for all": (x) => add(x, constant([1, 2, 3, 4], "float32", [4, 1])),
  "with one image for all": (x) => add(x, constant([1, 2, 3, 4], "float32", [1, 4, 1])),
  "with a number an image": (x) => mul(x, sum(x, { axes: [1, 2], keepDims: true })),
  "sums over others": (x) => sum(x, { axes: [2] }),
  "other axes in another order": (x) => transpose(x, [0, 2, 1]),
  "under another shape": (x) => reshape(x, [6, 32]),
  "parts of images": (x) => reshape(x, [24, 8]),
  "an image's part": (x) => slice(x, [0, 1, 2], [6, 3, 8], [1, 1, 2]),
  "around images": (x) => pad(x, [0, 1, 0], [0, 0, 2], 7),
  "side by side": (x) => concat([x, mul(x, x)], 1),
  "standardized": (x) => ops.standardize(x, [1, 2], 1e-3).output,
};

/** Each looks at several images. */
const unwise: Record<string, (x: LazyArray) => LazyArray> = {
  "sums over images": (x) => sum(x, { axes: [0], keepDims: true }),
  "images in another order": (x) => transpose(x, [1, 0, 2]),
  "some of the images": (x) => slice(x, [1, 0, 0], [5, 4, 8]),
  "around the batch": (x) => pad(x, [1, 0, 0], [0, 0, 0]),
  "one after the other": (x) => concat([x, mul(x, x)], 0),
  "over all": (x) => ops.standardize(x, [0, 1], 1e-3).output,
};

function valuesOf(shape: Shape, seed: number): LazyArray {
  const value = (_: unknown, i: number) => Math.sin(i * 1.7 + seed);
  return fromHost(Float32Array.from({ length: sizeOf(shape) }, value), shape);
}

async function assertSame(build: Build, shapes: readonly Shape[]): Promise<void> {
  const inputs = shapes.map(valuesOf);
  const plain = await throughSession(inputs, build);
  const byImage = await throughSession(
    inputs,
    build,
    (roots) => computedByImage(roots, undefined, ALWAYS),
  );
  plain.forEach(({ result }, i) => {
    assertEquals(byImage[i].result.dims, result.dims);
    assertEquals(byImage[i].result.data, result.data);
  });
}

const BATCH = [6, 4, 8];

Deno.test("what looks at one image at a time is part of a chain", async () => {
  for (const [title, change] of Object.entries(wise)) {
    const build: Build = ([x]) => [relu(change(sub(x, constant(0.25))))];
    assertEquals(outside(build, [BATCH]), ["ByImage"], title);
    await assertSame(build, [BATCH]);
  }
});

Deno.test("what looks at several images parts chains", async () => {
  for (const [title, change] of Object.entries(unwise)) {
    const build: Build = ([x]) => {
      const before = exp(relu(sub(x, constant(0.25))));
      return [exp(relu(change(before))), relu(exp(before))];
    };
    const names = outside(build, [BATCH]);
    assert(names.some((name) => name !== "ByImage"), `${title}: ${names}`);
    assert(names.includes("ByImage"), `${title}: ${names}`);
    await assertSame(build, [BATCH]);
  }
});

Deno.test("a chain is left and entered again at no cost to the order", async () => {
  const build: Build = ([x, y]) => {
    const a = exp(relu(x));
    const all = sum(a, { axes: [0], keepDims: true });
    const b = mul(a, y);
    return [relu(add(b, all)), relu(exp(b)), all];
  };
  await assertSame(build, [BATCH, BATCH]);
});

Deno.test("a mask is made where gradients ask for it, and nothing else is kept for it", async () => {
  const build: Build = ([x, dy]) => {
    const y = relu(mul(x, constant(2)));
    const scale = sum(mul(y, y), { axes: [0], keepDims: true });
    const masked = mul(mul(dy, scale), maximum(step(sub(y, constant(0.5))), constant(0.1)));
    return [add(masked, exp(y)), scale];
  };
  const inputs = [0, 1].map((i) => placeholder(`x${i}`, "float32", BATCH));
  const chains = nodesOf(computedByImage(build(inputs), undefined, ALWAYS))
    .filter(({ op }) => op.name === "ByImage");
  // y is kept, and y times y; not the mask.
  assertEquals(chains.map(({ outputs }) => outputs.length).sort(), [1, 2]);
  await assertSame(build, [BATCH, BATCH]);
});

Deno.test("small chains, single nodes and batches of one image stay as they are", () => {
  const chain: Build = ([x]) => [exp(relu(x))];
  const inputs = (shape: Shape) => [placeholder("x", "float32", shape)];
  const names = (roots: readonly LazyArray[]) => nodesOf(roots).map(({ op }) => op.name);
  assertEquals(names(computedByImage(chain(inputs(BATCH)))), ["Relu", "Exp"]);
  assertEquals(names(computedByImage(chain(inputs([1, 4, 8])), undefined, ALWAYS)), [
    "Relu",
    "Exp",
  ]);
  const [x] = inputs(BATCH);
  assertEquals(names(computedByImage([exp(x)], undefined, ALWAYS)), ["Exp"]);
});

Deno.test("of large images one is computed at once, of small ones as many as fit the caches", () => {
  const parts = (shape: Shape) => {
    const x = placeholder("x", "float32", shape);
    const chain = add(mul(exp(relu(mul(x, x))), x), x);
    const [node] = nodesOf(computedByImage([chain])).filter(({ op }) => op.name === "ByImage");
    return node.outputs[0].shape[0];
  };
  assertEquals(parts([32, 1 << 18]), 32);
  assertEquals(parts([32, 1 << 17]), 32);
  assertEquals(parts([128, 1 << 15]), 32);
});

Deno.test("chains of element types without a kernel are put together of what the CPU has", async () => {
  const x = fromHost(Float64Array.from({ length: sizeOf(BATCH) }, (_, i) => i / 50 - 1), BATCH);
  const [{ result }] = await throughSession(
    [x],
    ([a]) => [mul(ops.erf(ops.tan(a)), a)],
    (roots) => computedByImage(roots, undefined, ALWAYS),
    writerFor("cpu"),
  );
  const expected = mul(ops.erf(ops.tan(x)), x).hostData();
  result.data.forEach((value, i) =>
    assertAlmostEquals(Number(value), Number(expected[i]), 1e-14, `element ${i}`)
  );
});

Deno.test("chains of a program, and of several steps in one call, give what the whole batch gives", async () => {
  const shape = [16, 1 << 16];
  const half = constant(0.5);
  const step = (x: LazyArray, dy: LazyArray) => {
    let y = x;
    for (let i = 0; i < 4; i++) y = add(mul(relu(y), half), mul(y, dy));
    return sub(y, sum(y, { axes: [0], keepDims: true }));
  };
  const inputs = [0, 1].map((k) => valuesOf(shape, k));
  const [x, dy] = inputs.map((_, i) => placeholder(`x${i}`, "float32", shape));
  assert(nodesOf(computedByImage([step(x, dy)])).some(({ op }) => op.name === "ByImage"));

  const [{ result }] = await throughSession(inputs, ([x, dy]) => [step(step(x, dy), dy)]);
  const after = async (stepsACall: number) => {
    const runtime = new Runtime();
    let value = inputs[0];
    const next = () => runtime.evaluate([value = step(value, inputs[1])]);
    if (stepsACall === 1) { for (let i = 0; i < 2; i++) await next(); }
    else await runtime.inOneCall(() => Promise.all([next(), next()]));
    const data = value.hostData().slice();
    await runtime.clear();
    return data;
  };
  const single = await after(1);
  // Sums over the images are products there, which round otherwise.
  const largest = largestDifference(single, new Float32Array(single.length));
  assert(largestDifference(single, result.data) < 1e-6 * largest, "as recorded");
  assertEquals(largestDifference(single, await after(2)), 0, "two steps a call");
});

/** Of arrays too large to be printed. */
function largestDifference(a: ArrayLike<unknown>, b: ArrayLike<unknown>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(Number(a[i]) - Number(b[i])));
  return most;
}
