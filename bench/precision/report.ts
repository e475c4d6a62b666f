/**
 * What `bench precision` measured, as Markdown and as a chart.
 * @module
 */
import { markdownTable } from "markdown-table";
import { type ChartSpec, renderChart, type ThemeName } from "../../plotting/mod.ts";
import { markdownText } from "../output/escape.ts";
import { none, percent } from "../output/charts/numbers.ts";
import type { Environment } from "../results/environment.ts";
import { type FormFigures, FORMS } from "./forms.ts";

/** A trained network and its forms. */
export interface PrecisionRow {
  /** Model, style and seed. */
  readonly trial: string;
  readonly forms: readonly FormFigures[];
  /** Why it has none; null where it has. */
  readonly error: string | null;
}

/** The whole measurement, as `precision.json` holds it. */
export interface PrecisionReport {
  readonly schemaVersion: 1;
  readonly experiment: "precision";
  readonly command: string;
  readonly environment: Environment;
  readonly device: string;
  /** How many images the accuracy is a share of. */
  readonly testImages: number;
  readonly rows: readonly PrecisionRow[];
}

const HEADER = [
  ...["network", "form", "file, KiB", "accuracy", "against float32", "same class"],
  ...["ms an image", "one alone, ms"],
];

/** The whole report. */
export function precisionMarkdown(report: PrecisionReport): string {
  const { cpuModel, cores, memoryGiB, date, gitCommit } = report.environment;
  const lines = report.rows.flatMap(({ trial, forms, error }) =>
    forms.length === 0
      ? [[trial, error ?? "", ...HEADER.slice(2).map(() => none)].map(markdownText)]
      : forms.map((figures) => lineOf(trial, figures, forms[0]))
  );
  return [
    "# Accuracy, speed and size by precision",
    markdownText(
      `Made by ${report.command} on ${date}, commit ${gitCommit ?? "unknown"}, on ${
        cpuModel ?? "an unknown processor"
      }, ${cores} cores, ${memoryGiB} GiB. Each network was trained in float32, exported, and its file converted; ` +
        `accuracy on ${report.testImages} test images, ONNX Runtime on ${report.device}, batches of 200.`,
    ),
    markdownTable([HEADER, ...lines], {
      align: ["l", "l", ...HEADER.slice(2).map(() => "r" as const)],
    }),
  ].join("\n\n") + "\n";
}

function lineOf(trial: string, figures: FormFigures, float32: FormFigures): string[] {
  const { form, bytes, accuracy, agreement, imageMs, singleMs, error } = figures;
  if (error !== null) {
    return [trial, `${form}: ${error}`, ...HEADER.slice(2).map(() => none)].map(markdownText);
  }
  const points = (accuracy! - float32.accuracy!) * 100;
  const difference = `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(2)}`;
  return [
    markdownText(trial),
    form,
    (bytes! / 1024).toFixed(0),
    percent(accuracy!, 2),
    form === "float32" ? none : difference,
    percent(agreement!, 2),
    imageMs!.toFixed(3),
    singleMs!.toFixed(2),
  ];
}

const FIGURES = {
  accuracy: { title: "accuracy, %", of: ({ accuracy }: FormFigures) => accuracy! * 100 },
  ms: { title: "ms an image", of: ({ imageMs }: FormFigures) => imageMs! },
  size: { title: "file, KiB", of: ({ bytes }: FormFigures) => bytes! / 1024 },
} as const;

/** Bars of accuracy, time and size by form; null where there is nothing to draw. */
export async function precisionChart(
  rows: readonly PrecisionRow[],
  theme: ThemeName,
): Promise<string | null> {
  const values = rows.flatMap(({ trial, forms }) =>
    forms.filter(({ error }) => error === null).map((figures) => ({
      trial,
      form: figures.form,
      ...Object.fromEntries(Object.entries(FIGURES).map(([name, { of }]) => [name, of(figures)])),
    }))
  );
  if (values.length === 0) return null;
  const panels = Object.entries(FIGURES).map(([name, { title }]) => ({
    title,
    width: 190,
    height: 170,
    mark: { type: "bar" },
    encoding: {
      x: {
        field: "form",
        type: "nominal",
        sort: [...FORMS],
        axis: { title: null, labelAngle: -30 },
      },
      xOffset: { field: "trial", type: "nominal" },
      y: { field: name, type: "quantitative", axis: { title: null }, scale: { zero: true } },
      color: { field: "trial", type: "nominal", legend: { orient: "bottom", title: null } },
    },
  }));
  const spec = {
    description: `accuracy, time and size of ${
      [...new Set(values.map(({ trial }) => trial))].join(", ")
    } by form`,
    data: { values },
    columns: 3,
    bounds: "flush",
    spacing: 50,
    concat: panels,
    config: { aria: false },
  } as ChartSpec;
  return await renderChart(spec, { theme });
}
