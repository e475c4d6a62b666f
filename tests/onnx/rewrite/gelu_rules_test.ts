/** GELU and its gradient as the CPU computes them: fewer passes, the same values. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  collectGraph,
  constant,
  fromHost,
  type LazyArray,
  ops,
  placeholder,
} from "../../../onnx/mod.ts";
import { rewriteForCpu, rewriteGraph } from "../../../onnx/rewrite/mod.ts";
import { throughSession } from "../through_session.ts";

const number = (value: number) => constant(value);

/** As automatic differentiation records them. */
function gelu([x, dy]: readonly LazyArray[]): LazyArray[] {
  const t = ops.mul(x, number(Math.SQRT1_2));
  const half = ops.mul(x, number(0.5));
  const raised = ops.add(ops.erf(t), number(1));
  const slope = ops.mul(ops.exp(ops.neg(ops.mul(t, t))), number(2 / Math.sqrt(Math.PI)));
  const throughErf = ops.mul(ops.mul(ops.mul(dy, half), slope), number(Math.SQRT1_2));
  return [
    ops.mul(half, raised),
    ops.add(ops.mul(ops.mul(dy, raised), number(0.5)), throughErf),
  ];
}

function forCpu(roots: readonly LazyArray[]): LazyArray[] {
  const graph = collectGraph(roots);
  return rewriteForCpu(rewriteGraph(graph, roots, graph.leaves), undefined);
}

Deno.test("GELU and its gradient take ten passes on the CPU", () => {
  const inputs = ["x", "dy"].map((name) => placeholder(name, "float32", [8, 64]));
  const names = collectGraph(forCpu(gelu(inputs))).nodes.map(({ op }) => op.name).sort();
  assertEquals(names.join(" "), "Add ClippedLine Erf Exp Mul Mul Mul Mul Mul Sub");
});

/** As both idioms record it, and as many write it. */
const forwards: Readonly<Record<string, (x: LazyArray) => LazyArray>> = {
  "half first": (x) => ops.mul(ops.mul(x, number(0.5)), raisedOf(x)),
  "half last": (x) => ops.mul(ops.mul(x, raisedOf(x)), number(0.5)),
};

const raisedOf = (x: LazyArray) => ops.add(ops.erf(ops.mul(x, number(Math.SQRT1_2))), number(1));

Deno.test("GELU alone is one pass, unless something else reads a part of it or it is no GELU", () => {
  const [x, other] = ["x", "y"].map((name) => placeholder(name, "float32", [8, 64]));
  const namesOf = (...roots: LazyArray[]) =>
    collectGraph(forCpu(roots)).nodes.map(({ op }) => op.name).sort().join(" ");
  for (const forward of Object.values(forwards)) assertEquals(namesOf(forward(x)), "FusedGelu");
  const half = ops.mul(x, number(0.5));
  const plain = "ClippedLine Erf Mul Mul";
  assertEquals(namesOf(ops.mul(half, raisedOf(other))), plain);
  const raised = raisedOf(x);
  assertEquals(namesOf(ops.mul(half, raised), raised).includes("FusedGelu"), false);
  const steeper = ops.add(ops.erf(ops.mul(x, number(0.5))), number(1));
  assertEquals(namesOf(ops.mul(half, steeper)), plain);
});

const VALUES = [-Infinity, -30, -5, -1.25, -1e-30, 0, 0.5, 3, 12, 1e30, Infinity, NaN];

Deno.test("their values stay, at both ends too", async () => {
  const inputs = [VALUES, VALUES.map((_, i) => i - 5), VALUES, VALUES].map((data) =>
    fromHost(Float32Array.from(data), [12])
  );
  const all = (arrays: readonly LazyArray[]) => [
    ...gelu(arrays),
    ...Object.values(forwards).map((forward, i) => forward(arrays[2 + i])),
  ];
  const plain = await throughSession(inputs, all);
  const rewritten = await throughSession(inputs, all, forCpu);
  plain.forEach(({ result }, i) => {
    assert(result.data.some((value) => Number(value) !== 0));
    result.data.forEach((value, k) => {
      const [expected, actual] = [Number(value), Number(rewritten[i].result.data[k])];
      if (!Number.isFinite(expected)) return assertEquals(actual, expected, `${i}, ${k}`);
      assertAlmostEquals(actual, expected, 1e-6 * Math.max(1, Math.abs(expected)), `${i}, ${k}`);
    });
  });
});

Deno.test("what is read elsewhere too stays", () => {
  const [x, a] = ["x", "a"].map((name) => placeholder(name, "float32", [8, 64]));
  const bell = ops.exp(ops.neg(x));
  const roots = [bell, ops.mul(bell, number(3)), ops.mul(bell, number(-3)), ops.mul(a, bell)];
  const names = collectGraph(forCpu(roots)).nodes.map(({ op }) => op.name).sort();
  assertEquals(names.join(" "), "Exp Mul Mul Mul Neg");
});
