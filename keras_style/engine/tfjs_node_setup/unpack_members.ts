/**
 * Some members of a zip archive, written to a folder. What the archive says of itself is not trusted.
 * @module
 */
import { dirname } from "node:path";
import { type FileEntry, Reader, ZipReader } from "@zip.js/zip.js";
import { SetupError } from "./setup_error.ts";

/** Options of {@linkcode unpackMembers}. */
export interface UnpackOptions {
  /** Where a member goes, relative to the folder; undefined for those that are not wanted. */
  readonly place: (member: string) => string | undefined;
  /** Members that must be there. */
  readonly required: readonly string[];
  /** Most bytes that all of them may have together. */
  readonly limit: number;
}

/** What was written. */
export interface Unpacked {
  readonly files: number;
  readonly bytes: number;
}

/** Every check there is, and all work in this thread: worker scripts would be one more thing to allow. */
const STRICT = {
  strictness: "strict",
  filenameValidation: "strict",
  useWebWorkers: false,
} as const;

/**
 * Writes the members that are wanted. Names that lead out of the folder, links, encrypted, doubled, overlapping and
 * damaged members are refused before or while they are read.
 *
 * @throws {SetupError} naming the archive and the member
 */
export async function unpackMembers(
  archive: string,
  folder: string,
  { place, required, limit }: UnpackOptions,
): Promise<Unpacked> {
  using file = await Deno.open(archive);
  try {
    const zip = new ZipReader(new FileReader(file), STRICT);
    const wanted = (await zip.getEntries())
      .flatMap((entry) => {
        const to = place(entry.filename);
        return to === undefined || entry.directory ? [] : [{ entry, to }];
      });
    const bytes = checkMembers(wanted.map(({ entry }) => entry), required, limit);
    for (const { entry, to } of wanted) await writeMember(entry, `${folder}/${to}`);
    await zip.close();
    return { files: wanted.length, bytes };
  } catch (error) {
    throw explained(archive, error);
  }
}

function checkMembers(
  members: readonly FileEntry[],
  required: readonly string[],
  limit: number,
): number {
  for (const { filename, symlink, encrypted } of members) {
    if (symlink) throw new SetupError(`member ${filename} is a link, expected a file`);
    if (encrypted) throw new SetupError(`member ${filename} is encrypted, expected a plain file`);
  }
  const names = new Set(members.map(({ filename }) => filename));
  const missing = required.find((name) => !names.has(name));
  if (missing !== undefined) throw new SetupError(`member ${missing} is missing`);
  const bytes = members.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
  if (bytes <= limit) return bytes;
  throw new SetupError(`the members take ${bytes} bytes, expected at most ${limit}`);
}

async function writeMember(entry: FileEntry, path: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  using file = await Deno.open(path, { write: true, createNew: true });
  let written = 0;
  const sink = new WritableStream<Uint8Array>({
    async write(chunk) {
      written += chunk.length;
      // The size in the archive was counted against the limit, so it must hold.
      if (written > entry.uncompressedSize) throw new SetupError("has more bytes than it says");
      for (let done = 0; done < chunk.length;) done += await file.write(chunk.subarray(done));
    },
  });
  try {
    await entry.getData(sink, { checkCrc32: true, checkOverlappingEntry: true });
  } catch (error) {
    throw new SetupError(`member ${entry.filename}: ${messageOf(error)}`);
  }
}

function explained(archive: string, error: unknown): SetupError {
  const name = (error as { filename?: unknown }).filename;
  const member = typeof name === "string" ? ` (member ${JSON.stringify(name)})` : "";
  return new SetupError(`${archive} cannot be unpacked: ${messageOf(error)}${member}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Reads parts of a file where they lie; one at a time, since they share the file's position. */
class FileReader extends Reader<Deno.FsFile> {
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly file: Deno.FsFile) {
    super(file);
  }

  override async init(): Promise<void> {
    await super.init?.();
    this.size = (await this.file.stat()).size;
  }

  override readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const part = this.#last.then(() => this.#read(index, length));
    this.#last = part.catch(() => {});
    return part;
  }

  async #read(index: number, length: number): Promise<Uint8Array> {
    await this.file.seek(index, Deno.SeekMode.Start);
    const part = new Uint8Array(Math.max(0, Math.min(length, this.size - index)));
    for (let done = 0; done < part.length;) {
      const read = await this.file.read(part.subarray(done));
      if (read === null) return part.subarray(0, done);
      done += read;
    }
    return part;
  }
}
