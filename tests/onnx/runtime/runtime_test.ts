import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { fileURLToPath } from "node:url";
import {
  collectGraph,
  constant,
  fromHost,
  hostLimit,
  type LazyArray,
  limitHostWork,
  limitThreads,
  ops,
  placeholder,
  ProviderError,
  Runtime,
} from "../../../onnx/mod.ts";
import { ShapeChanges } from "../../../onnx/runtime/shape_changes.ts";
import { NO_LINKER_VARIABLES } from "../../../onnx/runtime/linker_variables.ts";

/** Above the limit up to which small work is done on the host. */
const LARGE = 2000;

function filled(value: number, count = LARGE): LazyArray {
  return fromHost(new Float32Array(count).fill(value), [count]);
}

Deno.test("one structure is compiled once, whatever the numbers", async () => {
  const runtime = new Runtime();
  for (let i = 1; i <= 5; i++) {
    const y = ops.mul(ops.add(filled(i), filled(2 * i)), constant(2));
    await runtime.evaluate([y]);
    assertEquals(y.hostData()[LARGE - 1], 6 * i);
  }
  assertEquals([runtime.statistics.compiled, runtime.statistics.runs], [1, 5]);
  for (const other of [3, 4]) await runtime.evaluate([ops.mul(filled(1), constant(other))]);
  await runtime.evaluate([ops.mul(filled(1, LARGE + 1), constant(3))]);
  assertEquals(runtime.statistics.compiled, 4, "constants and shapes are part of the structure");
});

/** Ops with several outputs, of images [2, 8, 32, 32]. */
const SEVERAL_OUTPUTS: Readonly<Record<string, (x: LazyArray) => readonly LazyArray[]>> = {
  MaxPool: (x) => {
    const y = ops.maxPool(x, { kernel: [2, 2] });
    return [y, y.node!.outputs[1]];
  },
  TopK: (x) => Object.values(ops.topK(ops.reshape(x, [64, 256]), 32)),
  Standardize: (x) => Object.values(ops.standardize(x, [2, 3], 1e-5)),
};

for (const [name, apply] of Object.entries(SEVERAL_OUTPUTS)) {
  Deno.test(`${name}: outputs that are read before the others change nothing of those, step after step`, async () => {
    const outputsOf = (step: number) => {
      const data = Float32Array.from({ length: 16384 }, (_, i) => Math.sin(i * step));
      return apply(ops.exp(fromHost(data, [2, 8, 32, 32])));
    };
    const total = (outputs: readonly LazyArray[]) =>
      ops.add(
        ...outputs.slice(0, 2).map((one) => ops.sum(ops.cast(one, "float32"))) as [
          LazyArray,
          LazyArray,
        ],
      );
    for (const first of [0, 1]) {
      const runtime = new Runtime();
      for (const step of [1, 2, 3]) {
        const [expected, early] = [outputsOf(step), outputsOf(step)];
        const whole = total(expected);
        await new Runtime().evaluate([whole]);
        await runtime.evaluate([early[first]]);
        const sum = total(early);
        await runtime.evaluate([sum]);
        const [found, right] = [sum, whole].map((one) => Number(one.hostData()[0]));
        assertAlmostEquals(found, right, 1e-5 * Math.abs(right), `output ${first}, step ${step}`);
      }
    }
  });
}

Deno.test("with no work allowed on the host, the smallest sum goes to ONNX Runtime", async () => {
  const before = hostLimit();
  limitHostWork(0);
  try {
    const runtime = new Runtime();
    const y = ops.add(filled(1, 2), filled(2, 2));
    assertEquals(y.isOnHost, false);
    await runtime.evaluate([y]);
    assertEquals([[...y.hostData()], runtime.statistics.runs], [[3, 3], 1]);
  } finally {
    limitHostWork(before);
  }
  assertEquals(ops.add(filled(1, 2), filled(2, 2)).isOnHost, true);
  assertThrows(() => limitHostWork(-1), RangeError, "limitHostWork: -1, expected an integer");
});

