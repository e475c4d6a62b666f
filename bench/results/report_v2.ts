/**
 * Reports of version 2: they knew one model, one data set and the modes `seed` and `fixed`, and called a trial a cell, a
 * configuration a group and an ablation a ladder.
 * @module
 */
import { ablations } from "../experiments/ablation_list.ts";
import type { Presentation } from "../experiments/experiment.ts";
import { ablation } from "../experiments/ablation.ts";
import { compare } from "../experiments/compare.ts";
import { layout } from "../experiments/layout.ts";
import type { ParityReport } from "../parity/report/report.ts";
import { recipe as fixed } from "../recipes/presets/fixed.ts";
import { recipe as published } from "../recipes/presets/published.ts";
import type { Recipe } from "../recipes/recipe.ts";
import type { Shard } from "../runner/plan.ts";
import type { TimeSummary } from "../runner/measuring/times.ts";
import type {
  Axes,
  BenchDevice,
  EpochRecord,
  KerasEngine,
  Layout,
  ShownConfusion,
  StyleName,
  TrialResult,
} from "../runner/trials/trial.ts";
import { sumUp } from "./configurations.ts";
import type { Environment } from "./environment.ts";
import {
  type ConfigurationFigures,
  type Report,
  type ReportPart,
  schemaVersion,
} from "./report.ts";

interface CellV2 {
  style: StyleName;
  seed: number;
  rung: string | null;
  layout: Layout | null;
}

interface ResultV2 extends CellV2 {
  cell: string;
  engine: string | null;
  provider: string | null;
  dataset: string;
  parameters: number | null;
  fitSeconds: number | null;
  compileSeconds: number | null;
  engineSeconds: number | null;
  javascriptSeconds: number | null;
  stepMs: TimeSummary | null;
  frameworkMs: TimeSummary | null;
  warmupMs: number[];
  history: EpochRecord[];
  testLoss: number | null;
  testAccuracy: number | null;
  inferenceSeconds: number | null;
  onnxInferenceSeconds: number | null;
  onnxAgreement: number | null;
  peakMemoryMiB: number | null;
  confusion: number[][] | null;
  worst: ShownConfusion[];
  notes: string[];
  complete: boolean;
  error: string | null;
}

/** What version 2 looked like, as far as it is read. */
export interface ReportV2 {
  schemaVersion: 2;
  command: "run" | "ladder" | "layout";
  complete: boolean;
  interrupted: boolean;
  environment: Environment;
  options: {
    styles: StyleName[];
    dataset: string;
    dataDir: string | null;
    epochs: number;
    batchSize: number;
    limit: number | null;
    mode: "seed" | "fixed" | "parity";
    seed: number;
    seeds: number;
    warmup: number;
    device: BenchDevice;
    kerasEngine: KerasEngine;
    shard: Shard | null;
    out: string;
  };
  dataset: {
    name: string;
    title: string;
    classNames: string[];
    notice: string | null;
    trainImages: number;
    validationImages: number;
    testImages: number;
  };
  plan: (CellV2 & { id: string })[];
  parts: ReportPart[];
  results: ResultV2[];
  parity: ParityReport | null;
}

/** The same report in this version: the same figures under today's names; what was not measured then is null. */
export function upgraded(old: ReportV2): Report {
  const { mode, dataset, styles, ...others } = old.options;
  const recipe: Recipe = {
    ...(mode === "fixed" ? fixed : published),
    epochs: others.epochs,
    batchSize: others.batchSize,
  };
  const axesOf = ({ style, rung, layout }: CellV2): Axes => ({
    ...{ model: "published_cnn", recipe: recipe.name, dataset, style, layout, change: rung },
  });
  const report: Report = {
    schemaVersion,
    experiment: experimentOf(old.command, recipe),
    arguments: argumentsOf(old),
    complete: old.complete,
    interrupted: old.interrupted,
    environment: old.environment,
    options: {
      ...others,
      styles,
      model: ["published_cnn"],
      recipe: [recipe.name],
      dataset: [dataset],
      datasetOptions: null,
      ablation: old.command === "ladder" ? "published" : null,
      learningRate: null,
      stepsPerCall: 1,
      untilAccuracy: null,
      profile: false,
      threads: null,
      peers: null,
      weights: null,
      skipWeights: [],
      strictDevice: false,
    },
    models: [{ name: "published_cnn", title: "the published network", source: null }],
    recipes: [recipe],
    datasets: [{ asked: dataset, ...old.dataset }],
    peakFlops: null,
    notes: [],
    plan: old.plan.map((cell) => ({
      ...{ id: cell.id, configuration: groupOf(cell), axes: axesOf(cell), seed: cell.seed },
    })),
    parts: old.parts,
    results: old.results.map((result) => resultOf(result, axesOf(result), old.interrupted)),
    configurations: configurationsOf(old, axesOf),
    comparisons: [],
    parity: old.parity,
  };
  sumUp(report, report.results.length);
  return { ...report, complete: old.complete };
}

