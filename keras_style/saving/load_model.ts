/**
 * Reads models that `save`, or Python's Keras 3, wrote.
 * @module
 */
import {
  checkRandomState,
  decodeSafetensors,
  type LazyArray,
  parseUntrustedJson,
  shortText,
} from "../../onnx/mod.ts";
import type { Model } from "../models/mod.ts";
import { readOptions } from "../options.ts";
import { customObjectScope, type SavedObject } from "../registry.ts";
import { randomStream } from "../tracing/mod.ts";
import { allOrNothing, modelFromConfig } from "./architecture.ts";
import { type CompileConfig, compileFromKeras, compileOptions } from "./compile_config.ts";
import type { CustomObjects } from "./custom_objects.ts";
import { formatOf } from "./file_format.ts";
import { type Hdf5Reader, readHdf5 } from "./hdf5.ts";
import { parseJson } from "./json_text.ts";
import { decodeArchive } from "./keras_archive.ts";
import { fromKeras } from "./from_keras.ts";
import { compareOptimizer, compareWeights } from "./keras_weights.ts";
import { isLegacyModel } from "./legacy_weights.ts";
import { applyAll, compareArrays, explained } from "./load_weights.ts";
import { FORMAT_VERSION } from "./save_model.ts";
import { namedOptimizerState, namedWeights } from "./weight_names.ts";

/** Options of {@linkcode loadModel}. */
export interface LoadModelOptions {
  /** Classes and functions that are not Keras' own, by name. */
  readonly customObjects?: CustomObjects;
  /** Whether the model is compiled as it was, with its optimizer's state; true unless given. */
  readonly compile?: boolean;
  /**
   * Whether the random numbers of this idiom (dropout, shuffling, initial weights) go on from where they were when
   * the model was saved, as a training has to that is resumed; as `compile` unless given.
   */
  readonly restoreRandomState?: boolean;
}

/** A state of the random numbers. */
type RandomState = readonly [seed: number, drawn: number];

/** What was read. */
interface Loaded {
  readonly model: Model;
  readonly random?: RandomState;
}

/**
 * Reads a model with its weights, compiled as it was. `fit` with `initialEpoch` then goes on as if training had never
 * stopped, bit for bit on one engine, where it was saved at the end of an epoch. (Not part of a model is
 * the state of callbacks, and of a data set that shuffles with a seed of its own or whose epochs `stepsPerEpoch` cuts.)
 * Follows https://keras.io/api/models/model_saving_apis/model_saving_and_loading/
 *
 * Takes Keras 3's archives (`.keras`) and safetensors files. Files are not trusted: classes are looked up by name among Keras' own and `customObjects`, sizes are checked.
 *
 * @throws {Error} if the file is none that `save` wrote, or does not fit together
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const model = new keras.Sequential([keras.Input({ shape: [4] }), new keras.layers.Dense({ units: 1 })]);
 * model.compile({ optimizer: "adam", loss: "mse" });
 * await model.save("model.safetensors");
 * const same = await keras.loadModel("model.safetensors");
 * console.log(same.countParams()); // 5
 * ```
 */
export async function loadModel(
  path: string | URL,
  options: LoadModelOptions = {},
): Promise<Model> {
  const { customObjects, compile, ...rest } = readOptions("loadModel", options, {
    customObjects: {},
    compile: true,
    restoreRandomState: undefined,
  });
  const bytes = await Deno.readFile(path);
  try {
    const format = formatOf(bytes, path);
    const read = { keras: loadKeras, hdf5: refuseHdf5, safetensors: loadTandem }[format];
    const { model, random } = await read(bytes, String(path), { customObjects, compile });
    if ((rest.restoreRandomState ?? compile) && random) randomStream().state = random;
    return model;
  } catch (error) {
    throw explained(`loadModel: ${shortText(String(path), 100)} cannot be loaded`, error);
  }
}

interface ReadOptions {
  readonly customObjects: CustomObjects;
  readonly compile: boolean;
}

// ---- Keras' files

/** So many values more than in the file a model may have before it is compared with it: what is missing can be listed. */
const BEYOND_FILE = 2 ** 22;

