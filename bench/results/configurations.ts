/**
 * What the results say of configurations: figures over the seeds, and tests between configurations.
 * @module
 */
import type { Configuration, TrialResult } from "../runner/trials/trial.ts";
import {
  type Comparison,
  type ConfigurationFigures,
  type FigureName,
  figureNames,
  isDone,
  type Report,
} from "./report.ts";
import { type MeanInterval, meanInterval, type PairedTest, pairedTest } from "./statistics.ts";

/** How each figure is read off a result. */
const readers: Readonly<Record<FigureName, (r: TrialResult) => number | null>> = {
  testAccuracy: (r) => r.testAccuracy,
  testLoss: (r) => r.testLoss,
  validationAccuracy: (r) => r.history.at(-1)?.valAccuracy ?? null,
  fitSeconds: (r) => r.fitSeconds,
  stepMs: (r) => r.stepMs?.median ?? null,
  frameworkMs: (r) => r.frameworkMs?.median ?? null,
  inputMs: (r) => r.inputMs?.median ?? null,
  imagesPerSecond: (r) => r.imagesPerSecond,
  flopsPerSecond: (r) => r.flopsPerSecond,
  peakShare: (r) => r.peakShare,
  secondsToAccuracy: (r) => r.secondsToAccuracy,
  peakMemoryMiB: (r) => r.peakMemoryMiB,
};

/** Brings all of a report that follows from its results up to date. */
export function sumUp(report: Report, expected: number): void {
  const { results, configurations } = report;
  report.complete = results.length === expected && results.every(isDone);
  report.configurations = configurations.map((configuration) => figuresOf(configuration, results));
  report.comparisons = compareConfigurations(configurations, results);
}

/** The configurations of a report that have results, with them; in the order of tables. */
export function withResults(
  { configurations, results }: Pick<Report, "configurations" | "results">,
): { configuration: ConfigurationFigures; results: TrialResult[] }[] {
  return configurations
    .map((configuration) => ({
      configuration,
      results: results.filter((result) => result.configuration === configuration.name),
    }))
    .filter(({ results }) => results.length > 0);
}

/**
 * Of a configuration's results those that count in means: a trial that was cut short would lower the mean of the times. Where
 * none is done all count, to show how far they came.
 */
export function countedResults(results: readonly TrialResult[]): TrialResult[] {
  const done = results.filter(isDone);
  return done.length > 0 ? done : [...results];
}

/** As {@linkcode withResults}, with the results that count in means. */
export function withCountedResults(
  report: Pick<Report, "configurations" | "results">,
): ReturnType<typeof withResults> {
  return withResults(report).map(({ configuration, results }) => ({
    configuration,
    results: countedResults(results),
  }));
}

/** A configuration with the figures of those of its trials that are done. */
export function figuresOf<C extends Configuration>(
  configuration: C,
  results: readonly TrialResult[],
): C & Pick<ConfigurationFigures, "seeds" | "figures"> {
  const own = doneOf(configuration, results);
  const figures = figureNames.map((name): [FigureName, MeanInterval | null] => [
    name,
    meanInterval(own.map(readers[name]).filter(isNumber)),
  ]);
  return {
    ...configuration,
    seeds: own.map(({ seed }) => seed),
    figures: Object.fromEntries(figures) as Record<FigureName, MeanInterval | null>,
  };
}

/** Every configuration against every later one, by accuracy and by the time of a step. */
function compareConfigurations(
  configurations: readonly Configuration[],
  results: readonly TrialResult[],
): Comparison[] {
  return configurations.flatMap((first, i) =>
    configurations.slice(i + 1).flatMap((second) =>
      (["testAccuracy", "stepMs"] as const).flatMap((figure) => {
        const comparison = compare(first, second, figure, results);
        return comparison ? [comparison] : [];
      })
    )
  );
}

function compare(
  first: Configuration,
  second: Configuration,
  figure: "testAccuracy" | "stepMs",
  results: readonly TrialResult[],
): Comparison | null {
  const pairs = pairsOf(first, second, readers[figure], results);
  const isRatio = figure === "stepMs";
  const scale = isRatio ? Math.log : (value: number) => value;
  const back = isRatio ? Math.exp : (value: number) => value;
  const test = pairedTest(pairs.map(([a]) => scale(a)), pairs.map(([, b]) => scale(b)));
  if (test === null) return null;
  const { mean, low, high } = test.difference;
  const names = { first: first.name, second: second.name };
  return {
    ...names,
    figure,
    kind: isRatio ? "ratio" : "difference",
    pairs: pairs.length,
    value: back(mean),
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
  first: Configuration,
  second: Configuration,
  read: (result: TrialResult) => number | null,
  results: readonly TrialResult[],
): [number, number][] {
  const others = new Map(doneOf(second, results).map((result) => [result.seed, read(result)]));
  return doneOf(first, results).flatMap((result) => {
    const [a, b] = [read(result), others.get(result.seed)];
    return isNumber(a) && isNumber(b) ? [[a, b] as [number, number]] : [];
  });
}

function doneOf({ name }: Configuration, results: readonly TrialResult[]): TrialResult[] {
  return results
    .filter((result) => isDone(result) && result.configuration === name)
    .sort((a, b) => a.seed - b.seed);
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
