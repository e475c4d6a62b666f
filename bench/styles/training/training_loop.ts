/**
 * The loop of the styles that write their own training step.
 * @module
 */

/** Mean loss and share of right answers. */
export interface Score {
  readonly loss: number;
  readonly accuracy: number;
}

/** Options of a training. */
export interface TrainOptions<Batches> {
  readonly epochs: number;
  /** Epochs done before, where a training goes on; 0 unless given. */
  readonly initialEpoch?: number;
  /** Evaluated after every epoch. */
  readonly validation?: Batches;
  /** Called before an epoch's first step; epochs count from 1. */
  onEpochStart?(epoch: number): void;
  /** How many steps go into one call into ONNX Runtime; 1 unless given. */
  readonly stepsPerCall?: number;
  /** Wraps the steps of one call, whose batches are ready, to take their time. */
  aroundCall?(steps: number, call: () => Promise<Score>): Promise<Score>;
  /** Called before each step is recorded. */
  beforeStep?(): void;
  /** Wraps the evaluation after an epoch. */
  aroundValidation?(evaluate: () => Promise<Score>): Promise<Score>;
  /** Called after every call with its last step, and the running score of the epoch. */
  onStep?(step: number, running: Score): void;
  /** Called, and waited for, after every epoch. */
  onEpochEnd?(
    epoch: number,
    train: Score,
    validation: Score | undefined,
  ): void | Promise<void>;
  /** Asked after every epoch; true ends the training. */
  isOver?(): boolean;
  /** Stops the training between two steps: the promise is rejected with its reason. */
  readonly signal?: AbortSignal;
}

/** Scores of every epoch. */
export interface TrainingHistory {
  readonly train: Score[];
  readonly validation: Score[];
}

/** What the loop trains. */
export interface Learner<Batch> {
  /** An epoch begins: running scores start anew. */
  beginEpoch(): void;
  /**
   * Training steps in one call; gives the running score since the epoch began.
   *
   * @param beforeStep to be called before each step is recorded
   */
  trainSteps(batches: readonly Batch[], beforeStep: () => void): Promise<Score>;
  /** The batch is not needed any more. */
  release(batch: Batch): void;
  evaluate(batches: AsyncIterable<Batch>, options: { signal?: AbortSignal }): Promise<Score>;
}

const inTraining = new WeakSet<Learner<never>>();

/**
 * Trains over whole epochs.
 *
 * @throws {Error} if the learner is being trained already: steps and running scores would mix
 */
export async function trainEpochs<Batch>(
  learner: Learner<Batch>,
  batches: AsyncIterable<Batch>,
  options: TrainOptions<AsyncIterable<Batch>>,
): Promise<TrainingHistory> {
  if (inTraining.has(learner)) {
    throw new Error(
      "train: the classifier is being trained by another call, expected one at a time: await the first",
    );
  }
  inTraining.add(learner);
  try {
    return await everyEpoch(learner, batches, options);
  } finally {
    inTraining.delete(learner);
  }
}

async function everyEpoch<Batch>(
  learner: Learner<Batch>,
  batches: AsyncIterable<Batch>,
  options: TrainOptions<AsyncIterable<Batch>>,
): Promise<TrainingHistory> {
  const history: TrainingHistory = { train: [], validation: [] };
  const { aroundValidation = (evaluate) => evaluate() } = options;
  for (let epoch = (options.initialEpoch ?? 0) + 1; epoch <= options.epochs; epoch++) {
    options.onEpochStart?.(epoch);
    const train = await trainEpoch(learner, batches, options);
    const evaluate = () => learner.evaluate(options.validation!, options);
    const validation = options.validation && await aroundValidation(evaluate);
    history.train.push(train);
    if (validation) history.validation.push(validation);
    await options.onEpochEnd?.(epoch, train, validation);
    if (options.isOver?.()) break;
  }
  return history;
}

async function trainEpoch<Batch>(
  learner: Learner<Batch>,
  batches: AsyncIterable<Batch>,
  options: TrainOptions<AsyncIterable<Batch>>,
): Promise<Score> {
  const { stepsPerCall = 1, aroundCall = (_, call) => call(), beforeStep = () => {} } = options;
  learner.beginEpoch();
  let score: Score = { loss: NaN, accuracy: NaN };
  let step = 0;
  for await (const group of groupsOf(batches, stepsPerCall)) {
    options.signal?.throwIfAborted();
    score = await aroundCall(group.length, () => learner.trainSteps(group, beforeStep));
    group.forEach((batch) => learner.release(batch));
    step += group.length;
    options.onStep?.(step, score);
  }
  return score;
}

/** Batches in groups of a size; the last group may be smaller. */
async function* groupsOf<Batch>(
  batches: AsyncIterable<Batch>,
  size: number,
): AsyncGenerator<Batch[]> {
  let group: Batch[] = [];
  for await (const batch of batches) {
    group.push(batch);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
