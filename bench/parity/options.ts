/**
 * What `bench parity` is asked for.
 * @module
 */
import { type FlagName, flags } from "../cli/flags.ts";
import { parseArguments, type ParsedArguments } from "../cli/parse.ts";
import { UsageError } from "../cli/usage_error.ts";
import type { BenchDevice } from "../runner/trials/trial.ts";

/** What parity mode is asked for; the same names stand under `options` in parity.json. */
export interface ParityOptions {
  /** A module with two models; null: the experiment's own network. */
  model: string | null;
  /** Files of tandem_dump.py: a real Keras model's results and a real PyTorch model's; one of them is compared with `model`. */
  kerasDump: string | null;
  torchDump: string | null;
  steps: number;
  /** How far apart the losses of a step may be. */
  tolerance: number;
  /** Of both optimizers, unless the file has its own; null: see {@linkcode learningRateOf}. */
  learningRate: number | null;
  seed: number;
  batchSize: number;
  dataset: string;
  dataDir: string | null;
  /** How images are read; null: as the data set says. */
  datasetOptions: string | null;
  limit: number | null;
  device: BenchDevice;
  /** Folder of parity.json. */
  out: string;
}

/** The flags of the subcommand. */
export const parityFlags = [
  "model",
  "keras-dump",
  "torch-dump",
  "steps",
  "tolerance",
  "learning-rate",
  "seed",
  "batch-size",
  "dataset",
  "data-dir",
  "dataset-options",
  "limit",
  "device",
  "out",
] as const satisfies readonly FlagName[];

/** Parity sees 200 batches; all images would only be loaded. */
const LIMIT = 10_000;

/** Enough to compare by; the published experiment's 32 take twice as long. */
const BATCH_SIZE = 16;
/** The published experiment's. */
const LEARNING_RATE = 0.001;

/** Small on purpose: see the report's notes. */
const LEARNING_RATE_OF_FILES = 3e-6;

/** The learning rate asked for, else the experiment's for its own network, and a small one for a user's. */
export function learningRateOf({ learningRate }: ParityOptions, isOwnNetwork: boolean): number {
  return learningRate ?? (isOwnNetwork ? LEARNING_RATE : LEARNING_RATE_OF_FILES);
}

/** The options of a command line that was read. */
export function readParityOptions(parsed: ParsedArguments): ParityOptions {
  const [kerasDump, torchDump] = [parsed.value("keras-dump"), parsed.value("torch-dump")];
  const dumps = [kerasDump, torchDump].filter((dump) => dump !== null).length;
  if (dumps === 1 && modelOf(parsed) === null) {
    const [given, other] = kerasDump === null
      ? ["--torch-dump", "--keras-dump"]
      : ["--keras-dump", "--torch-dump"];
    throw new UsageError(`${given}: expected ${other} or --model beside it, to compare with`);
  }
  if (dumps === 2 && modelOf(parsed) !== null) {
    throw new UsageError(
      "--model: cannot be given with both --keras-dump and --torch-dump, which are compared with each other",
    );
  }
  return {
    model: modelOf(parsed),
    kerasDump,
    torchDump,
    steps: parsed.value("steps"),
    tolerance: parsed.value("tolerance"),
    learningRate: parsed.value("learning-rate"),
    seed: parsed.value("seed"),
    batchSize: parsed.value("batch-size") ?? BATCH_SIZE,
    dataset: single("--dataset", parsed.value("dataset")),
    dataDir: parsed.value("data-dir"),
    datasetOptions: parsed.value("dataset-options"),
    limit: parsed.value("limit") ?? LIMIT,
    device: parsed.value("device"),
    out: parsed.value("out"),
  };
}

/** Whether a model is compared with a file of tandem_dump.py. */
export function hasDump({ kerasDump, torchDump }: ParityOptions): boolean {
  return kerasDump !== null || torchDump !== null;
}

/** The file with the pair; null for the experiment's own network. */
function modelOf(parsed: ParsedArguments): string | null {
  const model = single("--model", parsed.value("model"));
  return model === flags.model.byDefault[0] ? null : model;
}

function single(flag: string, values: readonly string[]): string {
  if (values.length === 1) return values[0];
  throw new UsageError(`${flag}: "${values}" are ${values.length}, expected one for parity`);
}

/** The options when no flag is given. */
export function defaultParityOptions(): ParityOptions {
  return readParityOptions(parseArguments([], { flags: parityFlags, switches: [] }));
}
