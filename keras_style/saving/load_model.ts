/**
 * Reads models that `save` wrote.
 * @module
 */
import {
  checkRandomState,
  decodeSafetensors,
  type LazyArray,
  parseUntrustedJson,
  shortMessage,
  shortText,
} from "../../onnx/mod.ts";
import type { Model } from "../models/mod.ts";
import { randomStream } from "../tracing/mod.ts";
import { allOrNothing, modelFromConfig, type SavedModel } from "./architecture.ts";
import { type CompileConfig, compileOptions } from "./compile_config.ts";
import type { CustomObjects } from "./custom_objects.ts";
import { assignAll } from "./load_weights.ts";
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

/** What the metadata of a file holds. */
interface SavedTraining {
  readonly version: number;
  readonly model: SavedModel;
  readonly compile?: CompileConfig;
  readonly random?: readonly [seed: number, drawn: number];
}

/**
 * Reads a model with its weights, compiled as it was. `fit` with `initialEpoch` then goes on as if training had never
 * stopped, bit for bit on one engine, where it was saved at the end of an epoch. (Not part of a model is
 * the state of callbacks, and of a data set that shuffles with a seed of its own or whose epochs `stepsPerEpoch` cuts.)
 * Follows https://keras.io/api/models/model_saving_apis/model_saving_and_loading/
 *
 * Files are not trusted: classes are looked up by name among Keras' own and `customObjects`, sizes are checked.
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
  const { customObjects = {}, compile = true, restoreRandomState = compile } = options;
  const { arrays, metadata } = decodeSafetensors(await Deno.readFile(path), String(path));
  try {
    const saved = parseTraining(metadata.tandem);
    const model = allOrNothing(() => {
      const made = build(saved.model, arrays, customObjects);
      if (compile && saved.compile) restoreCompiled(made, saved.compile, arrays, customObjects);
      return made;
    });
    if (restoreRandomState && saved.random) randomStream().state = saved.random;
    return model;
  } catch (error) {
    throw new Error(
      `loadModel: ${shortText(String(path), 100)} cannot be loaded: ${shortMessage(error)}`,
      { cause: error },
    );
  }
}

function parseTraining(json: string | undefined): SavedTraining {
  if (json === undefined) {
    throw new Error("it holds no model, expected a file of save (loadWeights reads weights alone)");
  }
  const saved = parseUntrustedJson(json) as Partial<SavedTraining>;
  if (saved?.version !== FORMAT_VERSION) {
    throw new Error(`its version is ${shortText(saved?.version)}, expected ${FORMAT_VERSION}`);
  }
  const { model, random } = saved;
  if (typeof model?.className !== "string" || typeof model.config?.name !== "string") {
    throw new Error("its model has no class or no name");
  }
  if (random !== undefined) checkRandomState(random);
  return saved as SavedTraining;
}

function build(
  saved: SavedModel,
  arrays: ReadonlyMap<string, LazyArray>,
  customObjects: CustomObjects,
): Model {
  const weights = [...arrays].filter(([name]) => name.startsWith("layers/"));
  const values = weights.reduce((sum, [, array]) => sum + array.size, 0);
  const model = modelFromConfig(saved, customObjects, values);
  assignAll(namedWeights(model), arrays, "layers/");
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
  assignAll(namedOptimizerState(model), arrays, "optimizer/");
}
