/**
 * How a model is trained.
 * @module
 */
import { CallbackList } from "../callbacks/callback_list.ts";
import { History, type Logs } from "../callbacks/mod.ts";
import type { Dataset, Element } from "../data/dataset.ts";
import { ArrayBatches, type BatchSource } from "./batches.ts";
import { checkCount, isDataset, type SampleSet } from "./check_data.ts";
import { datasetBatches, evaluateBatches, labelledBatches, labelledRows } from "./evaluate.ts";
import type { Model } from "./model.ts";
import { type RunOptions, runSteps, verbosity, withProgress } from "./run_steps.ts";

/** Options of `fit`. */
export interface FitOptions extends RunOptions {
  /** 1 unless given. */
  readonly epochs?: number;
  /** Evaluated after every epoch: [x, y], or a data set of such batches. */
  readonly validationData?: readonly [SampleSet, SampleSet] | Dataset<Element>;
  /** Share of the samples, the last ones, that is kept for validation; from 0 to below 1. */
  readonly validationSplit?: number;
  /** Samples a step of validation; `batchSize` unless given. */
  readonly validationBatchSize?: number;
  /** Whether every epoch has an order of its own; true unless given. Data sets shuffle for themselves. */
  readonly shuffle?: boolean;
  /** Epoch to begin with, where training goes on; 0 unless given. */
  readonly initialEpoch?: number;
  /** Steps an epoch of a data set that repeats. */
  readonly stepsPerEpoch?: number;
}

interface Sources {
  readonly train: BatchSource;
  readonly validation: BatchSource | undefined;
}

const EVENTS = { begin: "onTrainBatchBegin", end: "onTrainBatchEnd" } as const;

/** Trains a model and returns the numbers of every epoch. */
export async function fitModel(
  model: Model,
  x: SampleSet | Dataset<Element>,
  y: SampleSet | undefined,
  options: FitOptions,
): Promise<History> {
  model.compiled("fit");
  const { epochs = 1, initialEpoch = 0 } = options;
  checkCount("fit", "epochs", epochs);
  const verbose = verbosity("fit", options.verbose);
  const { train, validation } = await sources(model, x, y, options);
  const history = new History();
  const params = { verbose, epochs, steps: train.steps };
  const callbacks = new CallbackList(
    withProgress([history, ...options.callbacks ?? []], params),
    model,
    params,
  );
  model.stopTraining = false;
  await callbacks.phase("onTrainBegin");
  let logs: Logs = {};
  for (let epoch = initialEpoch; epoch < epochs && !model.stopTraining; epoch++) {
    await callbacks.step("onEpochBegin", epoch);
    logs = await trainEpoch(model, train, callbacks, options.signal);
    if (validation) {
      const scores = await evaluateBatches(model, validation, callbacks, options.signal);
      Object.assign(logs, prefixed(scores));
    }
    await callbacks.step("onEpochEnd", epoch, logs);
  }
  await callbacks.phase("onTrainEnd", logs);
  return history;
}

async function trainEpoch(
  model: Model,
  batches: BatchSource,
  callbacks: CallbackList,
  signal: AbortSignal | undefined,
): Promise<Logs> {
  const { objective, train } = model.compiled("fit");
  objective.reset();
  const isOver = () => model.stopTraining;
  const run = { step: train, batches, callbacks, events: EVENTS, signal, isOver };
  return { ...await runSteps(run) };
}

function prefixed(logs: Logs): Logs {
  return Object.fromEntries(Object.entries(logs).map(([name, value]) => [`val_${name}`, value]));
}

async function sources(
  model: Model,
  x: SampleSet | Dataset<Element>,
  y: SampleSet | undefined,
  options: FitOptions,
): Promise<Sources> {
  const { batchSize = 32, stepsPerEpoch, validationSplit } = options;
  checkCount("fit", "batchSize", batchSize);
  if (stepsPerEpoch !== undefined) checkCount("fit", "stepsPerEpoch", stepsPerEpoch);
  if (isDataset(x)) {
    if (validationSplit !== undefined) {
      throw new TypeError("fit: validationSplit is given beside a data set, expected arrays");
    }
    const train = await datasetBatches(model, "fit", x, y, stepsPerEpoch);
    refuseEndless(train, stepsPerEpoch);
    return { train, validation: await validationBatches(model, options) };
  }
  const rows = await labelledRows(model, "fit", x as SampleSet, y);
  const cut = cutFor(validationSplit, rows.x[0].count);
  const { shuffle = true } = options;
  const train = new ArrayBatches(rows.x, rows.y, batchSize, shuffle, 0, cut);
  if (cut === rows.x[0].count) {
    return { train, validation: await validationBatches(model, options) };
  }
  const size = options.validationBatchSize ?? batchSize;
  return { train, validation: new ArrayBatches(rows.x, rows.y, size, false, cut) };
}

function refuseEndless(batches: BatchSource, stepsPerEpoch: number | undefined): void {
  if (batches.steps !== undefined || stepsPerEpoch !== undefined) return;
  throw new RangeError(
    "fit: x repeats for ever, expected stepsPerEpoch to say how long an epoch is",
  );
}

/** Where validation begins, as keras/src/trainers/data_adapters/array_slicing.py cuts. */
function cutFor(share: number | undefined, count: number): number {
  if (share === undefined || share === 0) return count;
  if (!(share > 0 && share < 1)) {
    throw new RangeError(`fit: validationSplit is ${share}, expected from 0 to below 1`);
  }
  const cut = Math.floor(count * (1 - share));
  if (cut >= 1 && cut < count) return cut;
  throw new RangeError(
    `fit: validationSplit ${share} of ${count} samples leaves one part empty, expected at least one ` +
      `sample in each`,
  );
}

async function validationBatches(
  model: Model,
  { validationData, validationBatchSize, batchSize }: FitOptions,
): Promise<BatchSource | undefined> {
  if (validationData === undefined) return undefined;
  const size = validationBatchSize ?? batchSize;
  if (isDataset(validationData)) {
    return await labelledBatches(model, "fit", validationData, undefined, size);
  }
  if (!Array.isArray(validationData) || validationData.length !== 2) {
    throw new TypeError("fit: validationData is not a pair, expected [x, y] or a data set");
  }
  const [x, y] = validationData;
  return await labelledBatches(model, "fit", x, y, size, [
    "x of validationData",
    "y of validationData",
  ]);
}
