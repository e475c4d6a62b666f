/**
 * Writes models, and weights alone: as Keras 3's files, which are HDF5 (in a zip), or as safetensors files, of which other
 * programs read the values and the rest lies in the metadata.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import {
  type DType,
  encodeSafetensors,
  fromHost,
  type LazyArray,
  type TypedArray,
  writeBeside,
} from "../../onnx/mod.ts";
import { savedLayer, sharingLayers } from "../layers/layer_registry.ts";
import type { TrainedModel } from "../models/trained_model.ts";
import { randomStream } from "../tracing/mod.ts";
import { compileConfig, compileToKeras } from "./compile_config.ts";
import { modelFormat, weightsFormat } from "./file_format.ts";
import { jsonText } from "./json_text.ts";
import { encodeArchive } from "./keras_archive.ts";
import { toKeras } from "./to_keras.ts";
import { encodeKerasWeights } from "./keras_weights.ts";
import { namedOptimizerState, namedWeights } from "./weight_names.ts";

/** The version of the layout of safetensors files with models. */
export const FORMAT_VERSION = 3;

/** The version of Keras whose files these are. */
const KERAS_VERSION = "3.15.0";

/** Writes layers, weights, what `compile` was given, the optimizer's state and that of the random numbers. */
export async function saveModel(model: TrainedModel, path: string | URL): Promise<void> {
  const encode = modelFormat(path) === "keras" ? encodeKeras : encodeTandem;
  await writeBeside(path, await encode(model));
}

/** Writes the weights; as `.weights.h5` with the optimizer's state. */
export async function saveWeights(model: TrainedModel, path: string | URL): Promise<void> {
  const bytes = weightsFormat(path) === "hdf5"
    ? await encodeKerasWeights(model)
    : await encodeSafetensors(await hostArrays(namedWeights(model)));
  await writeBeside(path, bytes);
}

/** What the model is made from, for both kinds of files. */
function savedModel(model: TrainedModel) {
  const { buildShape } = model;
  const saved = sharingLayers(() => savedLayer(model));
  return { ...saved, ...buildShape === undefined ? {} : { buildShape } };
}

async function encodeKeras(model: TrainedModel): Promise<Uint8Array> {
  const { isCompiled } = model;
  const { options, optimizer } = isCompiled ? model.compiled("save") : {};
  const config = {
    ...toKeras(savedModel(model)),
    compile_config: options && optimizer ? compileToKeras(options, optimizer) : {},
  };
  const metadata = {
    keras_version: KERAS_VERSION,
    date_saved: new Date().toISOString().slice(0, 19).replace("T", "@"),
    // What training goes on with here; Keras leaves it aside.
    ...isCompiled ? { tandem_random: randomStream().state } : {},
  };
  return encodeArchive({
    config: jsonText(config),
    metadata: JSON.stringify(metadata),
    weights: await encodeKerasWeights(model),
  });
}

async function encodeTandem(model: TrainedModel): Promise<Uint8Array> {
  const weights = namedWeights(model);
  const { isCompiled } = model;
  const saved = {
    version: FORMAT_VERSION,
    model: savedModel(model),
    ...isCompiled
      ? { compile: compileConfig(model.compiled("save").options), random: randomStream().state }
      : {},
  };
  const state = isCompiled ? namedOptimizerState(model) : [];
  const arrays = await hostArrays(new Map([...weights, ...state]));
  return encodeSafetensors(arrays, { tandem: JSON.stringify(saved) });
}

/** Values of variables, read from the device. */
export async function hostArrays(
  variables: ReadonlyMap<string, tf.Variable>,
): Promise<Map<string, LazyArray>> {
  const entries = [...variables].map(async ([name, variable]) => {
    const values = await variable.data() as TypedArray;
    return [name, fromHost(values, variable.shape, variable.dtype as DType)] as const;
  });
  return new Map(await Promise.all(entries));
}
