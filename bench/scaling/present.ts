/**
 * The growth as Markdown and as charts.
 * @module
 */
import { markdownTable } from "markdown-table";
import { none } from "../output/charts/numbers.ts";
import { type ChartSpec, renderChart, type ThemeName } from "../../plotting/mod.ts";
import { AXIS_TITLES, SCALING_AXES, type ScalingAxis } from "./points.ts";
import {
  type Fit,
  fitsOf,
  FITTED,
  type FittedFigure,
  type ScalingReport,
  type ScalingRow,
} from "./report.ts";

/** The whole report. */
export function scalingMarkdown({ rows, command, environment }: ScalingReport): string {
  const { cpuModel, cores, memoryGiB, date, gitCommit } = environment;
  const axes = SCALING_AXES.filter((axis) => rows.some((row) => row.axis === axis));
  return [
    "# What growth costs",
    `Made by \`${command}\` on ${date}, commit ${gitCommit ?? "unknown"}, on ${
      cpuModel ?? "an unknown processor"
    }, ${cores} cores, ${memoryGiB} GiB. Training steps of He et al.'s residual networks for small images ` +
    "(ResNet-20, 32 images of 32 x 32, 16 channels, unless changed; workers share 128 images), each point in a process of its own.",
    "## Exponents",
    "Figure = factor * size ^ exponent, by least squares of the logarithms; in brackets the share that the line explains.",
    fitTable(fitsOf(rows)),
    ...axes.flatMap((axis) => [`## ${AXIS_TITLES[axis]}`, pointTable(rows, axis)]),
  ].join("\n\n") + "\n";
}

function fitTable(fits: readonly Fit[]): string {
  const figures = Object.keys(FITTED) as FittedFigure[];
  const groups = Map.groupBy(fits, ({ axis, style }) => `${AXIS_TITLES[axis]}|${style}`);
  const lines = [...groups].map(([name, group]) => [
    ...name.split("|"),
    ...figures.map((figure) => {
      const fit = group.find((fit) => fit.figure === figure);
      return fit ? `${fit.exponent.toFixed(2)} (${fit.rSquared.toFixed(3)})` : none;
    }),
  ]);
  return markdownTable([["size", "style", ...figures.map((figure) => FITTED[figure])], ...lines]);
}

function pointTable(rows: readonly ScalingRow[], axis: ScalingAxis): string {
  const lines = rows.filter((row) => row.axis === axis).map(({ style, point, figures, error }) => [
    style,
    String(point[axis]),
    ...(figures
      ? [figures.stepMs, figures.compileMs, figures.firstMs, figures.peakMiB]
        .map((value) => value.toFixed(1))
      : [error!, none, none, none]),
  ]);
  const header = ["style", axis, "step, ms", "compiling, ms", "first step, ms", "peak memory, MiB"];
  return markdownTable([header, ...lines]);
}

/** A figure against every size on logarithmic axes, with the fitted lines; null where there is nothing to draw. */
export async function scalingChart(
  rows: readonly ScalingRow[],
  figure: FittedFigure,
  theme: ThemeName,
): Promise<string | null> {
  const fits = fitsOf(rows).filter((fit) => fit.figure === figure);
  if (fits.length === 0) return null;
  return await renderChart(specOf(rows, fits, figure), { theme });
}

function specOf(
  rows: readonly ScalingRow[],
  fits: readonly Fit[],
  figure: FittedFigure,
): ChartSpec {
  const panels = SCALING_AXES.filter((axis) => fits.some((fit) => fit.axis === axis));
  return {
    description: `${FITTED[figure]} against size, with fitted exponents: ${
      fits.map(({ axis, style, exponent }) =>
        `${AXIS_TITLES[axis]}, ${style} ${exponent.toFixed(2)}`
      ).join("; ")
    }`,
    columns: 2,
    concat: panels.map((axis) => panelOf(axis, rows, fits, figure)),
    config: { aria: false },
  } as ChartSpec;
}

function panelOf(
  axis: ScalingAxis,
  rows: readonly ScalingRow[],
  fits: readonly Fit[],
  figure: FittedFigure,
) {
  const points = rows.filter((row) => row.axis === axis && row.figures !== null)
    .map(({ style, point, figures }) => ({ style, size: point[axis], value: figures![figure] }));
  const lines = fits.filter((fit) => fit.axis === axis).flatMap(({ style, exponent, factor }) =>
    [...new Set(points.map(({ size }) => size))]
      .map((size) => ({ style, size, value: factor * size ** exponent }))
  );
  const exponents = fits.filter((fit) => fit.axis === axis)
    .map(({ style, exponent }) => `${style} ${exponent.toFixed(2)}`).join(", ");
  const log = { type: "log" as const, base: 2, nice: false, zero: false };
  const encoding = {
    x: {
      field: "size",
      type: "quantitative",
      scale: log,
      axis: { title: AXIS_TITLES[axis], values: [...new Set(points.map(({ size }) => size))] },
    },
    y: { field: "value", type: "quantitative", scale: log, axis: { title: FITTED[figure] } },
    color: { field: "style", type: "nominal", legend: { orient: "bottom", title: null } },
  };
  return {
    title: `exponents: ${exponents}`,
    width: 230,
    height: 170,
    encoding,
    layer: [
      { data: { values: lines }, mark: { type: "line", strokeWidth: 1.5 } },
      {
        data: { values: points },
        mark: { type: "point", filled: true, size: 40 },
        encoding: { shape: { field: "style", type: "nominal" } },
      },
    ],
  };
}
