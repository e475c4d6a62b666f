/**
 * The folder of a report. Only files that Tandem wrote there are ever replaced or removed: `.tandem.json` records them with
 * the hashes of their contents. While a run uses the folder, it is locked.
 * @module
 */
import { dirname, isAbsolute, join, relative } from "node:path";
import { writeBeside } from "../../onnx/mod.ts";
import { hashOf } from "../runner/trials/hash.ts";
import { TEMPORARY } from "../runner/processes/launch.ts";
import {
  isStillAt,
  kindOf,
  messageOf,
  missingFolders,
  removeIfEmpty,
  removeIfThere,
} from "./disk.ts";

/** A folder or a file cannot be used; the message names it and says why. */
export class OutputError extends Error {
  override name = "OutputError";
}

/** A file to be written. */
export interface OutputFile {
  /** From the folder on, with slashes. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** What `.tandem.json` holds. */
interface Manifest {
  version: 1;
  /** Hashes of each file: more than one while it is being replaced. */
  files: Record<string, string[]>;
  /** Folders that hold the states of unfinished trials. */
  states: string[];
}

const MANIFEST = ".tandem.json";
const LOCK = ".tandem.lock";
const STATUS = ".tandem.status.json";
/** The states of unfinished trials lie in it. */
const STATES = "unfinished";

/** What `writeBeside` leaves where a process is killed in the middle of it. */
const leftover = /\.[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\.part$/;

/** Options of {@linkcode OutputFolder.open}. */
export interface OutputFolderOptions {
  /** Whether a file that is not recorded may be replaced all the same. */
  readonly isOwn?: (path: string) => boolean | Promise<boolean>;
}

/** A folder for a report's files, which no other process writes to until it is closed. */
export class OutputFolder implements AsyncDisposable {
  #lock: Deno.FsFile | null = null;
  /** Folders that were made for it, the innermost first. */
  #made: readonly string[] = [];

  private constructor(readonly path: string, readonly manifest: Manifest) {}

  /**
   * Makes the folder if need be, and proves that it can be written to and that nothing lies in the way, before hours of
   * training.
   *
   * @param planned the files that will be written, from the folder on
   * @throws {OutputError} if it cannot be written to, is in use, or a file of somebody else's is in the way
   */
  static async open(
    path: string,
    planned: readonly string[],
    { isOwn = () => false }: OutputFolderOptions = {},
  ): Promise<OutputFolder> {
    const made = await missingFolders(path);
    await proveWritable(path, "--out");
    const lock = await lockOf(path);
    try {
      await refuseForeignStatus(path);
      const folder = new OutputFolder(path, await readManifest(path));
      folder.#lock = lock;
      folder.#made = made;
      for (const file of planned) {
        if (await isOwn(file)) await folder.#adopt(file);
        else await folder.#refuseForeign(file);
      }
      await folder.#removeLeftovers();
      return folder;
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  /**
   * Writes files, each beside its place and then moved there, so that each is always whole: the last one until the next is.
   *
   * @throws {OutputError} naming the file; those before it are written, and what it was before stays
   */
  async write(files: readonly OutputFile[]): Promise<void> {
    const hashes = files.map(({ content }) => hashOf(content));
    for (const { path } of files) await this.#refuseForeign(path);
    for (const [i, { path }] of files.entries()) {
      (this.manifest.files[path] ??= []).push(hashes[i]);
    }
    // Recorded before it is written: a run that is killed in between knows its files again.
    await this.#record();
    for (const [i, { path, content }] of files.entries()) {
      await writeFile(join(this.path, path), content);
      this.manifest.files[path] = [hashes[i]];
    }
    await this.#record();
  }

  /** Removes what Tandem wrote into a sub-folder earlier and nobody changed, but for these files. */
  async removeOthers(folder: string, kept: readonly string[]): Promise<void> {
    const old = Object.keys(this.manifest.files)
      .filter((path) => path.startsWith(`${folder}/`) && !kept.includes(path));
    for (const path of old) {
      if (await this.#isOwn(path)) await removeIfThere(join(this.path, path));
      delete this.manifest.files[path];
    }
    if (old.length > 0) await this.#record();
    await removeIfEmpty(join(this.path, folder));
  }

  /**
   * Proves that no folder of somebody else's is where trials will keep their states.
   *
   * @throws {OutputError} naming the first one
   */
  async refuseForeignStates(trials: readonly string[]): Promise<void> {
    for (const name of trials.map(stateName)) {
      const path = join(this.path, STATES, name);
      if (!this.manifest.states.includes(name) && await kindOf(path) !== null) throw foreign(path);
    }
  }

  /**
   * The folder for the state of a trial; made if need be.
   *
   * @throws {OutputError} if somebody else's folder is in the way
   */
  async stateFolder(trial: string): Promise<string> {
    const name = stateName(trial);
    const path = join(this.path, STATES, name);
    if (this.manifest.states.includes(name) && await kindOf(path) === "folder") return path;
    if (await kindOf(path) !== null) throw foreign(path);
    this.manifest.states = [...new Set([...this.manifest.states, name])];
    await this.#record();
    try {
      await Deno.mkdir(path, { recursive: true });
    } catch (error) {
      throw new OutputError(`cannot make "${path}": ${messageOf(error)}`);
    }
    return path;
  }

  /** Whether states of unfinished trials are kept: until all is written, a run is not over. */
  get hasStates(): boolean {
    return this.manifest.states.length > 0;
  }

  /** Removes the state of a trial, or those of all. Of somebody else's files none. */
  async removeStates(trial?: string): Promise<void> {
    const names = trial === undefined ? [...this.manifest.states] : [stateName(trial)];
    for (const name of names) {
      if (!this.manifest.states.includes(name)) continue;
      await removeState(join(this.path, STATES, name));
      this.manifest.states = this.manifest.states.filter((one) => one !== name);
    }
    await this.#record();
    await removeIfEmpty(join(this.path, STATES));
  }

  /** Tells who looks from outside how far the run is; what cannot be written costs the run nothing. */
  writeStatus(text: string): void {
    const path = join(this.path, STATUS);
    try {
      Deno.writeTextFileSync(`${path}.part`, text);
      Deno.renameSync(`${path}.part`, path);
    } catch {
      // A full disk: the run goes on.
    }
  }

  /** Lets others write to the folder; one that was made and holds nothing goes. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#lock === null) return;
    for (const name of [STATUS, `${STATUS}.part`]) await removeIfThere(join(this.path, name));
    await removeIfThere(join(this.path, LOCK)); // While it is still locked.
    this.#lock.close();
    this.#lock = null;
    for (const folder of this.#made) await removeIfEmpty(folder);
  }

  async #record(): Promise<void> {
    await writeFile(join(this.path, MANIFEST), JSON.stringify(this.manifest, null, 2) + "\n");
  }

  /** Takes a file for Tandem's, as it is now. */
  async #adopt(path: string): Promise<void> {
    this.manifest.files[path] = [hashOf(await Deno.readFile(join(this.path, path)))];
  }

  /** Refuses to write over what Tandem did not write. */
  async #refuseForeign(path: string): Promise<void> {
    const whole = join(this.path, path);
    const kind = await kindOf(whole);
    if (kind === null || (kind === "file" && await this.#isOwn(path))) return;
    throw foreign(whole);
  }

  async #isOwn(path: string): Promise<boolean> {
    const hashes = this.manifest.files[path];
    if (!hashes) return false;
    const bytes = await Deno.readFile(join(this.path, path)).catch(() => null);
    return bytes !== null && hashes.includes(hashOf(bytes));
  }

  /** Files that a killed run was about to move to their places. */
  async #removeLeftovers(): Promise<void> {
    const known = new Set([...Object.keys(this.manifest.files), MANIFEST]);
    const folders = new Set([...known].map((path) => dirname(path)));
    for (const folder of folders) {
      const names = await Array.fromAsync(Deno.readDir(join(this.path, folder))).catch(() => []);
      for (const { name, isFile } of names) {
        const of = join(folder, name.replace(leftover, ""));
        if (isFile && leftover.test(name) && known.has(of)) {
          await removeIfThere(join(this.path, folder, name));
        }
      }
    }
  }
}

/**
 * Writes a file that the command line names, outside of a report's folder.
 *
 * @throws {OutputError} naming the file
 */
export async function writeFile(path: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    await writeBeside(path, bytes);
  } catch (error) {
    throw new OutputError(
      `cannot write "${path}": ${messageOf(error)}; what was there before is unchanged`,
    );
  }
}

/**
 * Proves that a named file can be written, and that it replaces nothing of somebody else's.
 *
 * @param flag that names it, for messages
 * @param isOurs whether a text is one that Tandem writes there
 * @throws {OutputError} if not
 */
export async function proveReplaceable(
  flag: string,
  path: string,
  isOurs: (text: string) => boolean,
): Promise<void> {
  await proveWritable(dirname(path), flag);
  const kind = await kindOf(path);
  if (kind === null) return;
  if (kind === "file" && isOurs(await Deno.readTextFile(path).catch(() => ""))) return;
  throw new OutputError(`${flag}: "${path}" was not written by Tandem; move it, or name another`);
}

/** A path in a folder as the folder's files are recorded; null where it lies elsewhere. */
export function pathInside(folder: string, path: string): string | null {
  const inside = relative(folder, path);
  return inside.startsWith("..") || isAbsolute(inside) ? null : inside.replaceAll("\\", "/");
}

/** @throws {OutputError} if no file can be written into a folder, which is made */
export async function proveWritable(folder: string, flag: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: ".tandem-" }));
  } catch (error) {
    throw new OutputError(`${flag}: cannot write into "${folder}": ${messageOf(error)}`);
  }
}

