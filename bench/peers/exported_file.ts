/**
 * An exported file as a side of the measurement: it only infers.
 * @module
 */
import * as ort from "onnxruntime-node";
import { join } from "node:path";
import { threadLimit } from "../../onnx/mod.ts";
import type { ImageBatch } from "../styles/onnx_inference.ts";
import type { Side } from "./side.ts";

/** Exports, opens the file and takes a batch to be run. */
export async function exportedSide(
  exportTo: (path: string) => Promise<void>,
  { data, shape }: ImageBatch,
): Promise<Side> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "model.onnx");
    await exportTo(path);
    // As in the engine: ONNX Runtime's own choice ties its threads to processor cores, the number would not.
    const threads = threadLimit();
    const options = threads === navigator.hardwareConcurrency ? {} : { intraOpNumThreads: threads };
    const session = await ort.InferenceSession.create(await Deno.readFile(path), options);
    const [input] = session.inputNames;
    const infer = async () => {
      const results = await session.run({ [input]: new ort.Tensor("float32", data, shape) });
      return Number(results[session.outputNames[0]].data[0]);
    };
    return { ...doesNotTrain, infer };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const refuse = () => Promise.reject(new Error("an exported file does not train"));

const doesNotTrain: Omit<Side, "infer"> = {
  parameters: NaN,
  withoutDropout: () => {},
  save: refuse,
  step: refuse,
};
