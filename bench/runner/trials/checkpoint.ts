/**
 * The state of a training after every epoch, on disk, so that a killed run goes on from its last finished epoch.
 * @module
 */
import { join } from "node:path";
import { writeBeside } from "../../../onnx/mod.ts";
import { removeFolder } from "../remove_folder.ts";
import type { StepTimes } from "../measuring/step_clock.ts";
import type { EpochRecord } from "./trial.ts";

/** What a training has measured up to the end of an epoch. */
export interface TrainingProgress extends StepTimes {
  history: EpochRecord[];
  fitSeconds: number;
  compileSeconds: number | null;
  engineSeconds: number | null;
}

/** What is on disk beside the state. */
interface SavedProgress extends TrainingProgress {
  /** Of the options under which the state was made. */
  fingerprint: string;
  /** Name of the folder with the state. */
  state: string;
}

/** What {@linkcode Checkpoint.open} needs. */
export interface CheckpointOptions {
  /** Of this training alone; null: nothing is kept. */
  readonly folder: string | null;
  /** What the training depends on; a state made under another one is not taken. */
  readonly fingerprint: string;
  /** Reads what is to be kept beside the state, less the time that keeping took. */
  readonly measure: (spentMilliseconds: number) => TrainingProgress;
  /** Told once where a state cannot be kept. */
  readonly note: (line: string) => void;
}

/** Keeps one training's state. */
export class Checkpoint {
  readonly #folder: string | null;
  readonly #fingerprint: string;
  readonly #measure: (spentMilliseconds: number) => TrainingProgress;
  readonly #note: (line: string) => void;
  readonly #saved: SavedProgress | null;
  #spent = 0;
  /** Whether a state could not be kept, and that was said. */
  #isFull = false;

  private constructor(
    { folder, fingerprint, measure, note }: CheckpointOptions,
    saved: SavedProgress | null,
  ) {
    this.#folder = folder;
    this.#fingerprint = fingerprint;
    this.#measure = measure;
    this.#note = note;
    this.#saved = saved;
  }

  /** Looks for what an earlier run kept. */
  static async open(options: CheckpointOptions): Promise<Checkpoint> {
    const { folder } = options;
    if (folder === null) return new Checkpoint(options, null);
    await removeParts(folder);
    const saved = await readProgress(join(folder, "progress.json"));
    const fits = saved?.fingerprint === options.fingerprint;
    return new Checkpoint(options, fits ? saved : null);
  }

  /** What the earlier run measured; null when there is nothing to go on from. */
  get progress(): TrainingProgress | null {
    return this.#saved;
  }

  /** Milliseconds that keeping took: not part of the training. */
  get spentMilliseconds(): number {
    return this.#spent;
  }

  /**
   * Takes over the kept state, if there is one. To be called by a style before it trains.
   *
   * @param load reads the state out of a folder
   * @returns how many epochs are finished
   * @throws {Error} if the kept state cannot be read
   */
  async restore(load: (folder: string) => Promise<unknown>): Promise<number> {
    if (this.#folder === null || this.#saved === null) return 0;
    try {
      await load(join(this.#folder, this.#saved.state));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`cannot go on from "${this.#folder}": ${why}; start anew with --fresh`);
    }
    return this.#saved.history.length;
  }

  /**
   * Keeps the state after an epoch. To be called by a style after `progress.epochEnd`.
   *
   * @param save writes the state into a folder
   */
  async keep(save: (folder: string) => Promise<unknown>): Promise<void> {
    if (this.#folder === null) return;
    const started = performance.now();
    try {
      await this.#write(this.#folder, save);
    } catch (error) {
      // At once: what was written of it takes the room that the report needs.
      await removeParts(this.#folder).catch(() => {});
      if (this.#isFull) return;
      this.#isFull = true;
      const why = error instanceof Error ? error.message : String(error);
      this.#note(
        `the state cannot be kept in "${this.#folder}": ${why}; the training goes on without`,
      );
    } finally {
      this.#spent += performance.now() - started;
    }
  }

  async #write(place: string, save: (folder: string) => Promise<unknown>): Promise<void> {
    const progress = this.#measure(this.#spent);
    const state = stateName(progress);
    await Deno.mkdir(place, { recursive: true });
    const part = await Deno.makeTempDir({ dir: place, prefix: `${state}${PART}` });
    await save(part);
    const folder = join(place, state);
    await removeFolder(folder);
    await Deno.rename(part, folder);
    const saved: SavedProgress = { fingerprint: this.#fingerprint, state, ...progress };
    const text = new TextEncoder().encode(JSON.stringify(saved));
    await writeBeside(join(place, "progress.json"), text);
    await removeFolder(join(place, `epoch-${progress.history.length - 1}`));
  }
}

/** Stands in the name of a state that is not written to its end. */
const PART = ".part-";

/** Removes states whose writing was cut short, by a kill or a full disk. */
async function removeParts(folder: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (/^epoch-\d+\.part-/.test(name)) await removeFolder(join(folder, name));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Name of the folder with the state after so many epochs. */
function stateName({ history }: Pick<TrainingProgress, "history">): string {
  return `epoch-${history.length}`;
}

/** A progress file that is missing or damaged is no progress: the training starts anew. */
async function readProgress(path: string): Promise<SavedProgress | null> {
  try {
    const saved = JSON.parse(await Deno.readTextFile(path));
    const isWhole = typeof saved?.fingerprint === "string" && Array.isArray(saved.history) &&
      saved.state === stateName(saved) && Array.isArray(saved.stepMilliseconds) &&
      Array.isArray(saved.frameworkMilliseconds) && Array.isArray(saved.inputMilliseconds) &&
      Array.isArray(saved.beginnings) &&
      typeof saved.fitSeconds === "number";
    return isWhole ? saved : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return null;
    throw error;
  }
}
