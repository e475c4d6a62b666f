/**
 * Joins the reports of shards into one.
 * @module
 */
import { shortText } from "../../onnx/mod.ts";
import type { BenchOptions } from "../runner/options.ts";
import type { TrialResult } from "../runner/trials/trial.ts";
import { sumUp } from "./configurations.ts";
import { isDone, type Report } from "./report.ts";

/** Reports that cannot be joined; the message says which differ and in what. */
export class MergeError extends Error {
  override name = "MergeError";
}

/** A report and the name to call it by. */
export interface NamedReport {
  readonly name: string;
  readonly report: Report;
}

/**
 * Joins reports of the same experiment: shards, or the pieces of an interrupted run. Where two have the same trial, the
 * one that is done counts, and among several the first given.
 *
 * @throws {MergeError} if there is none, or two are of different experiments
 */
export function mergeReports(reports: readonly NamedReport[]): Report {
  const [first, ...others] = reports;
  if (!first) throw new MergeError("there is nothing to merge, expected at least one report");
  for (const other of others) refuseDifferent(first, other);
  const merged: Report = {
    ...first.report,
    options: { ...first.report.options, shard: null },
    interrupted: reports.some(({ report }) => report.interrupted),
    parts: reports.flatMap(({ report }) =>
      report.parts.length > 0
        ? report.parts
        : [{ shard: report.options.shard, environment: report.environment }]
    ),
    results: joinedResults(reports),
  };
  sumUp(merged, merged.plan.length);
  return merged;
}

function joinedResults(reports: readonly NamedReport[]): TrialResult[] {
  const all = reports.flatMap(({ report }) => report.results);
  return reports[0].report.plan.flatMap(({ id }) => {
    const own = all.filter(({ trial }) => trial === id);
    const best = own.find(isDone) ?? own[0];
    return best ? [best] : [];
  });
}

/** Options that may differ: where the report lies, and which part it is. */
const free: ReadonlySet<keyof BenchOptions> = new Set(["out", "shard", "dataDir"]);

function refuseDifferent(first: NamedReport, other: NamedReport): void {
  const [a, b] = [first.report, other.report];
  const refuse = (what: string, x: unknown, y: unknown) => {
    if (JSON.stringify(x) === JSON.stringify(y)) return;
    throw new MergeError(
      `${shortText(first.name)} and ${
        shortText(other.name)
      } are of different experiments: ${what} ` +
        `is ${shortText(x)} in the one and ${shortText(y)} in the other`,
    );
  };
  refuse("the experiment", a.experiment, b.experiment);
  for (const key of Object.keys(a.options) as (keyof BenchOptions)[]) {
    if (!free.has(key)) refuse(`option ${key}`, a.options[key], b.options[key]);
  }
  refuse("the data set", a.datasets, b.datasets);
  refuse("the recipe", a.recipes, b.recipes);
  refuse("the set of packages", a.environment.packages, b.environment.packages);
  const prints = ({ configurations }: Report) => configurations.map((c) => c.fingerprint);
  refuse("what trials depend on (models' files, pixels)", prints(a), prints(b));
  refuse("the plan", a.plan.map(({ id }) => id), b.plan.map(({ id }) => id));
}
