/**
 * Loads a pair of models: one of the bench's, or a user's from a module file.
 * @module
 */
import { type BenchModel, loadModel, type TorchModelClass } from "../../models/mod.ts";
import { conversionExports } from "../../models/conversion.ts";
import { importUserModule, isModuleFile } from "../../user_module.ts";
import type { ModelPair } from "./model_pair.ts";
import { ParityError } from "../parity_error.ts";

/** What each export must be, where it is there. */
const kinds: Readonly<Record<Exclude<keyof ModelPair, "file">, keyof typeof expectations>> = {
  kerasModel: "function",
  torchModel: "function",
  inputShape: "shape",
  classes: "number",
  pairs: "pairs",
  flattens: "order",
  batch: "function",
  kerasLoss: "function",
  torchLoss: "function",
  kerasOptimizer: "function",
  torchOptimizer: "function",
  torchStep: "function",
  torchAverage: "function",
  kerasAfterStep: "function",
};

/**
 * Finds a pair: a model of the bench by its name, or what a user's file exports.
 *
 * @throws {ParityError} naming the file, and the export that is missing or of another kind
 */
export async function loadPair(nameOrFile: string): Promise<ModelPair> {
  if (!isModuleFile(nameOrFile)) return await pairOf(await loadModel(nameOrFile));
  const exports = await importUserModule("--model", nameOrFile);
  const { TorchModel } = exports;
  if (exports.torchModel === undefined && typeof TorchModel === "function") {
    return checked(nameOrFile, { ...exports, torchModel: maker(TorchModel) });
  }
  return checked(nameOrFile, exports);
}

async function pairOf({ name, keras, torch }: BenchModel): Promise<ModelPair> {
  if (!keras || !torch) {
    throw new ParityError(`--model: ${name} is written in one idiom only, expected both`);
  }
  const [{ kerasModel }, { TorchModel }] = [await keras(), await torch()];
  return { kerasModel, torchModel: maker(TorchModel) };
}

function maker(TorchModel: unknown): ModelPair["torchModel"] {
  return (spec) => new (TorchModel as TorchModelClass)(spec);
}

function checked(path: string, exports: Record<string, unknown>): ModelPair {
  for (const name of ["kerasModel", "torchModel"] as const) {
    if (typeof exports[name] === "function") continue;
    const exported = Object.keys(exports).join(", ") || "nothing";
    throw new ParityError(
      `--model: "${path}" has no function ${name}; expected exports kerasModel() and torchModel() (or a class ` +
        `TorchModel), found ${exported}`,
    );
  }
  for (const [name, kind] of Object.entries(kinds)) {
    const value = exports[name];
    if (value === undefined || isOfKind(value, kind)) continue;
    throw new ParityError(
      `--model: "${path}": ${name} is ${JSON.stringify(value)}, expected ${expectations[kind]}`,
    );
  }
  return { ...exports, file: path } as unknown as ModelPair;
}

const expectations = {
  function: "a function",
  shape: "integers above 0, such as [32, 32, 3]",
  number: "an integer above 0",
  order: conversionExports.flattens.expected,
  pairs: conversionExports.pairs.expected,
};

function isOfKind(value: unknown, kind: keyof typeof expectations): boolean {
  const isCount = (n: unknown) => Number.isInteger(n) && (n as number) > 0;
  if (kind === "function") return typeof value === "function";
  if (kind === "number") return isCount(value);
  if (kind === "order") return conversionExports.flattens.accepts(value);
  if (kind === "pairs") return conversionExports.pairs.accepts(value);
  return Array.isArray(value) && value.every(isCount);
}
