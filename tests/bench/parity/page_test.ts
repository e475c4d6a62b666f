/** The page of a comparison: both graphs, the first difference marked, histograms. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { differenceHistograms, parityGraphs } from "../../../bench/output/page/parity_graphs.ts";
import { defaultParityOptions, runParity } from "../../../bench/parity/mod.ts";
import { type Port, smallPair } from "./small_pairs.ts";

const options = { ...defaultParityOptions(), steps: 0, batchSize: 8 };

Deno.test("a wrong port's page: its layer has the only frame, values that differ are counted", async () => {
  const report = await runParity(options, { pair: smallPair({ eps: 0.1 }) });
  const { text } = parityGraphs(report)!;
  assertEquals(text.match(/stroke-width="3"/g)?.length, 2);
  assertStringIncludes(text, 'graphs: the first to differ is bn"');
  for (const { name } of [...report.graphs!.keras.nodes, ...report.graphs!.torch.nodes]) {
    assertStringIncludes(text, `<title>${name} `);
  }
  assertStringIncludes(differenceHistograms(report)!.text, "bn, output (training)");
});

Deno.test("what differs in its function only, or only in another pass, is marked in the graphs too", async () => {
  const cases: [Port, name: string][] = [
    [{ dropsAtEvaluation: true }, "hidden"],
    [{ cutOff: true }, "relu"],
  ];
  for (const [port, name] of cases) {
    const report = await runParity(options, { pair: smallPair(port) });
    const { text } = parityGraphs(report)!;
    assertStringIncludes(text, `graphs: the first to differ is ${name}"`);
    assert(text.includes('stroke-width="3"'), name);
  }
});

Deno.test("a right port's page has no frame and no histogram", async () => {
  const report = await runParity(options, { pair: smallPair() });
  assert(!parityGraphs(report)!.text.includes('stroke-width="3"'));
  assertEquals(differenceHistograms(report), null);
});
