/**
 * The program of a trial: reads a `TrialRequest` and the images from its standard input, trains, and writes `TrialEvent`s
 * to its standard output, a line of JSON each.
 *
 * `{"type":"stop"}` on a later line lets it finish the step under way; the end of its input means that the bench is gone.
 * @module
 */
import { limitThreads } from "../../../onnx/mod.ts";
import { ByteReader } from "./byte_reader.ts";
import { readSplit } from "./piped_images.ts";
import { runTrial, type TrialImages } from "../trials/run_trial.ts";
import type { DataDescription, TrialCommand, TrialEvent, TrialRequest } from "../trials/trial.ts";

/** Steps are told at most this often: nobody can read more. */
const STEP_EVENTS_MS = 50;

/** Exit code of a trial whose bench is gone. */
const ORPHAN = 3;

async function main(): Promise<void> {
  // Ctrl-C reaches the whole group of processes; the bench says what is to be done.
  Deno.addSignalListener("SIGINT", () => {});
  const write = eventWriter();
  // What a user's model prints is for people, not a part of the protocol.
  console.log = console.info = console.debug = console.error;
  const input = new ByteReader(Deno.stdin);
  const request: TrialRequest = JSON.parse(await input.line() ?? orphan());
  if (request.threads !== null) limitThreads(request.threads);
  const images = await readImages(input, request.data);
  const result = await runTrial(request, images, { send: write, signal: listen(input) });
  write({ type: "result", result });
  Deno.exit(0);
}

function orphan(): never {
  Deno.exit(ORPHAN);
}

/** Reads commands from now on. */
function listen(input: ByteReader): AbortSignal {
  const controller = new AbortController();
  (async () => {
    for (let line = await input.line(); line !== null; line = await input.line()) {
      const command: TrialCommand = JSON.parse(line);
      if (command.type === "stop") controller.abort(new Error("stopped"));
    }
    orphan();
  })();
  return controller.signal;
}

/** Writes events at once; of steps only as many as can be read. */
function eventWriter(): (event: TrialEvent) => void {
  const encoder = new TextEncoder();
  let told = -Infinity;
  return (event) => {
    if (event.type === "step") {
      const now = performance.now();
      if (now - told < STEP_EVENTS_MS) return;
      told = now;
    }
    writeAll(encoder.encode(JSON.stringify(event) + "\n"));
  };
}

function writeAll(bytes: Uint8Array): void {
  try {
    for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) orphan();
    throw error;
  }
}

async function readImages(input: ByteReader, data: DataDescription): Promise<TrialImages> {
  const split = async (description: DataDescription["train"]) =>
    await readSplit(input, description, data.imageShape) ?? orphan();
  const train = await split(data.train);
  const validation = await split(data.validation);
  return { train, validation, test: await split(data.test) };
}

if (import.meta.main) await main();