Deno.test("the cache is bounded, the program unused for longest goes first", async () => {
  const runtime = new Runtime({ cacheSize: 2 });
  const use = (factor: number) => runtime.evaluate([ops.mul(filled(1), constant(factor))]);
  await use(2);
  await use(3);
  await use(2);
  await use(4); // 3 goes.
  assertEquals([runtime.statistics.cached, runtime.statistics.compiled], [2, 3]);
  await use(2);
  assertEquals(runtime.statistics.compiled, 3);
  await use(3);
  assertEquals(runtime.statistics.compiled, 4);
  assertThrows(() => new Runtime({ cacheSize: 0 }), RangeError, "cacheSize is 0");
});

Deno.test("several results are one call, and equal parts are computed once", async () => {
  const runtime = new Runtime();
  const x = filled(0.5);
  const [a, b] = [ops.exp(x), ops.add(ops.exp(x), x)];
  await runtime.evaluate([a, b, a]);
  assertEquals(runtime.statistics.runs, 1);
  assertEquals(b.hostData()[7], Math.fround(Math.fround(Math.exp(0.5)) + 0.5));
  await runtime.evaluate([a, b]);
  assertEquals(runtime.statistics.runs, 1, "what is there costs nothing");
});

Deno.test("cutting a batch out of a data set never builds a session", async () => {
  const runtime = new Runtime();
  const images = fromHost(new Float32Array(5000 * 3 * 32 * 32), [5000, 3, 32, 32]);
  const batch = ops.slice(images, [64, 0, 0, 0], [96, 3, 32, 32]);
  const chosen = ops.gather(images, constant([4999, 0, 17], "int32"));
  assert(batch.isOnHost && chosen.isOnHost);
  const mean = ops.mean(ops.mul(fromHost(Float32Array.of(1, 2, 3), [3]), constant(2)));
  await runtime.evaluate([batch, chosen, mean]);
  assertEquals(mean.hostData()[0], 4);
  assertEquals([runtime.statistics.compiled, runtime.statistics.runs], [0, 0]);
});

Deno.test("evaluations that nobody waits for run in order", async () => {
  const runtime = new Runtime();
  let x = filled(1);
  for (let i = 0; i < 20; i++) {
    x = ops.add(x, constant(1));
    runtime.evaluate([x]);
  }
  const y = ops.mul(x, constant(2));
  await runtime.evaluate([y]);
  assertEquals(y.hostData()[0], 42);
  assertLess(runtime.statistics.compiled, 4);
});

Deno.test("a failed evaluation is an error, and the arrays can be tried again", async () => {
  const runtime = new Runtime();
  const indices = fromHost(Int32Array.of(5000), [1]);
  // Recorded, because the rows are still to be computed: ONNX Runtime finds the index outside.
  const y = ops.gather(ops.exp(filled(1)), indices);
  const error = await assertRejects(() => runtime.evaluate([y]), Error) as Error;
  assertStringIncludes(error.message, "5000");
  assert(y.isPending);
  await assertRejects(() => runtime.evaluate([y]), Error);
  await runtime.evaluate([ops.exp(filled(1))]);
});

Deno.test("the input of a traced function has no value", async () => {
  const x = placeholder("images", "float32", [2]);
  await assertRejects(
    () => new Runtime().evaluate([ops.exp(x)]),
    Error,
    'float32[2] is the input "images" of a function being traced',
  );
});

Deno.test("memory that is given back is used again, and an array over it says so", async () => {
  const runtime = new Runtime();
  const y = ops.exp(filled(1));
  await runtime.evaluate([y]);
  const { data } = y.buffer;
  runtime.pool.give(y.dtype, y.buffer);
  assertThrows(() => y.hostData(), Error, "was used again for a later result");
  const z = ops.exp(filled(2));
  await runtime.evaluate([z]);
  assert(z.buffer.data === data);
  z.hostData(); // Handed out: from now on it is not to be written again.
  runtime.pool.give(z.dtype, z.buffer);
  assertEquals(runtime.pool.freeBytes, 0);
  assertEquals(z.hostData()[0], Math.fround(Math.exp(2)));
});

