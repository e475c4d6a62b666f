/**
 * How a model is trained.
 * @module
 */
import { CallbackList } from "../callbacks/callback_list.ts";
import type { History, Logs } from "../callbacks/mod.ts";
import type { Dataset, Element } from "../data/dataset.ts";
import { isFloatType } from "../dtype_policies/dtype_policy.ts";
import { proveFloatType } from "../engine/mod.ts";
import { flattenLayers } from "../layers/layer_weights.ts";
import { ArrayBatches, type BatchSource } from "./batches.ts";
import { checkCount, isDataset, type LabelSet, type SampleSet } from "./check_data.ts";
import { readOptions } from "../options.ts";
import { evaluateBatches, withDataset } from "./evaluate.ts";
import { datasetBatches, labelledBatches, labelledRows, limited } from "./labelled_samples.ts";
import { MetricState } from "./metric_state.ts";
import { RUN_OPTIONS, type RunOptions, runSteps, verbosity } from "./run_steps.ts";
import { type ClassWeight, ClassWeightedBatches, withClassWeight } from "./sample_weights.ts";
import type { TrainedModel } from "./trained_model.ts";

/** Options of `fit`. */
export interface FitOptions extends RunOptions {
  /** 1 unless given. */
  readonly epochs?: number;
  /** Evaluated after every epoch: [x, y], [x, y, sampleWeight], or a data set of such batches. */
  readonly validationData?:
    | readonly [x: SampleSet, y: LabelSet, sampleWeight?: SampleSet]
    | Dataset<Element>;
  /** How much each sample counts in the loss and the weighted metrics: [n], or one such array an output. */
  readonly sampleWeight?: SampleSet;
  /** How much the samples of each class count in training: `{ 0: 1, 1: 5 }`; classes left out count 1. */
  readonly classWeight?: ClassWeight;
  /** Share of the samples, the last ones, that is kept for validation; from 0 to below 1. `validationData` goes before it. */
  readonly validationSplit?: number;
  /** Samples a step of validation; `batchSize` unless given. */
  readonly validationBatchSize?: number;
  /** Whether every epoch has an order of its own; true unless given. Data sets shuffle for themselves. */
  readonly shuffle?: boolean;
  /** Epoch to begin with, where training goes on; 0 unless given. */
  readonly initialEpoch?: number;
  /** Steps an epoch; the next epoch goes on where one stopped. All there are unless given. */
  readonly stepsPerEpoch?: number;
  /** Steps of a validation, each from the start; all there are unless given. */
  readonly validationSteps?: number;
  /** After how many epochs there is a validation, or after which (counted from 1); 1 unless given. */
  readonly validationFreq?: number | readonly number[];
}

/** @throws {OnnxRuntimeError} if the device cannot compute in what a layer of the model computes in */
async function provePrecision({ layers }: TrainedModel): Promise<void> {
  const types = layers.flatMap((layer) => flattenLayers(layer)).map(({ computeDtype }) =>
    computeDtype
  );
  for (const type of new Set(types)) if (isFloatType(type)) await proveFloatType(type);
}

interface Sources {
  readonly train: BatchSource;
  readonly validation: BatchSource | undefined;
}

const FIT_OPTIONS = {
  ...RUN_OPTIONS,
  epochs: 1,
  initialEpoch: 0,
  validationData: undefined,
  validationSplit: undefined,
  validationBatchSize: undefined,
  validationSteps: undefined,
  validationFreq: 1,
  sampleWeight: undefined,
  classWeight: undefined,
  shuffle: true,
  stepsPerEpoch: undefined,
};

const EVENTS = { begin: "onTrainBatchBegin", end: "onTrainBatchEnd" } as const;

/** Trains a model and returns the values of every epoch. */
export async function fitModel(
  model: TrainedModel,
  x: SampleSet | Dataset<Element>,
  y: LabelSet | undefined,
  given: FitOptions,
): Promise<History> {
  model.compiled("fit");
  const options = readOptions("fit", given, FIT_OPTIONS) as FitOptions;
  const { epochs = 1, initialEpoch = 0, validationFreq = 1 } = options;
  checkCount("fit", "epochs", epochs);
  checkCount("fit", "initialEpoch", initialEpoch, 0);
  const verbose = verbosity("fit", options.verbose);
  const { train, validation } = await sources(model, x, y, options);
  await provePrecision(model);
  using _training = beginTraining(model);
  const callbacks = new CallbackList(options.callbacks ?? [], {
    addHistory: true,
    addProgbar: verbose > 0,
    model,
    verbose,
    epochs,
    steps: train.steps,
    initialEpoch,
  });
  using state = new MetricState(() => model.metrics);
  model.stopTraining = false;
  await callbacks.onTrainBegin();
  let logs: Logs = {};
  // Restoring a training, a callback says where it goes on.
  for (let epoch = callbacks.params.initialEpoch; epoch < epochs && !model.stopTraining; epoch++) {
    await callbacks.onEpochBegin(epoch);
    logs = await trainEpoch(model, train, callbacks, state, options.signal);
    const isValidated = typeof validationFreq === "number"
      ? (epoch + 1) % validationFreq === 0
      : validationFreq.includes(epoch + 1);
    if (validation && isValidated) {
      const scores = await evaluateBatches(model, validation, callbacks, options.signal);
      Object.assign(logs, prefixed(scores));
    }
    await callbacks.onEpochEnd(epoch, logs);
  }
  model.optimizer.finalizeVariableValues();
  await callbacks.onTrainEnd(logs);
  return callbacks.history!;
}