/**
 * How far the run that uses a folder is, or was when it was killed; null where there is none.
 *
 * @returns the text of the file, and whether its run is still there
 */
export async function statusOf(
  folder: string,
): Promise<{ readonly text: string; readonly isRunning: boolean } | null> {
  try {
    const text = await Deno.readTextFile(join(folder, STATUS));
    return { text, isRunning: await isLocked(join(folder, LOCK)) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new OutputError(`cannot read "${join(folder, STATUS)}": ${messageOf(error)}`);
  }
}

async function isLocked(path: string): Promise<boolean> {
  if (await kindOf(path) !== "file") return false;
  // Shared: it is open for reading only.
  using file = await Deno.open(path);
  return !await file.tryLock(false);
}

async function refuseForeignStatus(folder: string): Promise<void> {
  const path = join(folder, STATUS);
  const kind = await kindOf(path);
  if (kind === null) return;
  const text = kind === "file" ? await Deno.readTextFile(path) : "";
  if (!text.startsWith('{"tandem":"status"')) throw foreign(path);
}

/** The system lets go of a lock when its process ends, however it ends: what a killed run leaves is taken over. */
async function lockOf(folder: string): Promise<Deno.FsFile> {
  const path = join(folder, LOCK);
  const kind = await kindOf(path);
  if (kind !== null && kind !== "file") throw foreign(path);
  const file = await Deno.open(path, { read: true, write: true, create: true });
  if (!await file.tryLock(true) || !await isStillAt(file, path)) {
    const owner = await new Response(file.readable).text().catch(() => "");
    throw new OutputError(
      `--out: "${folder}" is in use by another run${
        /^\d+$/.test(owner) ? ` (process ${owner})` : ""
      }`,
    );
  }
  await file.truncate();
  await file.write(new TextEncoder().encode(String(Deno.pid)));
  return file;
}

async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST);
  const kind = await kindOf(path);
  if (kind === null) return { version: 1, files: {}, states: [] };
  try {
    const read = JSON.parse(await Deno.readTextFile(path));
    if (kind === "file" && isManifest(read)) return read;
  } catch {
    // Damaged, or not JSON: not ours.
  }
  throw foreign(path);
}

