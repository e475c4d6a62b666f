/** Arrays of values to which bytes point. */
import { assertEquals, assertThrows } from "@std/assert";
import { BufferPool } from "../../../onnx/runtime/buffer_pool.ts";
import { byteTable, evaluate, fromBytes, ops, ShapeError } from "../../../onnx/mod.ts";

const bytes = Uint8Array.of(0, 255, 51, 102);

Deno.test("bytes stand for the table's values, as float32", async () => {
  const array = fromBytes(bytes, [2, 2], byteTable((byte) => byte / 255));
  assertEquals([array.dtype, array.shape, array.isOnHost], ["float32", [2, 2], true]);
  const negative = ops.neg(array);
  await evaluate([negative]);
  const expected = Float32Array.of(0, 1, 51 / 255, 102 / 255);
  assertEquals(array.hostData(), expected);
  assertEquals(negative.hostData(), expected.map((value) => -value));
});

Deno.test("bytes of which nobody has read a value are given back without looking them up", () => {
  let lookedUp = 0;
  const table = byteTable((byte) => byte);
  const { data } = table.buffer;
  const counted = new Proxy(data, {
    get: (target, key) => {
      if (typeof key === "string" && /^\d+$/.test(key)) lookedUp++;
      return Reflect.get(target, key, target);
    },
  });
  Object.defineProperty(table, "buffer", { value: { data: counted } });
  const array = fromBytes(bytes, [4], table);
  new BufferPool().giveArray(array);
  assertEquals(lookedUp, 0);
  array.hostData();
  assertEquals(lookedUp, 4);
});

Deno.test("bytes that do not fill the shape are refused", () => {
  const message = "fromBytes: 4 bytes do not fill shape [3], expected 3";
  assertThrows(() => fromBytes(bytes, [3], byteTable(Number)), ShapeError, message);
});
