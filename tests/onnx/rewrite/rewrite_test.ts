/** Rewriting: every rule fires, and what it makes is equal. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  collectGraph,
  constant,
  evaluate,
  fromHost,
  type LazyArray,
  ops,
  placeholder,
  type Shape,
  sizeOf,
} from "../../../onnx/mod.ts";
import { applyToFixpoint, rewriteGraph } from "../../../onnx/rewrite/mod.ts";
import { array, node, rule } from "../../../onnx/rewrite/pattern.ts";
import { valuesOf } from "../op_case.ts";

type Build = (inputs: readonly LazyArray[]) => LazyArray;

/** How often each op occurs before and after rewriting. */
function counts(
  shapes: readonly Shape[],
  build: Build,
): [Map<string, number>, Map<string, number>] {
  const inputs = shapes.map((shape, i) => placeholder(`x${i}`, "float32", shape));
  const root = build(inputs);
  const graph = collectGraph([root]);
  const renewed = rewriteGraph(graph, [root], graph.leaves);
  return [count([root]), count(renewed)];
}

function count(roots: readonly LazyArray[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { op } of collectGraph(roots).nodes) found.set(op.name, (found.get(op.name) ?? 0) + 1);
  return found;
}

/** Evaluates as recorded (small: on the host or op by op) and rewritten as one graph. */
async function assertEqual(shapes: readonly Shape[], build: Build): Promise<void> {
  const inputs = shapes.map((shape, i) => fromHost(valuesOf({ shape }, i), shape));
  const whole = build(inputs);
  await evaluate([whole]);
  const stepwise = await byOps(build, inputs);
  assertEquals(whole.shape, stepwise.shape);
  const [a, b] = [whole.buffer.data, stepwise.buffer.data];
  a.forEach((value, i) =>
    assertAlmostEquals(Number(value), Number(b[i]), 1e-5 * Math.max(1, Math.abs(Number(b[i]))))
  );
}

/** Every op evaluated by itself: nothing to rewrite. */
async function byOps(build: Build, inputs: readonly LazyArray[]): Promise<LazyArray> {
  const again = build(inputs);
  const graph = collectGraph([again]);
  for (const node of graph.nodes) await evaluate(node.outputs);
  return again;
}

const wide: Shape = [2, 3, 16, 32];

Deno.test("transposes meet their inverses and cancel", async () => {
  const build: Build = ([x, bias]) => {
    const first = ops.transpose(x, [0, 3, 1, 2]);
    const last = ops.add(ops.transpose(ops.exp(first), [0, 2, 3, 1]), bias);
    return ops.sum(ops.relu(ops.transpose(last, [0, 3, 1, 2])), { axes: [0, 2, 3] });
  };
  const shapes = [wide, [32]];
  const [before, after] = counts(shapes, build);
  assertEquals(before.get("Transpose"), 3);
  assertEquals(after.get("Transpose"), undefined);
  await assertEqual(shapes, build);
});

Deno.test("transposes pass reshapes that split axes or merge neighbours, as channels-last shuffles are recorded", async () => {
  const last = (x: LazyArray) => ops.transpose(x, [0, 2, 3, 1]);
  const shuffled: Build = ([x, y]) => {
    const halves = [x, y].map((half) => ops.reshape(last(half), [2, 32, 16, 32, 1]));
    const both = ops.reshape(ops.concat(halves, 4), [2, 32, 16, 64]);
    return ops.relu(ops.transpose(both, [0, 3, 1, 2]));
  };
  const shapes = [wide, wide].map(() => [2, 32, 32, 16] as Shape);
  assertEquals(counts(shapes, shuffled)[1].get("Transpose"), undefined);
  await assertEqual(shapes, shuffled);
  const ones: Build = ([x]) =>
    ops.reshape(ops.transpose(x, [2, 1, 0, 3]), [1, 2, 3, 1, 2, 1, 5, 1]);
  await assertEqual([[2, 1, 6, 5]], ones);
  // Rows, columns and channels are no neighbours.
  const flat: Build = ([x]) => ops.exp(ops.reshape(last(x), [2, -1]));
  assertEquals(counts([shapes[0]], flat)[1].get("Transpose"), 1);
  await assertEqual([shapes[0]], flat);
});

