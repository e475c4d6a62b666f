/** The subcommands of the bench. @module */
import type { Command } from "../command.ts";
import { compareCommand } from "./compare.ts";
import { completionsCommand } from "./completions.ts";
import { convertCommand } from "./convert.ts";
import { experimentCommands } from "./experiment.ts";
import { initCommand } from "./init.ts";
import { mergeCommand } from "./merge.ts";
import { parityCommand } from "./parity.ts";
import { precisionCommand } from "./precision.ts";
import { reportCommand } from "./report.ts";
import { scalingCommand } from "./scaling.ts";
import { statusCommand } from "./status.ts";

/** All subcommands; the first is the default. */
export const commands: readonly Command[] = [
  ...experimentCommands,
  initCommand,
  parityCommand,
  convertCommand,
  scalingCommand,
  precisionCommand,
  compareCommand,
  mergeCommand,
  reportCommand,
  statusCommand,
  completionsCommand,
];

/** Names that subcommands had, and what to use. */
export const renamed: Readonly<Record<string, string>> = { ladder: "ablation" };
