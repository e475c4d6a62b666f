/**
 * `bench parity`: the whole subcommand.
 * @module
 */
import { join } from "node:path";
import { UsageError } from "../command_line/mod.ts";
import { type ImageDataset, loadDataset } from "../../fixtures/mod.ts";
import { reportDownload } from "../download_progress.ts";
import { interruptedExitCode, Interruption } from "../interruption.ts";
import { prepareFolder, writeFiles } from "../report_files.ts";
import { formatParity } from "./format.ts";
import { parityHelp, type ParityOptions, parseParityArguments } from "./options.ts";
import { loadPair } from "./pair_file.ts";
import { ParityError } from "./parity_error.ts";
import type { ParityReport } from "./report.ts";
import { runParity } from "./run_parity.ts";

/** Exit codes: the models agree, they differ, they cannot be compared. */
const exitCodes = { agree: 0, differ: 1, usage: 2 } as const;

/**
 * Runs `bench parity` on the arguments after its name: results to standard output, progress and errors to standard error,
 * parity.json into the folder of `--out`.
 *
 * @returns the exit code
 * @throws {OutputError} if the folder cannot be written to
 * @throws {DatasetError | ProviderError} if the pictures or the device cannot be had
 */
export async function parityCommand(args: readonly string[]): Promise<number> {
  try {
    const line = parseParityArguments(args);
    if (line.kind === "help") {
      console.log(parityHelp());
      return exitCodes.agree;
    }
    const note = line.manner.quiet ? () => {} : (text: string) => console.error(text);
    const report = await parityRun(line.options, note);
    console.log(line.manner.json ? JSON.stringify(report) : formatParity(report));
    if (report.interrupted) return interruptedExitCode;
    return report.agrees ? exitCodes.agree : exitCodes.differ;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ParityError)) throw error;
    console.error(error.message);
    return exitCodes.usage;
  }
}

/** Loads the pictures, compares, writes parity.json. */
export async function parityRun(
  options: ParityOptions,
  note: (line: string) => void,
): Promise<ParityReport> {
  await prepareFolder(options.out);
  const pair = options.model === null ? undefined : await loadPair(options.model);
  // A pair with batches of its own needs no pictures.
  const dataset = pair?.batch ? undefined : await pictures(options, note);
  using interruption = new Interruption(() => note("stopping after this step"));
  const report = await runParity(options, { pair, dataset, note, signal: interruption.signal });
  const path = join(options.out, "parity.json");
  await writeFiles([{ path, content: JSON.stringify(report, null, 2) + "\n" }]);
  note(path);
  return report;
}

async function pictures(
  { dataset, dataDir, limit }: ParityOptions,
  note: (line: string) => void,
): Promise<ImageDataset> {
  return await loadDataset(dataset, {
    dataDir: dataDir ?? undefined,
    limit: limit ?? undefined,
    onProgress: reportDownload(note),
    notice: note,
  });
}
