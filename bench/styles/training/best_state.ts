/**
 * The state after a training's best epoch, on disk beside the one that is kept after every epoch.
 * @module
 */
import { join } from "node:path";
import type { EarlyStoppingRecipe } from "../../recipes/mod.ts";
import { bestEpoch, type ValidatedEpoch } from "./early_stopping.ts";

/** What reads and writes a training's state. */
interface State {
  save(folder: string): Promise<unknown>;
  load(folder: string): Promise<unknown>;
}

/** Stands before the names of the best state's files in the folder of the last one. */
const PREFIX = "best-";

/** Keeps the best state; saved and loaded together with the last one. */
export class BestState implements State, AsyncDisposable {
  #folder: string | null = null;

  constructor(readonly state: State, readonly recipe: EarlyStoppingRecipe) {}

  /** An epoch has ended: its state is kept where it is the best so far. */
  async note(history: readonly ValidatedEpoch[]): Promise<void> {
    if (bestEpoch(history, this.recipe) !== history.length) return;
    await this.state.save(await this.#make());
  }

  /** Goes back to the best state. */
  async restore(): Promise<void> {
    if (this.#folder !== null) await this.state.load(this.#folder);
  }

  async save(folder: string): Promise<void> {
    await this.state.save(folder);
    if (this.#folder === null) return;
    for await (const { name } of Deno.readDir(this.#folder)) {
      await Deno.copyFile(join(this.#folder, name), join(folder, PREFIX + name));
    }
  }

  async load(folder: string): Promise<void> {
    await this.state.load(folder);
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.startsWith(PREFIX)) continue;
      const own = join(await this.#make(), name.slice(PREFIX.length));
      await Deno.copyFile(join(folder, name), own);
    }
  }

  async #make(): Promise<string> {
    return this.#folder ??= await Deno.makeTempDir({ prefix: "tandem-" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#folder !== null) await Deno.remove(this.#folder, { recursive: true });
  }
}
