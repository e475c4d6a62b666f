/**
 * The command line of `deno task bench:peers`.
 * @module
 */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "../cli/usage_error.ts";
import { suggest } from "../nearest_name.ts";
import { type Measure, type SideName, SIDES } from "./requests.ts";

/** The help. */
export const HELP = `deno task bench:peers [flags]

Holds Tandem's idioms against PyTorch and Keras: training step and inference of every model, each side in a process of its
own, by turns. First every peer proves that it has the same network. Needs a Python: deno task setup:peers makes one.
  --models A,B    models of the bench (all)
  --sides A,B     of ${SIDES.join(", ")}
                  (all that are there)
  --measures A,B  of step, inference (both)
  --batch N,M     batch sizes of the steps (32,128)
  --infer N,M     batch sizes of the inference (1,200)
  --rounds N      rounds of every side (5)
  --round-ms N    how long a side runs in a round, at least one step (1000)
  --threads N     threads of every side (as many as the machine has cores)
  --time-limit N  seconds after which a side that gives no answer is ended (300)
  --python PATH   the Python of the peers (.tandem/peers/bin/python)
  --out FOLDER    where the report goes (report/peers)

  deno task bench:peers --models resnet20 --measures step --batch 32 --sides torch_style,pytorch`;

/** The Python that `deno task setup:peers` makes. */
export const PEERS_PYTHON = fileURLToPath(
  new URL("../../.tandem/peers/bin/python", import.meta.url),
);

/** What a command line asks for. */
export interface PeersOptions {
  readonly help: boolean;
  /** Null: all. */
  readonly models: readonly string[] | null;
  /** Null: all that are there. */
  readonly sides: readonly SideName[] | null;
  readonly measures: readonly Measure[];
  readonly batch: readonly number[];
  readonly infer: readonly number[];
  readonly rounds: number;
  readonly roundMs: number;
  readonly threads: number;
  readonly timeLimit: number;
  readonly python: string;
  readonly out: string;
}

const TEXTS = [
  ...["models", "sides", "measures", "batch", "infer", "rounds"],
  ...["round-ms", "threads", "time-limit", "python", "out"],
];

/** @throws {UsageError} naming the flag, its value and what was expected */
export function parsePeersOptions(args: readonly string[]): PeersOptions {
  // As of a variable that is not set: parseArgs would take it for an argument of its own.
  const empty = args.indexOf("");
  if (empty >= 0) throw new UsageError(`${args[empty - 1] ?? "an argument"}: needs a value`);
  const parsed = parseArgs([...args], {
    string: TEXTS,
    boolean: ["help"],
    unknown: (argument) => {
      const flags = [...TEXTS, "help"].map((name) => `--${name}`);
      throw new UsageError(
        `${argument} is unknown${suggest(argument, flags)}; expected ${flags.join(", ")}`,
      );
    },
  }) as Record<string, string | undefined> & { help: boolean };
  const text = (name: string, byDefault: string) => {
    const value = parsed[name] ?? byDefault;
    if (value.trim() !== "") return value;
    throw new UsageError(`--${name}: needs a value`);
  };
  const list = (name: string, byDefault = "") => namesIn(name, text(name, byDefault || "all"));
  const count = (name: string, byDefault: string, most: number) =>
    countIn(name, text(name, byDefault), most);
  return {
    help: parsed.help,
    models: parsed.models === undefined ? null : list("models"),
    sides: parsed.sides === undefined ? null : chosen("sides", list("sides"), SIDES),
    measures: chosen("measures", list("measures", "step,inference"), ["step", "inference"]),
    batch: list("batch", "32,128").map((size) => countIn("batch", size, 100_000)),
    infer: list("infer", "1,200").map((size) => countIn("infer", size, 100_000)),
    rounds: count("rounds", "5", 1000),
    roundMs: count("round-ms", "1000", 1_000_000),
    threads: count("threads", String(availableParallelism()), 1024),
    timeLimit: count("time-limit", "300", 100_000),
    python: text("python", PEERS_PYTHON),
    out: text("out", "report/peers"),
  };
}

function namesIn(name: string, text: string): string[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.every((part) => part !== "") && new Set(parts).size === parts.length) return parts;
  throw new UsageError(`--${name} is "${text}", expected values separated by commas, each once`);
}

/** The known names among those given. @throws {UsageError} for an unknown one */
export function chosen<Name extends string>(
  flag: string,
  given: readonly string[],
  known: readonly Name[],
): Name[] {
  for (const name of given) {
    if (known.includes(name as Name)) continue;
    throw new UsageError(
      `--${flag}: "${name}" is unknown${suggest(name, known)}; expected ${known.join(", ")}`,
    );
  }
  return known.filter((name) => given.includes(name));
}

function countIn(flag: string, text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= 1 && value <= most) return value;
  throw new UsageError(`--${flag} is "${text}", expected an integer from 1 to ${most}`);
}
