/**
 * Saves and loads named tensors.
 * @module
 */
import { decodeSafetensors, encodeSafetensors, writeBeside } from "../../onnx/mod.ts";
import { Tensor } from "../tensor.ts";

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
  tensors: NamedTensors,
  path: string | URL,
  { metadata }: SaveOptions = {},
): Promise<void> {
  const arrays = new Map(Object.entries(tensors).map(([name, tensor]) => [name, tensor.array]));
  await writeBeside(path, await encodeSafetensors(arrays, metadata));
}

/** The tensors of a safetensors file. @throws {Error} saying what is wrong with a file that is none */
export async function load(path: string | URL): Promise<SavedTensors["tensors"]> {
  return (await loadWithMetadata(path)).tensors;
}

/** The tensors of a safetensors file and the texts that it carries. */
export async function loadWithMetadata(path: string | URL): Promise<SavedTensors> {
  const { arrays, metadata } = decodeSafetensors(await Deno.readFile(path), String(path));
  const tensors = [...arrays].map(([name, array]) => [name, new Tensor(array)] as const);
  return { tensors: Object.fromEntries(tensors), metadata };
}
