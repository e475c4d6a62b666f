/**
 * HDF5 files in memory: arrays by their paths. The library is HDF5 itself, compiled to WebAssembly, which sees no file but
 * those that it is given, and is loaded with the first of them.
 * @module
 */
import type { Dataset, File, Group } from "h5wasm";
import { widenBfloat16 } from "../../onnx/mod.ts";

/** Values of an array as files hold them. */
export type StoredData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** A group that is written. */
export interface WrittenGroup {
  /** Such as "layers/dense/vars". */
  readonly path: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly arrays: Readonly<Record<string, WrittenArray>>;
}

/** An array that is written. */
export interface WrittenArray {
  readonly shape: readonly number[];
  readonly data: StoredData;
}

/** An array of a file; its values are read when somebody asks. */
export interface ReadArray {
  readonly shape: readonly number[];
  /** The element type as the file has it, such as "float32" or "int64". */
  readonly dtype: string;
  /** The values. @throws {Error} for an element type that this idiom has not, or data that is damaged */
  read(): ArrayLike<number | bigint>;
}

/** A file that is read. */
export interface Hdf5Reader {
  /** All arrays by path, such as "layers/dense/vars/0". */
  readonly arrays: ReadonlyMap<string, ReadArray>;
  /** A text, or texts, that hang on a group ("" is the file itself); undefined where there are none. */
  attribute(path: string, name: string): string | readonly string[] | undefined;
}

/** Whether bytes begin as an HDF5 file does. */
export function isHdf5(bytes: Uint8Array): boolean {
  return [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, i) => bytes[i] === byte);
}

async function library() {
  const { Dataset, File, Group, ready } = await import("h5wasm");
  const module = await ready;
  // What goes wrong is thrown instead of printed.
  module.activate_throwing_error_handler();
  return { Dataset, File, Group, files: module.FS };
}

/** Bytes of a file with these groups. */
export async function encodeHdf5(groups: readonly WrittenGroup[]): Promise<Uint8Array> {
  const { File, files } = await library();
  const path = `/${crypto.randomUUID()}.h5`;
  const file = new File(path, "w");
  const known = new Map<string, Group>([["", file]]);
  try {
    for (const { path, attributes, arrays } of groups) {
      const group = groupAt(known, path);
      for (const [name, text] of Object.entries(attributes)) group.create_attribute(name, text);
      for (const [name, { shape, data }] of Object.entries(arrays)) {
        group.create_dataset({ name, data, shape: [...shape] });
      }
    }
    file.close();
    return files.readFile(path);
  } finally {
    files.unlink(path);
  }
}

/** The group of a path, made with those that it lies in. */
function groupAt(known: Map<string, Group>, path: string): Group {
  const found = known.get(path);
  if (found) return found;
  const at = path.lastIndexOf("/");
  const group = groupAt(known, path.slice(0, Math.max(at, 0))).create_group(path.slice(at + 1));
  known.set(path, group);
  return group;
}

/** How much larger than the file its arrays may be (compressed, or never written), and what is always allowed: bytes. */
const LARGEST_RATIO = 100;
const ALWAYS_ALLOWED = 2 ** 26;

/**
 * Reads a file's bytes. Nothing in it is trusted: links are not followed, sizes are checked.
 *
 * @param source named in errors
 * @param use reads what it needs; afterwards the file is closed
 * @throws {Error} for what is no HDF5 file, or is damaged
 */
export async function readHdf5<T>(
  bytes: Uint8Array,
  source: string,
  use: (reader: Hdf5Reader) => T,
): Promise<T> {
  if (!isHdf5(bytes)) throw new Error(`${source} is no HDF5 file: its first bytes are others`);
  const { Dataset, File, Group, files } = await library();
  const path = `/${crypto.randomUUID()}.h5`;
  files.writeFile(path, bytes);
  let file: File | undefined;
  try {
    const opened = file = guarded(source, () => new File(path, "r"));
    const arrays = guarded(source, () => {
      const entries = opened.paths().map((name) => [name, opened.get(name)] as const);
      return new Map(
        entries.flatMap(([name, entry]) =>
          entry instanceof Dataset ? [[name, readArray(source, name, entry)] as const] : []
        ),
      );
    });
    checkSize(arrays, bytes.length, source);
    return use({
      arrays,
      attribute: (at, name) =>
        guarded(source, () => {
          const entry = at === "" ? opened : opened.get(at);
          if (!(entry instanceof Group || entry instanceof Dataset)) return undefined;
          const value = entry.attrs[name]?.value;
          return typeof value === "string" || Array.isArray(value)
            ? value as string | string[]
            : undefined;
        }),
    });
  } finally {
    try {
      file?.close();
    } catch {
      // A damaged file may not even close.
    }
    files.unlink(path);
  }
}

/** The library's errors in one line. */
function guarded<T>(source: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`${source} is damaged: ${text.split("\n")[0]}`, { cause: error });
  }
}

/** HDF5's classes of element types. */
const [INTEGER, FLOAT, OPAQUE, ENUM] = [0, 1, 5, 8];

function dtypeOf({ metadata, attrs }: Dataset): string {
  const { type, size, signed } = metadata;
  if (attrs.dtype?.value === "bfloat16") return "bfloat16";
  if (type === FLOAT) return `float${8 * size}`;
  if (type === INTEGER) return `${signed ? "" : "u"}int${8 * size}`;
  return type === ENUM ? "bool" : `HDF5 class ${type}`;
}

function readArray(source: string, name: string, dataset: Dataset): ReadArray {
  const dtype = dtypeOf(dataset);
  return {
    shape: dataset.shape ?? [],
    dtype,
    read: () => {
      if (dtype === "float16" || dtype.startsWith("HDF5")) {
        throw new Error(`${source}: "${name}" has ${dtype} values, expected float32`);
      }
      const value = guarded(source, () => dataset.value);
      if (dtype === "bfloat16" && dataset.metadata.type === OPAQUE) {
        return widenBfloat16(value as Uint8Array);
      }
      // A scalar comes as a number.
      return ArrayBuffer.isView(value)
        ? value as unknown as ArrayLike<number | bigint>
        : [value] as (number | bigint)[];
    },
  };
}

function checkSize(
  arrays: ReadonlyMap<string, ReadArray>,
  fileBytes: number,
  source: string,
): void {
  let total = 0;
  for (const { shape } of arrays.values()) {
    total += 4 * shape.reduce((product, size) => product * size, 1);
  }
  const allowed = Math.max(ALWAYS_ALLOWED, LARGEST_RATIO * fileBytes);
  if (total <= allowed) return;
  throw new Error(
    `${source}: its arrays have ${total} bytes, expected at most ${allowed} of a file of ${fileBytes}`,
  );
}
