/** The share of PyTorch's public names that must be here; what is missing is printed. */
import { assert, assertEquals } from "@std/assert";
import { camelCase, coverage, coverageTable, type Place } from "./coverage.ts";

const WANTED: Record<Place, number> = {
  nn: 0.9,
  functional: 0.9,
  optim: 0.9,
  lrScheduler: 0.9,
  Tensor: 0.8,
  torch: 0.8,
};

for (const { place, title, present, missing } of coverage()) {
  Deno.test(`${title}: at least ${100 * WANTED[place]} % of PyTorch's names are here`, () => {
    const share = present.length / (present.length + missing.length);
    console.log(`${title}: ${(100 * share).toFixed(1)} %, missing: ${missing.join(", ")}`);
    assert(
      share >= WANTED[place],
      `${title}: ${present.length} of ${present.length + missing.length}`,
    );
  });
}

Deno.test("the README's table of names is true", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  assert(readme.includes(coverageTable()), `the README has another table than\n${coverageTable()}`);
});

Deno.test("names are written in camelCase", () => {
  assertEquals(
    ["log_softmax", "add_", "max_pool1d", "adaptive_max_pool1d_with_indices", "mT", "LSTMCell"].map(
      camelCase,
    ),
    ["logSoftmax", "add_", "maxPool1d", "adaptiveMaxPool1dWithIndices", "mT", "LSTMCell"],
  );
});
