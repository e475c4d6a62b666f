/**
 * What the subcommands that train have in common: load the images, train the grid, write the report, print the table.
 * @module
 */
import { dirname } from "node:path";
import { checkProvider } from "../../onnx/mod.ts";
import { type BenchOptions, type ParsedArguments, readOptions } from "./mod.ts";
import { type Cell, cellsOf, type GridCommand, planCells } from "../runner/mod.ts";
import { interruptedExitCode, Interruption } from "../runner/interruption.ts";
import { loadImages } from "../runner/load_images.ts";
import {
  type ProgressDisplay,
  silentProgress,
  standardErrorSettings,
  TerminalProgress,
} from "../output/progress.ts";
import { removeFolder } from "../runner/remove_folder.ts";
import type { Report } from "../results/report.ts";
import { OutputError, prepareFolder, readReport, ReportError } from "../results/report_files.ts";
import { images, remarks, tables } from "../output/markdown.ts";
import { runBench, unfinishedFolder } from "../runner/run.ts";
import { runners } from "../styles/runners.ts";
import { verdictLines } from "../output/verdicts.ts";
import { exitCodes } from "./command.ts";
import { type Outputs, writeOutputs } from "../output/files.ts";

/** How a run talks. */
export interface Manner {
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Whether standard output is for the JSON only. */
  readonly json: boolean;
}

/** Reads the manner off a command line. */
export function mannerOf(args: ParsedArguments): Manner {
  return { quiet: args.has("quiet"), verbose: args.has("verbose"), json: args.has("json") };
}

/** Trains a grid as the command line asks. */
export async function runGrid(command: GridCommand, args: ParsedArguments): Promise<number> {
  const options = readOptions(args, command);
  const manner = mannerOf(args);
  const outputs: Outputs = { out: options.out, junit: args.value("junit") };
  await prepareFolder(outputs.out);
  if (outputs.junit !== null) await prepareFolder(dirname(outputs.junit), "--junit");
  await checkProvider(options.device);
  const display = displayFor(manner);
  const dataset = await loadImages(options, (line) => display.note(line));
  const earlier = await earlierReport(options, args.has("fresh"));
  const cells = cellsOf(planCells(command, options), options.shard);
  if (manner.verbose) display.note(planLines(cells, options, earlier).join("\n"));
  using interruption = new Interruption(() =>
    display.note("stopping after this step; press Ctrl-C again to stop at once")
  );
  if (cells.length === 0) {
    display.note("there are fewer trainings than parts: nothing is trained in this one");
  }
  const report = await runBench(options, dataset, {
    runners,
    display,
    signal: interruption.signal,
    earlier,
    onReport: async (report) => {
      const fault = await attempt(() => writeOutputs(report, outputs, "part"));
      if (fault) display.note(`${fault.message}; the run goes on`);
      return !fault;
    },
  }, command);
  let files: string[] = [];
  const fault = await attempt(async () => {
    files = await writeOutputs(report, outputs, "whole");
    if (report.complete) await removeFolder(unfinishedFolder(options.out));
  });
  printReport(report, files, manner);
  if (manner.verbose) display.note(timesOf(report).join("\n"));
  // The figures are on standard output: a full disk has cost nothing but the files.
  if (fault) console.error(fault.message);
  if (report.interrupted) return interruptedExitCode;
  return report.complete && !fault ? exitCodes.done : exitCodes.failed;
}

/** Writes what can be written: what cannot is an error to be told, not one that ends hours of training. */
async function attempt(write: () => Promise<unknown>): Promise<OutputError | undefined> {
  try {
    await write();
  } catch (error) {
    if (error instanceof OutputError) return error;
    throw error;
  }
}

/** Where progress goes. */
export function displayFor({ quiet }: Manner): ProgressDisplay {
  return quiet ? silentProgress : new TerminalProgress(standardErrorSettings());
}

/** What an interrupted run left in the report's folder; nothing where a whole or no report lies there. */
async function earlierReport({ out }: BenchOptions, fresh: boolean): Promise<Report | null> {
  if (fresh) {
    await removeFolder(unfinishedFolder(out));
    return null;
  }
  try {
    const report = await readReport(out);
    // A run takes this folder away last: while it is there, the pages and charts may be missing.
    return report.complete && !await exists(unfinishedFolder(out)) ? null : report;
  } catch (error) {
    // A report of another version, or none, is nothing to go on from.
    if (error instanceof ReportError) return null;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Results go to standard output, all else to standard error. */
export function printReport(report: Report, files: readonly string[], { json }: Manner): void {
  if (json) return console.log(JSON.stringify(report));
  console.log(`\n${images(report)}\n`);
  console.log(tables(report).join("\n\n"));
  const sentences = [...verdictLines(report), ...remarks(report)];
  if (sentences.length > 0) console.log();
  for (const line of sentences) console.log(line.replaceAll("**", ""));
  if (!report.complete) console.log("\nincomplete: – was not measured");
  if (report.dataset.notice !== null) console.log(`\n${report.dataset.notice}`);
  console.log(`\n${files.join("\n")}`);
}

/** What will be trained, in order. */
function planLines(
  cells: readonly Cell[],
  options: BenchOptions,
  earlier: Report | null,
): string[] {
  const part = options.shard ? `, part ${options.shard.index} of ${options.shard.count}` : "";
  const going = earlier
    ? [
      `an interrupted run lies in ${options.out}: what it finished with these options is not trained again`,
    ]
    : [];
  return [
    `${cells.length} trainings${part}: ${cells.map(({ id }) => id).join(", ")}`,
    `${options.epochs} epochs, batches of ${options.batchSize}, mode ${options.mode}, ${options.device}, ` +
    `Deno ${Deno.version.deno}`,
    ...going,
  ];
}

/** Where the time of every training went. */
function timesOf({ results }: Report): string[] {
  const seconds = (value: number | null) => value === null ? "unknown" : `${value.toFixed(2)} s`;
  return results.map((r) =>
    `${r.cell}: fit ${seconds(r.fitSeconds)}, of it compiling ${seconds(r.compileSeconds)}, ` +
    `engine ${seconds(r.engineSeconds)}, JavaScript ${
      seconds(r.javascriptSeconds)
    }; warm-up steps ` +
    `${r.warmupMs.map((ms) => ms.toFixed(1)).join(", ")} ms`
  );
}
