/**
 * Parity's report as text for people.
 * @module
 */
import { markdownTable } from "markdown-table";
import { tolerances } from "./probes.ts";
import type { LayerRow, ParityReport, ParityStep, RowPass } from "./report.ts";

const headings: Readonly<Record<RowPass, string>> = {
  weights: "Weights that only one model has",
  training: "One batch in training mode: forward, then backward",
  update: "Optimizers on the same gradients, and running statistics",
  evaluation: "The same batch in evaluation mode",
};

/** Tables, layer by layer and step by step, and what they mean. */
export function formatParity(report: ParityReport): string {
  const parts = [`Parity of ${report.title}`, `Data: ${report.data}`];
  for (const pass of Object.keys(headings) as RowPass[]) {
    const rows = report.layers.filter((row) => row.pass === pass);
    if (rows.length > 0) parts.push(`${headings[pass]}\n\n${layerTable(rows)}`);
  }
  if (report.steps.length > 0) parts.push(`Losses, step by step\n\n${lossTable(report)}`);
  parts.push(report.notes.map((note) => `note: ${note}`).join("\n"));
  parts.push(verdict(report));
  return parts.join("\n\n");
}

function layerTable(rows: readonly LayerRow[]): string {
  const head = ["Keras ~ PyTorch", "what", "shape", "max difference", "relative", ""];
  const body = rows.map((row) => [
    row.name,
    row.kind === "gradient" ? `gradient of ${row.part}` : row.part,
    `[${row.shape}]`,
    number(row.maxDifference),
    number(row.relative),
    row.agrees ? "ok" : row.why ?? "DIFFERS",
  ]);
  return markdownTable([head, ...body], { align: ["l", "l", "l", "r", "r", "l"] });
}

/** Steps 1, 2, 5, 10, 20, 50, ..., the first beyond the tolerance, and the last. */
function lossTable({ steps, firstExceeded }: ParityReport): string {
  const shown = steps.filter((record) =>
    isRound(record.step) || record.step === firstExceeded?.step || record === steps.at(-1)
  );
  const head = ["step", "Keras loss", "PyTorch loss", "difference", ""];
  const loss = (value: number | null) => value === null ? "not finite" : value.toFixed(6);
  const body = shown.map((record) => [
    String(record.step),
    loss(record.kerasLoss),
    loss(record.torchLoss),
    number(record.difference),
    record.step === firstExceeded?.step ? "first beyond the tolerance" : "",
  ]);
  return markdownTable([head, ...body], { align: ["r", "r", "r", "r", "l"] });
}

function isRound(step: number): boolean {
  return [1, 2, 5].some((digit) => {
    const power = Math.log10(step / digit);
    return Math.abs(power - Math.round(power)) < 1e-9;
  });
}

function number(value: number | null): string {
  return value === null ? "–" : value === 0 ? "0" : value.toExponential(1);
}

/** What was found, in a few lines. */
export function verdict(report: ParityReport): string {
  const lines = [...layerVerdict(report), ...lossVerdict(report)];
  if (report.interrupted) lines.push("interrupted: what was compared until then stands above");
  return lines.join("\n");
}

function layerVerdict({ firstDifferent, layers }: ParityReport): string[] {
  if (!firstDifferent) {
    return [`layers: all ${layers.length} activations, gradients and weights agree`];
  }
  const { name, part, kind, why, at, kerasValue, torchValue, relative, pass } = firstDifferent;
  const what = kind === "gradient" ? `gradient of ${part}` : part;
  const where = why ??
    `relative difference ${number(relative)}, ${tolerances[kind]} is allowed; largest at ` +
      `[${at}]: Keras ${kerasValue}, PyTorch ${torchValue}`;
  const later = layers.filter(({ agrees }) => !agrees).length - 1;
  return [
    `layers: the first to differ is ${name}, ${what} (${headings[pass].toLowerCase()}): ${where}`,
    ...(later > 0 ? [`layers: ${later} more differ after it`] : []),
  ];
}

function lossVerdict({ steps, firstExceeded, tolerance, control }: ParityReport): string[] {
  if (steps.length === 0) return [];
  if (!firstExceeded) {
    const worst = Math.max(...steps.map(({ difference }) => difference ?? Infinity));
    return [
      `losses: agree over ${steps.length} steps; furthest apart ${number(worst)}, ${
        number(tolerance)
      } is allowed`,
    ];
  }
  const lines = [`losses: ${beyondText(firstExceeded, tolerance)}`];
  if (control) {
    const parted = control.firstExceeded === null
      ? "stays with itself: this is more than rounding"
      : `leaves itself at step ${control.firstExceeded}: rounding can do this at this learning rate`;
    lines.push(
      `losses: the Keras model alone, started with weights changed in their last bit, ${parted}`,
    );
  }
  return lines;
}

function beyondText({ step, kerasLoss, torchLoss }: ParityStep, tolerance: number): string {
  return `first further apart than ${number(tolerance)} at step ${step}: Keras ${
    kerasLoss ?? "not finite"
  }, PyTorch ${torchLoss ?? "not finite"}`;
}
