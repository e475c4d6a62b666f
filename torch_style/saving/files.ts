/**
 * Saves and loads named tensors.
 * @module
 */
import {
  decodeTensors,
  encodeTensors,
  type NamedTensors,
  type SavedTensors,
} from "./safetensors.ts";

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
  const bytes = await encodeTensors(tensors, metadata);
  const part = path instanceof URL ? new URL(`${path}.part`) : `${path}.part`;
  try {
    await Deno.writeFile(part, bytes);
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw error;
  }
}

/** The tensors of a safetensors file. @throws {Error} saying what is wrong with a file that is none */
export async function load(path: string | URL): Promise<SavedTensors["tensors"]> {
  return (await loadWithMetadata(path)).tensors;
}

/** The tensors of a safetensors file and the texts that it carries. */
export async function loadWithMetadata(path: string | URL): Promise<SavedTensors> {
  return decodeTensors(await Deno.readFile(path), String(path));
}
