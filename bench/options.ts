/**
 * The command line of `deno task bench`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { closest, distance } from "fastest-levenshtein";
import {
  type BenchDevice,
  type BenchMode,
  type DatasetName,
  type Flag,
  type FlagName,
  flags,
  type KerasEngine,
} from "./flags.ts";
import type { StyleName } from "./style.ts";

/** What the command line asks for; the same names stand under `options` in report.json. */
export interface BenchOptions {
  styles: StyleName[];
  dataset: DatasetName;
  /** null: the cache folder, else a download, else the fallback. */
  dataDir: string | null;
  epochs: number;
  batchSize: number;
  /** Training pictures, before the split; null: all. */
  limit: number | null;
  mode: BenchMode;
  seed: number;
  device: BenchDevice;
  kerasEngine: KerasEngine;
  /** Folder of the reports. */
  out: string;
}

/** A command line that cannot be carried out; its message is one line that says what is allowed. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** What to do: run the bench, or print the help. */
export type BenchCommand = { kind: "run"; options: BenchOptions } | { kind: "help" };

const flagNames = Object.keys(flags) as FlagName[];
const allowedFlags = [...flagNames, "help"].map((name) => `--${name}`);

/**
 * Parses the command line.
 *
 * @param args as in `Deno.args`
 * @throws UsageError for an unknown flag, an argument that is no flag, or a value that is not allowed
 *
 * @example
 * ```ts
 * const command = parseCommandLine(["--epochs", "2", "--styles", "torch"]);
 * if (command.kind === "run") console.log(command.options.epochs); // 2
 * ```
 */
export function parseCommandLine(args: readonly string[]): BenchCommand {
  const unknown: string[] = [];
  const parsed: Record<string, unknown> = parseArgs(
    joinNegativeNumbers(withoutLeadingDashes(args)),
    {
      string: flagNames,
      boolean: ["help"],
      alias: { h: "help" },
      unknown: (arg: string) => {
        unknown.push(arg);
        return false;
      },
    },
  );
  const positional = parsed._ as (string | number)[];
  for (const arg of [...unknown, ...positional.map(String)]) rejectArgument(arg);
  if (parsed.help === true) return { kind: "help" };
  return { kind: "run", options: readOptions(parsed) };
}

/** The options when no flag is given. */
export function defaultOptions(): BenchOptions {
  return readOptions({});
}

/** The flags that bring about these options, less those at their defaults: for "how to reproduce". */
export function toArguments(options: BenchOptions): string[] {
  const byDefault = defaultOptions();
  return flagNames.flatMap((name) => {
    const key = optionKey(name);
    const value = options[key];
    if (value === null || String(value) === String(byDefault[key])) return [];
    return [`--${name}`, quoted(String(value))];
  });
}

/** The text of `--help`. */
export function helpText(): string {
  const rows = flagNames.map((name) => {
    const flag: Flag<unknown> = flags[name];
    const known = flag.byDefault === null ? "" : ` (default ${flag.byDefault})`;
    return [`--${name} ${flag.placeholder}`, `${flag.help}${known}`, flag.allowed];
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  const indent = " ".repeat(width + 4);
  return [
    "deno task bench [FLAGS]",
    "",
    "Trains the same picture classifier in the Keras and in the PyTorch idiom and reports time and accuracy.",
    "",
    ...rows.map(([left, help, allowed]) => `  ${left.padEnd(width)}  ${help}\n${indent}${allowed}`),
    `  ${"--help, -h".padEnd(width)}  this text`,
    "",
    "Examples:",
    "  deno task bench                                   the published experiment, all styles",
    "  deno task bench --limit 2000 --epochs 2           a quick look",
    "  deno task bench --styles torch --mode fixed       PyTorch's idiom, trained rightly",
    "",
    "Exit codes: 0 done, 1 a style or the data set failed, 2 wrong usage, 130 interrupted.",
  ].join("\n");
}

function readOptions(parsed: Record<string, unknown>): BenchOptions {
  const read = <Value>(name: FlagName, flag: Flag<Value>): Value => {
    const text = parsed[name];
    if (text === undefined) return flag.byDefault;
    if (text === "") throw new UsageError(`--${name}: needs a value; expected ${flag.allowed}`);
    const value = flag.read(String(text));
    if (value !== undefined) return value;
    throw new UsageError(`--${name}: "${text}" is not allowed; expected ${flag.allowed}`);
  };
  return {
    styles: read("styles", flags.styles),
    dataset: read("dataset", flags.dataset),
    dataDir: read("data-dir", flags["data-dir"]),
    epochs: read("epochs", flags.epochs),
    batchSize: read("batch-size", flags["batch-size"]),
    limit: read("limit", flags.limit),
    mode: read("mode", flags.mode),
    seed: read("seed", flags.seed),
    device: read("device", flags.device),
    kerasEngine: read("keras-engine", flags["keras-engine"]),
    out: read("out", flags.out),
  };
}

/** Throws for an argument that the table of flags does not know. */
function rejectArgument(arg: string): never {
  const allowed = `allowed: ${allowedFlags.join(", ")}`;
  if (!arg.startsWith("-")) {
    throw new UsageError(`unexpected argument "${arg}"; the bench takes flags only; ${allowed}`);
  }
  const [name, value] = arg.split("=", 2);
  // parseArgs takes "--epochs=" for a flag of that very name.
  const flag: Flag<unknown> | undefined = flags[name.slice(2) as FlagName];
  if (flag && value === "") {
    throw new UsageError(`${name}: needs a value; expected ${flag.allowed}`);
  }
  const nearest = closest(name, allowedFlags);
  const hint = distance(name, nearest) <= 3 ? `; did you mean ${nearest}?` : "";
  throw new UsageError(`unknown flag ${name}${hint}; ${allowed}`);
}

/** `npm run` has taught people to write `deno task bench -- --epochs 2`; Deno hands the dashes on. */
function withoutLeadingDashes(args: readonly string[]): string[] {
  return args[0] === "--" ? args.slice(1) : [...args];
}

/** `--limit -5` as `--limit=-5`: else -5 is taken for a flag and the message is about the wrong thing. */
function joinNegativeNumbers(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1);
    const isValue = /^-[\d.]/.test(arg) && before !== undefined && /^--[^=]+$/.test(before);
    if (isValue) joined[joined.length - 1] = `${before}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

/** data-dir to dataDir. */
function optionKey(name: FlagName): keyof BenchOptions {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as keyof BenchOptions;
}

/** A value as a shell takes it. */
function quoted(text: string): string {
  return /^[\w./:,@=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