const inTraining = new WeakSet<TrainedModel>();

/** @throws {Error} naming the model if another fit trains it: their steps would mix */
function beginTraining(model: TrainedModel): Disposable {
  if (inTraining.has(model)) {
    throw new Error(
      `fit: model "${model.name}" is being trained by another fit, expected one at a time: await the first`,
    );
  }
  inTraining.add(model);
  return { [Symbol.dispose]: () => void inTraining.delete(model) };
}

async function trainEpoch(
  model: TrainedModel,
  batches: BatchSource,
  callbacks: CallbackList,
  state: MetricState,
  signal: AbortSignal | undefined,
): Promise<Logs> {
  const { train, stepsPerExecution } = model.compiled("fit");
  state.enter();
  model.resetMetrics();
  const isOver = () => model.stopTraining;
  const run = { step: train, batches, callbacks, events: EVENTS, state, signal, isOver };
  return { ...await runSteps({ ...run, stepsPerExecution }) };
}

function prefixed(logs: Logs): Logs {
  return Object.fromEntries(Object.entries(logs).map(([name, value]) => [`val_${name}`, value]));
}

async function sources(
  model: TrainedModel,
  x: SampleSet | Dataset<Element>,
  y: LabelSet | undefined,
  options: FitOptions,
): Promise<Sources> {
  const { batchSize = 32, stepsPerEpoch, validationSplit, sampleWeight, classWeight } = options;
  checkCount("fit", "batchSize", batchSize);
  if (stepsPerEpoch !== undefined) checkCount("fit", "stepsPerEpoch", stepsPerEpoch);
  const given = withDataset("fit", x, { y, sampleWeight });
  const validation = () => validationBatches(model, options);
  if (isDataset(given)) {
    if (validationSplit !== undefined) {
      throw new TypeError("fit: validationSplit is given beside a data set, expected arrays");
    }
    const batches = await datasetBatches(model, "fit", given);
    refuseEndless(given, stepsPerEpoch);
    const weighted = classWeight === undefined
      ? batches
      : new ClassWeightedBatches(batches, classWeight);
    const train = limited("fit", "stepsPerEpoch", weighted, stepsPerEpoch, true);
    return { train, validation: await validation() };
  }
  const rows = await labelledRows(model, "fit", given);
  const weighted = withClassWeight("fit", rows, classWeight, sampleWeight);
  // As in Keras: data that is given for validation goes before a share of the training data.
  const share = options.validationData ? undefined : validationSplit;
  const cut = cutFor(share, rows.x[0].count);
  const { shuffle = true } = options;
  const batches = new ArrayBatches(weighted, { batchSize, shuffle, to: cut });
  const train = limited("fit", "stepsPerEpoch", batches, stepsPerEpoch, true);
  if (cut === rows.x[0].count) return { train, validation: await validation() };
  const size = options.validationBatchSize ?? batchSize;
  const kept = new ArrayBatches(rows, { batchSize: size, from: cut });
  const { validationSteps } = options;
  return { train, validation: limited("fit", "validationSteps", kept, validationSteps) };
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
  model: TrainedModel,
  { validationData, validationBatchSize, batchSize, validationSteps }: FitOptions,
): Promise<BatchSource | undefined> {
  if (validationData === undefined || validationData === null) return undefined;
  const size = validationBatchSize ?? batchSize;
  const cut = (source: BatchSource) => limited("fit", "validationSteps", source, validationSteps);
  if (isDataset(validationData)) {
    return cut(await labelledBatches(model, "fit", validationData, size));
  }
  if (!Array.isArray(validationData) || validationData.length < 2 || validationData.length > 3) {
    throw new TypeError(
      "fit: validationData is no list of two or three, expected [x, y], [x, y, sampleWeight] or a data set",
    );
  }
  const [x, y, sampleWeight] = validationData;
  return cut(
    await labelledBatches(model, "fit", { x, y, sampleWeight }, size, {
      x: "x of validationData",
      y: "y of validationData",
      weights: "sampleWeight of validationData",
    }),
  );
}
