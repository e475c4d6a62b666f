/**
 * Inference over the test images: in the style itself and through the exported ONNX file.
 * @module
 */
import { describePlacement, openOnDevice, openSession, withDimensions } from "../../onnx/mod.ts";
import { measureForms } from "../precision/forms.ts";
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
  /** The validation images, likewise: what nothing is reported of. */
  calibration(): AsyncIterable<ImageBatch>;
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
    const classes = await runExported(context, path, trained);
    if (context.measuresForms) {
      const { device, test: { labels } } = context;
      context.outcome.forms = await measureForms({ ...trained, path, device, labels });
    }
    return classes;
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
  context: StyleContext,
  path: string,
  trained: Trained,
): Promise<Int32Array> {
  const { device, outcome } = context;
  const sizes = batchSizes(context.test);
  const sessions = device === "cpu"
    ? await sessionOnCpu(path, sizes)
    : await sessionsOnDevice(context, device, await Deno.readFile(path), sizes);
  try {
    const begin = performance.now();
    const classes = await classesByOnnx((count) => sessions.get(count)!, trained.batches());
    outcome.onnxInferenceSeconds = (performance.now() - begin) / 1000;
    return classes;
  } finally {
    for (const session of new Set(sessions.values())) await session.release();
  }
}

/** Sessions by how many images they take at a time. */
type Sessions = ReadonlyMap<number, Awaited<ReturnType<typeof openSession>>>;

/** How many images the batches of a number of images have. */
function batchSizes({ count }: StyleContext["test"]): number[] {
  return [Math.min(count, INFERENCE_BATCH), count % INFERENCE_BATCH].filter((size) => size > 0);
}

/** One session, for any size. */
async function sessionOnCpu(path: string, sizes: readonly number[]): Promise<Sessions> {
  const session = await openSession(path, "cpu");
  return new Map(sizes.map((size) => [size, session]));
}

/**
 * A session for each size: what a model works out of a dynamic size, devices leave to the CPU.
 *
 * @throws {FallbackError} naming nodes that are left to the CPU, where the device is strict
 */
async function sessionsOnDevice(
  { strictDevice: strict, outcome }: StyleContext,
  device: Exclude<StyleContext["device"], "cpu">,
  model: Uint8Array,
  sizes: readonly number[],
): Promise<Sessions> {
  const sessions = new Map<number, Awaited<ReturnType<typeof openSession>>>();
  for (const size of new Set(sizes)) {
    const fixed = withDimensions(model, { batch: size });
    const { session, placement } = await openOnDevice(fixed, device, { strict });
    sessions.set(size, session);
    if (placement.onCpu.length === 0 || sessions.size > 1) continue;
    outcome.notes.push(
      `of the exported ONNX file, ${device} leaves ${describePlacement(placement)}`,
    );
  }
  return sessions;
}