function isManifest(value: Partial<Manifest> | null): value is Manifest {
  if (value?.version !== 1 || typeof value.files !== "object" || value.files === null) return false;
  const isPath = (text: unknown) =>
    typeof text === "string" && !text.split("/").includes("..") && !isAbsolute(text);
  const isName = (text: unknown) => isPath(text) && !(text as string).includes("/");
  return Array.isArray(value.states) && value.states.every(isName) &&
    Object.entries(value.files).every(([path, hashes]) => isPath(path) && Array.isArray(hashes));
}

function foreign(path: string): OutputError {
  return new OutputError(
    `--out: "${path}" was not written by Tandem, or was changed since; move it, or choose another --out`,
  );
}

function stateName(trial: string): string {
  return trial.replace(/[^\w.-]/g, "_");
}

/** Of a state's folder what a checkpoint writes; with anything else in it the folder stays. */
async function removeState(path: string): Promise<void> {
  const entries = await Array.fromAsync(Deno.readDir(path)).catch(() => []);
  for (const { name, isSymlink } of entries) {
    const isOwn = name === "progress.json" || name === TEMPORARY ||
      /^epoch-\d+(\.part-\w+)?$/.test(name) ||
      leftover.test(name);
    if (isOwn && !isSymlink) await Deno.remove(join(path, name), { recursive: true });
  }
  await removeIfEmpty(path);
}
