/**
 * A run of parity mode with its images: of the bench's own models here, of a user's file in a process of its own.
 * @module
 */
import type { ImageDataset } from "../../fixtures/mod.ts";
import { childCommand, isDenoWarning, linesOf } from "../runner/processes/child.ts";
import { Interruption } from "../runner/interruption.ts";
import { loadImages } from "../runner/load_images.ts";
import { bytesOfSplit, describeSplit } from "../runner/processes/piped_images.ts";
import { moduleFolders } from "../runner/processes/user_file.ts";
import { isModuleFile } from "../user_module.ts";
import { compareDumps } from "./dump/compare_dumps.ts";
import { compareWithModel } from "./dump/compare_with_model.ts";
import { hasDump, type ParityOptions } from "./options.ts";
import { loadPair } from "./models/pair_file.ts";
import { ParityError } from "./parity_error.ts";
import type { ParityEvent, ParityImages, ParityRequest } from "./parity_process.ts";
import type { ParityReport } from "./report/report.ts";
import { runParity, startEngine } from "./run_parity.ts";

/** What was found, and the images it was found with. */
export interface ParityRun {
  readonly parity: ParityReport;
  readonly dataset: ImageDataset | null;
}

type Note = (line: string) => void;

/** Loads the images, where the pair has no batches of its own, and compares. */
export async function parityRun(options: ParityOptions, note: Note): Promise<ParityRun> {
  if (options.model === null && options.kerasDump !== null) {
    return { parity: await compareDumps(options), dataset: null };
  }
  using interruption = new Interruption({ onFirst: () => note("stopping after this step") });
  const { signal } = interruption;
  if (options.model !== null && isModuleFile(options.model)) {
    return await runUsersPair(options, options.model, note, signal);
  }
  const pair = options.model === null ? undefined : await loadPair(options.model);
  if (pair && hasDump(options)) {
    await startEngine(options.device);
    return { parity: await compareWithModel(options, pair), dataset: null };
  }
  const dataset = await loadImages(options, note);
  return { parity: await runParity(options, { pair, dataset, note, signal }), dataset };
}

async function runUsersPair(
  options: ParityOptions,
  file: string,
  note: Note,
  signal: AbortSignal,
): Promise<ParityRun> {
  const script = new URL("./parity_process.ts", import.meta.url);
  const dumps = [options.kerasDump, options.torchDump].filter((dump) => dump !== null);
  const child = childCommand(script, { read: [...await moduleFolders(file), ...dumps] }).spawn();
  try {
    return await follow(child, options, note, signal);
  } finally {
    kill(child);
  }
}

async function follow(
  child: Deno.ChildProcess,
  options: ParityOptions,
  note: Note,
  signal: AbortSignal,
): Promise<ParityRun> {
  const said = relayErrors(child.stderr, note);
  const input = child.stdin.getWriter();
  // A process that has ended takes no more: what became of it is read elsewhere.
  const write = (bytes: Uint8Array) => input.write(bytes).catch(() => {});
  const line = (value: unknown) => write(new TextEncoder().encode(`${JSON.stringify(value)}\n`));
  const request: ParityRequest = { options };
  await line(request);
  let dataset: ImageDataset | null = null;
  for await (const text of linesOf(child.stdout)) {
    const event: ParityEvent = JSON.parse(text);
    if (event.type === "note") note(event.text);
    else if (event.type === "report") return { parity: event.report, dataset };
    else if (event.type === "error") throw new ParityError(event.message);
    else {
      if (event.needsImages) dataset = await loadImages(options, note);
      await line(dataset && descriptionOf(dataset));
      for (const bytes of dataset ? bytesOfSplit(dataset.train) : []) await write(bytes);
      const stop = () => void line({ type: "stop" });
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    }
  }
  const { code } = await child.status;
  const last = await said;
  throw new ParityError(
    `--model: ${options.model}: its process ended with exit code ${code}${last ? `: ${last}` : ""}`,
  );
}

function descriptionOf({ title, classNames, imageShape, train }: ImageDataset): ParityImages {
  return { title, classNames, imageShape, train: describeSplit(train) };
}

/** Passes on what the user's file prints, and keeps the last line. */
async function relayErrors(stderr: ReadableStream<Uint8Array>, note: Note): Promise<string> {
  let last = "";
  for await (const line of linesOf(stderr)) {
    if (line.trim() === "" || isDenoWarning(line)) continue;
    last = line.trim().slice(0, 300);
    note(line);
  }
  return last;
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended in the meantime.
  }
}
