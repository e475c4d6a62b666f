/**
 * Where the time of the fits went: compiling, the engine, JavaScript.
 * @module
 */
import type { Report } from "../../results/report.ts";
import type { TrialResult } from "../../runner/trials/trial.ts";
import { type MeanInterval, meanInterval } from "../../results/statistics.ts";
import { withCountedResults } from "../../results/configurations.ts";
import type { Chart } from "./chart.ts";
import { interval, isNumber, none, seconds } from "./numbers.ts";
import { barMark, intervalMarks, ROW_HEIGHT, ROW_WIDTH, rowPlace, rowTexts } from "./rows.ts";

/** The parts of a fit, in the order in which they stand in a bar. */
const parts = ["compiling", "engine", "JavaScript", "not told apart"] as const;

/** Seconds of each part; null where it was not measured. */
type Parts = Record<(typeof parts)[number], number | null>;

interface FitTime {
  readonly configuration: string;
  readonly total: MeanInterval;
  readonly parts: Parts;
}

/** The chart, of a report that has times. */
export function timeBars(report: Report): Chart[] {
  const times = fitTimes(report);
  if (times.length === 0) return [];
  const names = times.map(({ configuration }) => configuration);
  const used = parts.filter((part) => times.some((time) => (time.parts[part] ?? 0) > 0));
  const most = Math.max(...times.map(({ total }) => total.mean));
  const limit = Math.max(
    most * 1.05,
    Math.min(most * 1.6, Math.max(...times.map(({ total }) => total.high ?? 0))),
  );
  return [{
    name: "fit-time",
    title: "Fit time and where it went",
    description: `Bar chart. Time of the fit: ${
      times.map(({ configuration, total }) => `${configuration} ${seconds(total.mean)}`).join("; ")
    }.`,
    caption: "Means over the seeds; shorter is better." +
      (times.some(({ total }) => total.low !== null)
        ? " Lines with ends: 95 % intervals of the whole" +
          (times.some(({ total }) => (total.high ?? 0) > limit || (total.low ?? 0) < 0)
            ? ", cut off at the frame."
            : ".")
        : ""),
    table: {
      head: ["configuration", "fit", "95 % interval", ...parts.slice(0, 3)],
      rows: times.map(({ configuration, total, parts: own }) => [
        configuration,
        seconds(total.mean),
        interval(total, seconds),
        ...parts.slice(0, 3).map((part) => own[part] === null ? none : seconds(own[part]!)),
      ]),
    },
    spec: (theme) => ({
      width: ROW_WIDTH,
      height: ROW_HEIGHT * names.length,
      encoding: {
        y: rowPlace(names),
        x: {
          type: "quantitative",
          scale: { domain: [0, limit], nice: false },
          axis: { title: "seconds", tickCount: 6, grid: true },
        },
      },
      layer: [
        {
          data: { values: times.flatMap((time) => segmentsOf(time, used)) },
          mark: { ...barMark, stroke: theme.ground, strokeWidth: 1 },
          encoding: {
            x: { field: "from", type: "quantitative" },
            x2: { field: "to" },
            color: {
              field: "part",
              type: "nominal",
              scale: { domain: used, range: used.map((part) => colourOf(part, theme.series)) },
              legend: { orient: "bottom", title: null, columns: 4, symbolType: "square" },
            },
          },
        },
        ...intervalMarks(
          times.map(({ configuration, total }) => ({ ...total, configuration, value: total.mean })),
          [0, limit],
          theme,
        ),
        ...rowTexts(
          times.map(({ configuration, total }) => ({
            configuration,
            name: configuration,
            figure: seconds(total.mean),
          })),
          theme,
        ),
      ],
    }),
  }];
}

function colourOf(part: (typeof parts)[number], series: readonly string[]): string {
  return {
    compiling: series[4],
    engine: series[0],
    JavaScript: series[2],
    "not told apart": series[7],
  }[
    part
  ];
}

function fitTimes(report: Report): FitTime[] {
  return withCountedResults(report).flatMap(({ configuration, results }) => {
    const total = meanInterval(results.map((r) => r.fitSeconds).filter(isNumber));
    return total
      ? [{ configuration: configuration.name, total, parts: partsOf(results, total.mean) }]
      : [];
  });
}

function partsOf(results: readonly TrialResult[], total: number): Parts {
  const mean = (field: "compileSeconds" | "engineSeconds" | "javascriptSeconds") =>
    meanInterval(results.map((r) => r[field]).filter(isNumber))?.mean ?? null;
  const told = {
    compiling: mean("compileSeconds"),
    engine: mean("engineSeconds"),
    JavaScript: mean("javascriptSeconds"),
  };
  const sum = Object.values(told).reduce<number>((all, part) => all + (part ?? 0), 0);
  return { ...told, "not told apart": Math.max(0, total - sum) < total * 0.001 ? 0 : total - sum };
}

function segmentsOf(
  { configuration, parts: own }: FitTime,
  used: readonly (typeof parts)[number][],
) {
  let end = 0;
  return used.map((part) => {
    const from = end;
    end += Math.max(0, own[part] ?? 0);
    return { configuration, part, from, to: end };
  }).filter(({ from, to }) => to > from);
}
