/**
 * The state of a training in the Keras idiom, as a file: weights, the optimizer's numbers, the random stream.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { randomStream } from "../../keras_style/tracing/mod.ts";
import type { Model, optimizers } from "../../keras_style/mod.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  fromHost,
  type LazyArray,
  type TypedArray,
} from "../../onnx/mod.ts";

/** What a training changes. */
export interface KerasTraining {
  readonly model: Model;
  readonly optimizer: optimizers.Optimizer;
}

/** Everything that a training changes, in a fixed order. */
function variablesOf({ model, optimizer }: KerasTraining): tf.Variable[] {
  optimizer.build(model.trainableVariables);
  return [...model.variables, ...optimizer.variables];
}

/** Writes the state into a folder. */
export async function saveState(folder: string, training: KerasTraining): Promise<void> {
  const arrays = new Map<string, LazyArray>();
  for (const [i, variable] of variablesOf(training).entries()) {
    const values = await variable.data() as unknown as TypedArray;
    const dtype = variable.dtype as "float32" | "int32" | "bool";
    arrays.set(String(i), fromHost(values, variable.shape, dtype));
  }
  const random = JSON.stringify(randomStream().state);
  await Deno.writeFile(
    `${folder}/training.safetensors`,
    await encodeSafetensors(arrays, { random }),
  );
}

/**
 * Takes over what {@linkcode saveState} wrote.
 *
 * @throws {Error} if the file is damaged or of another network
 */
export async function loadState(folder: string, training: KerasTraining): Promise<void> {
  const path = `${folder}/training.safetensors`;
  const { arrays, metadata } = decodeSafetensors(await Deno.readFile(path), path);
  const variables = variablesOf(training);
  if (arrays.size !== variables.length) {
    throw new Error(`"${path}" holds ${arrays.size} arrays, expected ${variables.length}`);
  }
  tf.tidy(() => {
    for (const [i, variable] of variables.entries()) {
      const array = arrays.get(String(i))!;
      const values = array.hostData() as Float32Array;
      variable.assign(tf.tensor(values, [...array.shape], variable.dtype));
    }
  });
  randomStream().state = JSON.parse(metadata.random);
}