Deno.test("what is shuffled is put where it belongs at once, and taken from there", async () => {
  const shuffled: Build = ([x, y, z]) => {
    const apart = ops.reshape(ops.concat([x, y, z], 1), [2, 3, 16, 8, 8]);
    return ops.reshape(ops.transpose(apart, [0, 2, 1, 3, 4]), [2, 48, 8, 8]);
  };
  const shapes = [1, 2, 3].map(() => [2, 16, 8, 8] as Shape);
  assertEquals(counts(shapes, shuffled)[1].get("Transpose"), undefined);
  await assertEqual(shapes, shuffled);
  const part = (begin: number, end: number): Build => ([x]) => {
    const moved = ops.transpose(ops.reshape(x, [2, 16, 3, 8, 8]), [0, 2, 1, 3, 4]);
    return ops.slice(ops.reshape(moved, [2, 48, 8, 8]), [0, begin, 0, 0], [2, end, 8, 8]);
  };
  for (
    const [begin, end, transposes] of [[16, 32, undefined], [0, 16, undefined], [8, 24, 1]] as const
  ) {
    assertEquals(counts([[2, 48, 8, 8]], part(begin, end))[1].get("Transpose"), transposes);
    await assertEqual([[2, 48, 8, 8]], part(begin, end));
  }
});

Deno.test("a transpose on one side only stays", async () => {
  const build: Build = ([x, y]) => ops.mul(ops.transpose(x, [0, 1, 3, 2]), y);
  const shapes: Shape[] = [wide, [2, 3, 32, 16]];
  assertEquals(counts(shapes, build)[1].get("Transpose"), 1);
  await assertEqual(shapes, build);
});

Deno.test("equal parts are computed once", async () => {
  const build: Build = ([x]) => ops.add(ops.mul(ops.exp(x), ops.exp(x)), ops.exp(x));
  const [before, after] = counts([wide], build);
  assertEquals([before.get("Exp"), after.get("Exp")], [3, 1]);
  await assertEqual([wide], build);
});

Deno.test("a relu that is capped is a clip, but where the relu is read too or the cap is no positive number", async () => {
  const [cap, zero, row] = [constant(6), constant(0), constant([6], "float32", [1])];
  const builds: [expected: number | undefined, Build][] = [
    [1, ([x]) => ops.minimum(ops.relu(x), cap)],
    [1, ([x]) => ops.minimum(cap, ops.relu(x))],
    [undefined, ([x]) => ops.mul(ops.minimum(ops.relu(x), cap), ops.relu(x))],
    [undefined, ([x]) => ops.minimum(ops.relu(x), zero)],
    [undefined, ([x]) => ops.minimum(ops.relu(x), row)],
    [undefined, ([x]) => ops.minimum(ops.abs(x), cap)],
  ];
  for (const [expected, build] of builds) {
    assertEquals(counts([wide], build)[1].get("Hardtanh"), expected);
    await assertEqual([wide], build);
  }
  const x = fromHost(new Float32Array(4096).fill(NaN), [4096]);
  const capped = ops.minimum(ops.relu(ops.exp(x)), cap);
  await evaluate([capped]);
  assertEquals(capped.buffer.data[4095], NaN);
});

Deno.test("a bias goes into the convolution, whichever side it stands on", async () => {
  for (const swapped of [false, true]) {
    const build: Build = ([x, w, b]) => {
      const y = ops.conv(x, w, { padding: [1, 1, 1, 1] });
      const bias = ops.reshape(b, [4, 1, 1]);
      return swapped ? ops.add(bias, y) : ops.add(y, bias);
    };
    const shapes: Shape[] = [[2, 3, 16, 16], [4, 3, 3, 3], [4]];
    const [before, after] = counts(shapes, build);
    assertEquals([before.get("Add"), after.get("Add")], [1, undefined]);
    await assertEqual(shapes, build);
  }
});

Deno.test("a bias behind a channels-last convolution goes into it too", async () => {
  const build: Build = ([x, w, b]) => {
    const y = ops.conv(ops.transpose(x, [0, 3, 1, 2]), w, { padding: [1, 1, 1, 1] });
    return ops.add(ops.transpose(y, [0, 2, 3, 1]), b);
  };
  const shapes: Shape[] = [[2, 16, 16, 3], [4, 3, 3, 3], [4]];
  const [before, after] = counts(shapes, build);
  assertEquals([before.get("Add"), after.get("Add")], [1, undefined]);
  await assertEqual(shapes, build);
});

