/**
 * Figures of a training for TensorBoard.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { type EventValue, EventWriter, histogramOf } from "../../onnx/mod.ts";
import { encodePng } from "../../plotting/mod.ts";
import { checkNumber, readOptions, show } from "../options.ts";
import { Callback, type Logs } from "./callback.ts";
import { learningRates } from "./learning_rates.ts";
import { PassedSteps } from "./passed_steps.ts";

/** Options of {@linkcode TensorBoard}. */
export interface TensorBoardOptions {
  /** The folder; "logs" unless given. */
  readonly logDir?: string;
  /** After how many epochs the weights' histograms are written; 0, for never, unless given. */
  readonly histogramFreq?: number;
  /** Whether the weights are written as images beside their histograms; false unless given. */
  readonly writeImages?: boolean;
  /** Whether steps a second are written; false unless given. */
  readonly writeStepsPerSecond?: boolean;
  /** When losses and metrics are written: "epoch" (unless given), or after so many steps too; "batch" is 1. */
  readonly updateFreq?: "epoch" | "batch" | number;
}

/**
 * Writes losses and metrics, the learning rate, and weights as histograms and images, into event files in the folders `train`
 * and `validation` of `logDir`: `tensorboard --logdir logs` shows them. Follows https://keras.io/api/callbacks/tensorboard/
 *
 * @throws {RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const board = new keras.callbacks.TensorBoard({ logDir: "./logs", histogramFreq: 1 });
 * console.log(board.updateFreq); // epoch
 * ```
 */
export class TensorBoard extends Callback {
  readonly logDir: string;
  readonly histogramFreq: number;
  readonly writeImages: boolean;
  readonly writeStepsPerSecond: boolean;
  readonly updateFreq: "epoch" | number;
  readonly #writers = new Map<string, EventWriter>();
  /** Calls of `onTrainBatchEnd`, as Keras counts them: the axis of what is written within an epoch. */
  #trainSteps = 0;
  readonly #passed = new PassedSteps();
  #stepsOfEpoch = 0;
  #testSteps = 0;
  #isTraining = false;
  #epochBegan = 0;
  #stepBegan = 0;

  constructor(options: TensorBoardOptions = {}) {
    super();
    const own = readOptions("TensorBoard", options, {
      logDir: "logs",
      histogramFreq: 0,
      writeImages: false,
      writeStepsPerSecond: false,
      updateFreq: "epoch",
    }) as Required<TensorBoardOptions>;
    if (typeof own.logDir !== "string" || own.logDir === "") {
      throw new TypeError(`TensorBoard: logDir is ${show(own.logDir)}, expected a path`);
    }
    this.logDir = own.logDir;
    this.histogramFreq = checkNumber("TensorBoard", "histogramFreq", own.histogramFreq, {
      from: 0,
      integer: true,
    });
    this.writeImages = own.writeImages;
    this.writeStepsPerSecond = own.writeStepsPerSecond;
    this.updateFreq = own.updateFreq === "epoch"
      ? "epoch"
      : own.updateFreq === "batch"
      ? 1
      : checkNumber("TensorBoard", "updateFreq", own.updateFreq, { from: 1, integer: true });
  }

