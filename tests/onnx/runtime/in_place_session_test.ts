/** Programs without onnxruntime-node's copies, which need all of `--allow-ffi`. Run as a program, runs some and prints what it found. */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import * as ort from "onnxruntime-node";
import { GraphWriter } from "../../../onnx/export/graph_writer.ts";
import { InPlaceSession } from "../../../onnx/runtime/in_place_session.ts";
import { constant, fromHost, ops, Runtime } from "../../../onnx/mod.ts";
import { inOwnProcess } from "../../in_own_process.ts";

const MEGABYTES = 8;

/** 30 results of 8 MB, each given back. @returns most megabytes outside of V8's heap, beside those before */
async function mostExternal(): Promise<number> {
  const runtime = new Runtime();
  const x = fromHost(new Float32Array(MEGABYTES * 2 ** 18).fill(2), [MEGABYTES, 2 ** 18]);
  const before = Deno.memoryUsage().external;
  let most = 0;
  for (let step = 0; step < 30; step++) {
    const y = ops.mul(x, constant(3));
    await runtime.evaluate([y]);
    most = Math.max(most, Deno.memoryUsage().external - before);
    runtime.pool.give(y.dtype, y.buffer);
  }
  return most / 2 ** 20;
}

const OPTIONS = { threads: 1, config: {} } as const;

/** y = x + x for float32 vectors of any length. */
function doubling(): InPlaceSession {
  const writer = new GraphWriter();
  const vector = { dtype: "float32", shape: [1] } as const;
  writer.input("x", vector, ["n"]);
  writer.nameOutput(writer.node("Add", ["x", "x"]), "y");
  writer.output("y", vector, ["n"]);
  const session = InPlaceSession.open(writer.encode(), OPTIONS);
  assert(session, "there is no C interface");
  return session;
}

const vector = (values: Float32Array) => new ort.Tensor("float32", values, [values.length]);

/** Small and large, empty, shared memory, parts of memory, memory that was used before. */
async function wrongLengths(): Promise<number[]> {
  const session = doubling();
  const shared = new Float32Array(new SharedArrayBuffer(40_000)).fill(4);
  const part = new Float32Array(10_000).fill(5).subarray(100, 5100);
  const given = [
    Float32Array.of(1),
    Float32Array.of(2, 3),
    new Float32Array(0),
    shared,
    part,
    part,
  ];
  const wrong: number[] = [];
  for (const values of given) {
    const y = new Float32Array(values.length);
    await session.run({ x: vector(values) }, { y: vector(y) });
    if (!y.every((value, i) => value === 2 * values[i])) wrong.push(values.length);
  }
  await session.release();
  return wrong;
}

async function errors(): Promise<string[]> {
  const session = doubling();
  const x = vector(new Float32Array(3));
  const matrix = new ort.Tensor("float32", new Float32Array(4), [2, 2]);
  const failing = [
    () => session.run({ z: x }, { y: x }),
    () => session.run({ x: matrix }, { y: matrix }),
    async () => void await InPlaceSession.open(new Uint8Array([1, 2]), OPTIONS),
  ];
  const said: string[] = [];
  for (const fail of failing) {
    await fail().then(() => said.push("nothing"), ({ message }) => said.push(message));
  }
  await session.release();
  return said;
}

async function findAll() {
  return { most: await mostExternal(), wrong: await wrongLengths(), said: await errors() };
}

if (import.meta.main) console.log(JSON.stringify(await findAll()));

Deno.test("results are written where they belong and nowhere else, from any memory; errors are ONNX Runtime's", async () => {
  const file = import.meta.filename!;
  const { most, wrong, said } = await inOwnProcess<Awaited<ReturnType<typeof findAll>>>(
    file,
    "--allow-ffi",
  );
  assertLess(most, 1.5 * MEGABYTES);
  assertEquals(wrong, []);
  const expected = [/Invalid input name: z/, /Invalid rank for input: x/, /protobuf/i];
  expected.forEach((pattern, i) => assertMatch(said[i], pattern));
});