Deno.test("a provider that cannot start says why and what to install", async () => {
  const runtime = new Runtime({ provider: "tensorrt" });
  const error = await assertRejects(
    () => runtime.evaluate([ops.exp(filled(1))]),
    ProviderError,
  ) as ProviderError;
  assertStringIncludes(error.message, 'execution provider "tensorrt" cannot start');
  assertStringIncludes(error.message, "TensorRT 10");
  assertEquals(error.message.split("\n").length, 1);
});

Deno.test("half precision goes in and out of a session", async () => {
  const runtime = new Runtime();
  const x = fromHost(new Float16Array(LARGE).fill(1.5), [LARGE], "float16");
  const y = ops.mul(ops.relu(x), x);
  await runtime.evaluate([y]);
  assertEquals([y.dtype, y.hostData()[LARGE - 1]], ["float16", 2.25]);
});

Deno.test("numbers too small to be normal are zero: computing with them would be slow", async () => {
  // In a process of its own: ONNX Runtime sets it for the thread that opens a process' first session.
  const engine = new URL("../../../onnx/mod.ts", import.meta.url);
  const program = `
    import { constant, evaluate, fromHost, ops } from "${engine}";
    const result = ops.mul(fromHost(new Float32Array(2000).fill(1e-39), [2000]), constant(0.5));
    await evaluate([result]);
    console.log(result.hostData()[0]);
  `;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, program);
    const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));
    const { stdout } = await new Deno.Command("deno", {
      args: ["run", "--permission-set=default", "--no-check", "--config", config, file],
      env: NO_LINKER_VARIABLES,
    }).output();
    assertEquals(new TextDecoder().decode(stdout).trim(), "0");
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("equal arrays are computed once and read as often as there are", async () => {
  const x = filled(2);
  const equal = Array.from({ length: 4 }, () => ops.mul(x, constant(3)));
  await new Runtime().evaluate(equal);
  assertEquals(equal.map((y) => y.hostData()[0]), [6, 6, 6, 6]);
});

Deno.test("threads are bounded: programs that have some go first, small ones have none and stay", async () => {
  limitThreads(3); // Two of a program's own.
  const runtime = new Runtime({ threads: 7 });
  const small = () => runtime.evaluate([ops.mul(filled(1), constant(2))]);
  const large = (count: number) => runtime.evaluate([ops.mul(filled(1, count), constant(2))]);
  await small();
  for (let i = 0; i < 6; i++) await large(100_000 + i);
  assertEquals(runtime.statistics.cached, 1 + 3);
  const { compiled } = runtime.statistics;
  await small();
  for (const kept of [3, 4, 5]) await large(100_000 + kept);
  assertEquals(runtime.statistics.compiled, compiled);
  await large(100_000);
  assertEquals([runtime.statistics.compiled, runtime.statistics.cached], [compiled + 1, 4]);
});

Deno.test("a computation that is built for ever new batch sizes is pointed out, other models are not", () => {
  const graph = (batch: number, width: number) => {
    let y: LazyArray = filled(1, batch * width);
    y = ops.reshape(y, [batch, width]);
    for (let i = 0; i < 20; i++) y = ops.add(y, filled(i, width));
    return collectGraph([ops.relu(ops.mul(y, y))]);
  };
  const said: string[] = [];
  const changes = new ShapeChanges((text) => said.push(text));
  for (let batch = 30; batch < 37; batch++) changes.compiled(graph(batch, 100));
  assertEquals(said, []);
  for (let width = 101; width < 120; width++) changes.compiled(graph(30, width));
  assertEquals(said, []);
  for (let batch = 30; batch < 50; batch++) changes.compiled(graph(batch, 120));
  assertEquals(said.length, 1);
  assertStringIncludes(said[0], "built 8 times for arrays of other sizes");
});
