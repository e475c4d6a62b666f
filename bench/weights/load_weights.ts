/**
 * Weights of a file for a network in either idiom, whichever of the two saved them.
 * @module
 */
import type { Model } from "../../keras_style/mod.ts";
import { parseUntrustedJson } from "../../onnx/mod.ts";
import type { nn } from "../../torch_style/mod.ts";
import type { BenchModel } from "../models/bench_model.ts";
import type { ClassifierSpec } from "../models/checked_network.ts";
import { convert } from "../models/convert.ts";
import { ByteReader } from "../runner/processes/byte_reader.ts";
import { loadTorchState } from "./torch_state.ts";
import { WeightsError } from "./weights_error.ts";

/** Which network. */
export interface NetworkSource extends ClassifierSpec {
  readonly model: BenchModel;
}

/** Which weights, and of which network. */
export interface WeightsSource extends NetworkSource {
  /** A state dict of PyTorch, or a file of the Keras idiom: `.keras`, `.h5`, or safetensors with its names. */
  readonly path: string;
  /** Modules of the PyTorch idiom that stay as they were made. */
  readonly skipped?: readonly string[];
}

/** In bytes; no safetensors file has a longer one. */
const LONGEST_HEADER = 100_000_000;

/** Whether a file is one of Keras': by its ending or, of safetensors, which both idioms write, by its names. */
async function isKerasFile(path: string): Promise<boolean> {
  if (/\.(keras|h5|hdf5)$/i.test(path)) return true;
  return (await tensorNames(path)).some((name) => name.startsWith("layers/"));
}

/** The names in a safetensors' header; none of another or a damaged file: whoever reads that says what it is. */
async function tensorNames(path: string): Promise<string[]> {
  using file = await Deno.open(path);
  const reader = new ByteReader(file);
  const start = new Uint8Array(8);
  if (!await reader.fill(start)) return [];
  const length = Number(new DataView(start.buffer).getBigUint64(0, true));
  if (length > Math.min((await file.stat()).size, LONGEST_HEADER)) return [];
  const header = new Uint8Array(length);
  await reader.fill(header);
  try {
    return Object.keys(parseUntrustedJson(new TextDecoder().decode(header)) as object);
  } catch {
    return [];
  }
}

/**
 * Gives a network in the PyTorch idiom the weights.
 *
 * @throws {WeightsError} naming all that does not fit
 */
export async function loadIntoTorch(network: nn.AnyModule, source: WeightsSource): Promise<void> {
  const { model, path, skipped } = source;
  if (!await isKerasFile(path)) return await loadTorchState(model, network, path, skipped);
  const twin = await kerasOf(source);
  await loadKerasFile(twin, source);
  await convert(twin, network, model.conversion);
  for (const variable of twin.variables) variable.dispose();
}

/**
 * Gives a model in the Keras idiom the weights.
 *
 * @throws {WeightsError} naming all that does not fit
 */
export async function loadIntoKeras(keras: Model, source: WeightsSource): Promise<void> {
  const { model, path, skipped } = source;
  if (await isKerasFile(path)) return await loadKerasFile(keras, source);
  const twin = await torchOf(source);
  // What is skipped stays as the Keras model has it.
  await convert(keras, twin, model.conversion);
  await loadTorchState(model, twin, path, skipped);
  await convert(twin, keras, model.conversion);
}

async function loadKerasFile(keras: Model, { path, skipped = [] }: WeightsSource): Promise<void> {
  if (skipped.length > 0) {
    throw new WeightsError(
      `--skip-weights is ${skipped}, expected nothing: "${path}" is Keras', which is taken whole`,
    );
  }
  await keras.loadWeights(path);
}

/** The network in the Keras idiom, which is loaded only here: a trial of the other one does without. */
export async function kerasOf({ model, ...spec }: NetworkSource): Promise<Model> {
  if (!model.keras) throw oneIdiom(model);
  const { kerasModel } = await model.keras();
  const { buildKeras } = await import("../models/build_keras.ts");
  return buildKeras(model, kerasModel, spec);
}

/** The network in the PyTorch idiom. */
export async function torchOf({ model, ...spec }: NetworkSource): Promise<nn.Module> {
  if (!model.torch) throw oneIdiom(model);
  const { TorchModel } = await model.torch();
  const { buildTorch } = await import("../models/build_torch.ts");
  return buildTorch(model, TorchModel, spec);
}

function oneIdiom({ name }: BenchModel): WeightsError {
  return new WeightsError(`--model: ${name} is written in one idiom only, expected both`);
}
