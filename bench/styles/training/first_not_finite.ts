/**
 * What a training that diverged left behind.
 * @module
 */
import { join } from "node:path";
import { decodeSafetensors, isFloating } from "../../../onnx/mod.ts";

/**
 * The first tensor of a training's state, weights before what the optimizer keeps, that holds NaN or an infinity; null
 * where all are finite.
 *
 * @param save writes the state into a folder, as safetensors; where arrays go by number, `names` in its metadata lists theirs
 */
export async function firstNotFinite(
  save: (folder: string) => Promise<unknown>,
): Promise<string | null> {
  const folder = await Deno.makeTempDir({ prefix: "tandem-" });
  try {
    await save(folder);
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.endsWith(".safetensors")) continue;
      const path = join(folder, name);
      const { arrays, metadata } = decodeSafetensors(await Deno.readFile(path), path);
      const names = JSON.parse(metadata.names ?? "{}");
      for (const [tensor, { dtype, buffer: { data } }] of arrays) {
        if (!isFloating(dtype)) continue;
        if (!Array.prototype.every.call(data, Number.isFinite)) return names[tensor] ?? tensor;
      }
    }
    return null;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
