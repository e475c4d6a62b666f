/**
 * Runs an experiment: load what is named, train the trials, write the report, print the tables.
 * @module
 */
import { checkProvider } from "../../onnx/mod.ts";
import type { Experiment } from "../experiments/experiment.ts";
import { resolveExperiment } from "../experiments/resolve.ts";
import { junitIn, plannedFiles, proveJUnit, writePart, writeWhole } from "../output/files.ts";
import { OutputError, OutputFolder } from "../output/folder.ts";
import { TensorBoardDisplay } from "../output/tensorboard.ts";
import { readEnvironment } from "../results/environment.ts";
import { readPeerSteps } from "../results/peer_steps.ts";
import { readReport, ReportError } from "../results/read_report.ts";
import { isDone, type PeerStep, type Report } from "../results/report.ts";
import { emptyReport, runReport } from "../results/run_report.ts";
import { interruptedExitCode, Interruption } from "../runner/interruption.ts";
import { killTrials, processLauncher } from "../runner/processes/launch.ts";
import { loadEach } from "../runner/load_images.ts";
import { measurePeak } from "../runner/measuring/peak.ts";
import type { BenchOptions } from "../runner/options.ts";
import { planTrials, trialsOf } from "../runner/plan.ts";
import { toldTogether } from "../runner/progress_display.ts";
import { StatusDisplay } from "../runner/run_status.ts";
import type { Trial, TrialResult } from "../runner/trials/trial.ts";
import { checkLayouts, checkModels } from "./check_models.ts";
import { exitCodes } from "./command.ts";
import { readOptions, toArguments } from "./options.ts";
import { displayFor, outputOptionsOf, printReport } from "./output_options.ts";
import type { ParsedArguments } from "./parse.ts";

/** Trains an experiment as the command line asks. */
export async function runExperiment(
  experiment: Experiment,
  args: ParsedArguments,
): Promise<number> {
  const options = readOptions(args, experiment);
  const output = outputOptionsOf(args);
  const peers = await peersOf(options);
  const junit = args.value("junit");
  const { input, notes } = await resolveExperiment(experiment, options);
  const configurations = experiment.configurations(input);
  checkLayouts(configurations, options);
  const trials = trialsOf(planTrials(configurations, options), options.shard);
  await using folder = await OutputFolder.open(options.out, [
    ...plannedFiles(configurations),
    ...junitIn(options.out, junit),
  ]);
  await folder.refuseForeignStates(trials.map(({ id }) => id));
  await proveJUnit(options.out, junit);
  const tensorboard = args.value("tensorboard");
  const events = tensorboard === null ? null : await TensorBoardDisplay.open(tensorboard);
  await checkProvider(options.device);
  const status = new StatusDisplay({
    write: (status) => folder.writeStatus(JSON.stringify(status)),
  });
  const display = toldTogether([displayFor(output), status, ...events ? [events] : []]);
  const datasets = await loadEach(options, (line) => display.note(line));
  await checkModels(configurations, datasets, options);
  const report = await emptyReport({
    ...{ experiment, options, input, notes, configurations, datasets },
    arguments: toArguments({ ...options, out: "report", shard: null }, experiment),
  });
  if (peers !== null) report.peers = peers;
  const finished = args.has("fresh") ? null : await finishedResults(report, folder);
  if (finished === null) await folder.removeStates();
  if (output.verbose) display.note(planLines(trials, report, finished?.size ?? 0).join("\n"));
  if (trials.length === 0) {
    display.note("there are fewer trials than parts: nothing is trained in this one");
  }
  using interruption = new Interruption({
    onFirst: () => display.note("stopping after this step; press Ctrl-C again to stop at once"),
    onSecond: killTrials,
  });
  report.peakFlops = trials.length === 0 ? null : await measurePeak(options);
  await runReport(report, { configurations, datasets, finished: finished ?? new Map() }, {
    launch: processLauncher(),
    display,
    signal: interruption.signal,
    stateFolder: async (trial) => {
      let path: string | null = null;
      const fault = await attempt(async () => path = await folder.stateFolder(trial.id));
      if (fault) display.note(`${fault.message}; ${trial.id} is trained all the same`);
      return path;
    },
    onReport: async (result) => {
      const removeState = () => folder.removeStates(result.trial);
      const write = () => writePart(report, folder);
      const fault = await attempt(write) && await inRoomOf(isDone(result), removeState, write);
      if (fault) display.note(`${fault.message}; the run goes on`);
      // Only now: a run that is killed before its report is written goes on from the state.
      else if (isDone(result)) await attempt(removeState);
    },
  });
  let files: string[] = [];
  let fault = await attempt(async () => {
    files = await writeWhole(report, folder, junit);
    // Pages take a while: who stopped the run meanwhile is told so.
    if (interruption.signal.aborted && !report.interrupted) {
      report.interrupted = true;
      await writePart(report, folder);
    }
    if (report.complete) await folder.removeStates();
  });
  fault &&= await inRoomOf(
    report.complete,
    () => folder.removeStates(),
    () => writePart(report, folder),
  ) ?? fault;
  fault ??= await attempt(async () => await events?.end());
  printReport(report, files, output);
  if (output.verbose) display.note(timesOf(report).join("\n"));
  // The figures are on standard output: a full disk has cost nothing but the files.
  if (fault) console.error(fault.message);
  if (report.interrupted) return interruptedExitCode;
  return report.complete && !fault ? exitCodes.done : exitCodes.failed;
}

