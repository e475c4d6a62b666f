/**
 * What may be said of a report's configurations: a sentence only where the interval allows one.
 * @module
 */
import type { Comparison, Report } from "../results/report.ts";

/** Pairs without a verdict that are named; of more of them only the number. */
const MOST_OPEN = 12;

/** A sentence a comparison, those that decide something first; none for a single seed. */
export function verdictLines(report: Report): string[] {
  const asked = report.comparisons.filter((comparison) => isAsked(report, comparison));
  const tested = asked.filter(({ pairs }) => pairs > 1);
  const decided = tested.filter(({ verdict }) => verdict !== null);
  const open = tested.filter(({ verdict }) => verdict === null);
  return [
    ...decided.map((c) => `${capitalized(c.verdict!)}: ${measure(c)}.`),
    ...(open.length > MOST_OPEN
      ? [`No difference shown in ${open.length} comparisons; report.json has them all.`]
      : open.map((c) =>
        `No difference shown between ${c.first} and ${c.second} in ${thing(c)}: ${measure(c)}.`
      )),
    ...(asked.length > tested.length ? [singleSeed] : []),
  ];
}

const singleSeed = "One seed allows no verdict; --seeds 3 or more shows what is more than chance.";

/** Whether the experiment is about this pair: the two differ in one of its axes alone. */
function isAsked({ experiment, configurations }: Report, comparison: Comparison): boolean {
  const { verdicts } = experiment;
  if (verdicts === null || !verdicts.figures.includes(comparison.figure)) return false;
  const [a, b] = [comparison.first, comparison.second].map((name) =>
    configurations.find((one) => one.name === name)?.axes
  );
  if (!a || !b) return false;
  const different = (Object.keys(a) as (keyof typeof a)[]).filter((axis) => a[axis] !== b[axis]);
  return different.length === 1 && verdicts.axes.includes(different[0]);
}

function thing({ figure }: Comparison): string {
  return figure === "testAccuracy" ? "test accuracy" : "the time of a step";
}

function measure({ kind, value, low, high, p, pairs, first, second }: Comparison): string {
  const format = kind === "difference" ? points : (ratio: number) => ratio.toFixed(3);
  const what = kind === "difference" ? `${first} − ${second}` : `${first} / ${second}`;
  const unit = kind === "difference" ? " points" : "";
  const interval = low === null || high === null
    ? "no interval"
    : `95 % interval ${format(low)} to ${format(high)}`;
  const chance = p === null ? "p unknown" : p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`;
  return `${what} = ${format(value)}${unit}, ${interval}, ${chance}, ${pairs} seeds`;
}

function points(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value * 100).toFixed(2)}`;
}

function capitalized(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
