/**
 * A comparison as people, and as badges, read it.
 * @module
 */
import { markdownTable } from "markdown-table";
import { markdownText } from "./escape.ts";
import type { Change, ComparedFigure, ReportComparison } from "../results/compare.ts";

const titles: Readonly<Record<ComparedFigure, string>> = {
  testAccuracy: "test accuracy",
  stepMs: "step, median",
  fitSeconds: "fit time",
};

/** The comparison as GitHub's Markdown. */
export function formatComparison(comparison: ReportComparison, failOver: number): string {
  const rows = comparison.changes.map((change) => [
    markdownText(change.configuration),
    titles[change.figure],
    valueOf(change.figure, change.old),
    valueOf(change.figure, change.new),
    signedPercent(change.relative),
    change.noise === null
      ? "unknown"
      : `± ${(change.noise * 100).toFixed(1)} % (${change.noiseFrom})`,
    wordOf(change),
  ]);
  const table = markdownTable(
    [["", "figure", "old", "new", "change", "noise", ""], ...rows],
    { align: ["l", "l", "r", "r", "r", "r", "l"] },
  );
  const { regressions, notes } = comparison;
  const limit = `${+(failOver * 100).toFixed(2)} %`;
  const sum = regressions === 0
    ? `No regression beyond ${limit}.`
    : `${regressions} ${regressions === 1 ? "regression" : "regressions"} beyond ${limit}.`;
  return [table, ...notes.map((note) => `Note: ${markdownText(note)}`), sum].join("\n\n");
}

/** What a change is called: time is slower or faster, accuracy worse or better. */
function wordOf({ figure, kind, regression }: Change): string {
  if (kind === "unjudged") return "not judged";
  if (kind === "same") return "same";
  const isTime = figure !== "testAccuracy";
  const word = kind === "worse" ? (isTime ? "slower" : "worse") : isTime ? "faster" : "better";
  return regression ? `**${word}: regression**` : word;
}

function valueOf(figure: ComparedFigure, value: number): string {
  if (figure === "testAccuracy") return value.toFixed(4);
  return figure === "stepMs" ? `${value.toFixed(1)} ms` : `${value.toFixed(2)} s`;
}

function signedPercent(share: number | null): string {
  if (share === null) return "from 0";
  return `${share < 0 ? "−" : "+"}${Math.abs(share * 100).toFixed(1)} %`;
}

/** What shields.io's endpoint badge takes: https://shields.io/badges/endpoint-badge */
export interface Badge {
  schemaVersion: 1;
  label: string;
  message: string;
  color: string;
}

const LABEL = "tandem bench";

/** Whether a text is a badge of ours. */
export function isBadge(text: string): boolean {
  try {
    return JSON.parse(text)?.label === LABEL;
  } catch {
    return false;
  }
}

/** A badge that says whether there are regressions. */
export function comparisonBadge({ regressions }: ReportComparison): Badge {
  const message = regressions === 0
    ? "no regression"
    : `${regressions} ${regressions === 1 ? "regression" : "regressions"}`;
  return {
    schemaVersion: 1,
    label: LABEL,
    message,
    color: regressions === 0 ? "brightgreen" : "red",
  };
}
