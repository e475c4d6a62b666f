/**
 * Where a training is: weights, the optimizer's state and that of the random numbers, for a model that is there already.
 * @module
 */
import {
  checkRandomState,
  decodeSafetensors,
  encodeSafetensors,
  parseUntrustedJson,
  shortText,
  writeBeside,
} from "../../onnx/mod.ts";
import type { TrainedModel } from "../models/trained_model.ts";
import { randomStream } from "../tracing/mod.ts";

import { applyAll, compareArrays, explained } from "./load_weights.ts";
import { hostArrays } from "./save_model.ts";
import { namedOptimizerState, namedWeights } from "./weight_names.ts";

/** Writes the state; the file is written beside its place and then moved there. */
export async function saveTrainingState(model: TrainedModel, path: string | URL): Promise<void> {
  model.optimizer.build(model.trainableVariables);
  const random = randomStream().state;
  const arrays = await hostArrays(new Map([...namedWeights(model), ...namedOptimizerState(model)]));
  const metadata = { tandem: JSON.stringify({ random }) };
  await writeBeside(path, await encodeSafetensors(arrays, metadata));
}

/**
 * Takes over a state that {@linkcode saveTrainingState} wrote for a model of the same layers and optimizer.
 *
 * @throws {Error} for a file that does not fit; nothing is changed then
 */
export async function loadTrainingState(model: TrainedModel, path: string | URL): Promise<void> {
  const { arrays, metadata } = decodeSafetensors(await Deno.readFile(path), String(path));
  model.optimizer.build(model.trainableVariables);
  const variables = new Map([...namedWeights(model), ...namedOptimizerState(model)]);
  try {
    const { random } = parseUntrustedJson(metadata.tandem ?? "{}") as { random?: unknown };
    checkRandomState(random as [number, number]);
    applyAll(compareArrays(variables, arrays, ""));
    randomStream().state = random as [number, number];
  } catch (error) {
    throw explained(`${shortText(String(path), 100)} does not fit model "${model.name}"`, error);
  }
}
