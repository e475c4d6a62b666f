/**
 * A run of the bench: one training after the other, the report kept up to date.
 * @module
 */
import { join } from "node:path";
import { type ImageDataset, trainValidationSplit } from "../../fixtures/mod.ts";
import { loadModel } from "../models/mod.ts";
import { changeRecipe, loadRecipe, overrideRecipe, type Recipe } from "../recipes/mod.ts";
import { rungChanges, rungNames } from "../experiments/ablation.ts";
import type { Trial } from "./trial.ts";
import type { BenchOptions } from "../cli/options.ts";
import { confusionMatrix } from "./confusion.ts";
import { type Cell, type GridCommand, groupName, groupsOf, planCells } from "./plan.ts";
import { Checkpoint, type TrainingProgress } from "./checkpoint.ts";
import { cellsOf } from "./shard.ts";
import { compareGroups, groupFigures } from "../results/configurations.ts";
import { PeakMemory } from "./peak_memory.ts";
import type { ProgressDisplay } from "../output/progress.ts";
import { removeFolder } from "./remove_folder.ts";
import {
  emptyReport,
  type Report,
  type StyleResult,
  toReportDataset,
  toResult,
} from "../results/report.ts";
import { shownConfusions } from "./shown_confusions.ts";
import { StepClock } from "./step_clock.ts";
import {
  emptyOutcome,
  type EpochMetrics,
  type StyleContext,
  type StyleOutcome,
  type StyleRunners,
  type TrialProgress,
} from "../styles/style.ts";

/** What a run needs beside its options. */
export interface RunSettings {
  runners: StyleRunners;
  display: ProgressDisplay;
  /** Aborted at Ctrl-C. */
  signal: AbortSignal;
  /** Called with the report so far after every training; tells whether it is safe on disk. */
  onReport?: (report: Report) => Promise<boolean>;
  /** The report of an interrupted run of the same experiment: what it finished is not trained again. */
  earlier?: Report | null;
}

/**
 * Trains the cells of a command's grid on a loaded data set.
 *
 * A training that fails is reported and the next one runs; after an abort no further one starts.
 */
export async function runBench(
  options: BenchOptions,
  dataset: ImageDataset,
  settings: RunSettings,
  command: GridCommand = "run",
): Promise<Report> {
  const plan = planCells(command, options);
  const cells = cellsOf(plan, options.shard);
  const parts = trainValidationSplit(dataset.train, 0.2);
  const report = await emptyReport(command, options, toReportDataset(dataset, parts), plan);
  sumUp(report, cells.length); // A part without trainings is complete as it is.
  const finished = finishedResults(report, settings.earlier ?? null);
  const shared = { dataset, ...parts, test: dataset.test, fingerprint: fingerprintOf(report) };
  settings.display.plan(cells.map(({ id }) => id));
  for (const [i, cell] of cells.entries()) {
    if (settings.signal.aborted) break;
    const before = finished.get(cell.id);
    if (!before) settings.display.trainingStart(cell.id, i + 1, cells.length);
    const result = before ?? await train(cell, options, shared, settings);
    report.results.push(result);
    report.interrupted = settings.signal.aborted;
    sumUp(report, cells.length);
    const isWritten = await settings.onReport?.(report) ?? true;
    // Only now: a run that is killed before its report is written goes on from the state.
    if (result.complete && isWritten) await removeFolder(stateFolder(options.out, cell));
  }
  return report;
}

/** Brings all of a report that follows from its results up to date. */
export function sumUp(report: Report, expected: number): void {
  const groups = groupsOf(report.command, report.options.styles);
  report.complete = report.results.length === expected &&
    report.results.every(({ complete }) => complete);
  report.groups = groupFigures(groups, report.results);
  report.comparisons = compareGroups(groups, report.results);
}

/** All that a training depends on beside its cell: with another one, a kept state is of no use. */
export function fingerprintOf({ command, options, dataset, environment }: Report): string {
  const { shard: _, out: __, styles: ___, seeds: ____, seed: _____, ...settings } = options;
  return JSON.stringify([command, settings, dataset, environment.packages]);
}

/** What an interrupted run of the same experiment finished, by cell. */
function finishedResults(report: Report, earlier: Report | null): Map<string, StyleResult> {
  if (earlier === null || fingerprintOf(report) !== fingerprintOf(earlier)) return new Map();
  return new Map(
    earlier.results.filter(({ complete }) => complete).map((result) => [result.cell, result]),
  );
}

type SharedContext = Pick<StyleContext, "train" | "validation" | "test"> & {
  dataset: ImageDataset;
  fingerprint: string;
};

/** Where the states of a run's unfinished trainings are kept. */
export function unfinishedFolder(out: string): string {
  return join(out, "unfinished");
}

function stateFolder(out: string, cell: Cell): string {
  return join(unfinishedFolder(out), cell.id.replaceAll("/", "_"));
}

