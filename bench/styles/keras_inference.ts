/**
 * Inference of both Keras styles: in the style itself and through the exported ONNX file.
 * @module
 */
import { batchesOf, type Model } from "../../keras_style/mod.ts";
import { openSession } from "../../onnx/mod.ts";
import { classesByOnnx, type ImageBatch } from "./onnx_inference.ts";
import type { StyleContext } from "./style.ts";
import { dataFormatOf } from "./keras_setup.ts";

/** Images at a time where nothing is learned: speed of the machine, not of the loop. */
export const INFERENCE_BATCH = 200;

/** Takes the time of predicting all test images twice, and how often the two agree. */
export async function compareWithOnnx(
  context: StyleContext,
  model: Model,
  predict: () => Promise<Int32Array>,
): Promise<void> {
  const { outcome, signal } = context;
  const begin = performance.now();
  const own = await predict();
  outcome.predictions = own;
  outcome.inferenceSeconds = (performance.now() - begin) / 1000;
  signal.throwIfAborted();
  const folder = await Deno.makeTempDir({ prefix: "tandem-" });
  try {
    const path = `${folder}/keras.onnx`;
    await model.export(path);
    const exported = await runExported(context, path);
    outcome.onnxAgreement = own.filter((value, i) => value === exported[i]).length / own.length;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runExported(
  { options, outcome, test, cell }: StyleContext,
  path: string,
): Promise<Int32Array> {
  const session = await openSession(path, options.device);
  try {
    const batches = batchesOf(test, INFERENCE_BATCH, false, dataFormatOf(cell));
    const begin = performance.now();
    const classes = await classesByOnnx(session, images(batches));
    outcome.onnxInferenceSeconds = (performance.now() - begin) / 1000;
    return classes;
  } finally {
    await session.release();
  }
}

async function* images(batches: ReturnType<typeof batchesOf>): AsyncGenerator<ImageBatch> {
  for (const [batch, classes] of batches) {
    yield { data: await batch.data() as Float32Array, shape: batch.shape };
    batch.dispose();
    classes.dispose();
  }
}
