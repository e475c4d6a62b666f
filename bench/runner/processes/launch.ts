/**
 * Runs a trial in a process of its own: its memory and its timing are its own, and whatever becomes of it is a result.
 * @module
 */
import { resolve } from "node:path";
import type { ImageSplit } from "../../../fixtures/mod.ts";
import { childCommand, isDenoWarning, linesOf } from "./child.ts";
import { bytesOfSplit } from "./piped_images.ts";
import { removeFolder } from "../remove_folder.ts";
import { moduleFolders } from "./user_file.ts";
import type { EpochRecord, TrialEvent, TrialRequest, TrialResult } from "../trials/trial.ts";

/** The images of a trial, in the order in which they are piped. */
export interface TrialData {
  train: ImageSplit;
  validation: ImageSplit;
  test: ImageSplit;
}

/** What a launcher tells while a trial runs. */
export interface TrialWatch {
  /** Every event but the last, the result. */
  onEvent: (event: Exclude<TrialEvent, { type: "result" }>) => void;
  /** Aborted at Ctrl-C: the trial finishes its step and gives the result so far. */
  signal: AbortSignal;
}

/** Runs a trial; never throws for what goes wrong in it. */
export type TrialLauncher = (
  request: TrialRequest,
  data: TrialData,
  watch: TrialWatch,
) => Promise<TrialResult>;

/** Name of the folder for a trial's temporary files. */
export const TEMPORARY = "temporary";

/** Processes that run now: they end with the bench. */
const running = new Set<Deno.ChildProcess>();

/** Ends all trials at once, as at a second Ctrl-C. */
export function killTrials(): void {
  for (const child of running) kill(child, "SIGKILL");
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended in the meantime.
  }
}

/** A launcher that starts a script, which answers as `TrialEvent` says. */
export function processLauncher(
  script: URL = new URL("./trial_process.ts", import.meta.url),
): TrialLauncher {
  return async (request, data, watch) => {
    const temporary = await temporaryFolder(request);
    const { model: { file }, weights } = request;
    const child = childCommand(script, {
      env: { TMPDIR: temporary.path, TEMP: temporary.path, TMP: temporary.path },
      read: [
        ...file === null ? [] : await moduleFolders(file),
        ...weights === null ? [] : [weights],
      ],
      write: [request.stateFolder ?? temporary.path],
      usesNativeCode: file === null,
      usesTensorflow: await mayUseTensorflow(request),
    }).spawn();
    running.add(child);
    try {
      return await follow(child, request, data, watch);
    } finally {
      running.delete(child);
      await temporary.remove();
    }
  };
}

/** Temporary files of a trial lie beside its state: also those of a trial that was killed are found and removed. */
async function temporaryFolder(
  { stateFolder }: TrialRequest,
): Promise<{ path: string; remove: () => Promise<void> }> {
  if (stateFolder === null) {
    const path = await Deno.makeTempDir({ prefix: "tandem-" });
    return { path, remove: () => removeFolder(path) };
  }
  const path = resolve(stateFolder, TEMPORARY);
  await removeFolder(path);
  await Deno.mkdir(path);
  return { path, remove: () => removeFolder(path) };
}

/** Whether libtensorflow is asked for, or is there to be chosen. */
async function mayUseTensorflow({ trial, kerasEngine }: TrialRequest): Promise<boolean> {
  if (trial.axes.style === "torch" || kerasEngine === "onnxruntime") return false;
  if (kerasEngine !== "auto") return true;
  const packages = new URL("../../../node_modules/.deno", import.meta.url);
  const names = await Array.fromAsync(Deno.readDir(packages), ({ name }) => name).catch(() => []);
  return names.some((name) => name.startsWith("@tensorflow+tfjs-node-gpu@"));
}