async function train(
  cell: Cell,
  options: BenchOptions,
  { fingerprint, ...shared }: SharedContext,
  { runners, display, signal }: RunSettings,
): Promise<StyleResult> {
  const outcome = emptyOutcome();
  using memory = new PeakMemory();
  const clock = new StepClock({ onStep: () => memory.sample() });
  const progress = new TrainingRecorder(display, outcome, clock, options.epochs);
  const checkpoint = await Checkpoint.open({
    ...{ folder: stateFolder(options.out, cell), fingerprint },
    measure: (spentMilliseconds) => progress.measured(spentMilliseconds),
    note: (line) => progress.note(line),
  });
  progress.resume(checkpoint.progress);
  const context: StyleContext = {
    ...shared,
    trial: trialOf(cell, options),
    model: await loadModel("published_cnn"),
    recipe: await recipeOf(cell, options),
    device: options.device,
    kerasEngine: options.kerasEngine,
    profile: false,
    ...{ progress, signal, clock, checkpoint, outcome },
  };
  let error: string | null = null;
  try {
    await (await runners[cell.style]())(context);
  } catch (cause) {
    if (!signal.aborted) error = oneLine(cause);
  }
  display.close();
  if (error !== null) display.note(`${cell.id} failed: ${error}`);
  memory.sample();
  progress.complete(checkpoint);
  return toResult(cell, shared.dataset.name, outcome, {
    stepMilliseconds: clock.milliseconds,
    frameworkMilliseconds: clock.frameworkMilliseconds,
    warmup: options.warmup,
    peakMemoryMiB: memory.peakMiB,
    ...await mistakes(context, cell.seed === options.seed),
    error,
  }, options.epochs);
}

function trialOf({ id, style, seed, rung, layout }: Cell, { mode, dataset }: BenchOptions): Trial {
  const recipe = mode === "seed" ? "published" : "fixed";
  const axes = { model: "published_cnn", recipe, dataset, style, layout, change: rung };
  return { id, configuration: groupName({ style, rung, layout }), axes, seed };
}

async function recipeOf(
  { rung }: Cell,
  { mode, epochs, batchSize }: BenchOptions,
): Promise<Recipe> {
  const named = await loadRecipe(mode === "seed" || rung ? "published" : "fixed");
  const recipe = overrideRecipe(named, { epochs, batchSize });
  if (rung === null) return recipe;
  const steps = rungNames.slice(0, rungNames.indexOf(rung) + 1);
  return steps.reduce((sofar, step) => changeRecipe(sofar, rungChanges[step], step), recipe);
}

/** The confusion matrix, and images of the worst confusions for the first seed. */
async function mistakes(
  { outcome, test, dataset }: Pick<StyleContext, "outcome" | "test" | "dataset">,
  isFirst: boolean,
) {
  const { predictions } = outcome;
  if (predictions === null) return { confusion: null, worst: [] };
  const confusion = confusionMatrix(test.labels, predictions, dataset.classNames.length);
  return {
    confusion,
    worst: isFirst ? await shownConfusions(confusion, test, predictions, dataset) : [],
  };
}

/** An error as people read it: its message, not where it was thrown. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.split("\n")[0];
}

/** Passes a style's progress on to the display, and puts together what an interrupted run measured and this one. */
class TrainingRecorder implements TrialProgress {
  #epoch = 0;
  #epochStarted = 0;
  #fitStarted: number | null = null;
  #before: TrainingProgress | null = null;

  constructor(
    readonly display: ProgressDisplay,
    readonly outcome: StyleOutcome,
    readonly clock: StepClock,
    readonly epochs: number,
  ) {}

  /** Begins with what an earlier run measured. */
  resume(before: TrainingProgress | null): void {
    if (before === null) return;
    this.#before = before;
    this.outcome.history.push(...before.history);
    this.clock.resume(before);
    const epochs = before.history.length;
    this.outcome.notes.push(`went on after epoch ${epochs} of an interrupted run`);
    this.note(`going on after epoch ${epochs}`);
  }

  epochStart(number: number, steps: number): void {
    this.#epoch = number;
    this.#epochStarted = performance.now();
    this.#fitStarted ??= this.#epochStarted;
    this.display.epochStart(number, this.epochs, steps);
  }

  step(step: number, logs?: Partial<Pick<EpochMetrics, "loss" | "accuracy">>): void {
    this.display.step(step, logs);
  }

  epochEnd(metrics: EpochMetrics): void {
    const seconds = (performance.now() - this.#epochStarted) / 1000;
    const record = { epoch: this.#epoch, seconds, ...metrics };
    this.outcome.history.push(record);
    this.display.epochEnd(record);
  }

  note(line: string): void {
    this.display.note(line);
  }

  isOver(): boolean {
    return false;
  }

  /** Everything up to now, to be kept beside the state. */
  measured(spentMilliseconds: number): TrainingProgress {
    const { history } = this.outcome;
    const engine = this.clock.engine?.() ?? null;
    const compileSeconds = engine && engine.compileMs / 1000;
    const engineSeconds = engine && engine.runMs / 1000;
    const fitSeconds = this.#fitStarted === null
      ? 0
      : (performance.now() - this.#fitStarted - spentMilliseconds) / 1000;
    return {
      history,
      ...this.clock.times,
      ...withEarlier(this.#before, { fitSeconds, compileSeconds, engineSeconds }),
    };
  }

  /** Puts the whole training's times into the outcome. Keeping the state is not part of the training. */
  complete({ spentMilliseconds }: Checkpoint): void {
    const { fitSeconds, compileSeconds, engineSeconds } = this.outcome;
    if (fitSeconds === null) return;
    const own = {
      fitSeconds: fitSeconds - spentMilliseconds / 1000,
      compileSeconds,
      engineSeconds,
    };
    Object.assign(this.outcome, withEarlier(this.#before, own));
  }
}

type Times = Pick<TrainingProgress, "fitSeconds" | "compileSeconds" | "engineSeconds">;

function withEarlier(before: Times | null, now: Times): Times {
  const sum = (a: number | null, b: number | null) => a === null || b === null ? null : a + b;
  if (before === null) return now;
  return {
    fitSeconds: before.fitSeconds + now.fitSeconds,
    compileSeconds: sum(before.compileSeconds, now.compileSeconds),
    engineSeconds: sum(before.engineSeconds, now.engineSeconds),
  };
}
