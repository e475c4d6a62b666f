/**
 * `bench completions`: a script that teaches a shell the subcommands, flags and values.
 * @module
 */
import { RootCommand } from "@bomb.sh/tab";
import { fileURLToPath } from "node:url";
import { type Flag, flags, switches, UsageError } from "../command_line/mod.ts";
import { type Command, exitCodes } from "./command.ts";

const shells = ["bash", "zsh", "fish"] as const;

/** The name under which a shell knows the bench once the script is read. */
const FUNCTION = "bench";

/** Prints the script for a shell. */
export const completionsCommand: Command = {
  name: "completions",
  summary: "prints a script that defines the shell command `bench` with completion",
  placeholder: "SHELL",
  flags: [],
  switches: [],
  positional: { name: "shells", least: 1, most: 1 },
  examples: [[
    "completions bash > ~/.tandem-bench && . ~/.tandem-bench",
    "then `bench la<Tab>` in this shell",
  ]],
  run: ({ positional: [shell] }) => {
    if (!shells.includes(shell as typeof shells[number])) {
      throw new UsageError(`shell "${shell}" is not known, expected one of ${shells.join(", ")}`);
    }
    console.log(definitionOf(shell));
    new RootCommand().setup(FUNCTION, benchCommand(), shell);
    return Promise.resolve(exitCodes.done);
  },
};

function benchCommand(): string {
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  return `deno task --quiet --config '${config}' bench`;
}

function definitionOf(shell: string): string {
  if (shell === "fish") return `function ${FUNCTION}; ${benchCommand()} $argv; end`;
  return `${FUNCTION}() { ${benchCommand()} "$@"; }`;
}

/** Answers a shell that asks how a line goes on: `bench complete -- WORDS`. */
export function complete(commands: readonly Command[], words: readonly string[]): void {
  const root = new RootCommand();
  for (const command of commands) {
    const known = root.command(command.name, command.summary);
    // Without a subcommand the flags are those of the first one.
    for (const parent of command === commands[0] ? [root, known] : [known]) {
      addFlags(parent, command);
    }
  }
  root.parse([...words]);
}

function addFlags(to: Pick<RootCommand, "option">, command: Command): void {
  for (const name of command.flags) {
    const { help, choices } = flags[name] as Flag<unknown>;
    to.option(name, help, (offer) => choices?.forEach((choice) => offer(choice, "")));
  }
  for (const name of command.switches) to.option(name, switches[name].help);
  to.option("help", "what it does and takes");
}