async function follow(
  child: Deno.ChildProcess,
  request: TrialRequest,
  data: TrialData,
  { onEvent, signal }: TrialWatch,
): Promise<TrialResult> {
  const history: EpochRecord[] = [];
  const notes: string[] = [];
  let result: TrialResult | null = null;
  const stop = sendAll(child, request, data, signal);
  const reading = readEvents(child.stdout, (event) => {
    if (event.type === "result") result = event.result;
    else {
      if (event.type === "epochEnd") history.push(event.record);
      onEvent(event);
    }
  });
  const lastLine = relayErrors(child.stderr, (text) => onEvent({ type: "note", text }));
  const fault = await reading;
  // Nonsense on its standard output, or an end of it without the end of the process: it is of no use any more.
  if (fault !== null) kill(child, "SIGKILL");
  const status = await child.status;
  const last = await lastLine;
  await stop();
  if (result !== null) return result;
  const error = fault ?? (signal.aborted ? null : endOf(status, last));
  return resultWithout(request, { history, notes, error });
}

/**
 * Writes the request, the images, and at Ctrl-C the word to stop.
 *
 * @returns closes the standard input
 */
function sendAll(
  child: Deno.ChildProcess,
  request: TrialRequest,
  { train, validation, test }: TrialData,
  signal: AbortSignal,
): () => Promise<void> {
  const writer = child.stdin.getWriter();
  // A process that has ended takes no more: what became of it is read elsewhere.
  const write = (bytes: Uint8Array) => writer.write(bytes).catch(() => {});
  const line = (value: unknown) => write(new TextEncoder().encode(JSON.stringify(value) + "\n"));
  const sent = (async () => {
    await line(request);
    for (const split of [train, validation, test]) {
      for (const part of bytesOfSplit(split)) await write(part);
    }
  })();
  const onAbort = () => void sent.then(() => line({ type: "stop" }));
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return async () => {
    signal.removeEventListener("abort", onAbort);
    await writer.close().catch(() => {});
  };
}

/** @returns what is wrong with a line; null where all are events */
async function readEvents(
  stdout: ReadableStream<Uint8Array>,
  onEvent: (event: TrialEvent) => void,
): Promise<string | null> {
  for await (const line of linesOf(stdout)) {
    let event: TrialEvent;
    try {
      event = JSON.parse(line);
    } catch {
      return `the trial's process printed no event: ${line.slice(0, 120)}`;
    }
    onEvent(event);
  }
  return null;
}

/** Passes on what is printed to standard error, such as by a user's model, and keeps the last line. */
async function relayErrors(
  stderr: ReadableStream<Uint8Array>,
  onLine: (text: string) => void,
): Promise<string | null> {
  let last: string | null = null;
  for await (const line of linesOf(stderr)) {
    if (line.trim() === "" || isDenoWarning(line)) continue;
    last = line.trim();
    onLine(line);
  }
  return last;
}

/** How a process ended, as a row of the report says it. */
function endOf({ code, signal }: Deno.CommandStatus, last: string | null): string {
  const words = last === null ? "" : `: ${last.slice(0, 300)}`;
  if (signal === "SIGKILL") {
    return "the trial's process was ended by SIGKILL (out of memory, or killed from outside)";
  }
  if (signal !== null) return `the trial's process was ended by ${signal}${words}`;
  return `the trial's process ended with exit code ${code} and without a result${words}`;
}

/** The result of a trial that gave none: its epochs are those that were told. */
export function resultWithout(
  { trial, data }: Pick<TrialRequest, "trial" | "data">,
  { history, notes, error }: Pick<TrialResult, "history" | "notes" | "error">,
): TrialResult {
  return {
    trial: trial.id,
    configuration: trial.configuration,
    axes: trial.axes,
    seed: trial.seed,
    engine: null,
    provider: null,
    dataset: data.name,
    parameters: null,
    fitSeconds: null,
    compileSeconds: null,
    engineSeconds: null,
    javascriptSeconds: null,
    stepMs: null,
    frameworkMs: null,
    inputMs: null,
    warmupMs: [],
    imagesPerSecond: null,
    stepFlops: null,
    flopsPerSecond: null,
    nodesOnCpu: null,
    deviceCopies: null,
    peakShare: null,
    split: null,
    secondsToAccuracy: null,
    history,
    testLoss: null,
    testAccuracy: null,
    inferenceSeconds: null,
    onnxInferenceSeconds: null,
    onnxAgreement: null,
    peakMemoryMiB: null,
    confusion: null,
    worst: [],
    notes,
    state: error === null ? "stopped" : "failed",
    error,
  };
}