/** The steps of other frameworks that are to stand beside the trials'. */
async function peersOf({ peers, threads }: BenchOptions): Promise<PeerStep[] | null> {
  if (peers === null) return null;
  return await readPeerSteps(peers, { environment: await readEnvironment(), threads });
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

/** Once more, on a disk that may be full: a finished trial's state is worth less than the report, which gets its room. */
async function inRoomOf(
  isDone: boolean,
  removeStates: () => Promise<void>,
  write: () => Promise<unknown>,
): Promise<OutputError | undefined> {
  if (isDone) await attempt(removeStates);
  return await attempt(write);
}

/**
 * What an interrupted run finished whose trials depend on the same, by the names of the trials.
 *
 * @returns null where the folder holds a whole report, or none: the run starts anew
 */
async function finishedResults(
  report: Report,
  folder: OutputFolder,
): Promise<Map<string, TrialResult> | null> {
  const earlier = await earlierReport(folder);
  if (earlier === null) return folder.hasStates ? new Map() : null;
  const prints = ({ configurations }: Report) =>
    new Map(configurations.map(({ name, fingerprint }) => [name, fingerprint]));
  const [old, now] = [prints(earlier), prints(report)];
  const isSame = (name: string) => now.has(name) && old.get(name) === now.get(name);
  return new Map(
    earlier.results.filter((result) => isDone(result) && isSame(result.configuration))
      .map((result) => [result.trial, result]),
  );
}

/** What an interrupted run left in the report's folder; null where a whole or no report lies there. */
async function earlierReport(folder: OutputFolder): Promise<Report | null> {
  try {
    const report = await readReport(folder.path);
    // A run takes the states away last: while there are some, the pages and charts may be missing.
    return report.complete && !folder.hasStates ? null : report;
  } catch (error) {
    // A damaged report, or none, is nothing to go on from.
    if (error instanceof ReportError) return null;
    throw error;
  }
}

/** What will be trained, in order. */
function planLines(
  trials: readonly Trial[],
  { options, recipes }: Report,
  finished: number,
): string[] {
  const part = options.shard ? `, part ${options.shard.index} of ${options.shard.count}` : "";
  const how = recipes.map(({ name, epochs, batchSize }) =>
    `recipe ${name}: ${epochs} epochs, batches of ${batchSize}`
  );
  const going = finished === 0 ? [] : [
    `an interrupted run lies in ${options.out}: ${finished} of its trials are not trained again`,
  ];
  return [
    `${trials.length} trials${part}: ${trials.map(({ id }) => id).join(", ")}`,
    `${how.join("; ")}; ${options.device}, Deno ${Deno.version.deno}`,
    ...going,
  ];
}

/** Where the time of every trial went. */
function timesOf({ results }: Report): string[] {
  const seconds = (value: number | null) => value === null ? "unknown" : `${value.toFixed(2)} s`;
  return results.map((r) =>
    `${r.trial}: fit ${seconds(r.fitSeconds)}, of it compiling ${seconds(r.compileSeconds)}, ` +
    `engine ${seconds(r.engineSeconds)}, JavaScript ${
      seconds(r.javascriptSeconds)
    }; warm-up steps ` +
    `${r.warmupMs.map((ms) => ms.toFixed(1)).join(", ")} ms`
  );
}
