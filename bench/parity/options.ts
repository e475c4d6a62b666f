/**
 * The flags of `bench parity`; those that other subcommands have too are theirs.
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  type DatasetName,
  type Flag,
  flags as shared,
  path,
  suggest,
  UsageError,
  wholeNumber,
} from "../command_line/mod.ts";
import { seedTraining } from "../../fixtures/mod.ts";
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

/** How the command talks. */
export interface ParityManner {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What a command line asks for. */
export type ParityCommandLine =
  | { kind: "run"; options: ParityOptions; manner: ParityManner }
  | { kind: "help" };

/** Small on purpose: see the report's notes. */
const learningRateOfFiles = 3e-6;

/** The learning rate asked for, else the experiment's for its own network, and a small one for a user's. */
export function learningRateOf({ learningRate }: ParityOptions, isOwnNetwork: boolean): number {
  return learningRate ?? (isOwnNetwork ? seedTraining.learningRate : learningRateOfFiles);
}

/** Every flag with a value. */
export const parityFlags = {
  model: path<string | null>({
    placeholder: "FILE",
    help:
      "module that exports kerasModel() and torchModel(); default: the experiment's own network",
    byDefault: null,
  }),
  steps: wholeNumber(1, 100_000, { placeholder: "N", help: "training steps", byDefault: 200 }),
  tolerance: positiveNumber({
    placeholder: "X",
    help: "how far apart the two losses of a step may be",
    byDefault: 1e-3,
  }),
  "learning-rate": positiveNumber<number | null>({
    placeholder: "X",
    help: "of both optimizers, unless the file has its own; " +
      `default: ${seedTraining.learningRate}, with --model ${learningRateOfFiles}`,
    byDefault: null,
  }),
  seed: shared.seed,
  "batch-size": shared["batch-size"],
  dataset: shared.dataset,
  "data-dir": shared["data-dir"],
  // Parity sees 200 batches; all pictures would only be loaded.
  limit: { ...shared.limit, byDefault: 10_000 } as Flag<number | null>,
  device: shared.device,
  out: shared.out,
};

type ParityFlag = keyof typeof parityFlags;

/** Every flag that stands alone. */
export const paritySwitches = {
  json: "print the report as JSON on standard output, nothing else",
  quiet: "print no progress",
} as const;

/** A number above 0. */
function positiveNumber<Value extends number | null = number>(
  text: Pick<Flag<Value>, "placeholder" | "help" | "byDefault">,
): Flag<Value | number> {
  return {
    ...text,
    allowed: "a number above 0, such as 0.001 or 1e-3",
    read: (given) => {
      const value = /^\d*\.?\d+(e[+-]?\d+)?$/i.test(given) ? Number(given) : NaN;
      return value > 0 && Number.isFinite(value) ? value : undefined;
    },
  };
}

/** The options when no flag is given. */
export function defaultParityOptions(): ParityOptions {
  return readOptions({});
}

/**
 * Reads the arguments after `parity`.
 *
 * @throws {UsageError} for an unknown flag, an argument that is no flag, or a value that is not allowed
 *
 * @example
 * ```ts
 * const line = parseParityArguments(["--steps", "20"]);
 * if (line.kind === "run") console.log(line.options.steps); // 20
 * ```
 */
export function parseParityArguments(args: readonly string[]): ParityCommandLine {
  const names = [...Object.keys(parityFlags), ...Object.keys(paritySwitches), "help"]
    .map((name) => `--${name}`);
  const parsed: Record<string, unknown> = parseArgs(withNegativeValues(args), {
    string: Object.keys(parityFlags),
    boolean: ["help", ...Object.keys(paritySwitches)],
    alias: { h: "help" },
    unknown: (arg: string) => rejectArgument(arg, names),
  });
  if (parsed.help === true) return { kind: "help" };
  const manner = { json: parsed.json === true, quiet: parsed.quiet === true };
  return { kind: "run", options: readOptions(parsed), manner };
}

/** `--steps -5` as `--steps=-5`: else -5 is taken for a flag and the message is about the wrong thing. */
function withNegativeValues(args: readonly string[]): string[] {
  return args.reduce<string[]>((joined, arg) => {
    const isValue = /^-[\d.]/.test(arg) && /^--[^=]+$/.test(joined.at(-1) ?? "");
    return isValue ? [...joined.slice(0, -1), `${joined.at(-1)}=${arg}`] : [...joined, arg];
  }, []);
}

function rejectArgument(arg: string, names: readonly string[]): never {
  const allowed = `allowed: ${names.join(", ")}`;
  if (!arg.startsWith("-")) {
    throw new UsageError(`unexpected argument "${arg}"; parity takes flags only; ${allowed}`);
  }
  const [name, value] = arg.split("=", 2);
  // parseArgs takes "--steps=" for a flag of that very name.
  const flag = parityFlags[name.slice(2) as ParityFlag];
  if (flag && value === "") {
    throw new UsageError(`${name}: needs a value; expected ${flag.allowed}`);
  }
  throw new UsageError(`unknown flag ${name}${suggest(name, names)}; ${allowed}`);
}

function readOptions(parsed: Record<string, unknown>): ParityOptions {
  const value = <Name extends ParityFlag>(name: Name) =>
    readValue(name, parityFlags[name] as Flag<unknown>, parsed) as ReturnType<
      Exclude<(typeof parityFlags)[Name]["read"], undefined>
    >;
  return {
    model: value("model") ?? null,
    steps: value("steps")!,
    tolerance: value("tolerance")!,
    learningRate: value("learning-rate") ?? null,
    seed: value("seed")!,
    batchSize: value("batch-size")!,
    dataset: value("dataset")!,
    dataDir: value("data-dir") ?? null,
    limit: value("limit") ?? null,
    device: value("device")!,
    out: value("out")!,
  };
}

function readValue(name: string, flag: Flag<unknown>, parsed: Record<string, unknown>): unknown {
  const text = parsed[name];
  if (text === undefined) return flag.byDefault;
  const value = text === "" ? undefined : flag.read(String(text));
  if (value !== undefined) return value;
  const fault = text === "" ? "needs a value" : `"${text}" is not allowed`;
  throw new UsageError(`--${name}: ${fault}; expected ${flag.allowed}`);
}

/** The text of `bench parity --help`. */
export function parityHelp(): string {
  const rows = [
    ...Object.entries(parityFlags).map(([name, flag]) => {
      const { placeholder, help, allowed, byDefault } = flag as Flag<unknown>;
      const known = byDefault === null ? "" : ` (default ${byDefault})`;
      return [`--${name} ${placeholder}`, `${help}${known}`, allowed];
    }),
    ...Object.entries(paritySwitches).map(([name, help]) => [`--${name}`, help]),
    ["--help, -h", "this text"],
  ];
  const width = Math.max(...rows.map(([left]) => left.length));
  const indent = " ".repeat(width + 4);
  return [
    "deno task bench parity [FLAGS]",
    "",
    "Gives a model in both idioms the same weights, batches and dropout masks, and says where they first differ:",
    "layer by layer on one batch, then loss by loss in training.",
    "",
    ...rows.map(([left, help, allowed]) =>
      `  ${left.padEnd(width)}  ${help}${allowed ? `\n${indent}${allowed}` : ""}`
    ),
    "",
    "Examples:",
    "  deno task bench parity                             the experiment's own network, 200 steps",
    "  deno task bench parity --model my_model.ts         a port of one's own: which layer is wrong?",
    "  deno task bench parity --model my_model.ts --learning-rate 0.001   how long does rounding let a right port stay?",
    "  deno task bench parity --json > parity.json        for scripts",
    "",
    "Exit codes: 0 the models agree, 1 they differ, 2 wrong usage or models that cannot be paired, 130 interrupted.",
  ].join("\n");
}
