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
  /** Wraps one training step, whose batch is ready, to take its time. */
  aroundStep?(step: () => Promise<Score>): Promise<Score>;
  /** Called after every step, with the running score of the epoch. */
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
  /** One training step; gives the running score since the epoch began. */
  trainStep(batch: Batch): Promise<Score>;
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
  for (let epoch = (options.initialEpoch ?? 0) + 1; epoch <= options.epochs; epoch++) {
    options.onEpochStart?.(epoch);
    const train = await trainEpoch(learner, batches, options);
    const validation = options.validation && await learner.evaluate(options.validation, options);
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
  { aroundStep = (step) => step(), onStep, signal }: TrainOptions<AsyncIterable<Batch>>,
): Promise<Score> {
  learner.beginEpoch();
  let score: Score = { loss: NaN, accuracy: NaN };
  let step = 0;
  for await (const batch of batches) {
    signal?.throwIfAborted();
    score = await aroundStep(() => learner.trainStep(batch));
    learner.release(batch);
    onStep?.(++step, score);
  }
  return score;
}
