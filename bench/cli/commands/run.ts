/** `bench run`. @module */
import { gridFlags, readOptions, refuseForeignToParity } from "../mod.ts";
import { parityFlags } from "../../parity/mod.ts";
import type { Command } from "../command.ts";
import { mannerOf, runGrid } from "../run_experiment.ts";
import { runParityMode } from "./parity.ts";

/** Trains every style, for every seed. */
export const runCommand: Command = {
  name: "run",
  summary: "trains the classifier in every style and reports time and accuracy (the default)",
  flags: [...gridFlags.run, "junit"],
  switches: ["fresh", "json", "quiet", "verbose"],
  examples: [
    ["", "the published experiment, all styles"],
    ["--limit 2000 --epochs 2", "a quick look"],
    ["--styles torch --mode fixed", "PyTorch's idiom, trained rightly"],
    ["run --seeds 5", "means, intervals and paired tests over five seeds"],
    ["run --seeds 8 --shard 2/4 --out shards/2", "the second quarter of it, on another machine"],
    ["run --mode parity", "both idioms from the same weights, step by step"],
  ],
  run: (args) => {
    const options = readOptions(args, "run");
    if (options.mode !== "parity") return runGrid("run", args);
    refuseForeignToParity(options, parityFlags);
    return runParityMode(options, { out: options.out, junit: args.value("junit") }, mannerOf(args));
  },
};
