/**
 * Progress as TensorBoard reads it: an event file a trial, in a folder of the trial's name.
 * @module
 */
import { join } from "node:path";
import { EventWriter } from "../../onnx/mod.ts";
import { Pace } from "../runner/measuring/pace.ts";
import type { ProgressDisplay } from "../runner/progress_display.ts";
import type { EpochRecord, StepLogs, TrialResult } from "../runner/trials/trial.ts";
import { messageOf, missingFolders, removeIfEmpty } from "./disk.ts";
import { OutputError, proveWritable } from "./folder.ts";

/** Steps are written at least this far apart: a curve needs no more. */
const STEP_MS = 1000;

/** TensorBoard's tags. */
const tags = {
  loss: "train/loss",
  accuracy: "train/accuracy",
  valLoss: "validation/loss",
  valAccuracy: "validation/accuracy",
} as const;

/** Writes losses, accuracies, learning rate and images a second, by the training step. */
export class TensorBoardDisplay implements ProgressDisplay {
  #writer: EventWriter | null = null;
  readonly #pace: Pace;
  #told = -Infinity;
  /** Why files are not written as far as they should be. */
  readonly #faults = new Map<EventWriter, OutputError>();
  #writing: Promise<void> = Promise.resolve();

  /**
   * @param folder `--tensorboard`: earlier event files in it stay, TensorBoard joins them
   * @param now milliseconds; for tests
   */
  constructor(readonly folder: string, readonly now: () => number = () => performance.now()) {
    this.#pace = new Pace(now);
  }

  /**
   * Proves that the folder can be written into, before hours of training; one that is not there is not made yet.
   *
   * @throws {OutputError} if not
   */
  static async open(folder: string): Promise<TensorBoardDisplay> {
    const made = await missingFolders(folder);
    await proveWritable(folder, "--tensorboard");
    for (const one of made) await removeIfEmpty(one);
    return new TensorBoardDisplay(folder);
  }

  plan(): void {}

  trialStart(id: string): void {
    this.#writer = new EventWriter(join(this.folder, ...id.split("/").map(folderName)));
  }

  epochStart(epoch: number, epochs: number, steps: number, images: number): void {
    this.#pace.epochStart(epoch, epochs, steps, images);
  }

  step(step: number, { loss, accuracy, learningRate }: StepLogs = {}): void {
    this.#pace.stepEnd(step);
    const now = this.now();
    if (now - this.#told < STEP_MS && step < this.#pace.steps) return;
    this.#told = now;
    const values = {
      [tags.loss]: loss,
      [tags.accuracy]: accuracy,
      learning_rate: learningRate,
      images_per_second: this.#pace.imagesPerSecond ?? undefined,
    };
    this.#add(values);
  }

  epochEnd({ valLoss, valAccuracy }: EpochRecord): void {
    this.#add({ [tags.valLoss]: valLoss, [tags.valAccuracy]: valAccuracy });
    this.#flush();
  }

  trialEnd({ testLoss, testAccuracy }: TrialResult): void {
    this.#add({ "test/loss": testLoss ?? undefined, "test/accuracy": testAccuracy ?? undefined });
    this.#flush();
    this.#writer = null;
  }

  note(): void {}
  close(): void {}

  /** @throws {OutputError} if something could not be written, and cannot now */
  async end(): Promise<void> {
    await this.#writing;
    for (const writer of [...this.#faults.keys()]) await this.#write(writer);
    const [fault] = this.#faults.values();
    if (fault) throw fault;
  }

  #add(values: Record<string, number | undefined>): void {
    const { epoch, steps, step } = this.#pace;
    const at = Math.max(0, epoch - 1) * steps + step;
    for (const [tag, scalar] of Object.entries(values)) {
      if (scalar !== undefined) this.#writer?.add(tag, at, { scalar });
    }
  }

  #flush(): void {
    const writer = this.#writer;
    if (writer === null) return;
    this.#writing = this.#writing.then(() => this.#write(writer));
  }

  async #write(writer: EventWriter): Promise<void> {
    try {
      await writer.flush();
      this.#faults.delete(writer);
    } catch (error) {
      const fault = `--tensorboard: cannot write into "${this.folder}": ${messageOf(error)}`;
      this.#faults.set(writer, new OutputError(fault));
    }
  }
}

function folderName(part: string): string {
  return part.replace(/[^\w.-]/g, "_");
}
