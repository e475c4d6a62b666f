/**
 * An image classifier in the PyTorch idiom: network, loss, optimizer and the loops around them.
 * @module
 */
import { defaultRuntime, evaluate } from "../../../onnx/mod.ts";
import {
  type data,
  nn,
  noGrad,
  onnx,
  type optim,
  type Tensor,
  zeros,
} from "../../../torch_style/mod.ts";
import type { TorchLookahead } from "./lookahead.ts";
import {
  type Learner,
  type Score,
  trainEpochs,
  type TrainingHistory,
  type TrainOptions,
} from "../training/training_loop.ts";

/** What became of one batch. */
export interface BatchResult {
  /** Mean loss of the batch. */
  readonly loss: number;
  /** Right answers in the batch. */
  readonly correct: number;
}

/** A training step that is recorded. */
interface StartedStep {
  readonly loss: Tensor;
  readonly correct: Tensor;
  readonly done: Promise<void>;
}

/** What a training knows between two updates. */
interface PendingUpdate {
  readonly batches: number;
  /** By the names of their parameters. */
  readonly gradients: Readonly<Record<string, Tensor>>;
}

/** Options of {@linkcode TorchClassifier}. */
export interface TorchClassifierOptions {
  /** Images [n, channels, height, width] to logits [n, classes], unless the criterion takes something else. */
  readonly network: nn.Module;
  /** Made for the network's parameters. */
  readonly optimizer: optim.Optimizer;
  /** `CrossEntropyLoss` unless given. */
  readonly criterion?: nn.Module<[Tensor, Tensor], Tensor>;
  /**
   * Whether dropout modules drop in `evaluate` too, as `functional.dropout(x)` does by default; false unless given.
   * `predict` and `export` always leave them out.
   */
  readonly dropoutAtEvaluation?: boolean;
  /** How many batches' gradients are averaged to an update; 1 unless given. */
  readonly accumulation?: number;
  /** The greatest norm of all gradients taken together; null, or not given: they stay as they are. */
  readonly clipNorm?: number | null;
  /** Averages of the network's weights, updated after every step: with them is evaluated, predicted and exported. */
  readonly average?: optim.swaUtils.AveragedModel<nn.Module> | null;
  /** After how many steps the network is given its averages; never unless given. */
  readonly overwriteEvery?: number | null;
  /** Slow weights of the network, told of every step; none unless given. */
  readonly lookahead?: TorchLookahead | null;
}

type Batch = data.Sample;

/**
 * Trains any network as the PyTorch variant of the published experiment does, by a loop of its own.
 *
 * @example
 * ```ts
 * import { bench, datasets, models, torch } from "@tandem/tandem";
 * const { train } = await datasets.loadDataset("shapes10", { limit: 100 });
 * const { TorchModel } = await (await models.loadModel("published_cnn")).torch!();
 * torch.manualSeed(1);
 * const network = new TorchModel({ inputShape: [3, 32, 32], classes: 10 });
 * const optimizer = new torch.optim.SGD(network.parameters(), { lr: 0.05, momentum: 0.9 });
 * const classifier = new bench.TorchClassifier({ network, optimizer });
 * const images = new torch.ImageDataset(train);
 * await classifier.train(new torch.data.DataLoader(images, { batchSize: 32, shuffle: true }), {
 *   epochs: 1,
 * });
 * ```
 */
export class TorchClassifier {
  readonly network: nn.Module;
  readonly optimizer: optim.Optimizer;
  readonly criterion: nn.Module<[Tensor, Tensor], Tensor>;
  readonly #options: Required<TorchClassifierOptions>;
  #running = new RunningScore();
  /** Batches trained so far. */
  #batches = 0;

