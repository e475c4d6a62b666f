/**
 * Finds a model: by its name among the folders here, or in a user's file.
 * @module
 */
import { basename, extname, resolve } from "node:path";
import { suggest } from "../nearest_name.ts";
import { importUserModule, isModuleFile, UserModuleError } from "../user_module.ts";
import {
  type BenchModel,
  type BenchModelEntry,
  type KerasModelModule,
  ModelError,
  type TorchModelModule,
} from "./bench_model.ts";
import { type Conversion, conversionExports } from "./conversion.ts";

/** Where the bench's own models are. */
const ownFolder = new URL("./", import.meta.url);

/** Names of the models in a folder: every sub-folder with a `model.ts`. */
export async function modelNames(folder: URL = ownFolder): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory && await isFile(new URL(`${name}/model.ts`, folder))) names.push(name);
  }
  return names.sort();
}

async function isFile(url: URL): Promise<boolean> {
  return await Deno.stat(url).then(({ isFile }) => isFile, () => false);
}

/**
 * Finds a model.
 *
 * @param nameOrFile a folder's name, or the path of a module that exports `kerasModel`, `TorchModel` or both
 * @throws {ModelError} for an unknown name, with the known ones
 * @throws {UserModuleError} for a file that is not there, cannot be loaded or exports no model
 *
 * @example
 * ```ts
 * const model = await loadModel("published_cnn");
 * const { kerasModel } = await model.keras!();
 * console.log(kerasModel({ inputShape: [28, 28, 1], classes: 10 }).countParams());
 * ```
 */
export async function loadModel(
  nameOrFile: string,
  folder: URL = ownFolder,
): Promise<BenchModel> {
  if (isModuleFile(nameOrFile)) return await modelOfFile(nameOrFile);
  const names = await modelNames(folder);
  if (!names.includes(nameOrFile)) {
    throw new ModelError(
      `--model: "${nameOrFile}" is unknown${suggest(nameOrFile, names)}; ` +
        `expected one of ${names.join(", ")}, or a file such as ./mine.ts`,
    );
  }
  const { model } = await import(new URL(`${nameOrFile}/model.ts`, folder).href);
  return { names: {}, ...checkedEntry(nameOrFile, model), file: null };
}

function checkedEntry(folder: string, entry: BenchModelEntry | undefined): BenchModelEntry {
  if (entry?.name === folder && (entry.keras || entry.torch)) return entry;
  throw new ModelError(
    `bench/models/${folder}/model.ts: expected an export model with the name "${folder}" and ` +
      `keras, torch or both, found ${JSON.stringify(entry)}`,
  );
}

/** A user's file as a model: it has what it exports. */
async function modelOfFile(path: string): Promise<BenchModel> {
  const loaded = await importUserModule("--model", path);
  const { kerasModel, TorchModel, initializeKerasModel, initializeTorchModel, name } = loaded;
  const functions = { kerasModel, TorchModel, initializeKerasModel, initializeTorchModel };
  for (const [export_, value] of Object.entries(functions)) {
    if (value === undefined || typeof value === "function") continue;
    throw new UserModuleError(
      `--model: ${path}: ${export_} is ${JSON.stringify(value)}, expected a ` +
        (export_ === "TorchModel" ? "class" : "function"),
    );
  }
  for (const [export_, { expected, accepts }] of Object.entries(conversionExports)) {
    const value = loaded[export_];
    if (value === undefined || accepts(value)) continue;
    throw new UserModuleError(
      `--model: ${path}: ${export_} is ${JSON.stringify(value)}, expected ${expected}`,
    );
  }
  if (!kerasModel && !TorchModel) {
    const found = Object.keys(loaded).join(", ") || "nothing";
    throw new UserModuleError(
      `--model: ${path} exports ${found}; expected a function kerasModel, a class TorchModel or both ` +
        `(bench init writes an example)`,
    );
  }
  return {
    name: checkedName(path, name),
    title: `a model of one's own, ${basename(path)}`,
    source: null,
    parameters: null,
    published: null,
    names: {},
    smallestImage: [1, 1],
    keras: kerasModel
      ? () => Promise.resolve({ kerasModel, initializeKerasModel } as KerasModelModule)
      : null,
    torch: TorchModel
      ? () => Promise.resolve({ TorchModel, initializeTorchModel } as TorchModelModule)
      : null,
    conversion: { pairs: loaded.pairs, flattens: loaded.flattens } as Conversion,
    file: resolve(path),
  };
}

/** The file's own name for its model, else the file's name. */
function checkedName(path: string, name: unknown): string {
  if (name === undefined) return basename(path, extname(path)).replace(/[^\w-]/g, "_");
  if (typeof name === "string" && /^[\w-]+$/.test(name)) return name;
  throw new UserModuleError(
    `--model: ${path}: name is ${JSON.stringify(name)}, expected letters, digits, "_" and "-"`,
  );
}
