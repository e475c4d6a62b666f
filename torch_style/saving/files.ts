/**
 * Saves and loads named tensors.
 * @module
 */
import { type Call, type Kind, kind, kinds, signature } from "../arguments.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  shortText,
  visibleText,
  writeBeside,
} from "../../onnx/mod.ts";
import { Tensor } from "../tensor.ts";
import { isBarePickle, isZip, readTorchZip } from "./torch_zip.ts";

/** Named tensors, as a module's or an optimizer's state. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** What a file holds. */
export interface SavedTensors {
  readonly tensors: Record<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Options of {@linkcode save}. */
export interface SaveOptions {
  /** Names and texts that the file carries. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const namedTensors = kind<NamedTensors>(
  "tensors by name, such as module.stateDict(); an optimizer's state is saved by saveCheckpoint",
  (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((tensor) => tensor instanceof Tensor),
);

const pathKind = kind<string | URL>(
  "a path or a file URL",
  (value) => typeof value === "string" || value instanceof URL,
);

const SAVE = signature(
  "save",
  ["tensors", namedTensors],
  ["path", pathKind],
  "*",
  ["metadata", kinds.object as Kind<Readonly<Record<string, string>>>, undefined],
);

/**
 * Writes named tensors, such as a module's state, as a safetensors file, which Python's `safetensors` reads too.
 * The file is written beside its place and then moved there.
 * Stands for https://docs.pytorch.org/docs/stable/generated/torch.save.html, whose pickle files hold code.
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const module = new torch.nn.Linear(4, 2);
 * await torch.save(module.stateDict(), "linear.safetensors");
 * module.loadStateDict(await torch.load("linear.safetensors"));
 * ```
 */
export async function save(
  ...given: Call<typeof SAVE, SaveOptions, [tensors: NamedTensors, path: string | URL]>
): Promise<void> {
  const { tensors, path, metadata } = SAVE.read(given);
  const arrays = new Map(Object.entries(tensors).map(([name, tensor]) => [name, tensor.array]));
  await writeBeside(path, await encodeSafetensors(arrays, metadata));
}

const LOAD = signature("load", ["path", pathKind]);

/**
 * The tensors of a file: of safetensors, or of Python's `torch.save`, which is read without running the code that such files
 * may hold.
 * Stands for https://docs.pytorch.org/docs/stable/generated/torch.load.html with `weights_only=True`.
 *
 * @throws {Error} saying what is wrong with a file that is neither, or what in it is no plain tensor
 */
export async function load(
  ...given: Call<typeof LOAD, Record<never, never>, [path: string | URL]>
): Promise<SavedTensors["tensors"]> {
  const { path } = LOAD.read(given);
  return (await loadWithMetadata(path)).tensors;
}

const LOAD_WITH_METADATA = signature("loadWithMetadata", ["path", pathKind]);

/** The tensors of a file, as {@linkcode load} reads them, and the texts that a safetensors file carries. */
export async function loadWithMetadata(
  ...given: Call<typeof LOAD_WITH_METADATA, Record<never, never>, [path: string | URL]>
): Promise<SavedTensors> {
  const { path } = LOAD_WITH_METADATA.read(given);
  const file = await Deno.readFile(path);
  if (isZip(file) || isBarePickle(file)) {
    return { tensors: await savedByPython(file, String(path)), metadata: {} };
  }
  // The brace of a header behind its length.
  if (file[8] !== 0x7b && !/\.safetensors$/i.test(String(path))) {
    throw new Error(
      `${shortText(String(path), 100)} cannot be read: ` +
        `its ${file.length} bytes are neither of torch.save nor of safetensors`,
    );
  }
  const { arrays, metadata } = decodeSafetensors(file, String(path));
  const tensors = [...arrays].map(([name, array]) => [name, new Tensor(array)] as const);
  return { tensors: Object.fromEntries(tensors), metadata };
}

async function savedByPython(file: Uint8Array, path: string): Promise<SavedTensors["tensors"]> {
  try {
    if (isZip(file)) return await readTorchZip(file);
    throw new Error("it is in the format of PyTorch before 1.6; save it once more with torch.save");
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${shortText(path, 100)} cannot be read: ${visibleText(message)}`);
  }
}
