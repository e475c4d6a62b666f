import { assert, assertEquals, assertThrows } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";

const { data } = torch;

const range = (from: number, to: number) => new data.TensorDataset(torch.arange(from, to));

async function values(dataset: torch.data.Dataset): Promise<number[]> {
  const loader = new data.DataLoader(dataset, { batchSize: 100 });
  const all: number[] = [];
  for (const [x] of loader) all.push(...Array.from(await x.data(), Number));
  return all;
}

Deno.test("Subset and ConcatDataset number samples anew", async () => {
  const both = new data.ConcatDataset([range(0, 3), range(10, 12)]);
  assertEquals(both.length, 5);
  assertEquals(await values(both), [0, 1, 2, 10, 11]);
  const subset = new data.Subset(both, [4, 0, 3]);
  assertEquals(await values(subset), [11, 0, 10]);
  assertEquals(await values(new data.Subset(subset, [2])), [10]);
  assertThrows(() => new data.Subset(both, [5]), Error, "index 5, expected 0 to 4");
  assertThrows(() => both.getItem(5), Error, "index 5");
  assertThrows(() => new data.ConcatDataset([]), Error, "should not be an empty iterable");
});

Deno.test("randomSplit: lengths or shares, no sample twice, the same for a seed", async () => {
  const parts = data.randomSplit(range(0, 10), [0.55, 0.45], { seed: 1 });
  assertEquals(parts.map((part) => part.length), [6, 4]);
  const all = [...await values(parts[0]), ...await values(parts[1])];
  assertEquals([...all].sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const again = data.randomSplit(range(0, 10), [6, 4], { seed: 1 });
  assertEquals(await values(again[1]), await values(parts[1]));
  assertThrows(() => data.randomSplit(range(0, 10), [6, 5]), Error, "Sum of input lengths");
});

Deno.test("samplers", () => {
  assertEquals([...new data.SequentialSampler(3)], [0, 1, 2]);
  const random = new data.RandomSampler(50, { seed: 2 });
  const [first, second] = [[...random], [...random]];
  assert(String(first) !== String(second));
  assertEquals([...first].sort((a, b) => a - b), [...new data.SequentialSampler(50)]);
  const drawn = [...new data.RandomSampler(3, { replacement: true, numSamples: 100, seed: 1 })];
  assertEquals([drawn.length, new Set(drawn).size], [100, 3]);
  assertEquals([...new data.RandomSampler(3, { numSamples: 7, seed: 1 })].length, 7);
  assertEquals([...new data.SubsetRandomSampler([5, 6, 7])].sort(), [5, 6, 7]);
  const batches = new data.BatchSampler(new data.SequentialSampler(5), 2);
  assertEquals([batches.length, [...batches]], [3, [[0, 1], [2, 3], [4]]]);
  assertEquals([...new data.BatchSampler(new data.SequentialSampler(5), 2, true)].length, 2);
});

Deno.test("WeightedRandomSampler draws as often as weights say", () => {
  const counts = [0, 0, 0];
  for (const i of new data.WeightedRandomSampler([1, 0, 3], 4000, { seed: 1 })) counts[i]++;
  assertEquals(counts[1], 0);
  assert(Math.abs(counts[2] / 4000 - 0.75) < 0.03, String(counts));
  const without = [...new data.WeightedRandomSampler([1, 0, 3], 2, { replacement: false })];
  assertEquals(without.sort(), [0, 2]);
  assertThrows(
    () => new data.WeightedRandomSampler([1, 0], 2, { replacement: false }),
    Error,
    "cannot draw 2 of 1",
  );
  assertThrows(() => new data.WeightedRandomSampler([1, -1], 2), Error, "weight 1 is -1");
});

Deno.test("a loader takes a sampler, batches of one's own, and a way to collate", async () => {
  const dataset = range(0, 6);
  const first = async (loader: torch.data.DataLoader) => {
    const all: unknown[] = [];
    for (const [x] of loader) all.push(await x.tolist());
    return all;
  };
  const odd = { length: 3, [Symbol.iterator]: () => [1, 3, 5].values() };
  assertEquals(await first(new data.DataLoader(dataset, { batchSize: 2, sampler: odd })), [
    [1, 3],
    [5],
  ]);
  const batchSampler = [[0, 5], [1, 2, 3]];
  assertEquals(await first(new data.DataLoader(dataset, { batchSampler })), [[0, 5], [1, 2, 3]]);
  const sums = new data.DataLoader(dataset, {
    batchSize: 3,
    collateFn: (samples) => [torch.stack(samples.map(([x]) => x)).sum()],
  });
  assertEquals(await first(sums), [3, 12]);
  assertThrows(
    () => new data.DataLoader(dataset, { batchSampler, shuffle: true }),
    Error,
    "mutually exclusive",
  );
  assertThrows(
    () => new data.DataLoader(dataset, { sampler: odd, shuffle: true }),
    Error,
    "mutually exclusive with shuffle",
  );
});
