/** Weights that stay the same call after call. Run as a program, changes such weights many times and prints how much its memory grew. */
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { constant, fromHost, type LazyArray, ops, Runtime } from "../../../onnx/mod.ts";
import { inOwnProcess, residentMegabytes } from "../../in_own_process.ts";
import { type RandomGraph, randomGraph, randomInputs } from "../rewriting/random_graph.ts";

/** From this call with the same weights on, what follows from them alone is there already. */
const FROZEN_FROM = 3;

const GRAPHS = 10;

Deno.test("a product of no rows stays one with frozen weights", async () => {
  const runtime = new Runtime();
  const weights = fromHost(new Float32Array(64 * 64).fill(1), [64, 64]);
  const none = () => fromHost(new Float32Array(0), [0, 64]);
  for (let call = 1; call <= FROZEN_FROM + 1; call++) {
    const [product] = await computed(runtime, [ops.matmul(none(), weights)]);
    assertEquals(product.length, 0);
  }
});

async function computed(runtime: Runtime, arrays: readonly LazyArray[]): Promise<Float32Array[]> {
  await runtime.evaluate(arrays);
  return arrays.map((array) => array.hostData() as Float32Array);
}

/** The last of some calls with the same weights and other images each. */
async function lastCall(graph: RandomGraph, calls: number) {
  const runtime = new Runtime();
  const [, ...weights] = randomInputs(graph, 0);
  let results: Float32Array[] = [];
  for (let call = 1; call <= calls; call++) {
    const [images] = randomInputs(graph, call + FROZEN_FROM - calls);
    results = await computed(runtime, graph.build([images, ...weights]));
  }
  const { prepared } = runtime.statistics;
  await runtime.clear();
  return { results, prepared };
}

Deno.test("frozen weights change no bit of random graphs' results, of few images their rounding", async () => {
  let prepared = 0;
  for (let seed = 1; seed <= GRAPHS; seed++) {
    const graph = randomGraph(seed);
    const first = await lastCall(graph, 1);
    const frozen = await lastCall(graph, FROZEN_FROM);
    assertEquals(first.prepared, 0);
    prepared += frozen.prepared;
    frozen.results.forEach((values, i) => {
      const expected = first.results[i];
      if (graph.shapes[0][0] > 8) return assertEquals(values, expected, `graph ${seed}`);
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
      const difference = values.reduce(
        (most, value, k) => Math.max(most, Math.abs(value - expected[k])),
        0,
      );
      assertLess(difference / largest, 1e-4, `graph ${seed}: ${graph.steps.join(", ")}`);
    });
  }
  assertGreater(prepared, GRAPHS / 4);
});

const imagesOf = (n: number, seed: number) =>
  fromHost(Float32Array.from({ length: n * 16 * 64 }, (_, i) => Math.sin(i * seed)), [n, 16, 8, 8]);

const filtersOf = (seed: number) =>
  fromHost(Float32Array.from({ length: 16 * 16 * 9 }, (_, i) => Math.cos(i + seed)), [
    3,
    3,
    16,
    16,
  ]);

const ATTRIBUTES = { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1], groups: 1 };

/** Filters as Keras keeps them, scaled, and what few weights make of the scale. */
function network(x: LazyArray, filters: LazyArray, few: LazyArray): LazyArray {
  const w = ops.transpose(filters, [3, 2, 0, 1]);
  const y = ops.conv(x, w, ATTRIBUTES);
  return ops.relu(ops.mul(y, ops.reshape(ops.sqrt(few), [1, 16, 1, 1])));
}

const fewOf = (value: number) => fromHost(new Float32Array(16).fill(value), [16]);

Deno.test("weights' changes are seen at once, whichever changes and whenever", async () => {
  const runtime = new Runtime();
  const call = async (filters: LazyArray, few: LazyArray, seed: number) => {
    const [values] = await computed(runtime, [network(imagesOf(1, seed), filters, few)]);
    const [fresh] = await computed(new Runtime(), [network(imagesOf(1, seed), filters, few)]);
    values.forEach((value, i) => assertLess(Math.abs(value - fresh[i]), 1e-4));
  };
  const [a, b] = [filtersOf(1), filtersOf(2)];
  // Few weights are told by their values: new arrays of equal ones are the same.
  for (let i = 0; i < FROZEN_FROM + 2; i++) await call(a, fewOf(4), i);
  assertEquals(runtime.statistics.prepared, 1);
  await call(b, fewOf(4), 7);
  await call(b, fewOf(4), 8);
  assertEquals(runtime.statistics.prepared, 2);
  await call(b, fewOf(9), 9);
  await call(b, fewOf(9), 9);
  assertEquals(runtime.statistics.prepared, 3);
  await call(a, fewOf(4), 10);
  // Others at every call: they are weights in training, for which nothing is computed beforehand.
  for (let i = 0; i < 6; i++) await call(filtersOf(i), fewOf(i), i);
  assertEquals(runtime.statistics.prepared, 5);
});

