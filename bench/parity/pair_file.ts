/**
 * Loads a user's pair of models from a module file.
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ModelPair } from "./model_pair.ts";
import { ParityError } from "./parity_error.ts";

/** What each export must be, where it is there. */
const kinds: Readonly<Record<keyof ModelPair, keyof typeof expectations>> = {
  kerasModel: "function",
  torchModel: "function",
  inputShape: "numbers",
  classes: "number",
  pairs: "pairs",
  flattens: "order",
  batch: "function",
  kerasLoss: "function",
  torchLoss: "function",
  kerasOptimizer: "function",
  torchOptimizer: "function",
};

/**
 * Imports a module and checks what it exports.
 *
 * @throws {ParityError} naming the file, and the export that is missing or of another kind
 */
export async function loadPair(path: string): Promise<ModelPair> {
  await requireFile(path);
  let loaded: Record<string, unknown>;
  try {
    loaded = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).split("\n")[0];
    throw new ParityError(`--model: "${path}" cannot be loaded: ${why}`);
  }
  for (const name of ["kerasModel", "torchModel"] as const) {
    if (typeof loaded[name] === "function") continue;
    const exported = Object.keys(loaded).join(", ") || "nothing";
    throw new ParityError(
      `--model: "${path}" has no function ${name}; expected exports kerasModel() and torchModel(), found ${exported}`,
    );
  }
  for (const [name, kind] of Object.entries(kinds)) {
    const value = loaded[name];
    if (value === undefined || isOfKind(value, kind)) continue;
    throw new ParityError(
      `--model: "${path}": ${name} is ${JSON.stringify(value)}, expected ${expectations[kind]}`,
    );
  }
  return loaded as unknown as ModelPair;
}

const expectations = {
  function: "a function",
  numbers: "integers above 0, such as [32, 32, 3]",
  number: "an integer above 0",
  order: '"channelsFirst" or "channelsLast"',
  pairs: 'a list of [layer, module], such as [["conv2d", "features.0"]]',
};

function isOfKind(value: unknown, kind: keyof typeof expectations): boolean {
  const isCount = (n: unknown) => Number.isInteger(n) && (n as number) > 0;
  if (kind === "function") return typeof value === "function";
  if (kind === "number") return isCount(value);
  if (kind === "order") return value === "channelsFirst" || value === "channelsLast";
  if (!Array.isArray(value)) return false;
  if (kind === "numbers") return value.every(isCount);
  return value.every((entry) =>
    Array.isArray(entry) && entry.length === 2 &&
    entry.flat().every((name) => typeof name === "string")
  );
}

async function requireFile(path: string): Promise<void> {
  try {
    if ((await Deno.stat(path)).isFile) return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ParityError(`--model: there is no file "${path}"`);
  }
  throw new ParityError(`--model: "${path}" is no file`);
}
