/** Samplers at the edges of what they take. */
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as torch from "../../../torch_style/mod.ts";

const {
  BatchSampler,
  RandomSampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
} = torch.data;

Deno.test("a pass without replacement has every index as often as it must: whole rounds, then a part of one", () => {
  for (const numSamples of [1, 4, 5, 8, 11]) {
    const indices = [...new RandomSampler(4, false, numSamples, { seed: 3 })];
    assertEquals(indices.length, numSamples);
    for (let from = 0; from < numSamples; from += 4) {
      const round = indices.slice(from, from + 4);
      assertEquals(new Set(round).size, round.length);
    }
  }
});

Deno.test("a generator decides the order, and goes on in it", () => {
  const generator = () => new torch.Generator().manualSeed(5);
  const makers = [
    (generator: torch.Generator) => new RandomSampler(20, { generator }),
    (generator: torch.Generator) =>
      new SubsetRandomSampler([..."x".repeat(20)].map((_, i) => i), { generator }),
    (generator: torch.Generator) =>
      new WeightedRandomSampler(new Array(20).fill(1), 20, true, { generator }),
  ];
  for (const make of makers) {
    const [one, same] = [make(generator()), make(generator())];
    const first = [...one];
    assertEquals([...same], first);
    assertNotEquals([...one], first);
    assertThrows(
      () => new RandomSampler(20, { generator: generator(), seed: 1 }),
      Error,
      "exclude each other",
    );
  }
});

Deno.test("an index of weight 0 is never drawn; without replacement each comes once", () => {
  const drawn = [...new WeightedRandomSampler([0, 3, 0, 1], 200, true, { seed: 1 })];
  assertEquals(new Set(drawn), new Set([1, 3]));
  assertEquals([...new WeightedRandomSampler([0, 3, 0, 1], 2, false, { seed: 1 })].sort(), [1, 3]);
  assertThrows(
    () => new WeightedRandomSampler([0, 3, 0, 1], 3, false),
    Error,
    "cannot draw 3 of 2",
  );
});

Deno.test("batches of one, and sizes below", () => {
  assertEquals([...new BatchSampler(new SequentialSampler(3), 1)], [[0], [1], [2]]);
  assertThrows(() => new BatchSampler(new SequentialSampler(3), 0), Error, "but got 0");
  assertThrows(() => new RandomSampler(4, false, 0), Error, "num_samples=0");
});
