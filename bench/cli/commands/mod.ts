/** The subcommands of the bench. @module */
import type { Command } from "../command.ts";
import { compareCommand } from "./compare.ts";
import { completionsCommand } from "./completions.ts";
import { ladderCommand } from "./ablation.ts";
import { layoutCommand } from "./layout.ts";
import { mergeCommand } from "./merge.ts";
import { parityCommand } from "./parity.ts";
import { reportCommand } from "./report.ts";
import { runCommand } from "./run.ts";

export { type Command, exitCodes } from "../command.ts";
export { complete } from "./completions.ts";
export { helpOf, overview } from "../help.ts";

/** All subcommands; the first is the default. */
export const commands: readonly Command[] = [
  runCommand,
  ladderCommand,
  layoutCommand,
  parityCommand,
  compareCommand,
  mergeCommand,
  reportCommand,
  completionsCommand,
];
