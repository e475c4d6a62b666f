/** The promise: the experiment's network, 200 steps, losses that agree to 1e-3. */
import { assert, assertEquals } from "@std/assert";
import { loadDataset } from "../../../fixtures/mod.ts";
import { defaultParityOptions, formatParity, runParity } from "../../../bench/parity/mod.ts";

Deno.test("the experiment's network: all layers agree, and 200 losses to 1e-3", async () => {
  const dataset = await loadDataset("shapes10", { limit: 500 });
  const options = { ...defaultParityOptions(), batchSize: 4, seed: 3 };
  const report = await runParity(options, { dataset });
  assertEquals([report.firstDifferent, report.firstExceeded], [null, null], formatParity(report));
  assertEquals([report.agrees, report.steps.length, report.tolerance], [true, 200, 1e-3]);
  // One order of sums on both sides: the same bits.
  for (const { kerasLoss, torchLoss, step } of report.steps) {
    assertEquals(torchLoss, kerasLoss, `step ${step}`);
  }
  // The experiment's own: at this rate a single other rounding parts the losses within 200 steps.
  assertEquals(report.learningRate, 0.001);
  // It is a training: the weights change and the losses with them.
  assertEquals(new Set(report.steps.map(({ kerasLoss }) => kerasLoss)).size, 200);
  const updates = report.layers.filter((row) => row.pass === "update");
  assertEquals(updates.length, 8);
  assert(report.data.includes("500 images"), report.data);
});

Deno.test("a seed gives the same report again, another one another", async () => {
  const options = { ...defaultParityOptions(), batchSize: 2, steps: 3 };
  const losses = async (seed: number) =>
    (await runParity({ ...options, seed }, {})).steps.map(({ torchLoss }) => torchLoss);
  const first = await losses(1);
  assertEquals(await losses(1), first);
  assert(String(await losses(2)) !== String(first));
});
