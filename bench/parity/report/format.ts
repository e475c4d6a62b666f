/**
 * Parity's report as text for people.
 * @module
 */
import { markdownTable } from "markdown-table";
import { tolerances } from "./rows.ts";
import type { LayerRow, ParityReport, ParityStep, RowPass } from "./report.ts";

const headings: Readonly<Record<RowPass, string>> = {
  weights: "Weights: what has no counterpart, does not fit or is frozen",
  training: "One batch in training mode: forward, then backward",
  update: "Optimizers on the same gradients, and running statistics",
  evaluation: "The same batch in evaluation mode",
  large: "Evaluation mode, large inputs, random biases, scales and statistics",
  batch: "Evaluation mode, a batch of another size",
};

/** Tables, layer by layer and step by step, and what they mean. */
export function formatParity(report: ParityReport): string {
  const parts = [`Parity of ${report.title}`, `Data: ${report.data}`];
  for (const pass of Object.keys(headings) as RowPass[]) {
    const rows = report.layers.filter((row) => row.pass === pass);
    if (rows.length > 0) parts.push(`${headings[pass]}\n\n${layerTable(rows)}`);
  }
  if (report.initialization.length > 0) {
    parts.push(`How weights start, before they are copied\n\n${initializationTable(report)}`);
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
    row.status === "agrees" ? row.why ?? "ok" : row.why ?? "DIFFERS",
  ]);
  return markdownTable([head, ...body], { align: ["l", "l", "l", "r", "r", "l"] });
}

function initializationTable({ initialization }: ParityReport): string {
  const head = ["Keras ~ PyTorch", "Keras", "PyTorch", ""];
  const body = initialization.map(({ keras, torch, kerasText, torchText, agrees }) => [
    `${keras} ~ ${torch}`,
    kerasText,
    torchText,
    agrees ? "alike" : "another distribution",
  ]);
  return markdownTable([head, ...body], { align: ["l", "l", "l", "l"] });
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
  const lines = [...layerVerdict(report), ...initializationVerdict(report), ...lossVerdict(report)];
  if (report.interrupted) lines.push("interrupted: what was compared until then stands above");
  return lines.join("\n");
}

function layerVerdict({ firstDifferent, layers }: ParityReport): string[] {
  const open = layers.filter(({ status }) => status === "not compared");
  const wrong = layers.find(({ status }) => status === "differs");
  const lines = open.length === 0
    ? []
    : [`layers: ${open.length} not compared: ${
      open.map(({ keras, torch }) => keras || torch).join(", ")
    }`];
  if (!firstDifferent) {
    const within = layers.filter(({ status }) => status === "within").length;
    const compared = `all ${layers.length - within} activations, gradients and weights agree`;
    return [
      within === 0
        ? `layers: ${compared}`
        : `layers: ${compared}; ${within} are compared by what is computed from them, which agrees`,
    ];
  }
  if (!wrong) return lines;
  const { name, part, kind, why, at, kerasValue, torchValue, relative, pass } = wrong;
  const what = kind === "gradient" ? `gradient of ${part}` : part;
  const numbers = relative === null
    ? null
    : `relative difference ${number(relative)}, ${
      tolerances[kind]
    } is allowed; largest at [${at}]: Keras ${kerasValue}, PyTorch ${torchValue}`;
  const where = [why, numbers].filter((text) => text !== null).join("; ");
  const later = layers.filter(({ status }) => status === "differs" || status === "follows").length -
    1;
  return [
    ...lines,
    `layers: the first to differ is ${name}, ${what} (${headings[pass].toLowerCase()}): ${where}`,
    ...(later > 0 ? [`layers: ${later} more differ after it`] : []),
  ];
}

/** No part of the verdict: weights are copied, and a port may choose. */
function initializationVerdict({ initialization }: ParityReport): string[] {
  const other = initialization.filter(({ agrees }) => !agrees);
  if (other.length === 0) return [];
  const [{ keras, kerasText, torchText }] = other;
  return [
    `initialization: ${other.length} of ${initialization.length} weights start from another distribution, such as ` +
    `${keras}: Keras ${kerasText}, PyTorch ${torchText} (the comparison copied Keras' weights)`,
  ];
}

function lossVerdict(
  { steps, firstExceeded, firstDifferent, tolerance, control }: ParityReport,
): string[] {
  if (steps.length === 0) return [];
  if (!firstExceeded) {
    const worst = Math.max(...steps.map(({ difference }) => difference ?? Infinity));
    // Behind a difference or a pass that failed nobody is to read that something agrees.
    const what = firstDifferent ? "no sign of it in" : "agree over";
    return [
      `losses: ${what} ${steps.length} steps; furthest apart ${number(worst)}, ${
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
