/** What two graphs share a program for, and what they must not. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  collectGraph,
  fromHost,
  GraphWriter,
  type LazyArray,
  ops,
  placeholder,
  structureKey,
} from "../../onnx/mod.ts";
import { rewriteGraph } from "../../onnx/rewrite/mod.ts";

/** Bits of float32 values that are easily taken for each other. */
const BITS: Record<string, number> = {
  "0": 0,
  "-0": 0x80000000,
  "the smallest denormal number": 1,
  infinity: 0x7f800000,
  "-infinity": 0xff800000,
  NaN: 0x7fc00000,
  "NaN with a payload": 0x7fc00001,
  "NaN with a sign": 0xffc00000,
  "1": 0x3f800000,
  "the number after 1": 0x3f800001,
};

function constantOf(bits: number, count: number): LazyArray {
  const data = new Float32Array(new Uint32Array(count).fill(bits).buffer);
  const array = fromHost(data, [count]);
  array.isConstant = true;
  return array;
}

const x = placeholder("x", "float32", [40]);

function keyOf(root: LazyArray): string {
  return structureKey(collectGraph([root]), [root]);
}

Deno.test("constants that differ in one bit never share a program, a part of a graph or an initializer", () => {
  for (const count of [1, 40]) {
    const constants = Object.values(BITS).map((bits) => constantOf(bits, count));
    const again = Object.values(BITS).map((bits) => constantOf(bits, count));
    const keys = constants.map((c) => keyOf(ops.add(x, c)));
    assertEquals(new Set(keys).size, keys.length);
    assertEquals(again.map((c) => keyOf(ops.add(x, c))), keys);

    const roots = [...constants, ...again].map((c) => ops.add(x, c));
    const renewed = rewriteGraph(collectGraph(roots), roots, [x]);
    assertEquals(new Set(renewed).size, keys.length);

    const writer = new GraphWriter();
    const names = [...constants, ...again].map((c) =>
      writer.initializer(c.buffer.data, c.dtype, c.shape)
    );
    assertEquals(new Set(names).size, keys.length);
  }
});

Deno.test("attributes that differ in one bit never share a program", () => {
  const bounds = [0, -0, Infinity, -Infinity, NaN, 1, 1 + Number.EPSILON];
  const keys = bounds.map((bound) => keyOf(ops.hardtanh(x, bound, 1)));
  assertEquals(new Set(keys).size, keys.length);
  assertNotEquals(keyOf(ops.pad(x, [1], [0], -0)), keyOf(ops.pad(x, [1], [0], 0)));
  const roots = bounds.map((bound) => ops.hardtanh(x, bound, 1));
  assertEquals(new Set(rewriteGraph(collectGraph(roots), roots, [x])).size, keys.length);
});

Deno.test("type and shape of a constant are part of its key", () => {
  const one = fromHost(new Int32Array([0]), [1]);
  const others = [
    fromHost(new Float32Array([0]), [1]),
    fromHost(new Int32Array([0]), [1, 1]),
    fromHost(new Uint8Array(4), [4]),
  ];
  for (const array of [one, ...others]) array.isConstant = true;
  for (const other of others) {
    assertNotEquals(keyOf(one), keyOf(other));
  }
});

Deno.test("a long constant makes a short key", () => {
  const key = keyOf(ops.sum(ops.mul(constantOf(1, 1_000_000), placeholder("s", "float32", [1]))));
  assert(key.length < 500, `${key.length} characters`);
});

/** A chain of small networks' layers, each with a constant of its own. */
function chain(length: number): LazyArray {
  let array = placeholder("x", "float32", [64, 64]);
  for (let i = 0; i < length; i++) {
    const table = fromHost(new Float32Array(4096).fill(i + 1), [64, 64]);
    table.isConstant = true;
    array = ops.relu(ops.add(ops.transpose(ops.matmul(ops.transpose(array), table)), table));
  }
  return array;
}

Deno.test("rewriting takes time linear in the nodes", () => {
  const time = (length: number) => {
    const root = chain(length);
    const graph = collectGraph([root]);
    const begin = performance.now();
    rewriteGraph(graph, [root], graph.leaves);
    structureKey(graph, [root]);
    return performance.now() - begin;
  };
  time(200);
  // Quadratic time would make it 16 times as much; other work on the machine disturbs single measurements.
  const ratios = Array.from({ length: 5 }, () => time(1600) / time(400)).sort((a, b) => a - b);
  assert(ratios[0] < 10, `4 times as many nodes took ${ratios} times as long`);
});
