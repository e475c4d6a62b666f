import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { readEnvironment } from "../../../bench/results/environment.ts";
import { measurePoint } from "../../../bench/scaling/point_process.ts";
import { pointsOf, type ScalingStyle } from "../../../bench/scaling/points.ts";
import { scalingChart, scalingMarkdown } from "../../../bench/scaling/present.ts";
import {
  fitPower,
  fitsOf,
  type ScalingReport,
  type ScalingRow,
} from "../../../bench/scaling/report.ts";

function row(style: ScalingStyle, batch: number, stepMs: number | null): ScalingRow {
  const [base] = pointsOf("batch");
  const figures = stepMs === null
    ? null
    : { stepMs, compileMs: 200, firstMs: 300, peakMiB: 100 * Math.sqrt(batch) };
  const error = figures ? null : "ended by SIGKILL: out of memory";
  return { axis: "batch", style, point: { ...base, batch }, figures, error };
}

const rows = [
  ...[8, 16, 32].map((batch) => row("torch", batch, 3 * batch)),
  ...[8, 16].map((batch) => row("keras", batch, 0.5 * batch ** 2)),
  row("keras", 32, null),
];

Deno.test("a power is found, and none of a single size", () => {
  const fit = fitPower([[1, 3], [2, 12], [4, 48]])!;
  assertAlmostEquals(fit.exponent, 2);
  assertAlmostEquals(fit.factor, 3);
  assertAlmostEquals(fit.rSquared, 1);
  assertEquals(fitPower([[4, 1], [4, 2]]), null);
});

Deno.test("exponents by axis, style and figure; a point that failed is left out and named", async () => {
  const exponents = Object.fromEntries(
    fitsOf(rows).map(({ style, figure, exponent }) => [`${style} ${figure}`, exponent]),
  );
  assertAlmostEquals(exponents["torch stepMs"], 1);
  assertAlmostEquals(exponents["keras stepMs"], 2);
  assertAlmostEquals(exponents["torch peakMiB"], 0.5);
  assertAlmostEquals(exponents["torch compileMs"], 0);
  const report: ScalingReport = {
    schemaVersion: 1,
    experiment: "scaling",
    command: "deno task bench scaling",
    environment: await readEnvironment(),
    rows,
  };
  const text = scalingMarkdown(report);
  assert(text.includes("ended by SIGKILL: out of memory"));
  assert(/images in a step\s*\| keras \| 2\.00 \(1\.000\)/.test(text), text);
  const svg = await scalingChart(rows, "stepMs", "light");
  assert(svg!.includes("exponents: torch 1.00, keras 2.00"));
  assertEquals(await scalingChart([], "stepMs", "light"), null);
});

Deno.test("sizes grow one at a time; depths are those of the networks", () => {
  assertEquals(pointsOf("depth").map(({ depth }) => (depth - 2) / 6), [1, 2, 3, 5, 7, 9]);
  for (const axis of ["batch", "image", "depth", "width", "workers"] as const) {
    const points = pointsOf(axis);
    assertEquals(new Set(points.map((point) => point[axis])).size, points.length);
    assertEquals(new Set(points.map((point) => JSON.stringify({ ...point, [axis]: 0 }))).size, 1);
  }
});

Deno.test("both idioms measure themselves with two workers", async () => {
  for (const style of ["torch", "keras"] as const) {
    const point = { batch: 4, image: 8, depth: 8, width: 4, workers: 2 };
    const { stepMs, firstMs } = await measurePoint(style, point, 2);
    assert(stepMs > 0 && firstMs > stepMs, style);
  }
});

Deno.test("both idioms train a small network and measure themselves", async () => {
  for (const style of ["torch", "keras"] as const) {
    const point = { batch: 2, image: 8, depth: 8, width: 4, workers: 0 };
    const figures = await measurePoint(style, point, 2);
    for (const [name, value] of Object.entries(figures)) assert(value > 0, `${style} ${name}`);
    assert(figures.firstMs > figures.stepMs);
  }
});
