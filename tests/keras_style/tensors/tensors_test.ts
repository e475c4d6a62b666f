/** Tensors: made of values, given back as values, and never written into. */
import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as keras from "../../../keras_style/mod.ts";

const { constant, variable } = keras;

Deno.test("constants have the type, rank, shape and size of their value", () => {
  const about = (x: tf.Tensor) => [x.dtype, keras.ndim(x), x.shape, keras.size(x)];
  assertEquals(about(constant(3)), ["float32", 0, [], 1]);
  assertEquals(about(constant([[1, 2, 3], [4, 5, 6]])), ["float32", 2, [2, 3], 6]);
  assertEquals(about(constant([1, 2], { dtype: "int32" })), ["int32", 1, [2], 2]);
  assertEquals(about(constant([true, false])), ["bool", 1, [2], 2]);
  assertEquals(about(constant(["a", "b"])), ["string", 1, [2], 2]);
  assertEquals(about(constant(Int32Array.of(1, 2))), ["int32", 1, [2], 2]);
  assertEquals(about(constant(Uint8Array.of(1, 2))), ["int32", 1, [2], 2]);
  assertEquals(about(constant(Float64Array.of(1, 2, 3, 4), { shape: [2, 2] })), [
    "float32",
    2,
    [2, 2],
    4,
  ]);
  assertEquals(about(constant([])), ["float32", 1, [0], 0]);
});

Deno.test("nested arrays and typed arrays go in and come out", async () => {
  const nested = [[[1, 2], [3, 4]], [[5, 6], [7, 8]]];
  const x = constant(nested);
  assertEquals(await x.array(), nested);
  assertEquals(await x.data(), Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  assertEquals(await constant(await x.data(), { shape: [2, 2, 2] }).array(), nested);
  assertEquals(await constant([0.5, 1.5], { dtype: "int32" }).data(), Int32Array.of(0, 1));
  assertEquals(await constant(7, { shape: [2, 3] }).array(), [[7, 7, 7], [7, 7, 7]]);
  assertEquals(await constant(constant([1.5]), { dtype: "int32" }).array(), [1]);
  const texts: unknown = await constant([["a"], ["b"]]).array();
  assertEquals(texts, [["a"], ["b"]]);
});

Deno.test("shape is a tensor too: to be computed with", async () => {
  const x = tf.zeros([4, 3]);
  const dimensions = keras.shape(x);
  assertEquals([dimensions.dtype, await dimensions.array()], ["int32", [4, 3]]);
  const rows = keras.tfFunction((y: tf.Tensor) => keras.shape(y).slice([0], [1]));
  assertEquals(await rows(x).array(), [4]);
  assertEquals(await rows(tf.zeros([2, 3])).array(), [2]);
});

Deno.test("writing into a tensor fails and says what to do", () => {
  // deno-lint-ignore no-explicit-any
  const x = constant([1, 2, 3]) as any;
  const error = assertThrows(() => x[0] = 9, keras.ImmutableTensorError, "x[0] = ... : the tensor");
  assertEquals(
    error.message,
    "x[0] = ... : the tensor float32[3] is immutable, expected no write into it; make a new tensor (tf.where, " +
      "tf.scatterND, tf.concat), or keep what changes in a variable and use its assign",
  );
  // deno-lint-ignore no-explicit-any
  const sum = tf.add(x, 1) as any;
  assertThrows(() => sum[1] = 9, keras.ImmutableTensorError, "x[1] = ... : the tensor float32[3]");
  assertThrows(
    () => x.assign(constant([4, 5, 6])),
    keras.ImmutableTensorError,
    "assign: the tensor float32[3] is immutable, expected a variable",
  );
  // deno-lint-ignore no-explicit-any
  const v = variable([1, 2]) as any;
  assertThrows(() => v[0] = 9, keras.ImmutableTensorError, "v.assign(tensor)");
  assertEquals(x[0], undefined);
});

Deno.test("arrays that go in or come out are copies: the tensor keeps its numbers", async () => {
  const given = Float32Array.of(1, 2);
  const x = constant(given);
  given[0] = 9;
  assertEquals(await x.array(), [1, 2]);
  for (const tensor of [x, tf.add(x, 0), variable([1, 2])]) {
    const values = await tensor.data();
    values[0] = 9;
    tensor.dataSync()[1] = 9;
    assertEquals(await tensor.array(), [1, 2]);
    assertEquals(await tf.add(tensor, 1).array(), [2, 3]);
  }
});

Deno.test("variables are assigned to; tensors are none", async () => {
  const v = variable([1, 2], { trainable: false, name: "mine_in_a_test" });
  assertEquals([v.trainable, v.name], [false, "mine_in_a_test"]);
  v.assign(constant([3, 4]));
  assertEquals(await v.array(), [3, 4]);
  assertThrows(() => v.assign(constant([3, 4, 5])), Error, "must match");
  assertEquals(v instanceof tf.Variable, true);
  assertEquals(constant(1) as unknown instanceof tf.Variable, false);
  v.dispose();
});

Deno.test("values that make no tensor are refused", () => {
  assertThrows(() => constant([[1, 2], [3]]), TypeError, "constant: value is not of even rows");
  assertThrows(
    () => constant(BigInt64Array.of(1n) as never),
    TypeError,
    "constant: value is a BigInt64Array, expected Float32Array",
  );
  assertThrows(
    () => constant([1, 2, 3], { shape: [2, 2] }),
    RangeError,
    "constant: value has 3 elements, expected 4 for shape [2,2] (or 1)",
  );
  assertThrows(() => constant(1, { shape: [-1] }), RangeError, "constant: shape is [-1]");
});
