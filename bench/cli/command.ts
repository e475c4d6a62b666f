/**
 * What a subcommand of the bench is.
 * @module
 */
import type { FlagName } from "./flags.ts";
import type { Accepted, ParsedArguments } from "./parse.ts";

/** Exit codes. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** A subcommand. */
export interface Command extends Accepted {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** What stands after the name in the usage line, beside flags. */
  readonly placeholder?: string;
  /** Where they are not those of the table of flags. */
  readonly defaults?: Readonly<Partial<Record<FlagName, unknown>>>;
  /** Command lines, without `deno task bench`, and what they do. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** Runs it and gives the exit code. */
  readonly run: (args: ParsedArguments) => Promise<number>;
}
