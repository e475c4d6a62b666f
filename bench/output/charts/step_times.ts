/**
 * The time of a training step; where layouts vary, what the order of the channels makes of it.
 * @module
 */
import type { Layout } from "../../runner/trials/trial.ts";
import type { Report } from "../../results/report.ts";
import { type MeanInterval, meanInterval } from "../../results/statistics.ts";
import { withCountedResults } from "../../results/configurations.ts";
import type { Chart } from "./chart.ts";
import { interval, isNumber, milliseconds, none } from "./numbers.ts";
import { barMark, intervalMarks, ROW_HEIGHT, ROW_WIDTH, rowPlace, rowTexts } from "./rows.ts";

interface StepTime {
  readonly configuration: string;
  readonly layout: Layout | null;
  readonly median: MeanInterval;
  readonly p95: number | null;
}

/** The chart, of a report that has steps. */
export function stepTimes(report: Report): Chart[] {
  const times = timesOf(report);
  if (times.length === 0) return [];
  const isLayout = new Set(times.map(({ layout }) => layout)).size > 1;
  const most = Math.max(...times.map(({ median, p95 }) => Math.max(median.mean, p95 ?? 0)));
  const limit = Math.max(
    most * 1.05,
    Math.min(most * 1.6, Math.max(...times.map(({ median }) => median.high ?? 0))),
  );
  return [{
    name: "step-time",
    title: isLayout ? "Time of a step, channels first and last" : "Time of a training step",
    description: `Bar chart. Median time of a training step: ${
      times.map(({ configuration, median }) => `${configuration} ${milliseconds(median.mean)}`)
        .join("; ")
    }.`,
    caption:
      "Bars: medians of the steps (means over the seeds); shorter is better. Diamonds: 95 of " +
      "100 steps are faster." +
      (times.some(({ median }) => median.low !== null)
        ? " Lines with ends: 95 % intervals of the medians" +
          (times.some(({ median }) => (median.high ?? 0) > limit || (median.low ?? 0) < 0)
            ? ", cut off at the frame."
            : ".")
        : ""),
    table: {
      head: ["configuration", "step, median", "95 % interval", "step, p95"],
      rows: times.map(({ configuration, median, p95 }) => [
        configuration,
        milliseconds(median.mean),
        interval(median, milliseconds),
        p95 === null ? none : milliseconds(p95),
      ]),
    },
    spec: (theme) => ({
      width: ROW_WIDTH,
      height: ROW_HEIGHT * times.length,
      encoding: {
        y: rowPlace(times.map(({ configuration }) => configuration)),
        x: {
          type: "quantitative",
          scale: { domain: [0, limit], nice: false },
          axis: { title: "milliseconds a step", tickCount: 6, grid: true },
        },
      },
      layer: [
        {
          data: {
            values: times.map(({ configuration, layout, median }) => ({
              configuration,
              layout,
              to: median.mean,
            })),
          },
          mark: { ...barMark, color: theme.series[0] },
          encoding: {
            x: { field: "to", type: "quantitative" },
            x2: { datum: 0 },
            ...(isLayout ? { color: layoutColour } : {}),
          },
        },
        {
          data: {
            values: times.filter(({ p95 }) => p95 !== null).map(({ configuration, p95 }) => ({
              configuration,
              p95,
            })),
          },
          mark: {
            type: "point",
            shape: "diamond",
            filled: true,
            size: 45,
            opacity: 1,
            yOffset: barMark.yOffset,
            color: theme.faint,
          },
          encoding: { x: { field: "p95", type: "quantitative" } },
        },
        ...intervalMarks(
          times.map(({ configuration, median }) => ({
            ...median,
            configuration,
            value: median.mean,
          })),
          [0, limit],
          theme,
        ),
        ...rowTexts(
          times.map(({ configuration, median }) => ({
            configuration,
            name: configuration,
            figure: milliseconds(median.mean),
          })),
          theme,
        ),
      ],
    }),
  }];
}

const layoutColour = {
  field: "layout",
  type: "nominal" as const,
  scale: { domain: ["channels-first", "channels-last"] },
  legend: { orient: "bottom" as const, title: null, symbolType: "square" },
};

function timesOf(report: Report): StepTime[] {
  return withCountedResults(report).flatMap(({ configuration, results }) => {
    const median = meanInterval(results.map((r) => r.stepMs?.median).filter(isNumber));
    if (!median) return [];
    const p95 = meanInterval(results.map((r) => r.stepMs?.p95).filter(isNumber))?.mean ?? null;
    return [{
      configuration: configuration.name,
      layout: configuration.axes.layout,
      median,
      p95,
    }];
  });
}
