/**
 * Classes of images by an exported ONNX file, on plain onnxruntime-node.
 * @module
 */
import * as ort from "onnxruntime-node";
import { runSession } from "../../onnx/mod.ts";

/** Images in the layout that the model takes, the first axis counting them. */
export interface ImageBatch {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/**
 * Runs batch after batch through a model with one input and one output of logits [batch, classes].
 *
 * @param sessionFor gives the session for batches of so many images
 * @returns the class with the highest logit of every image, in order
 */
export async function classesByOnnx(
  sessionFor: (count: number) => ort.InferenceSession | Promise<ort.InferenceSession>,
  batches: AsyncIterable<ImageBatch>,
): Promise<Int32Array> {
  const classes: number[] = [];
  for await (const { data, shape } of batches) {
    const session = await sessionFor(shape[0]);
    const [input] = session.inputNames;
    const [output] = session.outputNames;
    const results = await runSession(session, { [input]: new ort.Tensor("float32", data, shape) });
    const logits = results[output];
    const width = logits.dims[1];
    for (let row = 0; row < logits.dims[0]; row++) {
      classes.push(largest((logits.data as Float32Array).subarray(row * width, (row + 1) * width)));
    }
  }
  return Int32Array.from(classes);
}

function largest(row: Float32Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i] > row[best]) best = i;
  return best;
}
