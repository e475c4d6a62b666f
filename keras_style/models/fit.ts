/**
 * How a model is trained.
 * @module
 */
import { CallbackList } from "../callbacks/callback_list.ts";
import { History, type Logs } from "../callbacks/mod.ts";
import type { Dataset, Element } from "../data/dataset.ts";
import { ArrayBatches, type BatchSource, type SampleRows } from "./batches.ts";
import { checkCount, isDataset, type SampleSet } from "./check_data.ts";
import {
  datasetBatches,
  evaluateBatches,
  labelledBatches,
  labelledRows,
  withDataset,
} from "./evaluate.ts";
import { type ClassWeight, weightsOfClasses } from "./sample_weights.ts";
import type { Model } from "./model.ts";
import { type RunOptions, runSteps, verbosity, withProgress } from "./run_steps.ts";

/** Options of `fit`. */
export interface FitOptions extends RunOptions {
  /** 1 unless given. */
  readonly epochs?: number;
  /** Evaluated after every epoch: [x, y], [x, y, sampleWeight], or a data set of such batches. */
  readonly validationData?:
    | readonly [x: SampleSet, y: SampleSet, sampleWeight?: SampleSet]
    | Dataset<Element>;
  /** How much each sample counts in the loss and the weighted metrics: [n], or one such array an output. */
  readonly sampleWeight?: SampleSet;
  /** How much the samples of each class count in training: `{ 0: 1, 1: 5 }`; classes left out count 1. */
  readonly classWeight?: ClassWeight;
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
  checkCount("fit", "initialEpoch", initialEpoch, 0);
  const verbose = verbosity("fit", options.verbose);
  const { train, validation } = await sources(model, x, y, options);
  const history = new History();
  const params = { verbose, epochs, steps: train.steps };
  const callbacks = new CallbackList(
    withProgress([...options.callbacks ?? [], history], params),
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
  const { batchSize = 32, stepsPerEpoch, validationSplit, sampleWeight, classWeight } = options;
  checkCount("fit", "batchSize", batchSize);
  if (stepsPerEpoch !== undefined) checkCount("fit", "stepsPerEpoch", stepsPerEpoch);
  const given = withDataset("fit", x, { y, sampleWeight, classWeight });
  if (isDataset(given)) {
    if (validationSplit !== undefined) {
      throw new TypeError("fit: validationSplit is given beside a data set, expected arrays");
    }
    const train = await datasetBatches(model, "fit", given, stepsPerEpoch);
    refuseEndless(given, stepsPerEpoch);
    return { train, validation: await validationBatches(model, options) };
  }
  const rows = await labelledRows(model, "fit", given);
  const weighted = classWeight === undefined ? rows : withClassWeight(rows, options);
  const cut = cutFor(validationSplit, rows.x[0].count);
  const { shuffle = true } = options;
  const train = new ArrayBatches(weighted, { batchSize, shuffle, to: cut });
  if (cut === rows.x[0].count) {
    return { train, validation: await validationBatches(model, options) };
  }
  const size = options.validationBatchSize ?? batchSize;
  return { train, validation: new ArrayBatches(rows, { batchSize: size, from: cut }) };
}

/** Classes count in training, not in validation. */
function withClassWeight(rows: SampleRows, { classWeight, sampleWeight }: FitOptions): SampleRows {
  if (sampleWeight !== undefined) {
    throw new TypeError("fit: classWeight is given beside sampleWeight, expected one of them");
  }
  if (rows.y.length > 1) {
    throw new TypeError(
      `fit: classWeight is given for ${rows.y.length} outputs, expected a model with one; ` +
        `sampleWeight can be given for each output`,
    );
  }
  return { ...rows, weights: [weightsOfClasses(rows.y[0], classWeight!)] };
}

function refuseEndless(dataset: Dataset<Element>, stepsPerEpoch: number | undefined): void {
  if (dataset.cardinality() !== Infinity || stepsPerEpoch !== undefined) return;
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
  if (isDataset(validationData)) return await labelledBatches(model, "fit", validationData, size);
  if (!Array.isArray(validationData) || validationData.length < 2 || validationData.length > 3) {
    throw new TypeError(
      "fit: validationData is no list of two or three, expected [x, y], [x, y, sampleWeight] or a data set",
    );
  }
  const [x, y, sampleWeight] = validationData;
  return await labelledBatches(model, "fit", { x, y, sampleWeight }, size, {
    x: "x of validationData",
    y: "y of validationData",
    weights: "sampleWeight of validationData",
  });
}
