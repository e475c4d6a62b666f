/** Kernels that are computed on the host: what they give, and what they say where values are not there yet. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { BACKEND_NAME } from "../../../keras_style/engine/mod.ts";
import { tfFunction } from "../../../keras_style/tracing/mod.ts";
import { assertNoMoreTensors } from "../tensor_count.ts";

/** Too many elements to be computed at once: the result is recorded. */
function recorded(): tf.Tensor1D {
  return tf.mul(tf.ones([2000]), 3) as tf.Tensor1D;
}

/** A tensor's strings, row by row; TensorFlow.js' types know of values only. */
async function stringsOf(x: tf.Tensor): Promise<string[]> {
  return Array.from(await x.data<"string">());
}

/** The message of the error that a function throws. */
function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

Deno.test("distinct values, in order, with where each stands", async () => {
  await tf.setBackend(BACKEND_NAME);
  const { values, indices } = tf.unique(tf.tensor1d([3, 1, 3, 2, 1], "int32"));
  assertEquals([...await values.data()], [3, 1, 2]);
  assertEquals([...await indices.data()], [0, 1, 0, 2, 1]);
  assertEquals(values.dtype, "int32");
});

Deno.test("boxes that overlap a better one are left out", async () => {
  await tf.setBackend(BACKEND_NAME);
  const boxes = tf.tensor2d([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 10, 1, 11]]);
  const kept = tf.image.nonMaxSuppression(boxes, [0.75, 0.9, 0.6], 3, 0.5, 0);
  assertEquals([...await kept.data()], [1, 2]);
});

Deno.test("strings are joined, repeated, cut and compared", async () => {
  await tf.setBackend(BACKEND_NAME);
  const words = tf.concat([tf.tensor1d(["a", "b"]), tf.fill([1], "c")]);
  assertEquals(await stringsOf(words), ["a", "b", "c"]);
  assertEquals(await stringsOf(tf.tile(tf.slice(words, 1, 2), [2])), ["b", "c", "b", "c"]);
  assertEquals(await tf.equal(words, ["a", "x", "c"]).array(), [1, 0, 1]);
  assertEquals(await stringsOf(tf.reshape(words, [3, 1])), ["a", "b", "c"]);
});

Deno.test("an input that is still to be computed is an error that says to await it", async () => {
  await tf.setBackend(BACKEND_NAME);
  const x = recorded();
  assertEquals(
    messageOf(() => tf.unique(x)),
    "Kernel 'Unique' of backend 'onnxruntime' computes on the host, where the values of its input " +
      `"x" [2000] are not yet; await the input's data() first`,
  );
  await x.data();
  assertEquals([...await tf.unique(x).values.data()], [3]);
});

Deno.test("a kernel of the host cannot be part of a traced function, not even with known inputs", async () => {
  await tf.setBackend(BACKEND_NAME);
  const known = tf.tensor1d([1, 2, 2]);
  await known.data();
  const message = messageOf(() => tfFunction((x: tf.Tensor1D) => tf.unique(x).values)(known));
  assert(message.includes("Kernel 'Unique' of backend 'onnxruntime'"), message);
  assert(message.includes("not known inside a tfFunction; compute it outside"), message);
});

Deno.test("a synchronous read works where the values are, else it says to await data()", async () => {
  await tf.setBackend(BACKEND_NAME);
  assertEquals([...tf.add([1, 2], [3, 4]).dataSync()], [4, 6]);
  const x = recorded();
  assertThrows(() => x.dataSync(), Error, "use await tensor.data() (or array()) instead");
  await x.data();
  assertEquals(x.dataSync()[1999], 3);
});

Deno.test("what the cpu engine has no kernel for either is named with its dtypes", async () => {
  await tf.setBackend(BACKEND_NAME);
  const run = () => tf.engine().runKernel(tf.LogSoftmax, { logits: tf.complex([1], [1]) });
  assertEquals(
    messageOf(run),
    "Kernel 'LogSoftmax' for dtypes complex64 not registered for backend 'onnxruntime'",
  );
});

Deno.test("nothing is left behind by a kernel of the host", async () => {
  await tf.setBackend(BACKEND_NAME);
  const before = tf.memory();
  tf.tidy(() => {
    tf.unique([1, 2, 2]);
    tf.concat([tf.tensor1d(["a"]), tf.tensor1d(["b"])]);
    tf.mul(tf.complex([1], [2]), tf.complex([1], [2]));
  });
  assertNoMoreTensors(before.numTensors);
  assertEquals(tf.memory().numDataBuffers, before.numDataBuffers);
});

Deno.test("chance: shares as asked for, the same for a seed, afresh at every call of a traced function", async () => {
  await tf.setBackend(BACKEND_NAME);
  const chances = tf.tensor2d([[0.2, 0.5, 0.3]]);
  const draw = (seed: number) => tf.multinomial(chances, 20000, seed, true).data();
  const first = await draw(7);
  for (const [outcome, share] of [0.2, 0.5, 0.3].entries()) {
    const drawn = first.filter((value) => value === outcome).length / first.length;
    assert(Math.abs(drawn - share) < 0.02, `outcome ${outcome}: share ${drawn}, expected ${share}`);
  }
  assertEquals(await draw(7), first);
  assert((await draw(8)).some((value, i) => value !== first[i]));
  const traced = tfFunction((p: tf.Tensor2D) => tf.multinomial(p, 50, 7, true));
  const [once, again] = [await traced(chances).data(), await traced(chances).data()];
  assert(once.some((value: number, i: number) => value !== again[i]));
});