Deno.test("a bias goes into the product of two matrices, in a batch of one too", async () => {
  const builds: Build[] = [
    ([x, w, b]) => ops.add(ops.matmul(x, w), b),
    ([x, w, b]) => ops.add(b, ops.matmul(x, ops.transpose(w), false, true)),
    ([x, w, b]) => ops.add(ops.reshape(ops.matmul(x, w), [1, 8, 6]), b),
  ];
  const shapes: Shape[] = [[8, 5], [5, 6], [6]];
  for (const build of builds) {
    const [before, after] = counts(shapes, build);
    assertEquals([before.get("Add"), after.get("Add")], [1, undefined]);
    await assertEqual(shapes, build);
  }
});

Deno.test("what is as long as a product's rows, or meets a batch of products, stays an addition", async () => {
  const rows: Build = ([x, w, b]) => ops.add(ops.matmul(x, w), ops.reshape(b, [8, 1]));
  assertEquals(counts([[8, 5], [5, 6], [8]], rows)[1].get("Add"), 1);
  const batch: Build = ([x, w, b]) => ops.add(ops.matmul(x, w), b);
  assertEquals(counts([[2, 8, 5], [5, 6], [6]], batch)[1].get("Add"), 1);
  await assertEqual([[2, 8, 5], [5, 6], [6]], batch);
});

Deno.test("what is as long as a channel but no bias stays an addition", () => {
  const build: Build = ([x, w, b]) => ops.add(ops.conv(x, w), b);
  const after = counts([[1, 3, 6, 6], [4, 3, 3, 3], [4]], build)[1];
  assertEquals(after.get("Add"), 1);
});

Deno.test("relu's mask goes to the small side of a pooling", async () => {
  const build: Build = ([x, dy]) => {
    const r = ops.relu(x);
    return ops.mul(ops.maxPoolGradient(dy, r, { kernel: [2, 2] }), ops.step(x));
  };
  const shapes: Shape[] = [[2, 3, 16, 16], [2, 3, 8, 8]];
  const inputs = shapes.map((shape, i) => placeholder(`x${i}`, "float32", shape));
  const root = build(inputs);
  const graph = collectGraph([root]);
  const [renewed] = rewriteGraph(graph, [root], graph.leaves);
  assertEquals(renewed.node?.op.name, "Unpool");
  const step = collectGraph([renewed]).nodes.find((node) => node.op.name === "Step")!;
  assertEquals(step.outputs[0].shape, [2, 3, 8, 8]);
  await assertEqual(shapes, build);
});

Deno.test("relu's mask goes there between transposes too, as channels-last pooling is recorded", async () => {
  const [last, first] = [[0, 2, 3, 1], [0, 3, 1, 2]];
  const build: Build = ([x, dy]) => {
    const sum = ops.transpose(x, last);
    const r = ops.transpose(ops.relu(sum), first);
    const dr = ops.maxPoolGradient(ops.transpose(dy, first), r, { kernel: [2, 2] });
    return ops.mul(ops.transpose(dr, last), ops.step(sum));
  };
  const shapes: Shape[] = [[2, 3, 16, 16], [2, 8, 8, 3]];
  const inputs = shapes.map((shape, i) => placeholder(`x${i}`, "float32", shape));
  const root = build(inputs);
  const graph = collectGraph([root]);
  const { nodes } = collectGraph(rewriteGraph(graph, [root], graph.leaves));
  const step = nodes.find((node) => node.op.name === "Step")!;
  assertEquals(step.outputs[0].shape, [2, 3, 8, 8]);
  await assertEqual(shapes, build);
});