  constructor(options: TorchClassifierOptions) {
    this.#options = {
      criterion: new nn.CrossEntropyLoss(),
      dropoutAtEvaluation: false,
      accumulation: 1,
      clipNorm: null,
      average: null,
      overwriteEvery: null,
      lookahead: null,
      ...options,
    };
    this.network = options.network;
    this.optimizer = options.optimizer;
    this.criterion = this.#options.criterion;
  }

  /** Averages of the network's weights; null where none are kept. */
  get average(): optim.swaUtils.AveragedModel<nn.Module> | null {
    return this.#options.average;
  }

  /** Slow weights of the network; null where there are none. */
  get lookahead(): TorchLookahead | null {
    return this.#options.lookahead;
  }

  /** What is evaluated: the network with its averaged weights, where such are kept. */
  get evaluated(): nn.Module {
    return this.#options.average?.module ?? this.network;
  }

  readonly #learner: Learner<Batch> = {
    beginEpoch: () => void (this.#running = new RunningScore()),
    trainSteps: async (batches, beforeStep) => {
      const results = await this.trainBatches(batches, beforeStep);
      results.forEach((result, i) => this.#running.add(result, batches[i][1].shape[0]));
      return this.#running.score;
    },
    release: () => {},
    evaluate: (batches, options) => this.#evaluate(batches, options),
  };

  /** One training step: forward, loss, backward and update, in one call into ONNX Runtime. */
  async trainBatch(images: Tensor, labels: Tensor): Promise<BatchResult> {
    const [result] = await this.trainBatches([[images, labels]]);
    return result;
  }

  /**
   * Training steps in one call into ONNX Runtime: parameters and the optimizer's state stay on the device between them. The
   * values are those of {@linkcode TorchClassifier.trainBatch} for one batch after the other.
   *
   * @param beforeStep called before each step is recorded: to set the learning rate, say
   */
  async trainBatches(
    batches: readonly Batch[],
    beforeStep: () => void = () => {},
  ): Promise<BatchResult[]> {
    const steps = defaultRuntime().inOneCall(() =>
      batches.map(([images, labels]) => {
        beforeStep();
        return this.#startStep(images, labels);
      })
    );
    await Promise.all(steps.map(({ done }) => done));
    const read = async ({ loss, correct }: StartedStep) => ({
      loss: await loss.item(),
      correct: await correct.item(),
    });
    return await Promise.all(steps.map(read));
  }

  #startStep(images: Tensor, labels: Tensor): StartedStep {
    const { accumulation } = this.#options;
    this.network.train();
    if (this.#batches % accumulation === 0) this.optimizer.zeroGrad();
    const logits = this.network(images);
    const loss = this.criterion(logits, labels);
    // Asked for before the step, it is part of the step's one call.
    const correct = countCorrect(logits, labels);
    (accumulation === 1 ? loss : loss.div(accumulation)).backward();
    const isUpdate = ++this.#batches % accumulation === 0;
    return { loss, correct, done: isUpdate ? this.#update() : Promise.resolve() };
  }

  async #update(): Promise<void> {
    const { clipNorm, average, lookahead } = this.#options;
    if (clipNorm !== null) nn.utils.clipGradNorm_(this.network.parameters(), clipNorm);
    const stepped = this.optimizer.step();
    // Recorded before anything is waited for: the next step may be recorded then.
    const averaged = average === null ? undefined : this.#average(average);
    await Promise.all([stepped, averaged, lookahead?.update(this.#batches)]);
  }

  #average(average: optim.swaUtils.AveragedModel<nn.Module>): Promise<void> {
    const { overwriteEvery } = this.#options;
    average.updateParameters(this.network);
    const averages = average.module.parameters();
    if (overwriteEvery !== null && this.#batches % overwriteEvery === 0) {
      noGrad(() => this.network.parameters().forEach((own, i) => own.copy_(averages[i])));
    }
    // Now: left to the next step, they would hold on to all weights since they were last read.
    const written = [...averages, ...average.buffers(), ...this.network.parameters()];
    return evaluate(written.map(({ array }) => array));
  }

  /** Gradients that wait for further batches, and how many batches were trained: what a resumed training needs too. */
  get pending(): PendingUpdate {
    const isWaiting = this.#batches % this.#options.accumulation !== 0;
    const found = this.network.namedParameters().filter(([, { grad }]) => isWaiting && grad);
    return {
      batches: this.#batches,
      gradients: Object.fromEntries(found.map(([name, { grad }]) => [name, grad!])),
    };
  }

  set pending({ batches, gradients }: PendingUpdate) {
    this.#batches = batches;
    for (const [name, parameter] of this.network.namedParameters()) {
      parameter.grad = gradients[name] ?? null;
    }
  }

  /** Trains over whole epochs. */
  async train(
    batches: data.DataLoader,
    options: TrainOptions<data.DataLoader>,
  ): Promise<TrainingHistory> {
    return await trainEpochs(this.#learner, batches, options);
  }

  /** Loss and accuracy over a data set, in eval mode. */
  async evaluate(batches: data.DataLoader, options: { signal?: AbortSignal } = {}): Promise<Score> {
    return await this.#evaluate(batches, options);
  }

  async #evaluate(
    batches: AsyncIterable<Batch>,
    options: { signal?: AbortSignal },
  ): Promise<Score> {
    const total = new RunningScore();
    for await (const [images, labels] of batches) {
      options.signal?.throwIfAborted();
      using _ = noGrad();
      // For every batch: a training step may have come between two.
      const { evaluated } = this;
      evaluated.eval();
      if (this.#options.dropoutAtEvaluation) {
        dropoutsOf(evaluated).forEach((module) => module.train());
      }
      const logits = evaluated(images);
      const correct = countCorrect(logits, labels);
      const loss = await this.criterion(logits, labels).item();
      total.add({ loss, correct: await correct.item() }, labels.shape[0]);
    }
    return total.score;
  }

  /** The class of each image, by the network without dropout: what the exported file computes too. */
  async predict(batches: data.DataLoader): Promise<Int32Array> {
    const classes: number[] = [];
    for (const [images] of batches) {
      const { evaluated } = this;
      evaluated.eval();
      const batch = await noGrad(() => evaluated(images).argmax(1)).data();
      for (const value of batch) classes.push(Number(value));
    }
    return Int32Array.from(classes);
  }

  /**
   * Writes the network without dropout as ONNX; input "input" [batch, ...inputShape], output "output" [batch, classes].
   *
   * @param inputShape of one image, such as [3, 32, 32]
   */
  async export(path: string | URL, inputShape: readonly number[]): Promise<void> {
    await onnx.export(this.evaluated, zeros([1, ...inputShape]), path);
  }
}

/** The dropout modules of a network. */
export function dropoutsOf(network: nn.Module): nn.AnyModule[] {
  const { Dropout, Dropout1d, Dropout2d, Dropout3d, AlphaDropout } = nn;
  const kinds = [Dropout, Dropout1d, Dropout2d, Dropout3d, AlphaDropout];
  return network.modules().filter((module) => kinds.some((kind) => module instanceof kind));
}

/** How many of a batch are classified rightly; a scalar. Labels are indices, or shares [n, classes]. */
function countCorrect(logits: Tensor, labels: Tensor): Tensor {
  const indices = labels.ndim === 1 ? labels : labels.argmax(1);
  return logits.detach().argmax(1).eq(indices).sum();
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