/** Such as `keras`, `torch/keras-rmsprop` or `torch/channels-last`. */
function groupOf({ style, rung, layout }: CellV2): string {
  return [style, rung, layout].filter((part) => part !== null).join("/");
}

function experimentOf(command: ReportV2["command"], recipe: Recipe): Report["experiment"] {
  const experiment = { run: compare, ladder: ablation, layout }[command];
  // What presentations of these look at.
  const input = { recipes: [recipe], ablation: ablations[0] } as unknown as Parameters<
    (typeof experiment)["presentation"]
  >[0];
  const presentation: Presentation = experiment.presentation(input);
  return { name: experiment.name, ...presentation };
}

/** Every group of the plan, in the order of the first seed, which is that of tables. */
function configurationsOf(
  { plan, results, command }: ReportV2,
  axesOf: (cell: CellV2) => Axes,
): ConfigurationFigures[] {
  const cells = new Map([...plan, ...results].map((cell) => [groupOf(cell), cell]));
  const names = [...cells.keys()];
  const { changes, fromTitle, end } = ablations[0];
  const titles = new Map([["published", fromTitle], ...changes.map((c) => [c.name, c.title])] as [
    string,
    string,
  ][]);
  return names.map((name, i) => {
    const cell = cells.get(name)!;
    const isLadder = command === "ladder";
    return {
      name,
      axes: axesOf(cell),
      title: isLadder ? titles.get(cell.rung ?? "") ?? end!.title : null,
      before: isLadder && i > 0 ? names[i - 1] : null,
      fingerprint: null,
      seeds: [],
      figures: {} as ConfigurationFigures["figures"],
    };
  });
}

function resultOf(
  { cell, style: _, seed, rung: __, layout: ___, complete, error, ...figures }: ResultV2,
  axes: Axes,
  interrupted: boolean,
): TrialResult {
  return {
    ...figures,
    ...{ trial: cell, configuration: cell.replace(/\/seed-\d+$/, ""), axes, seed, error },
    inputMs: null,
    imagesPerSecond: null,
    stepFlops: null,
    flopsPerSecond: null,
    peakShare: null,
    split: null,
    secondsToAccuracy: null,
    state: error !== null ? "failed" : complete ? "done" : interrupted ? "stopped" : "incomplete",
  };
}

/** The command line of today that trains the same. */
function argumentsOf({ command, options }: ReportV2): string[] {
  const { styles, dataset, dataDir, epochs, batchSize, limit, mode, seed, seeds } = options;
  const given: [string, unknown, unknown][] = [
    ["--recipe", mode === "fixed" ? "fixed" : "published", "published"],
    ["--dataset", dataset, "cifar10"],
    ["--styles", command === "ladder" ? null : styles.join(), "keras,keras-advanced,torch"],
    ["--data-dir", dataDir, null],
    ["--epochs", epochs, 5],
    ["--batch-size", batchSize, 32],
    ["--limit", limit, null],
    ["--seed", seed, 1],
    ["--seeds", seeds, 1],
    ["--warmup", options.warmup, 3],
    ["--device", options.device, "cpu"],
    ["--keras-engine", options.kerasEngine, "auto"],
  ];
  const name = { run: [], ladder: ["ablation"], layout: ["layout"] }[command];
  return [
    ...name,
    ...given.flatMap(([flag, value, byDefault]) =>
      value === null || value === byDefault ? [] : [flag, String(value)]
    ),
  ];
}
