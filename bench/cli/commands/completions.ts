/**
 * `bench completions`: a script that teaches a shell the subcommands, flags and values.
 * @module
 */
import { RootCommand } from "@bomb.sh/tab";
import { fileURLToPath } from "node:url";
import { type Command, exitCodes } from "../command.ts";
import type { Flag } from "../flag.ts";
import { flags, switches } from "../flags.ts";
import { UsageError } from "../usage_error.ts";

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
  positional: { name: "shells", least: 1, most: 1, choices: shells },
  examples: [[
    "completions bash > ~/.tandem-bench && . ~/.tandem-bench",
    "then `bench la<Tab>` in this shell",
  ]],
  run: ({ positional: [shell] }) => {
    if (!shells.includes(shell as typeof shells[number])) {
      throw new UsageError(`shell "${shell}" is not known, expected one of ${shells.join(", ")}`);
    }
    console.log(before(shell));
    new RootCommand().setup(FUNCTION, benchCommand(), shell);
    console.log(after(shell));
    return Promise.resolve(exitCodes.done);
  },
};

/** Not the task: that would run in this repository, and the paths that a user types are of another folder. */
function benchCommand(): string {
  const [config, main] = ["../../../deno.json", "../../main.ts"].map((file) =>
    `'${fileURLToPath(new URL(file, import.meta.url)).replaceAll("'", `'\\''`)}'`
  );
  return `deno run --quiet --config ${config} --permission-set=bench --no-check ${main}`;
}

/** What stands before the library's script. */
function before(shell: string): string {
  if (shell === "fish") return `function ${FUNCTION}; ${benchCommand()} $argv; end`;
  const definition = `${FUNCTION}() { ${benchCommand()} "$@"; }`;
  return shell === "bash" ? `${definition}\n${bashWords}\n${bashOnce}` : definition;
}

/** What the script takes from the package bash-completion, for where that is not installed. */
const bashWords = `declare -F _get_comp_words_by_ref > /dev/null || _get_comp_words_by_ref() {
  cur=\${COMP_WORDS[COMP_CWORD]} words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
  prev=\${COMP_WORDS[COMP_CWORD - 1]}
}`;

/** Its constants are read-only: read a second time, as with ~/.bashrc, it would complain of each. */
const bashOnce = `if ! declare -F __${FUNCTION}_complete > /dev/null; then`;

/** What stands after the library's script. */
function after(shell: string): string {
  // Files where it has no answer, as in zsh and fish.
  return shell === "bash" ? `fi\ncomplete -o default -F __${FUNCTION}_complete ${FUNCTION}` : "";
}

/** Answers a shell that asks how a line goes on: `bench complete -- WORDS`. */
export function complete(commands: readonly Command[], words: readonly string[]): void {
  if (isPathAsked(commands, words)) return console.log(SHELL_OFFERS_FILES);
  const root = new RootCommand();
  for (const command of commands) {
    const known = root.command(command.name, command.summary);
    const { name, choices } = command.positional ?? {};
    if (choices) known.argument(name!, (offer) => choices.forEach((choice) => offer(choice, "")));
    // Without a subcommand the flags are those of the first one.
    for (const parent of command === commands[0] ? [root, known] : [known]) {
      addFlags(parent, command);
    }
  }
  root.parse([...words]);
}

/** The answer without values that leaves it to the shell (Cobra's ShellCompDirectiveDefault, which the scripts follow). */
const SHELL_OFFERS_FILES = ":0";

/** Whether the last word is to be a path: behind a flag that takes one, or as a subcommand's argument. */
function isPathAsked(commands: readonly Command[], words: readonly string[]): boolean {
  const [last = "", previous = ""] = words.toReversed();
  const flag = flags[previous.replace(/^--/, "") as keyof typeof flags] as Flag<unknown>;
  if (previous.startsWith("--") && flag) return flag.isPath === true;
  const command = commands.find(({ name }) => name === words[0]);
  const isArgument = words.length > 1 && !last.startsWith("-");
  return isArgument && command?.positional !== undefined && !command.positional.choices;
}

function addFlags(to: Pick<RootCommand, "option">, command: Command): void {
  for (const name of command.flags) {
    const { help, choices } = flags[name] as Flag<unknown>;
    to.option(name, help, (offer) => choices?.forEach((choice) => offer(choice, "")));
  }
  for (const name of command.switches) to.option(name, switches[name].help);
  to.option("help", "what it does and takes");
}
