/**
 * What accuracy each configuration has reached after how much time.
 * @module
 */
import type { Report } from "../../results/report.ts";
import type { TrialResult } from "../../runner/trials/trial.ts";
import { meanInterval } from "../../results/statistics.ts";
import { withCountedResults } from "../../results/configurations.ts";
import { type Chart, PLOT_WIDTH } from "./chart.ts";
import { frameOf } from "./frame.ts";
import { isNumber, percent, seconds } from "./numbers.ts";
import { dashedLines, seriesEncodings } from "./series.ts";

/** A configuration, or one of its seeds, after an epoch. */
interface Point {
  readonly configuration: string;
  readonly seed: number;
  readonly epoch: number;
  /** Since the start of the fit, validation included. */
  readonly seconds: number;
  readonly accuracy: number;
}

/** The chart, of a report that has epochs. */
export function accuracyAgainstTime(report: Report): Chart[] {
  const configurations = withCountedResults(report).map(({ configuration, results }) => {
    const seeds = results.map((result) => pointsOf(configuration.name, result));
    return { name: configuration.name, seeds, means: meansOf(seeds) };
  }).filter(({ means }) => means.length > 0);
  if (configurations.length === 0) return [];
  const names = configurations.map(({ name }) => name);
  const means = configurations.flatMap((one) => one.means);
  const seeds = configurations.flatMap((one) => one.seeds.flat());
  const ends = configurations.map(({ name, means }) =>
    `${name} ${percent(means.at(-1)!.accuracy)} after ${seconds(means.at(-1)!.seconds)}`
  );
  return [{
    name: "accuracy-against-time",
    title: "Validation accuracy against time",
    description: `Line chart. Validation accuracy against seconds of training, at the end: ${
      ends.join("; ")
    }.`,
    caption: "A mark an epoch, further left is faster, higher is better. " +
      (seeds.length > means.length ? "Lines: means over the seeds; faint marks: each seed. " : "") +
      "Time includes validation.",
    table: {
      head: ["configuration", "epoch", "time", "validation accuracy"],
      rows: means.map(({ configuration, epoch, seconds: time, accuracy }) => [
        configuration,
        String(epoch),
        seconds(time),
        percent(accuracy, 2),
      ]),
    },
    spec: () => {
      const { color, shape } = seriesEncodings(names);
      const marked = { type: "point" as const, filled: true };
      const domain = frameOf(
        seeds.map(({ accuracy }) => ({ value: accuracy, low: null, high: null })),
        [0, 1],
      );
      return {
        width: PLOT_WIDTH,
        height: 210,
        encoding: {
          x: {
            field: "seconds",
            type: "quantitative",
            scale: { zero: true },
            axis: { title: "seconds of training", tickCount: 6, grid: false },
          },
          y: {
            field: "accuracy",
            type: "quantitative",
            scale: { domain, nice: false, zero: false },
            axis: { title: "validation accuracy", format: ".0%", tickCount: 6 },
          },
          color,
        },
        layer: [
          {
            data: { values: seeds },
            mark: { ...marked, size: 22, opacity: 0.4 },
            encoding: { shape },
          },
          ...dashedLines(names).map((line) => ({
            ...line,
            data: { values: means },
            encoding: { order: { field: "epoch", type: "quantitative" as const } },
          })),
          {
            data: { values: means },
            mark: { ...marked, size: 55, opacity: 1 },
            encoding: { shape },
          },
        ],
      };
    },
  }];
}

function pointsOf(configuration: string, { seed, history }: TrialResult): Point[] {
  let elapsed = 0;
  return history.flatMap(({ epoch, seconds, valAccuracy }) => {
    elapsed += isNumber(seconds) ? seconds : 0;
    if (!isNumber(valAccuracy)) return [];
    return [{ configuration, seed, epoch, seconds: elapsed, accuracy: valAccuracy }];
  });
}

/** Over the seeds, epoch by epoch. */
function meansOf(seeds: readonly Point[][]): Point[] {
  const all = seeds.flat();
  const epochs = [...new Set(all.map(({ epoch }) => epoch))].sort((a, b) => a - b);
  return epochs.map((epoch) => {
    const own = all.filter((point) => point.epoch === epoch);
    return {
      ...own[0],
      seconds: meanInterval(own.map((point) => point.seconds))!.mean,
      accuracy: meanInterval(own.map((point) => point.accuracy))!.mean,
    };
  });
}
