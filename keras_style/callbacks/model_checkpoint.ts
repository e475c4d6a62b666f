/**
 * Saves a model while it is trained.
 * @module
 */
import { dirname } from "node:path";
import { fixedText } from "../number_text.ts";
import { show, takeOptions } from "../options.ts";
import { modelFormat, weightsFormat } from "../saving/file_format.ts";
import type { Logs } from "./callback.ts";
import { checkFileName, fillFileName } from "./file_name.ts";
import { PassedSteps } from "./passed_steps.ts";
import { MonitorCallback, type MonitorOptions } from "./monitor_callback.ts";

/** Options of {@linkcode ModelCheckpoint}. */
export interface ModelCheckpointOptions extends Omit<MonitorOptions, "minDelta"> {
  /**
   * Where to save. `{epoch:02d}` (counted from 1), `{val_loss:.2f}` and other values of the logs, and with a
   * `saveFreq` in steps `{batch}`, are put in. Folders are made.
   */
  readonly filepath: string;
  /** 1 prints a line when something is saved; 0 unless given. */
  readonly verbose?: 0 | 1;
  /** Whether to save only where the watched number is the best so far. */
  readonly saveBestOnly?: boolean;
  /** Whether to save the weights without the model, the optimizer and the random numbers' state. */
  readonly saveWeightsOnly?: boolean;
  /** "epoch", or after how many steps; "epoch" unless given. */
  readonly saveFreq?: "epoch" | number;
  /** What the watched number must better to be the first that is saved. */
  readonly initialValueThreshold?: number | null;
}

/**
 * Saves the model after every epoch, or after so many steps. A model saved at the end of an epoch goes on from
 * there, bit for bit: `fit` with `initialEpoch`. Follows https://keras.io/api/callbacks/model_checkpoint/
 *
 * @throws {RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const saving = new keras.callbacks.ModelCheckpoint({
 *   filepath: "models/{epoch:02d}-{val_loss:.2f}.safetensors",
 *   saveBestOnly: true,
 * });
 * console.log(saving.monitor); // val_loss
 * ```
 */
export class ModelCheckpoint extends MonitorCallback {
  readonly filepath: string;
  readonly saveBestOnly: boolean;
  readonly saveWeightsOnly: boolean;
  readonly saveFreq: "epoch" | number;
  /** The best number so far. */
  best: number | undefined;
  readonly #verbose: number;
  #epoch = 0;
  readonly #passed = new PassedSteps();
  #stepsSinceSaving = 0;

  constructor(options: ModelCheckpointOptions) {
    const [own, rest] = takeOptions(new.target.name, options, {
      filepath: undefined,
      verbose: 0,
      saveBestOnly: false,
      saveWeightsOnly: false,
      saveFreq: "epoch" as "epoch" | number,
      initialValueThreshold: null as number | null,
    });
    super(rest);
    const { filepath, saveFreq } = own;
    if (typeof filepath !== "string" || filepath === "") {
      throw new TypeError(`ModelCheckpoint: filepath is ${show(filepath)}, expected a path`);
    }
    checkFileName(filepath);
    // Before the first epoch, not after it.
    (own.saveWeightsOnly ? weightsFormat : modelFormat)(filepath, "ModelCheckpoint: filepath");
    if (saveFreq !== "epoch") this.checkCount("saveFreq", saveFreq, 1);
    this.filepath = filepath;
    this.saveFreq = saveFreq;
    this.saveBestOnly = own.saveBestOnly;
    this.saveWeightsOnly = own.saveWeightsOnly;
    this.best = own.initialValueThreshold ?? undefined;
    this.#verbose = own.verbose;
  }

  override onEpochBegin(epoch: number): void {
    this.#epoch = epoch;
  }

  override async onTrainBatchEnd(step: number, logs: Logs = {}): Promise<void> {
    this.#stepsSinceSaving += this.#passed.until(step);
    if (this.saveFreq === "epoch" || this.#stepsSinceSaving < this.saveFreq) return;
    this.#stepsSinceSaving = 0;
    await this.#save({ epoch: this.#epoch + 1, batch: step + 1, ...logs }, logs);
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    if (this.saveFreq === "epoch") await this.#save({ epoch: epoch + 1, ...logs }, logs);
  }

  async #save(values: Logs, logs: Logs): Promise<void> {
    const path = fillFileName(this.filepath, values);
    if (this.saveBestOnly) {
      if (!this.#isBest(values.epoch, logs, path)) return;
    } else this.#say(`Epoch ${values.epoch}: saving model to ${path}`);
    await Deno.mkdir(dirname(path), { recursive: true });
    if (this.saveWeightsOnly) await this.model.saveWeights(path);
    else await this.model.save(path);
    this.#say(`Epoch ${values.epoch}: finished saving model to ${path}`);
  }

  #isBest(epoch: number, logs: Logs, path: string): boolean {
    const current = this.monitored(logs);
    if (current === undefined) return true;
    const before = this.best === undefined ? "None" : fixedText(this.best, 5);
    if (!this.improves(current, this.best)) {
      this.#say(`Epoch ${epoch}: ${this.monitor} did not improve from ${before}`);
      return false;
    }
    this.#say(
      `Epoch ${epoch}: ${this.monitor} improved from ${before} to ${fixedText(current, 5)}, ` +
        `saving model to ${path}`,
    );
    this.best = current;
    return true;
  }

  #say(text: string): void {
    if (this.#verbose > 0) console.log(`\n${text}`);
  }
}
