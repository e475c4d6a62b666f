/**
 * The image classifier in the PyTorch idiom: network, loss, optimizer and the loops around them.
 * @module
 */
import { seedTraining } from "../../fixtures/mod.ts";
import type { DataLoader } from "../data/data_loader.ts";
import { noGrad } from "../grad_mode.ts";
import * as nn from "../nn/mod.ts";
import { exportModule } from "../onnx/export.ts";
import * as optim from "../optim/mod.ts";
import type { Tensor } from "../tensor.ts";
import { zeros } from "../creation.ts";
import { SeedNetwork } from "./seed_network.ts";
import { type TorchMode, type TorchVariant, variantOf } from "./variant.ts";

/** Mean loss and share of right answers over the images seen. */
export interface Score {
  readonly loss: number;
  readonly accuracy: number;
}

/** What became of one batch. */
export interface BatchResult {
  /** Mean loss of the batch. */
  readonly loss: number;
  /** Right answers in the batch. */
  readonly correct: number;
}

/** Options of {@linkcode TorchClassifier.train}. */
export interface TrainOptions {
  readonly epochs: number;
  /** Epochs done before, where a training goes on; 0 unless given. */
  readonly initialEpoch?: number;
  /** Evaluated after every epoch. */
  readonly validation?: DataLoader;
  /** Called before an epoch's first step; epochs count from 1. */
  onEpochStart?(epoch: number): void;
  /** Called after every step, with the running score of the epoch. */
  onStep?(step: number, running: Score): void;
  /** Called, and waited for, after every epoch. */
  onEpochEnd?(
    epoch: number,
    train: Score,
    validation: Score | undefined,
  ): void | Promise<void>;
  /** Wraps one training step, to take its time. */
  aroundStep?(step: () => Promise<BatchResult>): Promise<BatchResult>;
  /** Stops the training between two steps. */
  readonly signal?: AbortSignal;
}

/** Scores of every epoch. */
export interface TrainingHistory {
  readonly train: Score[];
  readonly validation: Score[];
}

/**
 * Trains {@linkcode SeedNetwork} with cross entropy and RMSprop.
 *
 * @example
 * ```ts
 * import { fixtures, torch } from "@tandem/tandem";
 * const { train } = await fixtures.loadDataset("shapes10", { limit: 100 });
 * torch.manualSeed(1);
 * const classifier = new torch.TorchClassifier("fixed");
 * const images = new torch.ImageDataset(train);
 * await classifier.train(new torch.data.DataLoader(images, { batchSize: 32, shuffle: true }), {
 *   epochs: 1,
 * });
 * ```
 */
export class TorchClassifier {
  readonly network: SeedNetwork;
  readonly criterion = new nn.CrossEntropyLoss();
  readonly optimizer: optim.RMSprop;

  /** Weights are drawn from the generator that `manualSeed` starts. */
  constructor(mode: TorchMode | TorchVariant = "seed") {
    const variant = variantOf(mode);
    this.network = new SeedNetwork(variant);
    this.optimizer = new optim.RMSprop(this.network.parameters(), {
      lr: seedTraining.learningRate,
      ...variant.rmsprop,
    });
  }

  /** One training step: forward, loss, backward and update, in one call into ONNX Runtime. */
  async trainBatch(images: Tensor, labels: Tensor): Promise<BatchResult> {
    this.network.train();
    this.optimizer.zeroGrad();
    const scores = this.network(images);
    const loss = this.criterion(scores, labels);
    loss.backward();
    await this.optimizer.step();
    return { loss: await loss.item(), correct: await countCorrect(scores, labels) };
  }

  /** Trains over whole epochs. */
  async train(batches: DataLoader, options: TrainOptions): Promise<TrainingHistory> {
    const history: TrainingHistory = { train: [], validation: [] };
    for (let epoch = (options.initialEpoch ?? 0) + 1; epoch <= options.epochs; epoch++) {
      options.onEpochStart?.(epoch);
      const train = await this.#trainEpoch(batches, options);
      const validation = options.validation && await this.evaluate(options.validation, options);
      history.train.push(train);
      if (validation) history.validation.push(validation);
      await options.onEpochEnd?.(epoch, train, validation);
    }
    return history;
  }

  async #trainEpoch(batches: DataLoader, options: TrainOptions): Promise<Score> {
    const total = new RunningScore();
    const around = options.aroundStep ?? ((step) => step());
    let step = 0;
    for (const [images, labels] of batches) {
      options.signal?.throwIfAborted();
      total.add(await around(() => this.trainBatch(images, labels)), labels.numel());
      options.onStep?.(++step, total.score);
    }
    return total.score;
  }

  /** Loss and accuracy over a data set, in eval mode. */
  async evaluate(batches: DataLoader, options: { signal?: AbortSignal } = {}): Promise<Score> {
    this.network.eval();
    const total = new RunningScore();
    for (const [images, labels] of batches) {
      options.signal?.throwIfAborted();
      using _ = noGrad();
      const scores = this.network(images);
      const loss = await this.criterion(scores, labels).item();
      total.add({ loss, correct: await countCorrect(scores, labels) }, labels.numel());
    }
    return total.score;
  }

  /** The class of each image, by the network without dropout: what the exported file computes too. */
  async predict(batches: DataLoader): Promise<Int32Array> {
    const classes: number[] = [];
    for (const [images] of batches) {
      const batch = await this.#withoutDropout(() =>
        noGrad(() => this.network(images).argmax(1)).data()
      );
      for (const number of batch) classes.push(Number(number));
    }
    return Int32Array.from(classes);
  }

  /**
   * Writes the network without dropout as ONNX; input "input" [batch, 3, 32, 32] (channels-last variant:
   * [batch, 32, 32, 3]), output "output" [batch, 10].
   */
  async export(path: string | URL): Promise<void> {
    const shape = this.network.variant.channelsLast ? [1, 32, 32, 3] : [1, 3, 32, 32];
    await this.#withoutDropout(() => exportModule(this.network, zeros(shape), path));
  }

  async #withoutDropout<T>(run: () => Promise<T>): Promise<T> {
    const before = this.network.dropsAtEvaluation;
    this.network.eval();
    this.network.dropsAtEvaluation = false;
    try {
      return await run();
    } finally {
      this.network.dropsAtEvaluation = before;
    }
  }
}

async function countCorrect(scores: Tensor, labels: Tensor): Promise<number> {
  return await scores.detach().argmax(1).eq(labels).sum().item();
}

/** Means over batches of different size. */
class RunningScore {
  #loss = 0;
  #correct = 0;
  #count = 0;

  add({ loss, correct }: BatchResult, count: number): void {
    this.#loss += loss * count;
    this.#correct += correct;
    this.#count += count;
  }

  get score(): Score {
    return { loss: this.#loss / this.#count, accuracy: this.#correct / this.#count };
  }
}
