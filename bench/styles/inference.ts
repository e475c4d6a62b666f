/**
 * Inference over the test images: in the style itself and through the exported ONNX file.
 * @module
 */
import { openSession } from "../../onnx/mod.ts";
import { classesByOnnx, type ImageBatch } from "./onnx_inference.ts";
import type { StyleContext } from "./style.ts";

/** Images at a time where nothing is learned: speed of the machine, not of the loop. */
export const INFERENCE_BATCH = 200;

/** A style's trained network. */
export interface Trained {
  /** The classes of the test images. */
  predict(): Promise<Int32Array>;
  /** Writes the network as ONNX. */
  export(path: string): Promise<void>;
  /** The test images as the network takes them, {@linkcode INFERENCE_BATCH} at a time. */
  batches(): AsyncIterable<ImageBatch>;
}

/** Takes the time of predicting all test images twice, and how often the two agree. */
export async function compareWithOnnx(context: StyleContext, trained: Trained): Promise<void> {
  const { outcome, signal } = context;
  const begin = performance.now();
  const own = await trained.predict();
  outcome.predictions = own;
  outcome.inferenceSeconds = (performance.now() - begin) / 1000;
  signal.throwIfAborted();
  const exported = await classesByFile(context, trained);
  if (exported === undefined) return;
  outcome.onnxAgreement = own.filter((value, i) => value === exported[i]).length / own.length;
}

/** @returns undefined on a full disk, which costs a trained trial no more than the comparison */
async function classesByFile(
  context: StyleContext,
  trained: Trained,
): Promise<Int32Array | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "tandem-" });
  try {
    const path = `${folder}/network.onnx`;
    await trained.export(path);
    return await runExported(context, path, trained);
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code !== "ENOSPC") throw error;
    context.outcome.notes.push(
      "the exported ONNX file is not compared: no space left on the device for it",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runExported(
  { device, outcome }: StyleContext,
  path: string,
  trained: Trained,
): Promise<Int32Array> {
  const session = await openSession(path, device);
  try {
    const begin = performance.now();
    const classes = await classesByOnnx(session, trained.batches());
    outcome.onnxInferenceSeconds = (performance.now() - begin) / 1000;
    return classes;
  } finally {
    await session.release();
  }
}