Deno.test("images that stay the same are no network's result, and training steps prepare nothing", async () => {
  const runtime = new Runtime();
  const [x, filters] = [imagesOf(2, 1), filtersOf(1)];
  for (let i = 0; i < FROZEN_FROM + 1; i++) {
    const y = network(x, filters, fewOf(4));
    const before = runtime.statistics.runs;
    await computed(runtime, [y]);
    assertEquals(runtime.statistics.runs, before + 1);
  }
  const training = new Runtime();
  let weights: LazyArray = filtersOf(1);
  for (let i = 0; i < 8; i++) {
    const y = network(x, weights, fewOf(4));
    weights = ops.sub(weights, ops.mul(ops.mean(y), constant(1e-3)));
    await training.evaluate([weights]);
  }
  assertEquals(training.statistics.prepared, 0);
});

Deno.test("products of few rows with a frozen matrix are the same, transposed or not, with a bias or without", async () => {
  const values = (length: number, of: (i: number) => number) =>
    Float32Array.from({ length }, (_, i) => of(i));
  for (const transposed of [false, true]) {
    const matrix = fromHost(values(64 * 96, Math.cos), transposed ? [96, 64] : [64, 96]);
    const bias = fromHost(values(96, Math.sin), [96]);
    for (const rows of [1, 5, 16, 17]) {
      const rowsOf = (seed: number) =>
        fromHost(values(rows * 64, (i) => Math.sin(i * seed)), [rows, 64]);
      const results = (seed: number) => {
        const product = ops.matmul(rowsOf(seed), matrix, false, transposed);
        return [product, ops.add(ops.matmul(rowsOf(seed + 1), matrix, false, transposed), bias)];
      };
      const runtime = new Runtime();
      for (let call = 1; call < FROZEN_FROM; call++) await computed(runtime, results(call));
      const frozen = await computed(runtime, results(7));
      assertEquals(runtime.statistics.prepared, rows > 16 ? 0 : 1);
      const fresh = await computed(new Runtime(), results(7));
      frozen.forEach((found, i) =>
        found.forEach((value, k) => assertLess(Math.abs(value - fresh[i][k]), 1e-4))
      );
    }
  }
});

/** Megabytes of arrays, and of all. What a collection's finalizers let go is collected by the next one. */
async function settledMegabytes() {
  await residentMegabytes();
  const resident = await residentMegabytes();
  return { arrays: Deno.memoryUsage().external / 1e6, resident };
}

/** Evaluates weights of 2.4 MB five times, then others, and so on. */
async function grownByChanges() {
  const runtime = new Runtime();
  const shape = [3, 3, 256, 256];
  const x = () => fromHost(new Float32Array(256 * 4).fill(0.5), [1, 256, 2, 2]);
  const change = async () => {
    const filters = fromHost(new Float32Array(3 * 3 * 256 * 256).fill(Math.random()), shape);
    for (let i = 0; i < 5; i++) {
      const w = ops.transpose(filters, [3, 2, 0, 1]);
      await runtime.evaluate([ops.sum(ops.conv(x(), w, ATTRIBUTES))]);
    }
  };
  for (let i = 0; i < 30; i++) await change();
  const early = await settledMegabytes();
  for (let i = 0; i < 80; i++) await change();
  const late = await settledMegabytes();
  return { arrays: late.arrays - early.arrays, resident: late.resident - early.resident };
}

if (import.meta.main) console.log(JSON.stringify(await grownByChanges()));

Deno.test("what was computed from weights goes with them", async () => {
  type Grown = Awaited<ReturnType<typeof grownByChanges>>;
  const { arrays, resident } = await inOwnProcess<Grown>(import.meta.filename!);
  // The weights themselves are 190, and so is what is made of them. What the system has back varies.
  assertLess(arrays, 15);
  assertLess(resident, 150);
});
