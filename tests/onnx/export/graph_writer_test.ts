/** Which nodes a writer takes for the same. */
import { assertEquals } from "@std/assert";
import { GraphWriter } from "../../../onnx/mod.ts";
import type { NodeOptions } from "../../../onnx/export/graph_writer.ts";
import { float, floats } from "../../../onnx/export/node_attributes.ts";

const scalar = { dtype: "float32", shape: [] } as const;

/** Nodes of which no two compute the same. */
const DIFFERENT: (readonly [type: string, inputs: readonly string[], options?: NodeOptions])[] = [
  ["Relu", ["x"]],
  ["Relu", ["y"]],
  ["Exp", ["x"]],
  ["Add", ["x", "y"]],
  ["Add", ["y", "x"]],
  ["Conv", ["x", "y"]],
  ["Conv", ["x", "y", ""]],
  ["Conv", ["x", "y"], { domain: "com.microsoft.nchwc" }],
  ["Split", ["x"], { outputs: 2 }],
  ["Split", ["x"], { outputs: 3 }],
  ["A", ["x"], { attributes: { a: 1 } }],
  ["A", ["x"], { attributes: { b: 1 } }],
  ["A", ["x"], { attributes: { a: true } }],
  ["A", ["x"], { attributes: { a: "1" } }],
  ["A", ["x"], { attributes: { a: [1] } }],
  ...[0, -0, 1, Infinity, -Infinity, NaN, 1 + Number.EPSILON].flatMap((value) =>
    [float(value), floats([value])].map((a) => ["A", ["x"], { attributes: { a } }] as const)
  ),
];

function writerOfShared(): GraphWriter {
  const writer = new GraphWriter();
  writer.sharesNodes = true;
  return writer;
}

Deno.test("nodes that compute the same are written once, others never", () => {
  const writer = writerOfShared();
  const write = () => DIFFERENT.map((node) => writer.nodes(...node).join());
  const names = write();
  assertEquals(new Set(names).size, DIFFERENT.length);
  assertEquals(write(), names);
  assertEquals(writer.finish().graph!.node!.length, DIFFERENT.length);
});

Deno.test("an attribute that is left out is none", () => {
  const writer = writerOfShared();
  assertEquals(
    writer.node("A", ["x"], { attributes: { a: undefined } }),
    writer.node("A", ["x"]),
  );
});

Deno.test("choices and loops are never shared, nor nodes of graphs inside with those around them", () => {
  const writer = writerOfShared();
  const way = (name: string) => () => [writer.node("Relu", [name])];
  const outer = writer.node("Relu", ["x"]);
  const choices = ["x", "y"].map((name) =>
    writer.choose("condition", [scalar], { yes: way(name), no: way("z") })[0]
  );
  const rounds = ["x", "y"].map((name) =>
    writer.loop("rounds", [], {
      write: () => [{ name: writer.node("Relu", [name]), type: scalar }],
    })[0]
  );
  assertEquals(new Set([outer, ...choices, ...rounds]).size, 5);
  const inner = writer.finish().graph!.node!.flatMap(({ attribute }) => attribute!)
    .map(({ g }) => g!.node!.filter(({ opType }) => opType === "Relu").length);
  assertEquals(inner, [1, 1, 1, 1, 1, 1]);
});

Deno.test("what two promised names stand for is written once, and each name is there", () => {
  const writer = writerOfShared();
  for (const name of ["a", "b"]) writer.nameOutput(writer.node("Relu", ["x"]), name);
  const { node } = writer.finish().graph!;
  assertEquals(node!.flatMap(({ output }) => output!), ["a", "b"]);
  assertEquals(node!.map(({ opType }) => opType), ["Relu", "Identity"]);
});

Deno.test("files keep the nodes of each module apart", () => {
  const writer = new GraphWriter();
  for (let i = 0; i < 2; i++) writer.node("Relu", ["x"]);
  assertEquals(writer.finish().graph!.node!.length, 2);
});
