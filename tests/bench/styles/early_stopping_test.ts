import { assertEquals } from "@std/assert";
import { bestEpoch, hasStopped } from "../../../bench/styles/training/early_stopping.ts";

const epochs = (...losses: number[]) => losses.map((valLoss) => ({ valLoss }));

Deno.test("a training stops after `patience` epochs without a loss that is lower by enough", () => {
  const recipe = { patience: 2, minDelta: 0, restoreBest: false };
  const stopsAt = (losses: number[], changed: Partial<typeof recipe> = {}) =>
    losses.findIndex((_, i) =>
      hasStopped(epochs(...losses.slice(0, i + 1)), { ...recipe, ...changed })
    ) + 1;
  assertEquals(stopsAt([3, 2, 2.5, 1.9, 2, 2, 1]), 6);
  assertEquals(stopsAt([3, 2, 2.5, 1.9, 2, 2, 1], { patience: 1 }), 3);
  assertEquals(stopsAt([3, 2.9, 2.8, 2.7], { minDelta: 0.15 }), 0);
  assertEquals(stopsAt([3, 2.9, 2.8, 2.7], { minDelta: 0.5 }), 3);
  assertEquals(hasStopped(epochs(1, 2, 3, 4), null), false);
  assertEquals(bestEpoch(epochs(3, 2, 2.5, 1.9, 2), { minDelta: 0 }), 4);
  assertEquals(bestEpoch([], { minDelta: 0 }), 0);
});