async function loadKeras(
  bytes: Uint8Array,
  _path: string,
  { customObjects, compile }: ReadOptions,
): Promise<Loaded> {
  const archive = await decodeArchive(bytes);
  const [config, metadata] = [parseJson(archive.config), parseJson(archive.metadata)];
  const { tandem_random: random } = (metadata ?? {}) as { readonly tandem_random?: RandomState };
  if (random !== undefined) checkRandomState(random);
  const model = await readHdf5(
    archive.weights,
    "its member model.weights.h5",
    (reader) =>
      customObjectScope(customObjects, () =>
        allOrNothing(() => {
          const made = modelFromConfig(fromKeras(config), customObjects, valuesIn(reader));
          applyAll(compareWeights(made, reader));
          const { compile_config: saved } = config as { readonly compile_config?: unknown };
          const compiled = compile ? compileFromKeras(saved) : undefined;
          if (compiled) {
            made.compile(compileOptions(compiled, customObjects));
            applyAll(compareOptimizer(made, reader));
          }
          return made;
        })),
  );
  return { model, ...random ? { random } : {} };
}

function valuesIn({ arrays }: Hdf5Reader): number {
  const sizes = [...arrays.values()].map(({ shape }) => shape.reduce((size, n) => size * n, 1));
  return sizes.reduce((sum, size) => sum + size, BEYOND_FILE);
}

function refuseHdf5(bytes: Uint8Array): Promise<never> {
  return readHdf5(bytes, "it", (reader) => {
    throw new Error(
      isLegacyModel(reader)
        ? "it is a whole model of Keras 2; load it with Python's Keras 3 and save it as .keras, or make the " +
          "model by code and take its weights (loadWeights)"
        : "it holds weights alone; make the model by code and take them (loadWeights)",
    );
  });
}

// ---- Safetensors files

/** What the metadata of a safetensors file holds. */
interface SavedTraining {
  readonly version: number;
  readonly model: SavedObject;
  readonly compile?: CompileConfig;
  readonly random?: RandomState;
}

function loadTandem(
  bytes: Uint8Array,
  path: string,
  { customObjects, compile }: ReadOptions,
): Promise<Loaded> {
  const { arrays, metadata } = decodeSafetensors(bytes, path);
  const { random, ...saved } = parseTraining(metadata.tandem);
  const model = allOrNothing(() => {
    const made = build(saved.model, arrays, customObjects);
    if (compile && saved.compile) restoreCompiled(made, saved.compile, arrays, customObjects);
    return made;
  });
  return Promise.resolve({ model, ...random ? { random } : {} });
}

function parseTraining(json: string | undefined): SavedTraining {
  if (json === undefined) {
    throw new Error("it holds no model, expected a file of save (loadWeights reads weights alone)");
  }
  const saved = parseUntrustedJson(json) as Partial<SavedTraining>;
  if (saved?.version !== FORMAT_VERSION) {
    const version = saved?.version;
    const isOlder = typeof version === "number" && version > 0 && version < FORMAT_VERSION;
    const way = isOlder
      ? ": make the model by code, take the file's weights (loadWeights) and save it again"
      : "";
    throw new Error(`its version is ${shortText(version)}, expected ${FORMAT_VERSION}${way}`);
  }
  const { model, random } = saved;
  if (typeof model?.className !== "string" || typeof model.config?.name !== "string") {
    throw new Error("its model has no class or no name");
  }
  if (random !== undefined) checkRandomState(random);
  return saved as SavedTraining;
}

function build(
  saved: SavedObject,
  arrays: ReadonlyMap<string, LazyArray>,
  customObjects: CustomObjects,
): Model {
  const weights = [...arrays].filter(([name]) => name.startsWith("layers/"));
  const values = weights.reduce((sum, [, array]) => sum + array.size, 0);
  const model = modelFromConfig(saved, customObjects, values);
  applyAll(compareArrays(namedWeights(model), arrays, "layers/"));
  return model;
}

function restoreCompiled(
  model: Model,
  config: CompileConfig,
  arrays: ReadonlyMap<string, LazyArray>,
  customObjects: CustomObjects,
): void {
  model.compile(compileOptions(config, customObjects));
  const hasSlots = [...arrays.keys()].some((name) => name.startsWith("optimizer/layers/"));
  if (hasSlots) model.optimizer.build(model.trainableVariables);
  applyAll(compareArrays(namedOptimizerState(model), arrays, "optimizer/"));
}
