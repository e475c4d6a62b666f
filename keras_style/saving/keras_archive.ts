/**
 * Keras 3's `.keras` files: a zip of the architecture, the weights and a note.
 * Follows keras/src/saving/saving_lib.py of Keras 3.
 * @module
 */
import {
  type FileEntry,
  Uint8ArrayReader,
  Uint8ArrayWriter,
  ZipReader,
  ZipWriter,
} from "@zip.js/zip.js";

/** What the archive holds. */
export interface KerasArchive {
  /** The architecture and what `compile` was given. */
  readonly config: string;
  /** Versions and the like. */
  readonly metadata: string;
  /** An HDF5 file. */
  readonly weights: Uint8Array;
}

const MEMBERS = {
  config: "config.json",
  metadata: "metadata.json",
  weights: "model.weights.h5",
} as const;

/** No other threads: worker scripts would be one more thing to allow. */
const WITHOUT_WORKERS = { useWebWorkers: false } as const;

/** Every check there is of what an archive says of itself. */
const STRICT = { strictness: "strict", filenameValidation: "strict", ...WITHOUT_WORKERS } as const;

/** Most bytes of the texts, and how much larger than packed the weights may be, beyond what is always allowed. */
const LONGEST_TEXT = 2 ** 26;
const LARGEST_RATIO = 100;
const ALWAYS_ALLOWED = 2 ** 26;

/** Whether bytes begin as a zip does. */
export function isZip(bytes: Uint8Array): boolean {
  return [0x50, 0x4b, 0x03, 0x04].every((byte, i) => bytes[i] === byte);
}

/** Bytes of an archive; nothing is packed, as in Keras: weights do not get smaller. */
export async function encodeArchive(archive: KerasArchive): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { level: 0, ...WITHOUT_WORKERS });
  const text = new TextEncoder();
  for (const name of ["metadata", "config"] as const) {
    await zip.add(MEMBERS[name], new Uint8ArrayReader(text.encode(archive[name])));
  }
  await zip.add(MEMBERS.weights, new Uint8ArrayReader(archive.weights));
  return zip.close();
}

/**
 * An archive's members. Names, sizes, checksums and overlaps are checked; nothing is written anywhere.
 *
 * @throws {Error} naming the member
 */
export async function decodeArchive(bytes: Uint8Array): Promise<KerasArchive> {
  const zip = new ZipReader(new Uint8ArrayReader(bytes), STRICT);
  try {
    const entries = await zip.getEntries();
    const member = (name: string, longest: (packed: number) => number) => {
      const entry = entries.find(({ filename }) => filename === name);
      if (!entry || entry.directory) throw new Error(missing(name, entries));
      return content(entry as FileEntry, longest);
    };
    const text = async (name: string) =>
      new TextDecoder("utf-8", { fatal: true }).decode(await member(name, () => LONGEST_TEXT));
    return {
      config: await text(MEMBERS.config),
      metadata: await text(MEMBERS.metadata),
      weights: await member(
        MEMBERS.weights,
        (packed) => Math.max(ALWAYS_ALLOWED, LARGEST_RATIO * packed),
      ),
    };
  } finally {
    await zip.close();
  }
}

function missing(name: string, entries: readonly { readonly filename: string }[]): string {
  const names = entries.map(({ filename }) => filename).join(", ");
  return `its member ${name} is missing (there is ${names || "none"})`;
}

async function content(
  entry: FileEntry,
  longest: (packed: number) => number,
): Promise<Uint8Array> {
  const { filename, compressedSize, uncompressedSize, encrypted } = entry;
  if (encrypted) throw new Error(`its member ${filename} is encrypted, expected a plain one`);
  const limit = longest(compressedSize);
  if (uncompressedSize > limit) {
    throw new Error(
      `its member ${filename} has ${uncompressedSize} bytes, expected at most ${limit}`,
    );
  }
  // So many bytes, not one more.
  const bytes = new Uint8Array(uncompressedSize);
  let at = 0;
  const writable = new WritableStream<Uint8Array>({
    write(chunk) {
      if (at + chunk.length > bytes.length) throw new Error("it is longer than it says");
      bytes.set(chunk, at);
      at += chunk.length;
    },
  });
  try {
    await entry.getData(writable, { checkSignature: true, ...WITHOUT_WORKERS });
  } catch (error) {
    throw new Error(`its member ${filename} is damaged: ${(error as Error).message}`);
  }
  if (at === bytes.length) return bytes;
  throw new Error(`its member ${filename} has ${at} bytes, expected ${bytes.length}`);
}
