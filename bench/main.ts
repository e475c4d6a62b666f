/**
 * `deno task bench`: finds the subcommand, runs it, says what went wrong in one line.
 * @module
 */
import { DatasetError } from "../fixtures/mod.ts";
import { ProviderError } from "../onnx/mod.ts";
import { parseArguments, suggest, UsageError } from "./cli/mod.ts";
import {
  type Command,
  commands,
  complete,
  exitCodes,
  helpOf,
  overview,
} from "./cli/commands/mod.ts";
import { CompareError } from "./results/compare_mod.ts";
import { MergeError } from "./results/merge.ts";
import { ParityError } from "./parity/mod.ts";
import { OutputError, ReportError } from "./results/report_files.ts";
import { oneLine } from "./runner/run.ts";

/** Runs a command line and returns the exit code; see `--help`. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const [first, ...others] = withoutLeadingDashes(args);
    if (first === "complete") return answerShell(others);
    if (first === "--help" || first === "-h" || first === "help") {
      const [about] = others;
      console.log(first !== "help" || !about ? overview(commands) : helpOf(commandNamed(about)));
      return exitCodes.done;
    }
    const isNamed = first !== undefined && !first.startsWith("-");
    const command = isNamed ? commandNamed(first) : commands[0];
    return await runCommand(command, isNamed ? others : withoutLeadingDashes(args));
  } catch (error) {
    const code = exitCodeOf(error);
    if (code === undefined) throw error;
    console.error((error as Error).message);
    return code;
  }
}

async function runCommand(command: Command, args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(helpOf(command));
    return exitCodes.done;
  }
  return await command.run(parseArguments(args, command));
}

/** The user's own mistakes; whatever else is thrown is a fault of ours. */
function exitCodeOf(error: unknown): number | undefined {
  const usage = [UsageError, OutputError, ReportError, MergeError, CompareError, ParityError];
  if (usage.some((kind) => error instanceof kind)) return exitCodes.usage;
  if (error instanceof DatasetError || error instanceof ProviderError) return exitCodes.failed;
  return undefined;
}

function commandNamed(name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const names = commands.map((command) => command.name);
  throw new UsageError(
    `unknown subcommand "${name}"${suggest(name, names)}; allowed: ${names.join(", ")}`,
  );
}

function answerShell(words: readonly string[]): number {
  complete(commands, words[0] === "--" ? words.slice(1) : words);
  return exitCodes.done;
}

/** `npm run` has taught people to write `deno task bench -- --epochs 2`; Deno hands the dashes on. */
function withoutLeadingDashes(args: readonly string[]): readonly string[] {
  return args[0] === "--" ? args.slice(1) : args;
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    // A fault of ours, not of the user's: the trace helps to mend it, but only where it is asked for.
    const isVerbose = Deno.args.includes("--verbose");
    console.error(isVerbose ? error : `bench failed: ${oneLine(error)}; --verbose shows where`);
    Deno.exitCode = 1;
  }
}
