/**
 * `deno task bench`: finds the subcommand, runs it, says what went wrong in one line.
 * @module
 */
import { DatasetError, DatasetOptionError } from "../fixtures/mod.ts";
import { ProviderError, shortMessage, shortText } from "../onnx/mod.ts";
import { type Command, exitCodes } from "./cli/command.ts";
import { complete } from "./cli/commands/completions.ts";
import { commands, renamed } from "./cli/commands/mod.ts";
import { helpOf, overview } from "./cli/help.ts";
import { parseArguments } from "./cli/parse.ts";
import { UsageError } from "./cli/usage_error.ts";
import { AblationError } from "./experiments/check_ablation.ts";
import { ExperimentError } from "./experiments/resolve.ts";
import { WeightsError } from "./weights/weights_error.ts";
import { ModelError } from "./models/mod.ts";
import { suggest } from "./nearest_name.ts";
import { terminalLines } from "./output/escape.ts";
import { OutputError } from "./output/folder.ts";
import { ParityError } from "./parity/parity_error.ts";
import { RecipeError } from "./recipes/mod.ts";
import { CompareError } from "./results/compare.ts";
import { HistoryError } from "./results/history.ts";
import { MergeError } from "./results/merge.ts";
import { ReportError } from "./results/read_report.ts";
import { UserFileError } from "./runner/processes/user_file.ts";
import { UserModuleError } from "./user_module.ts";

/** Runs a command line and returns the exit code; see `--help`. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const [first, ...others] = withoutLeadingDashes(args);
    if (first === "complete") return answerShell(others);
    if (first === "--help" || first === "-h" || first === "help") {
      const [about] = others;
      const isAbout = first === "help" && about;
      console.log(isAbout ? await helpOf(commandNamed(about)) : overview(commands));
      return exitCodes.done;
    }
    const isNamed = first !== undefined && !first.startsWith("-");
    const command = isNamed ? commandNamed(first) : commands[0];
    return await runCommand(command, isNamed ? others : withoutLeadingDashes(args));
  } catch (error) {
    const code = exitCodeOf(error);
    if (code === undefined) throw error;
    console.error(terminalLines((error as Error).message));
    return code;
  }
}

async function runCommand(command: Command, args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(await helpOf(command));
    return exitCodes.done;
  }
  return await command.run(parseArguments(args, command));
}

/** The user's own mistakes; whatever else is thrown is a fault of ours. */
const usageErrors = [
  ...[UsageError, OutputError, ReportError, MergeError, CompareError, HistoryError, ParityError],
  ...[ExperimentError, AblationError, ModelError, RecipeError, UserFileError, UserModuleError],
  WeightsError,
  DatasetOptionError,
];

function exitCodeOf(error: unknown): number | undefined {
  if (usageErrors.some((kind) => error instanceof kind)) return exitCodes.usage;
  if (error instanceof DatasetError || error instanceof ProviderError) return exitCodes.failed;
  return undefined;
}

/** An error as people read it: its message, not where it was thrown. */
function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return shortMessage(text.split("\n")[0], 280);
}

function commandNamed(name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  if (renamed[name]) throw new UsageError(`"${name}" is gone; use ${renamed[name]}`);
  const names = commands.map((command) => command.name);
  throw new UsageError(
    `unknown subcommand ${shortText(name)}${suggest(name, names)}; allowed: ${names.join(", ")}`,
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
