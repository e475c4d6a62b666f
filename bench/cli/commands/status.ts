/** `bench status`. @module */
import { parseUntrustedJson } from "../../../onnx/mod.ts";
import { terminalText } from "../../output/escape.ts";
import { OutputError, statusOf } from "../../output/folder.ts";
import { formatDetails, formatMetrics, formatSeconds } from "../../output/progress_line.ts";
import { readReport, ReportError } from "../../results/read_report.ts";
import { missingTrials, type Report } from "../../results/report.ts";
import { isRunStatus, type RunStatus, type TrialStatus } from "../../runner/run_status.ts";
import { type Command, exitCodes } from "../command.ts";
import { flags } from "../flags.ts";
import type { ParsedArguments } from "../parse.ts";

/** Says how far runs are, from another terminal. */
export const statusCommand: Command = {
  name: "status",
  summary: "says how far runs are: epoch, accuracy so far, rate, images a second, time left",
  placeholder: "DIR...",
  flags: [],
  switches: [],
  positional: { name: "folders", least: 0, most: 10_000 },
  examples: [
    ["status", "of the run that writes into report"],
    ["status shards/*", "of all parts of a run, a folder each"],
  ],
  run: status,
};

async function status(args: ParsedArguments): Promise<number> {
  const folders = args.positional.length > 0 ? args.positional : [flags.out.byDefault];
  const read = await Promise.allSettled(folders.map(linesOf));
  const lines = read.flatMap((found) => found.status === "fulfilled" ? found.value : []);
  if (lines.length > 0) console.log(lines.map(terminalText).join("\n"));
  refuseUnread(read.flatMap((found) => found.status === "rejected" ? [found.reason] : []));
  return exitCodes.done;
}

/** Folders with no run are all named, behind those that have one: a part of a run may not have begun. */
function refuseUnread(errors: readonly unknown[]): void {
  const unknown = errors.find((error) => !(error instanceof OutputError));
  if (unknown !== undefined) throw unknown;
  const messages = errors.map((error) => (error as OutputError).message);
  if (messages.length > 0) throw new OutputError(messages.join("; "));
}

/** @throws {OutputError} where there is neither a run nor a report */
async function linesOf(folder: string): Promise<string[]> {
  const found = await statusOf(folder);
  if (found === null) return finishedLines(folder, await reportIn(folder));
  const run = parseUntrustedJson(found.text);
  if (!isRunStatus(run)) throw new OutputError(`the status of the run in "${folder}" is damaged`);
  return [headLine(folder, run, found.isRunning), ...run.trials.map(trialLine)];
}

async function reportIn(folder: string): Promise<Report> {
  try {
    return await readReport(folder);
  } catch (error) {
    if (!(error instanceof ReportError)) throw error;
    throw new OutputError(`there is no run in "${folder}", and no report: ${error.message}`);
  }
}

function finishedLines(folder: string, report: Report): string[] {
  const { results, complete } = report;
  const missing = missingTrials(report);
  const lines = results.map(({ trial, state, testAccuracy }) =>
    `  ${trial}: ${state}${
      testAccuracy === null ? "" : ` - test accuracy ${testAccuracy.toFixed(4)}`
    }`
  );
  const rest = missing.filter((id) => !results.some(({ trial }) => trial === id));
  return [
    `${folder}: ${complete ? "finished" : "broken off; the same command goes on"}`,
    ...lines,
    ...rest.map((id) => `  ${id}: waiting`),
  ];
}

function headLine(folder: string, { started, written, trials }: RunStatus, isRunning: boolean) {
  const done = trials.filter(({ state }) => state === "done").length;
  const seconds = (Date.parse(written) - Date.parse(started)) / 1000;
  const head = `${folder}: ${done} of ${trials.length} trials done`;
  return isRunning
    ? `${head}, running for ${formatSeconds(seconds)}`
    : `${head}; its process is gone since ${written}, the same command goes on`;
}

/** Such as `  torch/seed-1: epoch 3/10, step 120/383 - accuracy: 0.6210 - 512 images/s - 12:30 left`. */
function trialLine(status: TrialStatus): string {
  const { trial, state, epoch, epochs, step, steps, metrics, testAccuracy } = status;
  if (state !== "running") {
    return `  ${trial}: ${state}${
      testAccuracy === null ? "" : ` - test accuracy ${testAccuracy.toFixed(4)}`
    }`;
  }
  if (epoch === null) return `  ${trial}: starting`;
  const where = `epoch ${epoch}/${epochs}, step ${step}/${steps}`;
  return `  ${trial}: ${where}${formatMetrics(metrics)}${formatDetails(status)}`;
}
