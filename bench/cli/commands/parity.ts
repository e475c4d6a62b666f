/**
 * `bench parity`, and `bench run --mode parity`.
 * @module
 */
import { trainValidationSplit } from "../../../fixtures/mod.ts";
import type { BenchOptions } from "../mod.ts";
import { interruptedExitCode } from "../../runner/interruption.ts";
import { loadImages } from "../../runner/load_images.ts";
import {
  defaultParityOptions,
  formatParity,
  parityFlags,
  type ParityOptions,
  type ParityReport,
  parityRun,
  readParityOptions,
} from "../../parity/mod.ts";
import { emptyReport, toReportDataset } from "../../results/report.ts";
import { prepareFolder } from "../../results/report_files.ts";
import { type Command, exitCodes } from "../command.ts";
import { displayFor, type Manner } from "../run_experiment.ts";
import { type Outputs, writeOutputs } from "../../output/files.ts";

/** Holds a model in both idioms against itself. */
export const parityCommand: Command = {
  name: "parity",
  summary: "finds the first layer, gradient or step in which a model in both idioms differs",
  flags: parityFlags,
  switches: ["json", "quiet"],
  examples: [
    ["parity", "the experiment's own network, 200 steps"],
    ["parity --model my_model.ts", "a port of one's own: which layer is wrong?"],
    [
      "parity --model my_model.ts --learning-rate 0.001",
      "how long does rounding let it stay right?",
    ],
  ],
  run: async (args) => {
    const note = args.has("quiet") ? () => {} : (line: string) => console.error(line);
    const parity = await parityRun(readParityOptions(args), note);
    console.log(args.has("json") ? JSON.stringify(parity) : formatParity(parity));
    return exitCodeOf(parity);
  },
};

function exitCodeOf({ interrupted, agrees }: ParityReport): number {
  if (interrupted) return interruptedExitCode;
  return agrees ? exitCodes.done : exitCodes.failed;
}

/** Runs the experiment's own network in parity mode and writes a report about it. */
export async function runParityMode(
  options: BenchOptions,
  outputs: Outputs,
  manner: Manner,
): Promise<number> {
  const display = displayFor(manner);
  const note = (line: string) => display.note(line);
  const own = parityOptions(options);
  await prepareFolder(options.out);
  const dataset = await loadImages(own, note);
  const parity = await parityRun(own, note, dataset);
  const parts = trainValidationSplit(dataset.train, 0.2);
  const report = await emptyReport("run", options, toReportDataset(dataset, parts), []);
  const { interrupted } = parity;
  const whole = { ...report, complete: !interrupted, interrupted, parity };
  const files = await writeOutputs(whole, outputs, "whole");
  if (manner.json) console.log(JSON.stringify(parity));
  else console.log(`${formatParity(parity)}\n\n${files.join("\n")}`);
  return exitCodeOf(parity);
}

/** The options of the bench that parity mode has too; the number of its steps is its own. */
function parityOptions(options: BenchOptions): ParityOptions {
  const { seed, batchSize, dataset, dataDir, device, out } = options;
  const own = defaultParityOptions();
  return {
    ...own,
    seed,
    batchSize,
    dataset,
    dataDir,
    device,
    out,
    limit: options.limit ?? own.limit,
  };
}
