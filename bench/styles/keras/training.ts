/**
 * What both Keras styles need around their loops: the training's state as a file, images that change, the trained network.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { randomStream } from "../../../keras_style/tracing/mod.ts";
import type { ImageSplit } from "../../../fixtures/mod.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  fromHost,
  type LazyArray,
  type TypedArray,
} from "../../../onnx/mod.ts";
import type { TrainingState } from "../fit.ts";
import { INFERENCE_BATCH, type Trained } from "../inference.ts";
import { batchesOf } from "./advanced_classifier.ts";
import { freezeFirstLayer, type KerasSetup } from "./setup.ts";
import type { ImageBatch } from "../onnx_inference.ts";
import type { StyleContext } from "../style.ts";

/**
 * What a training changes, as {@linkcode Fit} keeps it.
 *
 * @param classifier whose step is traced anew where other variables are trained
 */
export function kerasState(
  setup: KerasSetup,
  classifier: { retrace(): void },
): TrainingState {
  const { optimizer } = setup;
  // Listed now: their order is another one when a layer is frozen.
  const variables = variablesOf(setup);
  // Read once: from then on it is the schedule's.
  const rate = setup.setsRates ? optimizer.learningRate.dataSync()[0] : undefined;
  return {
    setRate: (factor) => {
      if (rate !== undefined) optimizer.learningRate = rate * factor;
    },
    freezeFirstLayer: () => {
      if (freezeFirstLayer(setup.model)) classifier.retrace();
    },
    save: (folder) => saveState(folder, variables),
    load: (folder) => loadState(folder, variables),
  };
}

/**
 * Images that are drawn anew in every epoch lie channels-first in a copy of their own, which is to be drawn anew too.
 *
 * @returns to be called when the images were drawn
 */
export function refreshImages(
  { imagesOf, dataFormat }: KerasSetup,
  images: ImageSplit,
): () => void {
  if (dataFormat === "channelsLast") return () => {};
  const kept = imagesOf(images)[0].data;
  // Another object, which has no copy yet.
  return () => kept.set(imagesOf({ ...images })[0].data);
}

/** The trained network, for inference. */
export function kerasTrained(
  { model, imagesOf }: KerasSetup,
  { test, validation }: Pick<StyleContext, "test" | "validation">,
  predict: () => Promise<Int32Array>,
): Trained {
  async function* batches(images: ImageSplit): AsyncGenerator<ImageBatch> {
    for (const [batch, classes] of batchesOf(images, INFERENCE_BATCH, { imagesOf })) {
      yield { data: await batch.data() as Float32Array, shape: batch.shape };
      batch.dispose();
      classes.dispose();
    }
  }
  return {
    predict,
    export: async (path) => void await model.export(path),
    batches: () => batches(test),
    calibration: () => batches(validation),
  };
}

/** Does something while the model has its averaged weights, where the optimizer keeps such. */
export async function withAverages<T>(
  { optimizer }: KerasSetup,
  run: () => Promise<T>,
): Promise<T> {
  const averages = optimizer.weightAverages ?? [];
  const own = averages.map(([weight]) => tf.clone(weight));
  for (const [weight, average] of averages) weight.assign(average);
  try {
    return await run();
  } finally {
    averages.forEach(([weight], i) => weight.assign(own[i]));
    tf.dispose(own);
  }
}

/** Everything that a training changes, in a fixed order. */
function variablesOf({ model, optimizer }: KerasSetup): tf.Variable[] {
  optimizer.build(model.trainableVariables);
  return [...model.variables, ...optimizer.variables];
}

/** Writes the state into a folder. */
async function saveState(folder: string, variables: readonly tf.Variable[]): Promise<void> {
  const arrays = new Map<string, LazyArray>();
  for (const [i, variable] of variables.entries()) {
    const values = await variable.data() as unknown as TypedArray;
    const dtype = variable.dtype as "float32" | "int32" | "bool";
    arrays.set(String(i), fromHost(values, variable.shape, dtype));
  }
  const random = JSON.stringify(randomStream().state);
  // For people: numbers tell the arrays apart, since layers' names may differ from process to process.
  const names = JSON.stringify(variables.map(({ name }) => name));
  await Deno.writeFile(
    `${folder}/training.safetensors`,
    await encodeSafetensors(arrays, { random, names }),
  );
}

/**
 * Takes over what {@linkcode saveState} wrote.
 *
 * @throws {Error} if the file is damaged or of another network
 */
async function loadState(folder: string, variables: readonly tf.Variable[]): Promise<void> {
  const path = `${folder}/training.safetensors`;
  const { arrays, metadata } = decodeSafetensors(await Deno.readFile(path), path);
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