  #writer(part: "train" | "validation"): EventWriter {
    const known = this.#writers.get(part);
    if (known) return known;
    const made = new EventWriter(`${this.logDir}/${part}`);
    this.#writers.set(part, made);
    return made;
  }

  #scalars(part: "train" | "validation", values: Logs, step: number): void {
    for (const [tag, scalar] of Object.entries(values)) {
      this.#writer(part).add(tag, step, { scalar });
    }
  }

  override onTrainBegin(): void {
    this.#isTraining = true;
    this.#trainSteps = 0;
  }

  override async onTrainEnd(): Promise<void> {
    this.#isTraining = false;
    await this.#close();
  }

  async #close(): Promise<void> {
    const writers = [...this.#writers.values()];
    this.#writers.clear();
    for (const writer of writers) await writer.close();
  }

  override onEpochBegin(): void {
    this.#epochBegan = performance.now();
    this.#stepsOfEpoch = 0;
  }

  override onTrainBatchBegin(): void {
    this.#trainSteps++;
    this.#stepBegan = performance.now();
  }

  override onTrainBatchEnd(step: number, logs: Logs = {}): void {
    this.#stepsOfEpoch += this.#passed.until(step);
    if (this.updateFreq === "epoch" || this.#trainSteps % this.updateFreq !== 0) return;
    if (this.writeStepsPerSecond) {
      const rate = 1000 / (performance.now() - this.#stepBegan);
      this.#scalars("train", { batch_steps_per_second: rate }, this.#trainSteps);
    }
    this.#scalars("train", renamed(logs, (name) => `batch_${name}`), this.#trainSteps);
  }

  override async onTestEnd(logs: Logs = {}): Promise<void> {
    const [iterations] = await this.model.optimizer.iterations.data();
    const named = renamed(logs, (name) => `evaluation_${name}_vs_iterations`);
    this.#scalars("validation", named, iterations);
    if (!this.#isTraining) await this.#close();
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    const isOfValidation = ([name]: [string, number]) => name.startsWith("val_");
    const entries = Object.entries(logs);
    const ofTraining = Object.fromEntries(entries.filter((entry) => !isOfValidation(entry)));
    const ofValidation = Object.fromEntries(entries.filter(isOfValidation));
    const speed = 1000 * this.#stepsOfEpoch / (performance.now() - this.#epochBegan);
    const values = {
      ...ofTraining,
      ...await learningRates(this.model.optimizer),
      ...this.writeStepsPerSecond ? { steps_per_second: speed } : {},
    };
    this.#scalars("train", renamed(values, (name) => `epoch_${name}`), epoch);
    const named = renamed(ofValidation, (name) => `epoch_${name.slice("val_".length)}`);
    this.#scalars("validation", named, epoch);
    if (this.histogramFreq > 0 && epoch % this.histogramFreq === 0) await this.#weights(epoch);
    for (const writer of this.#writers.values()) await writer.flush();
  }

  async #weights(epoch: number): Promise<void> {
    const writer = this.#writer("train");
    for (const weight of this.model.weights) {
      const values = Array.from(await weight.data());
      // A training that diverged is shown by its losses; a histogram has no place for what is not finite.
      if (values.length > 0 && values.every(Number.isFinite)) {
        const histogram = histogramOf("TensorBoard", values);
        writer.add(`${weight.name}/histogram`, epoch, { histogram });
      }
      if (!this.writeImages) continue;
      for (const [i, image] of (await imagesOf(weight, values)).entries()) {
        writer.add(`${weight.name}/image${i === 0 ? "" : `/${i}`}`, epoch, image);
      }
    }
  }
}

function renamed(logs: Logs, rename: (name: string) => string): Logs {
  return Object.fromEntries(Object.entries(logs).map(([name, value]) => [rename(name), value]));
}

/** The most images that are written of a weight, as TensorFlow's own summaries have it. */
const MOST_IMAGES = 3;

/** A weight as grey images, as Keras lays them out: a bias is a column, a kernel lies on its side, [h, w, n] is n images. */
async function imagesOf(weight: tf.Tensor, values: readonly number[]): Promise<EventValue[]> {
  const shape = weight.shape.filter((size) => size !== 1);
  if (shape.length < 1 || shape.length > 3) return [];
  const [rows, columns = 1, count = 1] = shape;
  const isTurned = shape.length === 2 && rows > columns;
  const [height, width] = isTurned ? [columns, rows] : [rows, columns];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const scale = most > least ? 255 / (most - least) : 0;
  const images: EventValue[] = [];
  for (let i = 0; i < Math.min(count, MOST_IMAGES); i++) {
    const data = new Uint8Array(height * width);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const at = isTurned ? column * columns + row : (row * columns + column) * count + i;
        data[row * width + column] = Math.round((values[at] - least) * scale);
      }
    }
    const png = await encodePng({ data, width, height, channels: 1 });
    images.push({ image: { height, width, channels: 1, png } });
  }
  return images;
}
