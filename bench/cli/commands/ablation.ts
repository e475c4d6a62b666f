/** `bench ladder`. @module */
import { gridFlags } from "../mod.ts";
import type { Command } from "../command.ts";
import { runGrid } from "../run_experiment.ts";

/** Trains the published PyTorch variant and takes one difference away a rung, until it equals the Keras variant. */
export const ladderCommand: Command = {
  name: "ladder",
  summary: "shows what each difference between the published PyTorch and Keras variants costs",
  flags: [...gridFlags.ladder, "junit"],
  switches: ["fresh", "json", "quiet", "verbose"],
  examples: [
    ["ladder", "every rung once"],
    ["ladder --seeds 5", "every rung with a 95 % interval"],
    ["ladder --limit 5000 --epochs 2 --seeds 3", "a quick look"],
  ],
  run: (args) => runGrid("ladder", args),
};
