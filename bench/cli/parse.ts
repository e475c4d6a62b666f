/**
 * Reads a subcommand's arguments by the table of flags.
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { DatasetOptionError } from "../../fixtures/mod.ts";
import { shortText } from "../../onnx/mod.ts";
import { suggest } from "../nearest_name.ts";
import type { Flag } from "./flag.ts";
import { type FlagName, flags, type FlagValue, type SwitchName } from "./flags.ts";
import { UsageError } from "./usage_error.ts";

/** What a subcommand takes. */
export interface Accepted {
  readonly flags: readonly FlagName[];
  readonly switches: readonly SwitchName[];
  /** What its other arguments are; none unless given. */
  readonly positional?: {
    readonly name: string;
    readonly least: number;
    readonly most: number;
    /** Values worth offering in a shell; without them they are paths. */
    readonly choices?: readonly string[];
  };
}

/** A command line that was read. */
export interface ParsedArguments {
  /** A flag's value, or its default, also of one that the subcommand does not take. */
  value<Name extends FlagName>(name: Name): FlagValue<Name>;
  /** Whether a flag with a value is there. */
  isGiven(name: FlagName): boolean;
  /** Whether a flag that stands alone is there. */
  has(name: SwitchName | "help"): boolean;
  readonly positional: readonly string[];
}

/**
 * Reads arguments.
 *
 * @throws {UsageError} for an unknown flag, an argument too many or too few, or a value that is not allowed
 */
export function parseArguments(args: readonly string[], accepted: Accepted): ParsedArguments {
  refuseUnderscores(args, accepted);
  const unknown: string[] = [];
  const parsed: Record<string, unknown> = parseArgs(joinNegativeNumbers([...args]), {
    // "_": a folder called 01 or 1.10 is no number.
    string: [...accepted.flags, "_"],
    boolean: ["help", ...accepted.switches],
    alias: { h: "help" },
    unknown: (arg: string) => {
      if (arg.startsWith("-")) unknown.push(arg);
      return !arg.startsWith("-");
    },
  });
  for (const arg of unknown) rejectFlag(arg, accepted);
  refuseEmptyValues(args, accepted);
  const positional = parsed._ as string[];
  const help = parsed.help === true;
  if (!help) checkCount(positional, accepted);
  const values = new Map(
    accepted.flags.map((name) => [name, readValue(name, flags[name] as Flag<unknown>, parsed)]),
  );
  return {
    value: <Name extends FlagName>(name: Name) =>
      (values.has(name) ? values.get(name) : flags[name].byDefault) as FlagValue<Name>,
    isGiven: (name) => parsed[name] !== undefined,
    has: (name) => parsed[name] === true,
    positional,
  };
}

/** No flag has one, and `--_` would stand where parseArgs puts what is no flag. */
function refuseUnderscores(args: readonly string[], accepted: Accepted): void {
  const end = args.indexOf("--");
  const flags = end < 0 ? args : args.slice(0, end);
  const found = flags.find((arg) => /^-[^=]*_/.test(arg));
  if (found !== undefined) rejectFlag(found, accepted);
}

/** `--out ""`, as of a variable that is not set: parseArgs takes the empty text for an argument of its own. */
function refuseEmptyValues(args: readonly string[], accepted: Accepted): void {
  for (const name of accepted.flags) {
    const at = args.indexOf(`--${name}`);
    if (at >= 0 && args[at + 1] === "") {
      readValue(name, flags[name] as Flag<unknown>, { [name]: "" });
    }
  }
}

function readValue(name: FlagName, flag: Flag<unknown>, parsed: Record<string, unknown>): unknown {
  const text = parsed[name];
  if (text === undefined) return flag.byDefault;
  if (text === "") throw new UsageError(`--${name}: needs a value; expected ${flag.allowed}`);
  const value = readOrRefuse(name, flag, String(text));
  if (value !== undefined) return value;
  const near = nearestChoice(String(text), flag.choices ?? []);
  throw new UsageError(
    `--${name}: ${shortText(text)} is not allowed${near}; expected ${flag.allowed}`,
  );
}

function readOrRefuse(name: FlagName, flag: Flag<unknown>, text: string): unknown {
  try {
    return flag.read(text);
  } catch (error) {
    if (error instanceof DatasetOptionError) throw new UsageError(`--${name}: ${error.message}`);
    throw error;
  }
}

/** `; did you mean X?` for the first of several names that is no choice but close to one. */
function nearestChoice(text: string, choices: readonly string[]): string {
  const unknown = text.split(",").map((part) => part.trim()).find((part) =>
    !choices.includes(part)
  );
  return unknown === undefined ? "" : suggest(unknown, choices);
}

function checkCount(given: readonly string[], { positional, ...accepted }: Accepted): void {
  const { name = "", least = 0, most = 0 } = positional ?? {};
  if (given.length > most) {
    const takes = most === 0 ? "takes flags only" : `takes at most ${most} ${name}`;
    const allowed = namesOf(accepted).join(", ");
    throw new UsageError(
      `unexpected argument ${shortText(given[most])}; it ${takes}; allowed: ${allowed}`,
    );
  }
  if (given.length < least) {
    throw new UsageError(`got ${given.length} ${name}, expected at least ${least}`);
  }
}

/** Throws for a flag that the subcommand does not have. */
function rejectFlag(arg: string, accepted: Accepted): never {
  const [name, value] = arg.split("=", 2);
  // parseArgs takes "--epochs=" for a flag of that very name.
  if (value === "" && accepted.flags.includes(name.slice(2) as FlagName)) {
    const { allowed } = flags[name.slice(2) as FlagName];
    throw new UsageError(`${name}: needs a value; expected ${allowed}`);
  }
  if (name === "--mode") throw new UsageError(modeIsGone(value));
  const names = namesOf(accepted);
  throw new UsageError(
    `unknown flag ${shownName(name)}${suggest(name, names)}; allowed: ${names.join(", ")}`,
  );
}

/** A flag as it was given, shortened where it is no name at all. */
function shownName(name: string): string {
  return /^[\w-]{1,60}$/.test(name) ? name : shortText(name);
}

/** What to use for a flag of earlier versions. */
function modeIsGone(value: string | undefined): string {
  const instead: Record<string, string> = {
    seed: "use --recipe published (was seed)",
    fixed: "use --recipe fixed",
    parity: "use the subcommand parity",
  };
  const all = "use --recipe published (was seed) or --recipe fixed, or the subcommand parity";
  return `--mode is gone; ${instead[value ?? ""] ?? all}`;
}

function namesOf(accepted: Accepted): string[] {
  return [...accepted.flags, ...accepted.switches, "help"].map((name) => `--${name}`);
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
