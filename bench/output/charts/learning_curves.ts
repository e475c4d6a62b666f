/**
 * Validation accuracy and loss over the epochs.
 * @module
 */
import type { Report } from "../../results/report.ts";
import { meanInterval } from "../../results/statistics.ts";
import { withCountedResults } from "../../results/configurations.ts";
import { type Chart, PLOT_WIDTH } from "./chart.ts";
import { cutTo, type Estimate, frameOf, isCut } from "./frame.ts";
import { interval, isNumber, percent } from "./numbers.ts";
import { dashedLines, seriesEncodings } from "./series.ts";

/** What a curve is about. */
interface Curve {
  readonly name: string;
  readonly title: string;
  readonly field: "valAccuracy" | "valLoss";
  readonly axis: { readonly title: string; readonly format: string };
  readonly within: readonly [number, number];
  readonly write: (value: number) => string;
}

const curves: readonly Curve[] = [
  {
    name: "validation-accuracy",
    title: "Validation accuracy by epoch",
    field: "valAccuracy",
    axis: { title: "validation accuracy", format: ".0%" },
    within: [0, 1],
    write: (value) => percent(value, 2),
  },
  {
    name: "validation-loss",
    title: "Validation loss by epoch",
    field: "valLoss",
    axis: { title: "validation loss", format: "~g" },
    within: [0, Infinity],
    write: (value) => value.toFixed(4),
  },
];

/** A configuration after an epoch, over its seeds. */
interface Point extends Estimate {
  readonly configuration: string;
  readonly epoch: number;
  readonly seeds: number;
}

/** The learning curves of a report that has epochs. */
export function learningCurves(report: Report): Chart[] {
  return curves.flatMap((curve) => {
    const points = pointsOf(report, curve.field);
    return points.length === 0 ? [] : [chartOf(curve, points)];
  });
}

function pointsOf(report: Report, field: Curve["field"]): Point[] {
  return withCountedResults(report).flatMap(({ configuration, results }) => {
    const epochs = Math.max(0, ...results.map(({ history }) => history.length));
    return Array.from({ length: epochs }, (_, i) => {
      const values = results.map(({ history }) => history[i]?.[field]).filter(isNumber);
      const mean = meanInterval(values);
      if (!mean) return [];
      const { mean: value, low, high, count } = mean;
      return [{ configuration: configuration.name, epoch: i + 1, value, low, high, seeds: count }];
    }).flat();
  });
}

function chartOf(curve: Curve, points: Point[]): Chart {
  const names = [...new Set(points.map(({ configuration }) => configuration))];
  const frame = frameOf(points, curve.within);
  const hasBands = points.some(({ low }) => low !== null);
  return {
    name: curve.name,
    title: curve.title,
    description: descriptionOf(curve, names, points),
    caption: hasBands
      ? "Lines: means over the seeds. Bands: 95 % intervals of the means" +
        (isCut(points, frame) ? ", cut off at the frame." : ".")
      : "One seed: no interval can be given.",
    table: {
      head: ["configuration", "epoch", curve.axis.title, "95 % interval", "seeds"],
      rows: points.map((point) => [
        point.configuration,
        String(point.epoch),
        curve.write(point.value),
        interval(point, curve.write),
        String(point.seeds),
      ]),
    },
    spec: () => {
      const { color, shape } = seriesEncodings(names);
      const y = {
        field: "value",
        type: "quantitative" as const,
        scale: { domain: frame, nice: false, zero: false },
        axis: { ...curve.axis, tickCount: 6 },
      };
      return {
        width: PLOT_WIDTH,
        height: 210,
        data: { values: points.map((point) => cutTo(point, frame)) },
        encoding: { x: epochAxis(points) },
        layer: [
          {
            transform: [{ filter: "datum.low !== null" }],
            mark: { type: "area", opacity: 0.14, clip: true },
            encoding: { y: { ...y, field: "low" }, y2: { field: "high" }, color },
          },
          ...dashedLines(names).map((line) => ({ ...line, encoding: { y, color } })),
          {
            mark: { type: "point", filled: true, size: 45, opacity: 1 },
            encoding: { y, color, shape },
          },
        ],
      };
    },
  };
}

function epochAxis(points: readonly Point[]) {
  const last = Math.max(...points.map(({ epoch }) => epoch));
  return {
    field: "epoch",
    type: "quantitative" as const,
    scale: { domain: last === 1 ? [0, 2] : [1, last], nice: false, zero: false },
    axis: {
      title: "epoch",
      format: "d",
      grid: false,
      tickMinStep: 1,
      ...(last === 1 ? { values: [1] } : {}),
    },
  };
}

function descriptionOf({ title, write }: Curve, names: readonly string[], points: Point[]): string {
  const ends = names.map((name) => {
    const own = points.filter(({ configuration }) => configuration === name);
    const [first, last] = [own[0], own.at(-1)!];
    return own.length === 1
      ? `${name} ${write(first.value)}`
      : `${name} from ${write(first.value)} to ${write(last.value)}`;
  });
  return `Line chart. ${title}, first to last: ${ends.join("; ")}.`;
}
