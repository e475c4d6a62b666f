/**
 * The texts of `--help`, made from the tables of commands and flags.
 * @module
 */
import { describeDatasets } from "../../fixtures/mod.ts";
import { ablations } from "../experiments/ablation_list.ts";
import { modelNames } from "../models/mod.ts";
import { recipeNames } from "../recipes/mod.ts";
import type { Flag } from "./flag.ts";
import { flags, switches } from "./flags.ts";
import type { Command } from "./command.ts";

const codes =
  "Exit codes: 0 done, 1 a trial or the data set failed, a regression, or models that differ, " +
  "2 wrong usage, 130 interrupted.";

/** The bench's own help: its subcommands. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    "deno task bench [SUBCOMMAND] [FLAGS]",
    "",
    "Trains image classifiers in the Keras and in the PyTorch idiom and reports time and accuracy.",
    "",
    "Subcommands (run, unless one is named; each has its own --help):",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    ...examplesOf(
      commands.map((command) => ({ ...command, examples: command.examples.slice(0, 3) })),
    ),
    "",
    codes,
  ].join("\n");
}

/** A subcommand's help: its flags, the names that they know, examples. */
export async function helpOf(command: Command): Promise<string> {
  const valued = command.flags.map((name) => {
    const flag = { ...flags[name] as Flag<unknown> };
    if (command.defaults?.[name] !== undefined) flag.byDefault = command.defaults[name];
    return [`--${name} ${flag.placeholder}`, `${flag.help}${defaultText(flag)}`, flag.allowed];
  });
  const alone = command.switches.map((name) => [`--${name}`, switches[name].help]);
  const rows = [...valued, ...alone, ["--help, -h", "this text"]];
  const width = Math.max(...rows.map(([left]) => left.length));
  const indent = " ".repeat(width + 4);
  return [
    ["deno task bench", command.name, "[FLAGS]", command.placeholder].filter(Boolean).join(" "),
    "",
    `${command.summary[0].toUpperCase()}${command.summary.slice(1)}`.replace(/[^?]$/, "$&."),
    "",
    ...rows.map(([left, help, allowed]) =>
      `  ${left.padEnd(width)}  ${help}${allowed ? `\n${indent}${allowed}` : ""}`
    ),
    "",
    ...await knownNames(command),
    ...examplesOf([command]),
    "",
    codes,
  ].join("\n");
}

/** What the names of networks, recipes, lists of changes and data sets may be. */
async function knownNames({ flags }: Command): Promise<string[]> {
  const known = {
    model: ["Networks:", async () => [(await modelNames()).join(", ")]],
    recipe: ["Recipes:", async () => [(await recipeNames()).join(", ")]],
    ablation: ["Lists of changes:", () => ablations.map((list) => `${list.name}: ${list.title}`)],
    dataset: ["Data sets:", describeDatasets],
  } as const;
  const lines: string[] = [];
  for (const [flag, [title, names]] of Object.entries(known)) {
    if (!flags.some((name) => name === flag)) continue;
    lines.push(title, ...(await names()).map((line) => `  ${line}`), "");
  }
  return lines;
}

function defaultText({ byDefault, placeholder }: Flag<unknown>): string {
  if (byDefault === null || String(byDefault) === "") return "";
  return ` (default ${placeholder === "P%" ? `${Number(byDefault) * 100}%` : byDefault})`;
}

function examplesOf(commands: readonly Pick<Command, "examples">[]): string[] {
  const examples = commands.flatMap(({ examples }) => examples);
  const lines = examples.map(([line, what]) => [`deno task bench ${line}`.trimEnd(), what]);
  const width = Math.max(...lines.map(([line]) => line.length));
  return ["Examples:", ...lines.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`)];
}
