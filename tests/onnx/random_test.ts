import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { evaluate, fromHost, ops, RandomStream } from "../../onnx/mod.ts";

const KNOWN = {
  low: 1753845952,
  high: 1573952294,
  uniform: [0.39954179525375366, 0.045153796672821045, 0.2046900987625122],
};

Deno.test("inside a graph and on the host the same values are made, bit for bit", async () => {
  const stream = new RandomStream(7);
  const [low, high] = stream.nextKey();
  const made = ops.uniform(fromHost(Uint32Array.of(low, high), [2]), [3, 1000]);
  await evaluate([made]);
  const data = made.hostData();
  for (let i = 0; i < data.length; i++) assertEquals(data[i], ops.uniformAt(i, low, high));
});

Deno.test("known answers: values saved yesterday come tomorrow", () => {
  const stream = new RandomStream(1);
  assertEquals(stream.nextKey(), [KNOWN.low, KNOWN.high]);
  assertEquals([...new RandomStream(1).uniform(3)], KNOWN.uniform);
});

/** The formula, as it is written. */
function boxMuller(i: number, [low, high]: readonly number[], mean: number, deviation: number) {
  const [u, v] = [ops.uniformAt(2 * i, low, high), ops.uniformAt(2 * i + 1, low, high)];
  const radius = Math.sqrt(-2 * Math.log(1 - u));
  return mean + deviation * radius * Math.cos(2 * Math.PI * v);
}

for (const [mean, deviation] of [[0, 1], [0, 0.05], [3, 1e-6], [-1e4, 2], [1, 0], [0.5, -2]]) {
  Deno.test(`normal numbers are the formula's to the bit, mean ${mean}, deviation ${deviation}`, () => {
    const values = new RandomStream(11).normal(200_000, mean, deviation);
    const key = new RandomStream(11).nextKey();
    const isWrong = (value: number, i: number) =>
      !Object.is(value, Math.fround(boxMuller(i, key, mean, deviation)));
    assertEquals(values.findIndex(isWrong), -1);
  });
}

Deno.test("uniform and normal numbers have the moments they should", () => {
  const moments = (data: Float32Array) => {
    const mean = data.reduce((a, b) => a + b, 0) / data.length;
    return [mean, data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length];
  };
  const stream = new RandomStream(3);
  const uniform = stream.uniform(100_000, -1, 3);
  assert(uniform.every((value) => value >= -1 && value < 3));
  assertAlmostEquals(moments(uniform)[0], 1, 0.02);
  assertAlmostEquals(moments(uniform)[1], 16 / 12, 0.02);
  const [mean, variance] = moments(stream.normal(100_000, 2, 0.5));
  assertAlmostEquals(mean, 2, 0.01);
  assertAlmostEquals(variance, 0.25, 0.01);
});

Deno.test("neighbouring indices and neighbouring keys are not alike", () => {
  const stream = new RandomStream(5);
  const rows = Array.from({ length: 50 }, () => stream.uniform(2000));
  const correlation = (a: Float32Array, b: Float32Array) =>
    12 * a.reduce((sum, value, i) => sum + (value - 0.5) * (b[i] - 0.5), 0) / a.length;
  for (let k = 1; k < rows.length; k++) {
    assert(Math.abs(correlation(rows[k], rows[k - 1])) < 0.12, `keys ${k - 1} and ${k}`);
    const shifted = rows[k].slice(1);
    assert(Math.abs(correlation(shifted, rows[k].subarray(0, -1))) < 0.12, `indices of key ${k}`);
  }
});

Deno.test("a permutation holds every number once; a stream's state can be put back", () => {
  const stream = new RandomStream(9);
  const order = stream.permutation(1000);
  assertEquals([...order].sort((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i));
  const state = stream.state;
  const next = stream.permutation(1000);
  assertNotEquals([...next], [...order]);
  stream.state = state;
  assertEquals([...stream.permutation(1000)], [...next]);
});

Deno.test("seeds are integers of 32 bits", () => {
  for (const seed of [-1, 1.5, 2 ** 32, NaN]) {
    assertThrows(() => new RandomStream(seed), RangeError, `seed is ${seed}`);
  }
});