Deno.test("gradients of a pooling are summed before they are scattered", async () => {
  const build: Build = ([x, dy]) =>
    ops.sum(ops.maxPoolGradient(dy, x, { kernel: [2, 2] }), { axes: [0, 2, 3] });
  const shapes: Shape[] = [[2, 3, 16, 16], [2, 3, 8, 8]];
  const [before, after] = counts(shapes, build);
  assertEquals([before.get("Unpool"), after.get("Unpool")], [1, undefined]);
  await assertEqual(shapes, build);
  const last: Build = ([x, dy]) => {
    const dx = ops.maxPoolGradient(dy, x, { kernel: [2, 2] });
    return ops.sum(ops.transpose(dx, [0, 2, 3, 1]), { axes: [0, 1, 2] });
  };
  assertEquals(counts(shapes, last)[1].get("Unpool"), undefined);
  await assertEqual(shapes, last);
});

Deno.test("gradients of a pooling are scattered before they are summed along one of its axes", async () => {
  const build: Build = ([x, dy]) =>
    ops.sum(ops.maxPoolGradient(dy, x, { kernel: [2, 2] }), { axes: [0, 3] });
  const shapes: Shape[] = [[2, 3, 16, 16], [2, 3, 8, 8]];
  assertEquals(counts(shapes, build)[1].get("Unpool"), 1);
  await assertEqual(shapes, build);
});

Deno.test("of reshapes that follow each other the last one counts", async () => {
  const build: Build = ([x]) => ops.exp(ops.reshape(ops.reshape(x, [6, 512]), [3, 1024]));
  const [before, after] = counts([wide], build);
  assertEquals([before.get("Reshape"), after.get("Reshape")], [2, 1]);
  await assertEqual([wide], build);
  const back: Build = ([x]) => ops.exp(ops.reshape(ops.reshape(x, [6, 512]), wide));
  assertEquals(counts([wide], back)[1].get("Reshape"), undefined);
  await assertEqual([wide], back);
});

Deno.test("gradients of the parts of an array are put side by side, not padded and added", async () => {
  const cut = (x: LazyArray, from: number, to: number) => ops.slice(x, [0, from, 0], [2, to, 3]);
  const gradient: Build = ([a, b, c]) => {
    const around = (part: LazyArray, before: number, after: number) =>
      ops.pad(part, [0, before, 0], [0, after, 0]);
    return ops.add(ops.add(around(b, 2, 4), around(a, 0, 7)), around(c, 5, 0));
  };
  const shapes = [[2, 2, 3], [2, 3, 3], [2, 4, 3]];
  const [before, after] = counts(shapes, gradient);
  assertEquals([before.get("Pad"), before.get("Add")], [3, 2]);
  assertEquals([after.get("Pad"), after.get("Add"), after.get("Concat")], [
    undefined,
    undefined,
    1,
  ]);
  const inputs = shapes.map((shape, k) =>
    fromHost(Float32Array.from({ length: sizeOf(shape) }, (_, i) => i + 100 * k), shape)
  );
  const whole = gradient(inputs);
  const parts = [cut(whole, 0, 2), cut(whole, 2, 5), cut(whole, 5, 9)];
  await evaluate(parts);
  parts.forEach((part, i) => assertEquals(part.buffer.data, inputs[i].buffer.data));
});

Deno.test("arrays that overlap, leave a gap or are padded along other axes are padded and added", () => {
  const build: Build = ([a, b]) => {
    const overlapping = ops.add(ops.pad(a, [0, 0], [2, 0]), ops.pad(b, [1, 0], [1, 0]));
    const apart = ops.add(ops.pad(a, [0, 0], [3, 0]), ops.pad(b, [3, 0], [0, 0]));
    const across = ops.add(ops.pad(a, [0, 0], [2, 2]), ops.pad(b, [2, 2], [0, 0]));
    return ops.add(ops.sum(overlapping), ops.add(ops.sum(apart), ops.sum(across)));
  };
  const [, after] = counts([[2, 2], [2, 2]], build);
  assertEquals([after.get("Pad"), after.get("Concat")], [6, undefined]);
});

Deno.test("of equal largest elements the first takes the gradient, in a session too", async () => {
  const images = fromHost(new Float32Array(2 * 16 * 16).fill(3), [1, 2, 16, 16]);
  const dy = fromHost(new Float32Array(2 * 8 * 8).fill(1), [1, 2, 8, 8]);
  const dx = ops.maxPoolGradient(dy, images, { kernel: [2, 2] });
  await evaluate([dx]);
  const data = dx.hostData();
  for (let i = 0; i < data.length; i++) {
    const [row, column] = [Math.floor(i / 16) % 16, i % 16];
    assertEquals(data[i], row % 2 === 0 && column % 2 === 0 ? 1 : 0);
  }
  assert(data.length === 512);
});

