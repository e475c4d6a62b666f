/**
 * How many images a second are trained on.
 * @module
 */
import { withCountedResults } from "../../results/configurations.ts";
import type { Report } from "../../results/report.ts";
import { type MeanInterval, meanInterval } from "../../results/statistics.ts";
import type { Chart } from "./chart.ts";
import { interval, isNumber, none, percent } from "./numbers.ts";
import { barMark, intervalMarks, ROW_HEIGHT, ROW_WIDTH, rowPlace, rowTexts } from "./rows.ts";

interface Throughput {
  readonly configuration: string;
  readonly images: MeanInterval;
  /** Share of the machine's matrix-product peak; shares of 1. */
  readonly peakShare: number | null;
}

/** The chart, of a report that has images a second. */
export function throughput(report: Report): Chart[] {
  const all = throughputs(report);
  if (all.length === 0) return [];
  const most = Math.max(...all.map(({ images }) => images.mean));
  const widest = Math.max(...all.map(({ images }) => images.high ?? 0));
  const limit = Math.max(most * 1.05, Math.min(most * 1.6, widest));
  const share = ({ peakShare }: Throughput) => peakShare === null ? "" : ` (${percent(peakShare)})`;
  const hasShares = all.some(({ peakShare }) => peakShare !== null);
  return [{
    name: "throughput",
    title: "Images a second",
    description: `Bar chart. Training images a second: ${
      all.map((one) => `${one.configuration} ${count(one.images.mean)}${share(one)}`).join("; ")
    }.`,
    caption: "Means over the seeds; longer is better." +
      (hasShares ? " In brackets: share of the machine's matrix-product peak." : "") +
      (all.some(({ images }) => images.low !== null)
        ? " Lines with ends: 95 % intervals" + (widest > limit ? ", cut off at the frame." : ".")
        : ""),
    table: {
      head: ["configuration", "images a second", "95 % interval", "share of the peak"],
      rows: all.map(({ configuration, images, peakShare }) => [
        configuration,
        count(images.mean),
        interval(images, count),
        peakShare === null ? none : percent(peakShare),
      ]),
    },
    spec: (theme) => ({
      width: ROW_WIDTH,
      height: ROW_HEIGHT * all.length,
      encoding: {
        y: rowPlace(all.map(({ configuration }) => configuration)),
        x: {
          type: "quantitative",
          scale: { domain: [0, limit], nice: false },
          axis: { title: "images a second", tickCount: 6, grid: true },
        },
      },
      layer: [
        {
          data: {
            values: all.map(({ configuration, images }) => ({ configuration, to: images.mean })),
          },
          mark: { ...barMark, color: theme.series[0] },
          encoding: { x: { field: "to", type: "quantitative" }, x2: { datum: 0 } },
        },
        ...intervalMarks(
          all.map(({ configuration, images }) => ({
            ...images,
            configuration,
            value: images.mean,
          })),
          [0, limit],
          theme,
        ),
        ...rowTexts(
          all.map((one) => ({
            configuration: one.configuration,
            name: one.configuration,
            figure: count(one.images.mean) + share(one),
          })),
          theme,
        ),
      ],
    }),
  }];
}

function count(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 100 ? 1 : 0 });
}

function throughputs(report: Report): Throughput[] {
  return withCountedResults(report).flatMap(({ configuration, results }) => {
    const images = meanInterval(results.map((r) => r.imagesPerSecond).filter(isNumber));
    if (!images) return [];
    const share = meanInterval(results.map((r) => r.peakShare).filter(isNumber));
    return [{ configuration: configuration.name, images, peakShare: share?.mean ?? null }];
  });
}
