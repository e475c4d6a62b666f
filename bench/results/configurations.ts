/**
 * What the results say of styles, rungs and layouts: figures over the seeds, and tests between groups.
 * @module
 */
import { type Group, groupName } from "../runner/plan.ts";
import type { StyleResult } from "./report.ts";
import { type PairedTest, pairedTest, type Spread, spreadOf } from "./statistics_mod.ts";

/** How each figure is read off a result. */
const readers = {
  testAccuracy: (r: StyleResult) => r.testAccuracy,
  testLoss: (r: StyleResult) => r.testLoss,
  validationAccuracy: (r: StyleResult) => r.history.at(-1)?.valAccuracy ?? null,
  fitSeconds: (r: StyleResult) => r.fitSeconds,
  stepMs: (r: StyleResult) => r.stepMs?.median ?? null,
  frameworkMs: (r: StyleResult) => r.frameworkMs?.median ?? null,
};

/** A figure that is summed up over seeds. */
export type FigureName = keyof typeof readers;

/** All of them. */
export const figureNames = Object.keys(readers) as FigureName[];

/** The figures of one group. */
export interface GroupFigures extends Group {
  /** Such as `torch` or `torch/keras-rmsprop`. */
  name: string;
  /** The seeds whose trainings are complete. */
  seeds: number[];
  figures: Record<FigureName, Spread | null>;
}

/** Two groups against each other, over the seeds that both have. */
export interface Comparison {
  first: string;
  second: string;
  figure: "testAccuracy" | "stepMs";
  /** `difference`: first less second. `ratio`: first over second; tested on its logarithm. */
  kind: "difference" | "ratio";
  /** How many seeds both have. */
  pairs: number;
  /** The difference or ratio, with its 95 % interval; the ends are null for a single pair. */
  value: number;
  low: number | null;
  high: number | null;
  p: number | null;
  /** A sentence; null where the interval allows none. */
  verdict: string | null;
}

/** The figures of every group that has a complete training, in the order of the groups. */
export function groupFigures(
  groups: readonly Group[],
  results: readonly StyleResult[],
): GroupFigures[] {
  return groups.map((group) => ({ group, own: completeOf(group, results) }))
    .filter(({ own }) => own.length > 0)
    .map(({ group, own }) => ({
      ...group,
      name: groupName(group),
      seeds: own.map(({ seed }) => seed),
      figures: Object.fromEntries(
        figureNames.map((name) => [name, spreadOf(own.map(readers[name]).filter(isNumber))]),
      ) as Record<FigureName, Spread | null>,
    }));
}

/** Every group against every later one, by accuracy and by the time of a step. */
export function compareGroups(
  groups: readonly Group[],
  results: readonly StyleResult[],
): Comparison[] {
  return groups.flatMap((first, i) =>
    groups.slice(i + 1).flatMap((second) =>
      (["testAccuracy", "stepMs"] as const).flatMap((figure) => {
        const comparison = compare(first, second, figure, results);
        return comparison ? [comparison] : [];
      })
    )
  );
}

function compare(
  first: Group,
  second: Group,
  figure: "testAccuracy" | "stepMs",
  results: readonly StyleResult[],
): Comparison | null {
  const pairs = pairsOf(first, second, readers[figure], results);
  const isRatio = figure === "stepMs";
  const scale = isRatio ? Math.log : (value: number) => value;
  const back = isRatio ? Math.exp : (value: number) => value;
  const test = pairedTest(pairs.map(([a]) => scale(a)), pairs.map(([, b]) => scale(b)));
  if (test === null) return null;
  const { mean, low, high } = test.difference;
  const names = { first: groupName(first), second: groupName(second) };
  const value = back(mean);
  return {
    ...names,
    figure,
    kind: isRatio ? "ratio" : "difference",
    pairs: pairs.length,
    value,
    low: low === null ? null : back(low),
    high: high === null ? null : back(high),
    p: test.p,
    verdict: verdictOf(test, isRatio, names),
  };
}

function verdictOf(
  { significant, difference }: PairedTest,
  isRatio: boolean,
  { first, second }: { first: string; second: string },
): string | null {
  if (!significant) return null;
  const above = difference.mean > 0;
  if (!isRatio) return `${above ? first : second} is more accurate than ${above ? second : first}`;
  return `a step of ${above ? second : first} is faster than one of ${above ? first : second}`;
}

function pairsOf(
  first: Group,
  second: Group,
  read: (result: StyleResult) => number | null,
  results: readonly StyleResult[],
): [number, number][] {
  const others = new Map(completeOf(second, results).map((result) => [result.seed, read(result)]));
  return completeOf(first, results).flatMap((result) => {
    const [a, b] = [read(result), others.get(result.seed)];
    return isNumber(a) && isNumber(b) ? [[a, b] as [number, number]] : [];
  });
}

function completeOf(group: Group, results: readonly StyleResult[]): StyleResult[] {
  return results
    .filter((result) => result.complete && groupName(result) === groupName(group))
    .sort((a, b) => a.seed - b.seed);
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
