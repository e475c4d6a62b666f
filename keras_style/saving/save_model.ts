/**
 * Writes models, and weights alone, as safetensors files: other programs read the values, the rest lies in the
 * file's metadata. Keras' own files are HDF5 in a zip.
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
import type { TrainedModel } from "../models/trained_model.ts";
import { randomStream } from "../tracing/mod.ts";
import { compileConfig } from "./compile_config.ts";
import { namedOptimizerState, namedWeights } from "./weight_names.ts";

/** The version of the layout that {@linkcode saveModel} writes. */
export const FORMAT_VERSION = 2;

/** Writes layers, weights, what `compile` was told, the optimizer's state and that of the random numbers. */
export async function saveModel(model: TrainedModel, path: string | URL): Promise<void> {
  const weights = namedWeights(model);
  const { isCompiled } = model;
  const saved = {
    version: FORMAT_VERSION,
    model: {
      className: model.getClassName(),
      config: model.getConfig(),
      ...model.buildShape === undefined ? {} : { buildShape: model.buildShape },
    },
    ...isCompiled
      ? { compile: compileConfig(model.compiled("save").options), random: randomStream().state }
      : {},
  };
  const state = isCompiled ? namedOptimizerState(model) : [];
  const arrays = await hostArrays(new Map([...weights, ...state]));
  const metadata = { tandem: JSON.stringify(saved) };
  await writeBeside(path, await encodeSafetensors(arrays, metadata));
}

/** Writes the weights alone. */
export async function saveWeights(model: TrainedModel, path: string | URL): Promise<void> {
  const arrays = await hostArrays(namedWeights(model));
  await writeBeside(path, await encodeSafetensors(arrays));
}

async function hostArrays(
  variables: ReadonlyMap<string, tf.Variable>,
): Promise<Map<string, LazyArray>> {
  const entries = [...variables].map(async ([name, variable]) => {
    const values = await variable.data() as TypedArray;
    return [name, fromHost(values, variable.shape, variable.dtype as DType)] as const;
  });
  return new Map(await Promise.all(entries));
}
