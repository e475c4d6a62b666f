/**
 * Reads the files of Python's `torch.save`: a zip of a pickle and of the storages that it refers to.
 * Follows torch/serialization.py and torch/_utils.py of PyTorch 2.
 * @module
 */
import { type FileEntry, Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";
import { type DType, fromHost, shortText, sizeOf, widenBfloat16 } from "../../onnx/mod.ts";
import { createStorage } from "../../onnx/dtype.ts";
import { copyStrided } from "../../onnx/ops/movement.ts";
import { Tensor } from "../tensor.ts";
import { type Pickled, PythonName, readPickle } from "./pickle.ts";

/** Element types by the names of PyTorch's storages. */
const STORAGES: Readonly<Record<string, DType>> = {
  "torch.FloatStorage": "float32",
  "torch.DoubleStorage": "float64",
  "torch.HalfStorage": "float16",
  "torch.BFloat16Storage": "bfloat16",
  "torch.LongStorage": "int64",
  "torch.IntStorage": "int32",
  "torch.CharStorage": "int8",
  "torch.ByteStorage": "uint8",
  "torch.BoolStorage": "bool",
};

/** The functions that make tensors and dictionaries of what a file holds. */
const FUNCTIONS = [
  "collections.OrderedDict",
  "torch._utils._rebuild_parameter",
  "torch._utils._rebuild_tensor_v2",
];

/** All tensors together have at most so many times the file's bytes: parts of one storage may overlap, but not for ever. */
const MOST_COPIES = 16;

/** Whether bytes begin as a zip does. */
export function isZip(bytes: Uint8Array): boolean {
  return [0x50, 0x4b, 0x03, 0x04].every((byte, i) => bytes[i] === byte);
}

/** Whether bytes begin as a file of PyTorch before 1.6: a bare pickle of an integer of ten bytes. */
export function isBarePickle(bytes: Uint8Array): boolean {
  return [0x80, 0x02, 0x8a, 0x0a].every((byte, i) => bytes[i] === byte);
}

/**
 * The tensors of a state dict that Python saved. A checkpoint that has one dictionary of tensors, such as `state_dict`, beside
 * plain data gives that dictionary.
 *
 * @throws {Error} naming what is no plain tensor; no code of the file is run
 */
export async function readTorchZip(bytes: Uint8Array): Promise<Record<string, Tensor>> {
  const members = await readMembers(bytes);
  const pickle = [...members].find(([name]) => /^[^/]+\/data\.pkl$/.test(name));
  if (!pickle) {
    const names = shortText([...members.keys()].slice(0, 5).join(", "), 100);
    throw new Error(`there is no data.pkl in it, but ${names}; expected a file of torch.save`);
  }
  const folder = pickle[0].slice(0, -"data.pkl".length);
  const order = members.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(order) !== "little") {
    throw new Error("its bytes are big-endian, expected little-endian ones");
  }
  const storages = new Storages((key) => members.get(`${folder}data/${key}`), bytes.length);
  return tensorsOf(readPickle(pickle[1], storages));
}

/** A zip's last record where no comment follows it, the directory's start in that, and the locator of the 64-bit record before it. */
const [END, START, LOCATOR] = [22, 16, 20];

/**
 * A zip's bytes. PyTorch writes the 64-bit records behind every directory; zip.js takes them for a part of it unless the
 * last record asks for them, and then misses the first member of some files, by the length of its name.
 */
class TorchZipReader extends Uint8ArrayReader {
  /** Of what is read as "see the 64-bit record". */
  readonly #masked: number | null;

  constructor(bytes: Uint8Array) {
    super(bytes);
    const end = bytes.length - END;
    const isAt = (place: number, signature: readonly number[]) =>
      signature.every((byte, i) => bytes[place + i] === byte);
    const has64 = isAt(end, [0x50, 0x4b, 5, 6]) && isAt(end - LOCATOR, [0x50, 0x4b, 6, 7]);
    this.#masked = has64 ? end + START : null;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const part = await super.readUint8Array(index, length);
    if (this.#masked === null) return part;
    const from = this.#masked - index;
    return part.fill(0xff, Math.max(from, 0), Math.max(from + 4, 0));
  }
}

/** Stored as they are: nothing can be larger than the file. */
async function readMembers(bytes: Uint8Array): Promise<Map<string, Uint8Array>> {
  const withoutWorkers = { useWebWorkers: false, checkSignature: true } as const;
  const zip = new ZipReader(new TorchZipReader(bytes), {
    ...withoutWorkers,
    checkOverlappingEntry: true,
  });
  try {
    const members = new Map<string, Uint8Array>();
    for (const entry of await zip.getEntries()) {
      if (entry.directory) continue;
      const { filename, compressionMethod, encrypted } = entry as FileEntry;
      if (compressionMethod !== 0 || encrypted) {
        throw new Error(`its member ${shortText(filename)} is packed, expected it as it is`);
      }
      members.set(
        filename,
        await (entry as FileEntry).getData(new Uint8ArrayWriter(), withoutWorkers),
      );
    }
    return members;
  } finally {
    await zip.close();
  }
}

/** Values of one storage. */
type Storage = Tensor["array"]["buffer"]["data"];

/** What a pickle's calls and references become. */
class Storages {
  readonly #read = new Map<string, { storage: Storage; dtype: DType }>();
  #left: number;

