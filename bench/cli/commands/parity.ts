/** `bench parity`. @module */
import { join } from "node:path";
import { type ImageDataset, trainValidationSplit } from "../../../fixtures/mod.ts";
import { plannedFiles, writeWhole } from "../../output/files.ts";
import { terminalJson, terminalLines } from "../../output/escape.ts";
import { OutputFolder } from "../../output/folder.ts";
import { formatParity } from "../../parity/report/format.ts";
import { parityFlags, type ParityOptions, readParityOptions } from "../../parity/options.ts";
import { parityRun } from "../../parity/parity_run.ts";
import type { ParityReport } from "../../parity/report/report.ts";
import { readEnvironment } from "../../results/environment.ts";
import { type Report, schemaVersion, toReportDataset } from "../../results/report.ts";
import { interruptedExitCode } from "../../runner/interruption.ts";
import { type Command, exitCodes } from "../command.ts";
import { defaultOptions } from "../options.ts";
import type { ParsedArguments } from "../parse.ts";

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
  run: parity,
};

async function parity(args: ParsedArguments): Promise<number> {
  const options = readParityOptions(args);
  const note = args.has("quiet") ? () => {} : (line: string) => console.error(line);
  await using folder = await OutputFolder.open(options.out, ["parity.json", ...plannedFiles([])]);
  const { parity, dataset } = await parityRun(options, note);
  await folder.write([{ path: "parity.json", content: JSON.stringify(parity, null, 2) + "\n" }]);
  const pages = await writeWhole(await reportOf(options, parity, dataset), folder, null);
  console.log(args.has("json") ? terminalJson(parity) : terminalLines(formatParity(parity)));
  for (const path of [join(folder.path, "parity.json"), ...pages]) note(path);
  if (parity.interrupted) return interruptedExitCode;
  return parity.agrees ? exitCodes.done : exitCodes.failed;
}

/** The result as a report, which has pages and charts. */
async function reportOf(
  options: ParityOptions,
  parity: ParityReport,
  dataset: ImageDataset | null,
): Promise<Report> {
  const { seed, batchSize, dataDir, datasetOptions, limit, device, out } = options;
  const asked = options.dataset;
  const byDefault = defaultOptions();
  const own = { seed, batchSize, dataDir, datasetOptions, limit, device, out, dataset: [asked] };
  return {
    schemaVersion,
    experiment: {
      name: "parity",
      title: "parity",
      table: "figures",
      lead: null,
      verdicts: null,
    },
    arguments: argumentsOf(options),
    complete: !parity.interrupted,
    interrupted: parity.interrupted,
    environment: await readEnvironment(),
    options: { ...byDefault, ...own, model: [options.model ?? byDefault.model[0]] },
    models: [],
    recipes: [],
    datasets: dataset
      ? [toReportDataset(asked, dataset, trainValidationSplit(dataset.train, 0.2))]
      : [],
    peakFlops: null,
    notes: [],
    plan: [],
    parts: [],
    results: [],
    configurations: [],
    comparisons: [],
    parity,
  };
}

/** The flags that bring about these options. */
function argumentsOf(options: ParityOptions): string[] {
  const { out: _, ...asked } = options;
  const flags = Object.entries(asked).filter(([, value]) => value !== null).flatMap((
    [name, value],
  ) => [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, String(value)]);
  return ["parity", ...flags];
}
