/** Memory that nobody holds any more is used again, and none that somebody still reads. */
import { assert, assertEquals } from "@std/assert";
import {
  constant,
  fromHost,
  type LazyArray,
  ops,
  Runtime,
  type TypedArray,
} from "../../../onnx/mod.ts";

const SIZE = 4096;

/** V8 collects young memory when there is much of it. */
function makeGarbage(): void {
  let kept: number[] = [];
  for (let i = 0; i < 200; i++) kept = Array.from({ length: 1000 }, (_, k) => k + kept.length);
}

const zeros = () => fromHost(new Float32Array(SIZE), [SIZE]);

/** One result after the other, each held by nobody but the caller. */
async function* results(runtime: Runtime, count: number): AsyncGenerator<LazyArray> {
  const number = (value: number) => fromHost(Float32Array.of(value), [1]);
  for (let i = 1; i <= count; i++) {
    const y = ops.exp(ops.add(ops.exp(zeros()), number(i)));
    await runtime.evaluate([y]);
    yield y;
    makeGarbage();
  }
}

const valueOf = (i: number) => Math.fround(Math.exp(Math.fround(1 + i)));

Deno.test("what nobody holds any more is written again", async () => {
  const seen = new WeakSet<TypedArray>();
  let again = 0;
  for await (const y of results(new Runtime(), 40)) {
    if (seen.has(y.buffer.data)) again++;
    seen.add(y.buffer.data);
  }
  assert(again >= 10, `${again} of 40 results lie in used memory`);
});

const HOLDERS: Record<string, (y: LazyArray) => () => TypedArray | Promise<TypedArray>> = {
  "the array": (y) => () => y.buffer.data,
  "its values, handed out": (y) => {
    const data = y.hostData();
    return () => data;
  },
  "a reshape of it": (y) => {
    const view = ops.reshape(y, [2, SIZE / 2]);
    return () => view.buffer.data;
  },
  "what is recorded on it": (y) => {
    const later = ops.add(y, constant(0));
    return async () => {
      await new Runtime().evaluate([later]);
      return later.buffer.data;
    };
  },
};

for (const [name, hold] of Object.entries(HOLDERS)) {
  Deno.test(`memory stays while somebody holds ${name}`, async () => {
    const held: (() => TypedArray | Promise<TypedArray>)[] = [];
    for await (const y of results(new Runtime(), 30)) if (held.length < 5) held.push(hold(y));
    for (const [i, read] of held.entries()) {
      const data = await read();
      const relative = Number(data[SIZE - 1]) / valueOf(i + 1) - 1;
      assert(Math.abs(relative) < 1e-6, `result ${i}: ${data[SIZE - 1]}`);
      assertEquals(data[0], data[SIZE - 1]);
    }
  });
}
