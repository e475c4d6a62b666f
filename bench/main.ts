/**
 * `deno task bench`: reads the command line, runs, writes the reports, prints the table.
 * @module
 */
import { DatasetError, type ImageDataset, loadDataset } from "../fixtures/mod.ts";
import { checkProvider, ProviderError } from "../onnx/mod.ts";
import { reportDownload } from "./download_progress.ts";
import { interruptedExitCode, Interruption } from "./interruption.ts";
import { type BenchOptions, helpText, parseCommandLine, UsageError } from "./options.ts";
import { type ProgressDisplay, standardErrorSettings, TerminalProgress } from "./progress.ts";
import type { Report } from "./report.ts";
import { OutputError, prepareFolder, writeReport } from "./report_files.ts";
import { pictures } from "./report_markdown.ts";
import { oneLine, runBench } from "./run.ts";
import { runners } from "./runners.ts";
import { formatTable } from "./table.ts";

/** Runs a command line and returns the exit code; see `helpText`. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const command = parseCommandLine(args);
    if (command.kind === "run") return await bench(command.options);
    console.log(helpText());
    return 0;
  } catch (error) {
    if (error instanceof UsageError || error instanceof OutputError) {
      console.error(error.message);
      return 2;
    }
    if (error instanceof DatasetError || error instanceof ProviderError) {
      console.error(error.message);
      return 1;
    }
    throw error;
  }
}

async function bench(options: BenchOptions): Promise<number> {
  await prepareFolder(options.out);
  await checkProvider(options.device);
  const display = new TerminalProgress(standardErrorSettings());
  const dataset = await load(options, display);
  using interruption = new Interruption(() =>
    display.note("stopping after this step; press Ctrl-C again to stop at once")
  );
  let files: string[] = [];
  const report = await runBench(options, dataset, {
    runners,
    display,
    signal: interruption.signal,
    onReport: async (report) => {
      files = await writeReport(options.out, report);
    },
  });
  show(report, files);
  if (report.interrupted) return interruptedExitCode;
  return report.complete ? 0 : 1;
}

async function load(options: BenchOptions, display: ProgressDisplay): Promise<ImageDataset> {
  return await loadDataset(options.dataset, {
    dataDir: options.dataDir ?? undefined,
    limit: options.limit ?? undefined,
    onProgress: reportDownload((line) => display.note(line)),
    notice: (text) => display.note(text),
  });
}

/** Results go to standard output, all else to standard error. */
function show(report: Report, files: readonly string[]): void {
  console.log(`\n${pictures(report)}\n`);
  console.log(formatTable(report));
  for (const { style, error, notes } of report.results) {
    for (const note of notes) console.log(`${style}: ${note}`);
    if (error !== null) console.log(`${style} failed: ${error}`);
  }
  if (!report.complete) console.log("\nincomplete: – was not measured");
  if (report.dataset.notice !== null) console.log(`\n${report.dataset.notice}`);
  console.log(`\n${files.join("\n")}`);
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    // A fault of ours, not of the user's: the trace helps to mend it, but only where it is asked for.
    console.error(Deno.env.get("TANDEM_TRACE") ? error : `bench failed: ${oneLine(error)}`);
    Deno.exitCode = 1;
  }
}
