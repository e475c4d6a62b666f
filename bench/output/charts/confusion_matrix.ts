/**
 * Which classes a configuration takes for which, over its seeds.
 * @module
 */
import type { ConfigurationFigures, Report } from "../../results/report.ts";
import { visibleText } from "../../../onnx/mod.ts";
import { hashOf } from "../../runner/trials/hash.ts";
import { withCountedResults } from "../../results/configurations.ts";
import { type Chart, PLOT_WIDTH } from "./chart.ts";
import { percent } from "./numbers.ts";

/** Of more classes no cell could be read. */
const MOST_CLASSES = 24;

interface Square {
  readonly actual: string;
  readonly predicted: string;
  readonly count: number;
  /** Of the images of the actual class; shares of 1. */
  readonly share: number;
}

/** The chart's name for a configuration. */
export function confusionChartName(configuration: string): string {
  const plain = configuration.replace(/[^\w-]/g, "-");
  // Of a name that no file can have the beginning, and a hash so that no two are the same.
  return `confusion-${
    plain.length <= 80 ? plain : `${plain.slice(0, 60)}-${hashOf(configuration).slice(0, 12)}`
  }`;
}

/** A heat map a configuration that has predictions. */
export function confusionMatrices(report: Report): Chart[] {
  return withCountedResults(report).flatMap(({ configuration, results }) => {
    const matrices = results.flatMap(({ confusion }) => confusion === null ? [] : [confusion]);
    const classes = classNamesOf(report, configuration);
    const sum = sumOf(matrices, classes.length);
    if (matrices.length === 0 || !sum || classes.length > MOST_CLASSES) return [];
    return [chartOf(configuration.name, classes, sum)];
  });
}

/** The classes of the data set that a configuration was trained on. */
function classNamesOf({ datasets }: Report, { axes }: ConfigurationFigures): string[] {
  return (datasets.find(({ asked }) => asked === axes.dataset) ?? datasets[0]).classNames;
}

/** Null where a matrix is not one of these classes. */
function sumOf(matrices: readonly number[][][], classes: number): number[][] | null {
  const fits = (matrix: number[][]) =>
    matrix.length === classes && matrix.every((row) => row.length === classes);
  if (classes === 0 || !matrices.every(fits)) return null;
  return Array.from(
    { length: classes },
    (_, i) =>
      Array.from(
        { length: classes },
        (_, j) => matrices.reduce((sum, matrix) => sum + matrix[i][j], 0),
      ),
  );
}

function chartOf(configuration: string, classes: readonly string[], matrix: number[][]): Chart {
  const squares = squaresOf(classes, matrix);
  const worst = squares.filter(({ actual, predicted, count }) => actual !== predicted && count > 0)
    .sort((a, b) => b.share - a.share).slice(0, 3)
    .map(({ actual, predicted, share }) => `${actual} taken for ${predicted} ${percent(share)}`);
  const size = Math.round(PLOT_WIDTH / classes.length * 0.92);
  const domain = classes.map((_, i) => String(i));
  return {
    name: confusionChartName(configuration),
    title: `Confusions of ${configuration}`,
    description: `Heat map of ${classes.length} classes by ${classes.length}. ` +
      (worst.length === 0 ? "No mistakes." : `Most frequent mistakes: ${worst.join("; ")}.`),
    caption:
      "Rows: what the images are; columns: what they were taken for. Values: percent of the row, " +
      "those below 1 left out. Right answers lie on the framed diagonal.",
    table: {
      head: ["actual", ...classes.map((name) => `as ${name}`)],
      rows: matrix.map((row, i) => [classes[i], ...row.map(String)]),
    },
    spec: ({ series, ground, ink, faint }) => {
      const names = `${JSON.stringify(classes.map(visibleText))}[toNumber(datum.value)]`;
      const axis = {
        labelExpr: names,
        ticks: false,
        domain: false,
        labelLimit: 90,
        titlePadding: 6,
      };
      const dark = ground !== "#ffffff";
      return {
        width: size * classes.length,
        height: size * classes.length,
        data: {
          values: squares.map((square) => ({ ...square, text: textOf(square.share) })),
        },
        encoding: {
          x: {
            field: "x",
            type: "nominal",
            scale: { domain, padding: 0 },
            axis: { ...axis, title: "predicted", labelAngle: -45, orient: "top" },
          },
          y: {
            field: "y",
            type: "nominal",
            scale: { domain, padding: 0 },
            axis: { ...axis, title: "actual" },
          },
        },
        layer: [
          {
            mark: { type: "rect", stroke: ground, strokeWidth: 1 },
            encoding: {
              color: {
                field: "share",
                type: "quantitative",
                scale: {
                  domain: [0, 1],
                  range: dark ? ["#23272c", series[0]] : ["#eef2f6", series[0]],
                },
                legend: null,
              },
            },
          },
          {
            transform: [{ filter: "datum.x === datum.y" }],
            mark: { type: "rect", filled: false, stroke: faint, strokeWidth: 1 },
          },
          {
            mark: { type: "text", fontSize: size > 22 ? 10.5 : 8 },
            encoding: {
              text: { field: "text" },
              color: {
                condition: {
                  test: `datum.share >= ${dark ? 0.55 : 0.85}`,
                  value: dark ? "#000000" : "#ffffff",
                },
                value: ink,
              },
            },
          },
        ],
      };
    },
  };
}

/** Classes by their values: two of them might have one name. */
function squaresOf(classes: readonly string[], matrix: readonly number[][]) {
  return matrix.flatMap((row, i) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, j) => ({
      x: String(j),
      y: String(i),
      actual: classes[i],
      predicted: classes[j],
      count,
      share: total === 0 ? 0 : count / total,
    }));
  }) satisfies Square[];
}

function textOf(share: number): string {
  return share < 0.01 ? "" : (share * 100).toFixed(0);
}
