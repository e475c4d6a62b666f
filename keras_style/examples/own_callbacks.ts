/**
 * Callbacks of one's own: what happens when, stopping at the smallest loss, a table of learning rates.
 *
 *   deno run -P keras_style/examples/own_callbacks.ts --dataset mnist
 *
 * Source of the program: https://keras.io/guides/writing_your_own_callbacks/
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { keras } from "@tandem/tandem";
import { type Flags, loadImages, readFlags } from "./flags.ts";

const { callbacks, layers } = keras;
type Logs = keras.callbacks.Logs;

/** One dense layer on flat images. */
export function linearModel(inputs: number, learningRate = 0.1): keras.Sequential {
  const model = new keras.Sequential([
    keras.Input({ shape: [inputs] }),
    new layers.Dense({ units: 1 }),
  ]);
  model.compile({
    optimizer: new keras.optimizers.RMSprop({ learningRate }),
    loss: "meanSquaredError",
    metrics: ["mean_absolute_error"],
  });
  return model;
}

/** Keeps what was called, each name once. */
export class EventNames extends callbacks.Callback {
  readonly seen = new Set<string>();

  override onTrainBegin(): void {
    this.seen.add("train begins");
  }
  override onTrainEnd(_logs?: Logs): void {
    this.seen.add("train ends");
  }
  override onEpochBegin(): void {
    this.seen.add("epoch begins");
  }
  override onEpochEnd(): void {
    this.seen.add("epoch ends");
  }
  override onTestBegin(): void {
    this.seen.add("test begins");
  }
  override onTestEnd(): void {
    this.seen.add("test ends");
  }
  override onTrainBatchEnd(_batch: number, logs: Logs = {}): void {
    this.seen.add(`batch ends with ${Object.keys(logs).join(" and ")}`);
  }
  override onPredictBatchEnd(): void {
    this.seen.add("predicted a batch");
  }
}

/** Prints loss and error of steps and epochs. */
export class LossAndErrorPrinting extends callbacks.Callback {
  constructor(readonly print: (text: string) => void) {
    super();
  }

  override onTrainBatchEnd(batch: number, logs: Logs = {}): void {
    if (batch % 4 === 0) this.print(`Up to batch ${batch} the loss is ${logs.loss.toFixed(2)}.`);
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    this.print(
      `Epoch ${epoch}: average loss ${logs.loss.toFixed(2)}, ` +
        `mean absolute error ${logs.mean_absolute_error.toFixed(2)}.`,
    );
  }
}

/** Stops where the loss has not fallen for some epochs, and takes the best weights back. */
export class EarlyStoppingAtMinLoss extends callbacks.Callback {
  stoppedEpoch = 0;
  best = Infinity;
  #wait = 0;
  #bestWeights: tf.Tensor[] = [];

  constructor(readonly patience = 0) {
    super();
  }

  override onTrainBegin(): void {
    [this.#wait, this.stoppedEpoch, this.best] = [0, 0, Infinity];
  }

  override onEpochEnd(epoch: number, { loss }: Logs = {}): void {
    if (loss < this.best) {
      [this.best, this.#wait] = [loss, 0];
      this.#bestWeights = this.model.getWeights();
    } else if (++this.#wait >= this.patience) {
      this.stoppedEpoch = epoch;
      this.model.stopTraining = true;
      this.model.setWeights(this.#bestWeights);
    }
  }
}

/** Sets the learning rate by a function of the epoch. */
export class CustomLearningRateScheduler extends callbacks.Callback {
  readonly rates: number[] = [];

  constructor(readonly schedule: (epoch: number, learningRate: number) => number) {
    super();
  }

  override async onEpochBegin(epoch: number): Promise<void> {
    const { optimizer } = this.model;
    const [before] = await optimizer.learningRate.data();
    const rate = this.schedule(epoch, before);
    optimizer.learningRate = rate;
    this.rates.push(rate);
  }
}

/** Prints what the callbacks saw. @returns the learning rates, and after which epoch training stopped */
export async function main(
  print: (text: string) => void = console.log,
  flags: Flags = {},
): Promise<{ rates: number[]; stoppedEpoch: number; events: string[] }> {
  const { epochs = 30 } = flags;
  keras.setRandomSeed(1);
  const { train, test } = await loadImages({ limit: 300, ...flags });
  const size = train.imageShape.reduce((product, side) => product * side, 1);
  const [[images, labels], [testImages, testLabels]] = [train, test].map((split) => {
    const [x, y] = keras.imagesOf(split);
    return [{ ...x, shape: [split.count, size] }, y];
  });
  const options = { batchSize: 32, verbose: 0 } as const;

  const names = new EventNames();
  const model = linearModel(size, 1e-3);
  await model.fit(images, labels, {
    ...options,
    validationSplit: 0.5,
    callbacks: [names, new LossAndErrorPrinting(print)],
  });
  await model.evaluate(testImages, testLabels, { ...options, callbacks: [names] });
  await model.predict(testImages, { ...options, callbacks: [names] });
  for (const name of names.seen) print(name);

  const stopping = new EarlyStoppingAtMinLoss();
  await linearModel(size, 1e-3).fit(images, labels, { ...options, epochs, callbacks: [stopping] });
  print(`stopped after epoch ${stopping.stoppedEpoch + 1}`);

  const table: readonly (readonly [epoch: number, rate: number])[] = [[3, 0.05], [6, 0.01]];
  const scheduler = new CustomLearningRateScheduler((epoch, learningRate) =>
    table.find(([at]) => at === epoch)?.[1] ?? learningRate
  );
  await linearModel(size).fit(images, labels, { ...options, epochs: 8, callbacks: [scheduler] });
  print(`learning rates: ${scheduler.rates.map((rate) => rate.toFixed(2)).join(", ")}`);
  return { rates: scheduler.rates, stoppedEpoch: stopping.stoppedEpoch, events: [...names.seen] };
}

if (import.meta.main) await main(console.log, readFlags());
