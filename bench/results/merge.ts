/**
 * Joins the reports of shards into one.
 * @module
 */
import type { BenchOptions } from "../cli/options.ts";
import type { Report, StyleResult } from "./report.ts";
import { sumUp } from "../runner/run.ts";

/** Reports that cannot be joined; the message says which differ and in what. */
export class MergeError extends Error {
  override name = "MergeError";
}

/** A report and the name to call it by. */
export interface NamedReport {
  readonly name: string;
  readonly report: Report;
}

/** The trainings of the plan that a report has no complete result of. */
export function missingCells({ plan, results, options }: Report): string[] {
  const done = new Set(results.filter(({ complete }) => complete).map(({ cell }) => cell));
  const missing = plan.map(({ id }) => id).filter((id) => !done.has(id));
  if (options.shard === null) return missing;
  // Of a shard's report only its own trainings are asked for.
  const { index, count } = options.shard;
  const own = new Set(plan.filter((_, i) => i % count === index - 1).map(({ id }) => id));
  return missing.filter((id) => own.has(id));
}

/**
 * Joins reports of the same experiment: shards, or the pieces of an interrupted run. Where two have the same training,
 * the complete one counts, and among complete ones the first given.
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

function joinedResults(reports: readonly NamedReport[]): StyleResult[] {
  const all = reports.flatMap(({ report }) => report.results);
  return reports[0].report.plan.flatMap(({ id }) => {
    const own = all.filter(({ cell }) => cell === id);
    const best = own.find(({ complete }) => complete) ?? own[0];
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
      `"${first.name}" and "${other.name}" are of different experiments: ${what} is ` +
        `${JSON.stringify(x)} in the one and ${JSON.stringify(y)} in the other`,
    );
  };
  refuse("the subcommand", a.command, b.command);
  for (const key of Object.keys(a.options) as (keyof BenchOptions)[]) {
    if (!free.has(key)) refuse(`option ${key}`, a.options[key], b.options[key]);
  }
  refuse("the data set", a.dataset, b.dataset);
  refuse("the set of packages", a.environment.packages, b.environment.packages);
  refuse("the plan", a.plan.map(({ id }) => id), b.plan.map(({ id }) => id));
}
