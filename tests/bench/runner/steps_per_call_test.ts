/** Several steps in one call: the same training, in fewer calls. */
import { assert, assertEquals } from "@std/assert";
import { type StyleName, styleNames } from "../../../bench/runner/trials/trial.ts";
import { defaultRuntime } from "../../../onnx/mod.ts";
import { trial } from "./trial_requests.ts";

async function train(style: StyleName, stepsPerCall: number) {
  const before = defaultRuntime().statistics.runs;
  const result = await trial({
    style,
    // Dropout, and a rate that changes at every step.
    model: "published_cnn",
    recipe: "published",
    change: {
      epochs: 2,
      batchSize: 9,
      schedule: { kind: "cosine", warmupSteps: 4, finalFactor: 0.1 },
    },
    imageShape: [32, 32, 3],
    more: { stepsPerCall },
  });
  assertEquals([result.state, result.error], ["done", null]);
  const runs = defaultRuntime().statistics.runs - before;
  const history = result.history.map(({ seconds: _, ...scores }) => scores);
  const counts = [result.stepMs!.count, result.inputMs!.count];
  const test = [result.testLoss, result.testAccuracy];
  return { runs, flops: result.stepFlops!, values: { history, counts, test } };
}

for (const style of styleNames) {
  Deno.test(`${style}: stepsPerCall changes no figure but the times`, async () => {
    // 11 steps an epoch, the last one smaller.
    const single = await train(style, 1);
    const grouped = await train(style, 4);
    assertEquals(grouped.values, single.values);
    // An epoch of 11 steps is 3 calls and one for the smaller batch; a first step has no moments yet.
    assert(single.runs - grouped.runs >= 13, `${grouped.runs} calls in place of ${single.runs}`);
    // An optimizer's first step may do less than the others of its call.
    const ratio = grouped.flops / single.flops;
    assert(ratio > 0.95 && ratio < 1.05, `${grouped.flops} operations in place of ${single.flops}`);
  });
}

for (const style of styleNames) {
  Deno.test(`${style}: look-ahead within a call is that of single steps`, async () => {
    // Three steps an epoch.
    const change = { epochs: 3, lookahead: { every: 2, decay: 0.5, power: 1 } };
    const losses: (number | null)[] = [];
    for (const stepsPerCall of [1, 3]) {
      const { error, testLoss } = await trial({ style, change, more: { stepsPerCall } });
      assertEquals(error, null);
      losses.push(testLoss);
    }
    assertEquals(losses[1], losses[0]);
  });
}
