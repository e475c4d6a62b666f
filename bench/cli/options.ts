/**
 * What the command line asks the trainings to be.
 * @module
 */
import type { GridCommand } from "../runner/plan.ts";
import type { Shard } from "../runner/shard.ts";
import type { StyleName } from "../styles/style.ts";
import {
  type BenchDevice,
  type BenchMode,
  type DatasetName,
  type FlagName,
  type KerasEngine,
  MOST_SEED,
} from "./flags.ts";
import { parseArguments, type ParsedArguments } from "./parse.ts";
import { UsageError } from "./usage_error.ts";

/** What the command line asks for; the same names stand under `options` in report.json. */
export interface BenchOptions {
  styles: StyleName[];
  dataset: DatasetName;
  /** null: the cache folder, else a download, else the fallback. */
  dataDir: string | null;
  epochs: number;
  batchSize: number;
  /** Training images, before the split; null: all. */
  limit: number | null;
  mode: BenchMode;
  /** Of one training; in a report, the first one of several. */
  seed: number;
  /** How many seeds. */
  seeds: number;
  /** Steps left out of the step times. */
  warmup: number;
  device: BenchDevice;
  kerasEngine: KerasEngine;
  /** The part of the trainings; null: all. */
  shard: Shard | null;
  /** Folder of the reports. */
  out: string;
}

const all = [
  "styles",
  "dataset",
  "data-dir",
  "epochs",
  "batch-size",
  "limit",
  "mode",
  "seed",
  "seeds",
  "warmup",
  "device",
  "keras-engine",
  "shard",
  "out",
] as const satisfies readonly FlagName[];

/** The flags that a command's trainings take; the ladder has its own styles and mode. */
export const gridFlags: Readonly<Record<GridCommand, readonly FlagName[]>> = {
  run: all,
  ladder: all.filter((name) => name !== "styles" && name !== "mode"),
  layout: all,
};

/**
 * The options of a command line that was read.
 *
 * @throws {UsageError} where values that are allowed by themselves do not fit together
 */
export function readOptions(parsed: ParsedArguments, command: GridCommand): BenchOptions {
  const isLadder = command === "ladder";
  const options: BenchOptions = {
    styles: isLadder ? ["keras", "torch"] : parsed.value("styles"),
    dataset: parsed.value("dataset"),
    dataDir: parsed.value("data-dir"),
    epochs: parsed.value("epochs"),
    batchSize: parsed.value("batch-size"),
    limit: parsed.value("limit"),
    mode: isLadder ? "seed" : parsed.value("mode"),
    seed: parsed.value("seed"),
    seeds: parsed.value("seeds"),
    warmup: parsed.value("warmup"),
    device: parsed.value("device"),
    kerasEngine: parsed.value("keras-engine"),
    shard: parsed.value("shard"),
    out: parsed.value("out"),
  };
  refuseUnfit(options, command);
  return options;
}

function refuseUnfit({ seed, seeds, mode }: BenchOptions, command: GridCommand): void {
  const last = seed + seeds - 1;
  if (last > MOST_SEED) {
    throw new UsageError(
      `--seeds: the last of ${seeds} seeds from ${seed} on is ${last}, expected at most ${MOST_SEED}`,
    );
  }
  if (mode === "parity" && command !== "run") {
    throw new UsageError(`--mode: "parity" is not for ${command}; expected one of seed, fixed`);
  }
}

/**
 * Refuses flags that mean nothing to parity mode, which trains one pair for a number of steps of its own.
 *
 * @param known the flags that it has
 * @throws {UsageError} naming the first of the others
 */
export function refuseForeignToParity(options: BenchOptions, known: readonly FlagName[]): void {
  const given = toArguments(options).filter((text) => text.startsWith("--"));
  const allowed = ["--mode", ...known.map((name) => `--${name}`)];
  const foreign = given.find((name) => !allowed.includes(name));
  if (foreign === undefined) return;
  throw new UsageError(
    `${foreign} means nothing to --mode parity, which has one run of some steps; ` +
      "`bench parity --help` shows what it takes",
  );
}

/** The options when no flag is given. */
export function defaultOptions(command: GridCommand = "run"): BenchOptions {
  return readOptions(parseArguments([], { flags: gridFlags[command], switches: [] }), command);
}

/** The flags that bring about these options, less those at their defaults: for "how to reproduce". */
export function toArguments(options: BenchOptions, command: GridCommand = "run"): string[] {
  const byDefault = defaultOptions(command);
  return gridFlags[command].flatMap((name) => {
    const key = optionKey(name);
    const value = asTyped(options[key]);
    if (value === null || value === asTyped(byDefault[key])) return [];
    return [`--${name}`, quoted(value)];
  });
}

function asTyped(value: BenchOptions[keyof BenchOptions]): string | null {
  if (value === null) return null;
  if (typeof value === "object" && "index" in value) return `${value.index}/${value.count}`;
  return String(value);
}

/** data-dir to dataDir. */
function optionKey(name: FlagName): keyof BenchOptions {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as keyof BenchOptions;
}

/** A value as a shell takes it. */
function quoted(text: string): string {
  return /^[\w./:,@=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