Deno.test("rules that undo each other are an error that names them", () => {
  const x = placeholder("x", "float32", [64, 64]);
  const rules = {
    growing: rule(node(ops.exp.op, [array("a")]), ({ a }) => [ops.neg(ops.exp(ops.relu(a)))]),
  };
  assertThrows(() => applyToFixpoint(rules, [ops.exp(x)]), Error, "growing still fires");
  const swapping = {
    there: rule(node(ops.exp.op, [array("a")]), ({ a }) => [ops.relu(a)]),
    back: rule(node(ops.relu.op, [array("a")]), ({ a }) => [ops.exp(a)]),
  };
  assertThrows(() => applyToFixpoint(swapping, [ops.exp(x)]), Error, "there still fires");
});

Deno.test("transposes pass standardizations, as channels-last batch norm is recorded", async () => {
  const build: Build = ([x, scale]) => {
    const lastAxis = ops.transpose(ops.exp(x), [0, 2, 3, 1]);
    const { output, mean, variance } = ops.standardize(lastAxis, [0, 1, 2], 1e-3);
    const all = ops.add(ops.mul(output, scale), ops.add(mean, variance));
    return ops.transpose(all, [0, 3, 1, 2]);
  };
  const shapes: Shape[] = [[2, 32, 8, 6], [32]];
  const [before, after] = counts(shapes, build);
  assertEquals([before.get("Transpose"), after.get("Transpose")], [2, undefined]);
  await assertEqual(shapes, build);
});

Deno.test("zeros around become the convolution's padding, in its gradients too", async () => {
  const [last, first] = [[0, 2, 3, 1], [0, 3, 1, 2]];
  const shapes: Shape[] = [[2, 8, 8, 4], [6, 4, 3, 3], [2, 6, 9, 9]];
  const padded = (x: LazyArray) => ops.transpose(ops.pad(x, [0, 1, 1, 0], [0, 2, 2, 0]), first);
  const builds: Build[] = [
    ([x, w]) => ops.conv(padded(ops.transpose(ops.transpose(x, first), last)), w),
    ([x, w, dy]) => ops.convFilterGradient(padded(x), dy, w.shape),
    ([_, w, dy]) => {
      const dx = ops.transpose(ops.convInputGradient(dy, w, [2, 4, 11, 11]), last);
      return ops.transpose(ops.slice(dx, [0, 1, 1, 0], [2, 9, 9, 4]), first);
    },
  ];
  for (const build of builds) {
    const [before, after] = counts(shapes, build);
    assertEquals((before.get("Pad") ?? 0) + (before.get("Slice") ?? 0), 1);
    assertEquals([after.get("Pad"), after.get("Slice")], [undefined, undefined]);
    await assertEqual(shapes, build);
  }
});

Deno.test("elements of filters that meet only padding are left out, in gradients too", async () => {
  const window = { padding: [3, 3, 3, 2], stride: [1, 2] } as const;
  const shapes: Shape[] = [[2, 4, 2, 3], [6, 4, 7, 6], [2, 6, 2, 2]];
  const filterOf = ([x, w, dy]: readonly LazyArray[]) =>
    ops.convFilterGradient(x, dy, w.shape, window);
  const builds: Build[] = [
    ([x, w]) => ops.conv(x, w, window),
    ([x, w, dy]) => ops.convInputGradient(dy, w, x.shape, window),
    filterOf,
  ];
  for (const build of builds) {
    const [, after] = counts(shapes, build);
    assertEquals((after.get("Slice") ?? 0) + (after.get("Pad") ?? 0), 1);
    await assertEqual(shapes, build);
  }
  // All of a filter that meets the image somewhere stays.
  const [, whole] = counts(
    [[2, 4, 4, 4], [6, 4, 7, 7]],
    ([x, w]) => ops.conv(x, w, { padding: [3, 3, 3, 3] }),
  );
  assertEquals(whole.get("Slice"), undefined);
});
