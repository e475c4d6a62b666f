/** `bench layout`. @module */
import { gridFlags } from "../mod.ts";
import type { Command } from "../command.ts";
import { runGrid } from "../run_experiment.ts";

/** Trains every style channels-first and channels-last. */
export const layoutCommand: Command = {
  name: "layout",
  summary:
    "measures whether channels-first or channels-last is faster on this machine and provider",
  flags: [...gridFlags.layout, "junit"],
  switches: ["fresh", "json", "quiet", "verbose"],
  examples: [
    ["layout --epochs 1 --seeds 3", "every style in both layouts, three times"],
    ["layout --styles torch --device cuda", "the PyTorch idiom on a GPU"],
  ],
  run: (args) => runGrid("layout", args),
};
