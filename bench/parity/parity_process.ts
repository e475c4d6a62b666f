/**
 * A process that compares the two models of a user's file, so that the file's code never runs with the permissions of the
 * bench. Reads options as a line of JSON from its standard input; says whether it needs images, which follow then; writes
 * {@linkcode ParityEvent}s, a line of JSON each.
 * @module
 */
import type { ImageDataset, ImageShape } from "../../fixtures/mod.ts";
import { ByteReader } from "../runner/processes/byte_reader.ts";
import { readSplit } from "../runner/processes/piped_images.ts";
import type { SplitDescription } from "../runner/trials/trial.ts";
import { compareWithModel } from "./dump/compare_with_model.ts";
import { hasDump, type ParityOptions } from "./options.ts";
import { loadPair } from "./models/pair_file.ts";
import type { ParityReport } from "./report/report.ts";
import { runParity, startEngine } from "./run_parity.ts";

/** The first line on its standard input. */
export interface ParityRequest {
  readonly options: ParityOptions;
}

/** The line before the bytes of the training images; null: there are none. */
export interface ParityImages {
  readonly title: string;
  readonly classNames: readonly string[];
  readonly imageShape: ImageShape;
  readonly train: SplitDescription;
}

/** What it writes. */
export type ParityEvent =
  | { readonly type: "loaded"; readonly needsImages: boolean }
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "report"; readonly report: ParityReport }
  | { readonly type: "error"; readonly message: string };

async function readImages(input: ByteReader): Promise<ImageDataset | undefined> {
  const described: ParityImages | null = JSON.parse(await input.line() ?? "null");
  if (described === null) return undefined;
  const { imageShape, title, classNames } = described;
  const train = await readSplit(input, described.train, imageShape);
  if (!train) Deno.exit(1); // The bench is gone.
  return { name: title, title, classNames, imageShape, train, test: train };
}

/** Aborted once the bench says stop; without the bench the process ends. */
function listen(input: ByteReader): AbortSignal {
  const controller = new AbortController();
  (async () => {
    while (await input.line() !== null) controller.abort(new Error("interrupted"));
    Deno.exit(1);
  })();
  return controller.signal;
}

async function answer(write: (event: ParityEvent) => void): Promise<void> {
  const input = new ByteReader(Deno.stdin);
  const { options }: ParityRequest = JSON.parse(await input.line() ?? "{}");
  const pair = await loadPair(options.model!);
  if (hasDump(options)) {
    await startEngine(options.device);
    write({ type: "report", report: await compareWithModel(options, pair) });
    return;
  }
  write({ type: "loaded", needsImages: pair.batch === undefined });
  const dataset = await readImages(input);
  const note = (text: string) => write({ type: "note", text });
  const report = await runParity(options, { pair, dataset, note, signal: listen(input) });
  write({ type: "report", report });
}

if (import.meta.main) {
  // Ctrl-C reaches the whole group of processes; the bench says what is to be done.
  Deno.addSignalListener("SIGINT", () => {});
  const print = console.log;
  // What a user's file prints is for people, not a part of the protocol.
  console.log = console.info = console.debug = console.error;
  const write = (event: ParityEvent) => print(JSON.stringify(event));
  try {
    await answer(write);
  } catch (error) {
    const text = error instanceof Error ? error.message || error.name : String(error);
    write({ type: "error", message: text.split("\n")[0] });
  }
  Deno.exit(0); // Timers or servers of the user's would keep the process.
}
