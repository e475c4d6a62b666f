/**
 * How a command talks, and what it prints of a report.
 * @module
 */
import { images, notices, remarks, tables } from "../output/markdown.ts";
import { standardErrorSettings, TerminalProgress } from "../output/progress.ts";
import { verdictLines } from "../output/verdicts.ts";
import type { Report } from "../results/report.ts";
import { type ProgressDisplay, silentProgress } from "../runner/progress_display.ts";
import type { ParsedArguments } from "./parse.ts";

/** How a command talks. */
export interface OutputOptions {
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Whether standard output is for the JSON only. */
  readonly json: boolean;
}

/** Reads them off a command line. */
export function outputOptionsOf(args: ParsedArguments): OutputOptions {
  return { quiet: args.has("quiet"), verbose: args.has("verbose"), json: args.has("json") };
}

/** Where progress goes. */
export function displayFor({ quiet }: Pick<OutputOptions, "quiet">): ProgressDisplay {
  return quiet ? silentProgress : new TerminalProgress(standardErrorSettings());
}

/** Results go to standard output, all else to standard error. */
export function printReport(
  report: Report,
  files: readonly string[],
  { json }: Pick<OutputOptions, "json">,
): void {
  if (json) return console.log(JSON.stringify(report));
  console.log(`\n${images(report)}\n`);
  console.log(tables(report).join("\n\n"));
  const sentences = [...verdictLines(report), ...remarks(report)];
  if (sentences.length > 0) console.log();
  for (const line of sentences) console.log(line.replaceAll("**", ""));
  if (!report.complete) console.log("\nincomplete: – was not measured");
  for (const notice of notices(report)) console.log(`\n${notice}`);
  console.log(`\n${files.join("\n")}`);
}
