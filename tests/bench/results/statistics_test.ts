/** Intervals and tests against SciPy's. */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  meanInterval,
  pairedTest,
  predictionHalfWidth,
  welchInterval,
} from "../../../bench/results/statistics.ts";
import golden from "../../golden/statistics.json" with { type: "json" };

const { few, many, others } = golden.spreads;

function close(actual: number | null | undefined, expected: number): void {
  assertAlmostEquals(actual ?? NaN, expected, 1e-7 * Math.abs(expected));
}

Deno.test("mean, deviation and interval are SciPy's", () => {
  for (const sample of [few, many, others]) {
    const interval = meanInterval(sample.values)!;
    close(interval.mean, sample.mean);
    close(interval.standardDeviation, sample.sd);
    close(interval.low, sample.low);
    close(interval.high, sample.high);
  }
  assertEquals(meanInterval([]), null);
  assertEquals(meanInterval([3]), {
    count: 1,
    mean: 3,
    standardDeviation: null,
    low: null,
    high: null,
  });
});

Deno.test("the paired test is SciPy's; it decides only where the interval leaves out 0", () => {
  const test = pairedTest(many.values, others.values)!;
  close(test.p, golden.paired.p);
  close(test.difference.low, golden.paired.low);
  close(test.difference.high, golden.paired.high);
  assertEquals(test.significant, golden.paired.low > 0 || golden.paired.high < 0);
  assertEquals(pairedTest([5, 6, 7], [1, 2.1, 3])!.significant, true);
  assertEquals(pairedTest([1, 2, 3], [2, 1, 3.5])!.significant, false);
  assertEquals(pairedTest([1], [2]), { ...pairedTest([1], [2])!, p: null, significant: false });
  assertEquals(pairedTest([2, 3], [1, 2])!.p, 0, "the same difference every time");
  assertEquals(pairedTest([1, 2], [1, 2])!.p, 1);
  assertThrows(() => pairedTest([1], []), RangeError, "1 values against 0");
});

Deno.test("Welch's and the prediction interval are SciPy's", () => {
  const interval = welchInterval(meanInterval(few.values)!, meanInterval(others.values)!)!;
  close(interval.low, golden.welch.low);
  close(interval.high, golden.welch.high);
  assertEquals(welchInterval(meanInterval([1])!, meanInterval([1, 2])!), null);
  close(predictionHalfWidth(many.values), golden.prediction);
  assertEquals(predictionHalfWidth([1, 2]), null);
});
