/**
 * What lies at a path, and what may go.
 * @module
 */
import { dirname, resolve } from "node:path";

/** What lies at a path, links not followed. */
export async function kindOf(path: string): Promise<"file" | "folder" | "link" | "other" | null> {
  try {
    const { isFile, isDirectory, isSymlink } = await Deno.lstat(path);
    return isSymlink ? "link" : isFile ? "file" : isDirectory ? "folder" : "other";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (error instanceof Deno.errors.NotADirectory) return null;
    throw error;
  }
}

/** Removes a file, if there is one. */
export async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/** Removes a folder with nothing in it. */
export async function removeIfEmpty(folder: string): Promise<void> {
  // Not empty, or not there: it stays as it is.
  await Deno.remove(folder).catch(() => {});
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A folder and those around it, as far as they are not there; the innermost first. */
export async function missingFolders(path: string): Promise<string[]> {
  const missing: string[] = [];
  // What cannot even be looked at is there; why it cannot be written to is found out next.
  const kind = (folder: string) => kindOf(folder).catch(() => "other");
  for (let folder = resolve(path); await kind(folder) === null; folder = dirname(folder)) {
    missing.push(folder);
  }
  return missing;
}

/** Whether a locked file is the one that others would lock: its last owner removes it. */
export async function isStillAt(file: Deno.FsFile, path: string): Promise<boolean> {
  const there = await Deno.stat(path).catch(() => null);
  return there !== null && there.ino === (await file.stat()).ino;
}
