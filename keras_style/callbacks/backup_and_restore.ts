/**
 * Lets an interrupted training go on where it was.
 * @module
 */
import { readOptions, show } from "../options.ts";
import { Callback } from "./callback.ts";
import { PassedSteps } from "./passed_steps.ts";

/** Options of {@linkcode BackupAndRestore}. */
export interface BackupAndRestoreOptions {
  /** A folder of its own for the backups of one training; it is made. */
  readonly backupDir: string;
  /** "epoch" (unless given), or after how many steps. */
  readonly saveFreq?: "epoch" | number;
  /** Whether the backup before the last is kept as well, for the case that the last cannot be read; false unless given. */
  readonly doubleCheckpoint?: boolean;
  /** Whether the backups are removed when training has ended; true unless given. */
  readonly deleteCheckpoint?: boolean;
}

const FILE = /^backup-(\d+)-(\d+)\.safetensors$/;

/** A backup in the folder, by how far training was. */
interface Backup {
  readonly path: string;
  readonly epochs: number;
  readonly steps: number;
}

/**
 * Backs a training up after every epoch, or so many steps: weights, the optimizer's state, that of the random numbers. The same
 * `fit` run again after an interruption goes on with the epoch that was not finished, and gives the same numbers, bit for bit
 * on one engine, as if nothing had happened, where backups are those of whole epochs.
 * Follows https://keras.io/api/callbacks/backup_and_restore/
 *
 * @throws {TypeError} without a folder, {@link RangeError} for a setting out of range
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const backup = new keras.callbacks.BackupAndRestore({ backupDir: "/tmp/backup" });
 * console.log(backup.saveFreq); // epoch
 * ```
 */
export class BackupAndRestore extends Callback {
  readonly backupDir: string;
  readonly saveFreq: "epoch" | number;
  readonly doubleCheckpoint: boolean;
  readonly deleteCheckpoint: boolean;
  readonly #passed = new PassedSteps();
  #epochs = 0;
  #steps = 0;

  constructor(options: BackupAndRestoreOptions) {
    super();
    const own = readOptions("BackupAndRestore", options, {
      backupDir: undefined,
      saveFreq: "epoch",
      doubleCheckpoint: false,
      deleteCheckpoint: true,
    }) as Required<BackupAndRestoreOptions>;
    const { saveFreq, backupDir } = own;
    if (typeof backupDir !== "string" || backupDir === "") {
      throw new TypeError(`BackupAndRestore: backupDir is ${show(backupDir)}, expected a path`);
    }
    if (saveFreq !== "epoch" && !(Number.isInteger(saveFreq) && saveFreq > 0)) {
      throw new RangeError(
        `BackupAndRestore: saveFreq is ${show(saveFreq)}, expected "epoch" or an integer above 0`,
      );
    }
    this.backupDir = backupDir;
    this.saveFreq = saveFreq;
    this.doubleCheckpoint = own.doubleCheckpoint;
    this.deleteCheckpoint = own.deleteCheckpoint;
  }

  /** @throws {Error} if no backup that is there fits the model */
  override async onTrainBegin(): Promise<void> {
    const backups = await this.#backups();
    for (const [i, { path, epochs, steps }] of backups.entries()) {
      try {
        await this.model.loadTrainingState(path);
      } catch (error) {
        if (i === backups.length - 1) throw error;
        continue;
      }
      [this.#epochs, this.#steps] = [epochs, steps];
      this.params.initialEpoch = epochs;
      return;
    }
    [this.#epochs, this.#steps] = [this.params.initialEpoch, 0];
  }

  override async onTrainBatchEnd(step: number): Promise<void> {
    const passed = this.#passed.until(step);
    this.#steps += passed;
    if (this.saveFreq !== "epoch" && this.#steps % this.saveFreq < passed) await this.#save();
  }

  override async onEpochEnd(epoch: number): Promise<void> {
    this.#epochs = epoch + 1;
    if (this.saveFreq === "epoch") await this.#save();
  }

  override async onTrainEnd(): Promise<void> {
    if (this.deleteCheckpoint) await this.#remove(await this.#backups(), true);
  }

  /** The backups, the newest first. */
  async #backups(): Promise<Backup[]> {
    const found: Backup[] = [];
    try {
      for await (const { name } of Deno.readDir(this.backupDir)) {
        const [, epochs, steps] = FILE.exec(name) ?? [];
        if (epochs === undefined) continue;
        const path = `${this.backupDir}/${name}`;
        found.push({ path, epochs: Number(epochs), steps: Number(steps) });
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return found.sort((a, b) => b.epochs - a.epochs || b.steps - a.steps);
  }

  async #save(): Promise<void> {
    await Deno.mkdir(this.backupDir, { recursive: true });
    const path = `${this.backupDir}/backup-${this.#epochs}-${this.#steps}.safetensors`;
    await this.model.saveTrainingState(path);
    const older = (await this.#backups()).filter((backup) => backup.path !== path);
    await this.#remove(older.slice(this.doubleCheckpoint ? 1 : 0));
  }

  /** Removes backups, and the folder with the last of them where nothing else is in it. */
  async #remove(backups: readonly Backup[], withFolder = false): Promise<void> {
    for (const { path } of backups) await Deno.remove(path);
    if (!withFolder || backups.length === 0) return;
    const rest = Array.fromAsync(Deno.readDir(this.backupDir));
    if ((await rest).length === 0) await Deno.remove(this.backupDir);
  }
}
