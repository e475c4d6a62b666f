/**
 * How a command talks, and what it prints of a report.
 * @module
 */
import { images, notices, remarkLine, remarks, tables } from "../output/markdown.ts";
import { standardErrorSettings, TerminalProgress } from "../output/progress.ts";
import { terminalJson, terminalLines, terminalText } from "../output/escape.ts";
import { verdictLines } from "../output/verdicts.ts";
import { formatParity } from "../parity/report/format.ts";
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
  if (json) return console.log(terminalJson(report));
  const lines = (texts: readonly string[]) => texts.map(terminalText).join("\n");
  console.log(`\n${lines(images(report))}\n`);
  console.log(
    report.parity
      ? terminalLines(formatParity(report.parity))
      : tables(report, terminalText).join("\n\n"),
  );
  const sentences = [...verdictLines(report), ...remarks(report).map(remarkLine)];
  if (sentences.length > 0) console.log("\n" + lines(sentences));
  if (!report.complete) console.log("\nincomplete: – was not measured");
  for (const notice of notices(report)) console.log(`\n${terminalText(notice)}`);
  console.log(`\n${lines(files)}`);
}
