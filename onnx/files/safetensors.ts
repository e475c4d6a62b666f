/**
 * Arrays in a file that other programs read: safetensors. npm has readers only, and none that is kept; the
 * format is a length, a JSON header and the values.
 * Follows https://github.com/huggingface/safetensors#format
 * @module
 */
import { bytesOf, createStorage, type DType } from "../dtype.ts";
import { fromHost, type LazyArray } from "../lazy_array.ts";
import { evaluate } from "../runtime/default_runtime.ts";
import { sizeOf } from "../shape.ts";
import { parseUntrustedJson, shortText } from "./untrusted.ts";

/** What a file holds. */
export interface SavedArrays {
  readonly arrays: Map<string, LazyArray>;
  readonly metadata: Readonly<Record<string, string>>;
}

const NAMES: Readonly<Record<DType, string>> = {
  bool: "BOOL",
  uint8: "U8",
  int8: "I8",
  int32: "I32",
  uint32: "U32",
  int64: "I64",
  float16: "F16",
  float32: "F32",
  float64: "F64",
  bfloat16: "BF16",
};

/** Longest header that is read, in bytes: that of the reference implementation. */
const LONGEST_HEADER = 100_000_000;
/** Most tensors of a file. The largest models on the Hugging Face Hub have some ten thousand a file. */
const MOST_TENSORS = 100_000;
/** Most axes of a tensor: PyTorch's. */
const MOST_AXES = 64;

/**
 * Bytes of a file with named arrays in it; values are little-endian, as on all machines that Deno runs on.
 *
 * @param metadata names and texts that the file carries
 *
 * @example
 * ```ts
 * import { constant, decodeSafetensors, encodeSafetensors } from "../mod.ts";
 * const bytes = await encodeSafetensors(new Map([["weight", constant([1, 2])]]), { epoch: "3" });
 * console.log(decodeSafetensors(bytes, "a test").metadata.epoch); // 3
 * ```
 */
export async function encodeSafetensors(
  arrays: ReadonlyMap<string, LazyArray>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  await evaluate([...arrays.values()]);
  const entries: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) entries.push(["__metadata__", metadata]);
  let end = 0;
  for (const [name, { dtype, shape, size }] of arrays) {
    const begin = end;
    end += size * bytesInFile(dtype);
    entries.push([name, { dtype: NAMES[dtype], shape, data_offsets: [begin, end] }]);
  }
  // Spaces at the end of the header: the content begins at a multiple of 8.
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + length + end).fill(0x20, 0, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, 8);
  let at = 8 + length;
  for (const array of arrays.values()) {
    const { data } = array.buffer;
    const bytes = array.dtype === "bfloat16" ? narrowBfloat16(data as Float32Array) : bytesIn(data);
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/**
 * Arrays out of a file's bytes. Nothing in the file is trusted: lengths, types, shapes and offsets must fit.
 *
 * @param source named in errors
 * @throws {Error} saying what is wrong with the file
 */
export function decodeSafetensors(file: Uint8Array, source: string): SavedArrays {
  const fail = (why: string): never => {
    throw new Error(`${shortText(source, 100)} is no valid safetensors file: ${why}`);
  };
  if (file.length < 8) fail(`${file.length} bytes, expected at least 8`);
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (length > LONGEST_HEADER) {
    fail(`its header has ${length} bytes, expected at most ${LONGEST_HEADER}`);
  }
  if (8 + length > file.length) {
    fail(`its header of ${length} bytes ends after the file's ${file.length}`);
  }
  const { __metadata__: metadata = {}, ...entries } = parseHeader(
    file.subarray(8, 8 + length),
    fail,
  );
  const content = file.subarray(8 + length);
  const arrays = new Map<string, LazyArray>();
  const ranges: [number, number][] = [];
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, begin, end } = checkEntry(name, entry, content.length, fail);
    ranges.push([begin, end]);
    const bytes = content.subarray(begin, end);
    if (dtype === "bfloat16") {
      arrays.set(name, fromHost(widenBfloat16(bytes), shape, dtype));
      continue;
    }
    const data = createStorage(dtype, sizeOf(shape));
    if (dtype === "bool" && bytes.some((byte) => byte > 1)) {
      fail(`tensor ${shortText(name)} is BOOL and holds bytes other than 0 and 1`);
    }
    new Uint8Array(data.buffer).set(bytes);
    arrays.set(name, fromHost(data, shape, dtype));
  }
  checkCover(ranges, content.length, fail);
  return { arrays, metadata: metadata as Record<string, string> };
}

type Fail = (why: string) => never;

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let header: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // An object and two lists for each.
    header = parseUntrustedJson(text, { containers: 3 * MOST_TENSORS + 2 });
  } catch (error) {
    fail(`in its header: ${(error as Error).message}`);
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    return fail("its header is no JSON object");
  }
  const { __metadata__: metadata = {} } = header as Record<string, unknown>;
  const isText = typeof metadata === "object" && metadata !== null &&
    Object.values(metadata).every((value) => typeof value === "string");
  if (!isText) fail("its metadata holds something else than texts");
  return header as Record<string, unknown>;
}

function checkEntry(name: string, entry: unknown, available: number, fail: Fail) {
  const own = `tensor ${shortText(name)}`;
  const word = (value: unknown) =>
    typeof value === "string" && /^\w{1,20}$/.test(value) ? value : shortText(value);
  const { dtype: code, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const known = Object.values(NAMES).join(", ");
  const dtype = (Object.keys(NAMES) as DType[]).find((key) => NAMES[key] === code) ??
    fail(`${own} has dtype ${word(code)}, expected one of ${known}`);
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isCount) || shape.length > MOST_AXES) {
    return fail(
      `${own} has shape ${shortText(shape)}, expected a list of at most ${MOST_AXES} integers`,
    );
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return fail(`${own} lies at ${shortText(offsets)}, expected two offsets`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = sizeOf(shape) * bytesInFile(dtype);
  if (end > available || end - begin !== bytes) {
    fail(`${own} of ${bytes} bytes lies at ${begin} to ${end} of ${available} bytes`);
  }
  return { dtype, shape: shape as number[], begin, end };
}

/** The tensors must fill the file, side by side. */
function checkCover(ranges: [number, number][], available: number, fail: Fail): void {
  let end = 0;
  for (const [from, to] of ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (from !== end) fail(`its tensors overlap or leave a gap at byte ${Math.min(from, end)}`);
    end = to;
  }
  if (end !== available) fail(`its tensors end at byte ${end} of ${available}`);
}

function bytesInFile(dtype: DType): number {
  return dtype === "bfloat16" ? 2 : bytesOf(dtype);
}

function bytesIn({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The upper halves of values that are bfloat16's. */
function narrowBfloat16(values: Float32Array): Uint8Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return bytesIn(Uint16Array.from(bits, (value) => value >>> 16));
}

/** bfloat16 as float32: its bytes are the upper half, so that every value stays what it is. */
export function widenBfloat16(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const values = new Uint32Array(bytes.length / 2);
  for (let i = 0; i < values.length; i++) {
    values[i] = (bytes[2 * i] | bytes[2 * i + 1] << 8) << 16;
  }
  return new Float32Array(values.buffer);
}
