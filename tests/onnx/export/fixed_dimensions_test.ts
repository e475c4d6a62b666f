/** Models whose dynamic axes are given dimensions. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  fromHost,
  GraphWriter,
  openSession,
  runSession,
  tensorOver,
  withDimensions,
} from "../../../onnx/mod.ts";

const MATRIX = { dtype: "float32", shape: [1, 2] } as const;

/** y = x + x, of rows in batches, each as long as axis "width". */
function doubling(): Uint8Array {
  const writer = new GraphWriter();
  writer.input("x", MATRIX, ["batch", "width"]);
  writer.nameOutput(writer.node("Add", ["x", "x"]), "y");
  writer.output("y", MATRIX, ["batch", "width"]);
  return writer.encode();
}

Deno.test("an axis that is given a dimension has it, others stay dynamic", async () => {
  const session = await openSession(withDimensions(doubling(), { batch: 3 }), "cpu");
  const [input] = session.inputMetadata;
  const [output] = session.outputMetadata;
  assertEquals(input.isTensor && input.shape, [3, "width"]);
  assertEquals(output.isTensor && output.shape, [3, "width"]);
  const fed = (rows: number, width: number) => {
    const { buffer } = fromHost(new Float32Array(rows * width).fill(2), [rows, width]);
    return { x: tensorOver(buffer, { dtype: "float32", shape: [rows, width] }) };
  };
  for (const width of [2, 5]) {
    const { y } = await runSession(session, fed(3, width));
    assertEquals(y.data, new Float32Array(3 * width).fill(4));
  }
  await assertRejects(() => runSession(session, fed(4, 2)), Error, "x");
  const refused = (sizes: Record<string, number>, message: string) =>
    assertThrows(() => withDimensions(doubling(), sizes), RangeError, message);
  refused({ bach: 3 }, 'withDimensions: no axis is called "bach"');
  refused({ batch: 1.5 }, "withDimensions: batch is 1.5, expected an integer of at least 0");
  await session.release();
});
