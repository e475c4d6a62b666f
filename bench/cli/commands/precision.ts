/** `bench precision`. @module */
import { join } from "node:path";
import { checkProvider } from "../../../onnx/mod.ts";
import { compare } from "../../experiments/compare.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import { resolveExperiment } from "../../experiments/resolve.ts";
import { type OutputFile, OutputFolder } from "../../output/folder.ts";
import {
  precisionChart,
  precisionMarkdown,
  type PrecisionReport,
  type PrecisionRow,
} from "../../precision/report.ts";
import { readEnvironment } from "../../results/environment.ts";
import { interruptedExitCode, Interruption } from "../../runner/interruption.ts";
import { killTrials, processLauncher } from "../../runner/processes/launch.ts";
import { loadEach } from "../../runner/load_images.ts";
import { planTrials, trialsOf } from "../../runner/plan.ts";
import { runTrials } from "../../runner/run.ts";
import { checkModels } from "../check_models.ts";
import { type Command, exitCodes } from "../command.ts";
import { experimentFlags, readOptions } from "../options.ts";
import { displayFor, outputOptionsOf } from "../output_options.ts";
import type { ParsedArguments } from "../parse.ts";

/** Trainings as those of `bench run`. */
const trainings: Experiment = { ...compare, name: "precision", command: "precision" };

/** Trains, and measures the exported file in several precisions. */
export const precisionCommand: Command = {
  name: "precision",
  summary:
    "trains a model and measures its file in float32, float16 and int8: accuracy, speed, size",
  flags: experimentFlags(trainings),
  switches: ["json", "quiet", "verbose"],
  examples: [
    ["precision --styles torch --limit 2000 --epochs 2", "one training, four files"],
    ["precision --model resnet20 --recipe fixed", "a larger network, in every style"],
  ],
  run: precision,
};

const FILES = ["precision.json", "precision.md"];
const THEMES = ["light", "dark"] as const;

async function precision(args: ParsedArguments): Promise<number> {
  const options = readOptions(args, trainings);
  const output = outputOptionsOf(args);
  const { input } = await resolveExperiment(trainings, options);
  const configurations = trainings.configurations(input);
  const trials = trialsOf(planTrials(configurations, options), options.shard);
  const charts = THEMES.map((theme) => `precision-${theme}.svg`);
  await using folder = await OutputFolder.open(options.out, [...FILES, ...charts]);
  await checkProvider(options.device);
  const display = displayFor(output);
  const note = (line: string) => display.note(line);
  const datasets = await loadEach(options, note);
  await checkModels(configurations, datasets, options);
  using interruption = new Interruption({
    onFirst: () => note("stopping after this step; press Ctrl-C again to stop at once"),
    onSecond: killTrials,
  });
  const rows: PrecisionRow[] = [];
  await runTrials({
    ...{ trials, configurations, datasets, options },
    measuresForms: true,
    // Nothing is resumed.
    fingerprints: new Map(configurations.map(({ name }) => [name, name])),
    peakFlops: null,
    finished: new Map(),
  }, {
    launch: processLauncher(),
    display,
    signal: interruption.signal,
    stateFolder: () => Promise.resolve(null),
    onResult: ({ trial, forms = [], error, state }) => {
      rows.push({ trial, forms, error: forms.length > 0 ? null : error ?? state });
      return Promise.resolve();
    },
  });
  const report: PrecisionReport = {
    schemaVersion: 1,
    experiment: "precision",
    command: ["deno task bench precision", ...Deno.args.slice(1)].join(" "),
    environment: await readEnvironment(),
    device: options.device,
    testImages: Math.min(...[...datasets.values()].map(({ test }) => test.count)),
    rows,
  };
  await folder.write(await filesOf(report));
  console.log(output.json ? JSON.stringify(report) : precisionMarkdown(report));
  note(join(options.out, "precision.md"));
  if (interruption.signal.aborted) return interruptedExitCode;
  const isWhole = rows.every(({ forms, error }) =>
    error === null && forms.every((figures) => figures.error === null)
  );
  return isWhole ? exitCodes.done : exitCodes.failed;
}

async function filesOf(report: PrecisionReport): Promise<OutputFile[]> {
  const files: OutputFile[] = [
    { path: "precision.json", content: JSON.stringify(report, null, 1) + "\n" },
    { path: "precision.md", content: precisionMarkdown(report) },
  ];
  for (const theme of THEMES) {
    const content = await precisionChart(report.rows, theme);
    if (content !== null) files.push({ path: `precision-${theme}.svg`, content });
  }
  return files;
}
