/**
 * What `bench parity` is asked for.
 * @module
 */
import {
  type DatasetName,
  type FlagName,
  parseArguments,
  type ParsedArguments,
} from "../cli/mod.ts";
import type { Provider } from "../../onnx/mod.ts";

/** What parity mode is asked for; the same names stand under `options` in parity.json. */
export interface ParityOptions {
  /** A module with two models; null: the experiment's own network. */
  model: string | null;
  steps: number;
  /** How far apart the losses of a step may be. */
  tolerance: number;
  /** Of both optimizers, unless the file has its own; null: see {@linkcode learningRateOf}. */
  learningRate: number | null;
  seed: number;
  batchSize: number;
  dataset: DatasetName;
  dataDir: string | null;
  limit: number | null;
  device: Provider;
  /** Folder of parity.json. */
  out: string;
}

/** The flags of the subcommand. */
export const parityFlags = [
  "model",
  "steps",
  "tolerance",
  "learning-rate",
  "seed",
  "batch-size",
  "dataset",
  "data-dir",
  "limit",
  "device",
  "out",
] as const satisfies readonly FlagName[];

/** Parity sees 200 batches; all images would only be loaded. */
const LIMIT = 10_000;

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
  return {
    model: parsed.value("model"),
    steps: parsed.value("steps"),
    tolerance: parsed.value("tolerance"),
    learningRate: parsed.value("learning-rate"),
    seed: parsed.value("seed"),
    batchSize: parsed.value("batch-size"),
    dataset: parsed.value("dataset"),
    dataDir: parsed.value("data-dir"),
    limit: parsed.value("limit") ?? LIMIT,
    device: parsed.value("device"),
    out: parsed.value("out"),
  };
}

/** The options when no flag is given. */
export function defaultParityOptions(): ParityOptions {
  return readParityOptions(parseArguments([], { flags: parityFlags, switches: [] }));
}
