/** What `TANDEM_EXPLAIN=1` prints. */
import { assertEquals, assertMatch } from "@std/assert";
import { collectGraph, ops, placeholder } from "../../../onnx/mod.ts";
import { explain, wantsExplanation } from "../../../onnx/rewrite/explain.ts";
import { type FiredRules, rewriteForCpu, rewriteGraph } from "../../../onnx/rewrite/mod.ts";

Deno.test("an explanation tells rules, relayouts, nodes and costs by op", () => {
  const x = placeholder("x", "float32", [16, 16, 8, 8]);
  const w = placeholder("w", "float32", [16, 16, 3, 3]);
  const roots = [ops.relu(ops.conv(x, w, { padding: [1, 1, 1, 1] }))];
  const fired: FiredRules = new Map();
  const graph = collectGraph(roots);
  const rewritten = rewriteForCpu(rewriteGraph(graph, roots, graph.leaves, fired), 16, fired);
  const text = explain(graph, rewritten, fired);
  assertMatch(text, /^rewritten: 2 nodes as recorded, 4 now, about \d+\.\d ms$/m);
  assertMatch(text, /^rules: .*convolutionInBlocks 1/m);
  assertMatch(text, /^rules: .*reluIntoConvolution 1/m);
  assertMatch(text, /^relayouts left: Block 1, BlockFilters 1, Unblock 1$/m);
  assertMatch(text, /^BlockedConv +1 +\d+\.\d\d ms$/m);
});

Deno.test("nobody asked for explanations here", () => {
  assertEquals(wantsExplanation(), Deno.env.get("TANDEM_EXPLAIN") === "1");
});
