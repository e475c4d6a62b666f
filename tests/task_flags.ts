/** What the tasks `fuzz` and `chaos` are called with. */
import { parseArgs } from "@std/cli/parse-args";

/** Which cases are tried, and for how long. */
export interface TaskFlags {
  readonly seed: number;
  readonly seconds: number;
  /** The only case to try; null: all. */
  readonly only: number | null;
  readonly names: readonly string[];
}

/**
 * Reads `--seconds`, `--seed`, `--case` and a flag that names one thing to try.
 *
 * @param byDefault seconds unless given
 * @throws {RangeError} naming a flag that is unknown, a number below 0, or a name that is not known
 */
export function readTaskFlags(
  args: readonly string[],
  flag: string,
  known: readonly string[],
  byDefault: number,
): TaskFlags {
  const flags = ["seconds", "seed", "case", flag];
  const parsed: Record<string, unknown> = parseArgs([...args], {
    string: flags,
    unknown: (argument) => {
      const all = flags.map((name) => `--${name}`).join(", ");
      throw new RangeError(`${argument} is unknown, expected ${all}`);
    },
  });
  const number = (name: string, other: number) => {
    const text = parsed[name];
    if (text === undefined) return other;
    const value = Number(text);
    if (text !== "" && Number.isFinite(value) && value >= 0) return value;
    throw new RangeError(`--${name} is "${text}", expected a number from 0 on`);
  };
  const name = parsed[flag];
  if (name !== undefined && !known.includes(String(name))) {
    throw new RangeError(`--${flag}: "${name}" is unknown, expected one of ${known.join(", ")}`);
  }
  return {
    seed: number("seed", Date.now() % 2 ** 31),
    seconds: number("seconds", byDefault),
    only: parsed.case === undefined ? null : number("case", 0),
    names: name === undefined ? known : [String(name)],
  };
}

/** {@linkcode readTaskFlags} of this process; what is wrong with them is one line, and exit code 2. */
export function taskFlags(flag: string, known: readonly string[], byDefault: number): TaskFlags {
  try {
    return readTaskFlags(Deno.args, flag, known, byDefault);
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(2);
  }
}
