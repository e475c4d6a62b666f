/**
 * What a flag is, and the kinds of flags there are.
 * @module
 */

import { datasetOptionsSyntax, parseDatasetOptions } from "../../fixtures/mod.ts";

/** One flag that takes a value. */
export interface Flag<Value> {
  /** Stands for the value in the help, such as `N`. */
  readonly placeholder: string;
  readonly help: string;
  /** What is allowed, to follow "expected". */
  readonly allowed: string;
  /** The value when the flag is not given. */
  readonly byDefault: Value;
  /** The value that the text means; undefined when it is not allowed. */
  readonly read: (text: string) => Value | undefined;
  /** Values worth offering in a shell; none for values and paths. */
  readonly choices?: readonly string[];
  /** Whether a shell may offer files. */
  readonly isPath?: boolean;
}

/** One flag that stands alone. */
export interface Switch {
  readonly help: string;
}

type FlagText<Value> = Pick<Flag<Value>, "placeholder" | "help" | "byDefault">;

/** One name of several. */
export function oneOf<Name extends string>(
  names: readonly Name[],
  text: FlagText<Name>,
): Flag<Name> {
  return {
    ...text,
    allowed: `one of ${names.join(", ")}`,
    read: (given) => names.find((name) => name === given),
    choices: names,
  };
}

/** Some of several names, separated by commas; in the order of `names`. */
export function listOf<Name extends string>(
  names: readonly Name[],
  text: FlagText<Name[]>,
): Flag<Name[]> {
  return {
    ...text,
    allowed: `one or more of ${names.join(", ")}, separated by commas, each once`,
    read: (given) => {
      const parts = given.split(",").map((part) => part.trim());
      const found = names.filter((name) => parts.includes(name));
      return found.length === parts.length ? found : undefined;
    },
    choices: names,
  };
}

/** Names or files, separated by commas; whether they exist is found out where they are loaded. */
export function names(text: FlagText<string[]> & { isPath: true }): Flag<string[]> {
  return {
    ...text,
    allowed: "one or more names or files, separated by commas, each once",
    read: (given) => {
      const parts = given.split(",").map((part) => part.trim());
      const isSet = parts.every((part) => part !== "") && new Set(parts).size === parts.length;
      return isSet ? parts : undefined;
    },
  };
}

/** Options of data sets, as text. */
export function datasetOptions(text: FlagText<null>): Flag<string | null> {
  return {
    ...text,
    allowed: datasetOptionsSyntax,
    read: (given) => {
      parseDatasetOptions(given);
      return given;
    },
  };
}

/** A share of 1, above 0 and below 1. */
export function share<Value extends number | null>(text: FlagText<Value>): Flag<Value | number> {
  return {
    ...text,
    allowed: "a share above 0 and below 1, such as 0.65",
    read: (given) => {
      const value = /^0?\.\d+$/.test(given) ? Number(given) : NaN;
      return value > 0 && value < 1 ? value : undefined;
    },
  };
}

/** An integer within bounds. */
export function integer<Value extends number | null = number>(
  least: number,
  most: number,
  text: FlagText<Value>,
): Flag<Value | number> {
  return {
    ...text,
    allowed: `an integer from ${least} to ${most}`,
    read: (given) => {
      // Digits only: Number() would also take "", "1e3", "0x10" and " 5".
      const value = /^\d+$/.test(given) ? Number(given) : NaN;
      return value >= least && value <= most ? value : undefined;
    },
  };
}

/** A number above 0, also as 1e-3. */
export function positiveNumber<Value extends number | null = number>(
  text: FlagText<Value>,
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

/** A share, written in percent: `10%` or `10`. */
export function percent(text: FlagText<number>): Flag<number> {
  return {
    ...text,
    allowed: "a percentage above 0 and up to 1000, such as 10%",
    read: (given) => {
      const match = /^(\d+(?:\.\d+)?)%?$/.exec(given);
      const share = match ? Number(match[1]) / 100 : NaN;
      return share > 0 && share <= 10 ? share : undefined;
    },
  };
}

/** A file or folder. */
export function path<Value extends string | null>(text: FlagText<Value>): Flag<Value | string> {
  return {
    ...text,
    allowed: "a path",
    read: (given) => given.trim() === "" ? undefined : given,
    isPath: true,
  };
}
