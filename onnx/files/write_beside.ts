/**
 * Writes files whole or not at all.
 * @module
 */
import { basename, dirname, join } from "node:path";

/**
 * Writes a file beside its path, as PATH with a random ending, and moves it there: whatever goes wrong, nothing
 * half-written stays. The file beside it is made anew, so that no link that lies there is followed; a link at PATH itself
 * is replaced. What a process that was killed left beside the same PATH is removed.
 */
export async function writeBeside(path: string | URL, bytes: Uint8Array): Promise<void> {
  await writeAllBeside([{ path, write: (file) => writeAll(file, bytes) }]);
}

/** A file to be written. */
export interface FileToWrite {
  readonly path: string | URL;
  /** Writes the content, which is never in memory as a whole, into the new file. */
  write(file: Deno.FsFile): Promise<void>;
}

/**
 * As {@linkcode writeBeside}, of files that belong together: all are written beside their paths before the first is moved
 * there. They are moved in their order.
 */
export async function writeAllBeside(files: readonly FileToWrite[]): Promise<void> {
  const written: { place: string; part: string; file: Deno.FsFile }[] = [];
  try {
    for (const { path, write } of files) {
      const place = path instanceof URL ? decodeURIComponent(path.pathname) : path;
      await removeAbandoned(place);
      const opened = { place, ...await openPart(place) };
      written.push(opened);
      await write(opened.file);
    }
    for (const { place, part, file } of written) {
      // Windows moves no file that is open.
      if (Deno.build.os === "windows") file.close();
      await Deno.rename(part, place);
    }
  } catch (error) {
    for (const { part } of written) await Deno.remove(part).catch(() => {});
    throw error;
  } finally {
    for (const { file } of written) file[Symbol.dispose]();
  }
}

/** A new file beside a path, locked for as long as this process lives: others see by it that it is somebody's. */
async function openPart(place: string): Promise<{ part: string; file: Deno.FsFile }> {
  for (;;) {
    const part = `${place}.${crypto.randomUUID()}.part`;
    const file = await Deno.open(part, { write: true, createNew: true });
    try {
      await file.lock(true);
    } catch {
      return { part, file }; // A file system without locks: nobody tidies there either.
    }
    // Somebody who tidied in between may have taken it for abandoned.
    if (await Deno.lstat(part).then(() => true, () => false)) return { part, file };
    file.close();
  }
}

/** Writes all of some bytes where a file stands. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}

const ENDING = /^\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part$/;

/** Removes parts of a path whose writers were killed. Where it may not look, nothing is removed. */
async function removeAbandoned(path: string): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (!entry.isFile || !entry.name.startsWith(name)) continue;
      if (!ENDING.test(entry.name.slice(name.length))) continue;
      const part = join(folder, entry.name);
      using file = await Deno.open(part, { read: true, write: true });
      if (await file.tryLock(true)) await Deno.remove(part);
    }
  } catch {
    // A folder that cannot be read, a part that is gone by now: nothing to tidy.
  }
}