  constructor(readonly member: (key: string) => Uint8Array | undefined, fileSize: number) {
    this.#left = MOST_COPIES * fileSize;
  }

  checkName = (name: string): void => {
    if (FUNCTIONS.includes(name) || name in STORAGES) return;
    const expected = name.endsWith("Storage")
      ? Object.keys(STORAGES).join(", ")
      : "plain tensors only";
    throw new Error(`it refers to ${shortText(name)}, which is not read; expected ${expected}`);
  };

  reduce = (name: string, args: readonly Pickled[]): Pickled => {
    switch (name) {
      case "collections.OrderedDict":
        if (args.length === 0) return new Map();
        break;
      case "torch._utils._rebuild_parameter":
        return args[0];
      case "torch._utils._rebuild_tensor_v2":
        return this.#tensor(args);
    }
    throw new Error(`it calls ${shortText(name)} in a way that torch.save does not`);
  };

  reference = (id: Pickled): Pickled => {
    const [kind, type, key] = Array.isArray(id) ? id : [];
    const name = type instanceof PythonName ? type.text : "";
    const dtype = STORAGES[name];
    if (kind !== "storage" || typeof key !== "string" || !dtype) {
      throw new Error("it refers to something else than a storage");
    }
    const bytes = this.member(key);
    if (!bytes) throw new Error(`its storage ${shortText(key)} is missing`);
    const known = this.#read.get(key) ?? asStorage(bytes, dtype, key);
    this.#read.set(key, known);
    return known;
  };

  #tensor([from, offset, size, stride]: readonly Pickled[]): Tensor {
    const { storage, dtype } = from as { storage: Storage; dtype: DType };
    const shape = counts(size), strides = counts(stride);
    if (!storage || !Number.isSafeInteger(offset) || shape.length !== strides.length) {
      throw new Error("a tensor in it has no storage, sizes and strides");
    }
    const length = sizeOf(shape);
    const start = offset as number;
    const last = start + shape.reduce((sum, count, i) => sum + (count - 1) * strides[i], 0);
    if (length > 0 && (start < 0 || !(last < storage.length))) {
      throw new Error(`a tensor [${shape}] in it reaches beyond its storage of ${storage.length}`);
    }
    this.#left -= length * storage.BYTES_PER_ELEMENT;
    if (!(this.#left >= 0)) throw new Error("its tensors are much larger than the file");
    const values = copyStrided({ dtype, data: storage }, shape, strides, start);
    return new Tensor(fromHost(values, shape, dtype));
  }
}

function counts(value: Pickled): number[] {
  const isCount = (item: unknown) => Number.isSafeInteger(item) && (item as number) >= 0;
  return Array.isArray(value) && value.every(isCount) && value.length <= 64 ? value : [-1];
}

function asStorage(bytes: Uint8Array, dtype: DType, key: string) {
  if (dtype === "bfloat16") return { storage: widenBfloat16(bytes), dtype };
  const unit = createStorage(dtype, 1).BYTES_PER_ELEMENT;
  if (bytes.length % unit > 0) throw new Error(`its storage ${shortText(key)} ends within a value`);
  const storage = createStorage(dtype, bytes.length / unit);
  new Uint8Array(storage.buffer).set(bytes);
  if (dtype === "bool" && bytes.some((byte) => byte > 1)) {
    throw new Error(`its storage ${shortText(key)} is boolean and holds bytes other than 0 and 1`);
  }
  return { storage, dtype };
}

function tensorsOf(value: Pickled): Record<string, Tensor> {
  if (!(value instanceof Map)) {
    throw new Error(`it holds ${describe(value)}, expected a state dict of tensors by name`);
  }
  const others = [...value].filter(([, entry]) => !(entry instanceof Tensor));
  if (others.length === 0) return named(value);
  const states = others.filter(([, entry]) => isState(entry));
  const isPlain = value.size === others.length && states.length === 1;
  if (isPlain) return named(states[0][1] as Map<unknown, unknown>);
  const list = others.map(([name, entry]) => `${shortText(name)} is ${describe(entry)}`);
  throw new Error(`${list.join("; ")}; expected a state dict of tensors by name`);
}

function isState(value: Pickled): boolean {
  return value instanceof Map && value.size > 0 &&
    [...value.values()].every((entry) => entry instanceof Tensor);
}

function named(state: ReadonlyMap<unknown, unknown>): Record<string, Tensor> {
  for (const name of state.keys()) {
    if (typeof name !== "string") throw new Error(`a tensor's name is ${shortText(name)}`);
  }
  return Object.fromEntries(state) as Record<string, Tensor>;
}

function describe(value: Pickled): string {
  if (value instanceof Tensor) return "a tensor";
  if (value instanceof Map) return "a dictionary";
  if (value instanceof PythonName) return `the name ${shortText(value.text)}`;
  return Array.isArray(value) ? "a list" : shortText(value);
}
