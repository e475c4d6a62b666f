/** What ONNX Runtime makes of a recorded function. */
import type * as ort from "onnxruntime-node";
import {
  createStorage,
  GraphWriter,
  HostBuffer,
  type LazyArray,
  lowerGraph,
  openSession,
  placeholder,
  sizeOf,
  type TypedArray,
} from "../../onnx/mod.ts";
import { tensorOver } from "../../onnx/runtime/tensors.ts";

/** An array as it was declared, and as the session returned it. */
export interface Computed {
  readonly declared: LazyArray;
  readonly result: Pick<ort.Tensor, "type" | "dims"> & { readonly data: TypedArray };
}

/**
 * Runs a recorded function in a session of its own, whatever could have been computed on the host.
 *
 * @param rewrite what is done to the graph before it is written: nothing unless given
 * @param writer writes the model, which the CPU runs: another provider's composes what that lacks
 */
export async function throughSession(
  inputs: readonly LazyArray[],
  call: (inputs: readonly LazyArray[]) => readonly LazyArray[],
  rewrite: (roots: readonly LazyArray[]) => readonly LazyArray[] = (roots) => roots,
  writer: GraphWriter = Object.assign(new GraphWriter(), { carriesNaN: true }),
): Promise<Computed[]> {
  const indices = inputs.map((x, i) => placeholder(`x${i}`, x.dtype, x.shape));
  const declared = call(indices);
  indices.forEach((x, i) => writer.input(`x${i}`, x));
  lowerGraph(writer, rewrite(declared).map((array, i) => ({ name: `y${i}`, array })));
  const session = await openSession(writer.encode(), "cpu");
  const feeds = Object.fromEntries(inputs.map((x, i) => [`x${i}`, tensorOver(x.buffer, x)]));
  const buffers = declared.map((y) => new HostBuffer(createStorage(y.dtype, sizeOf(y.shape))));
  const fetches = Object.fromEntries(
    declared.map((y, i) => [`y${i}`, tensorOver(buffers[i], y)]),
  );
  const results = await session.run(feeds, fetches);
  await session.release();
  return declared.map((y, i) => {
    const { type, dims } = results[`y${i}`];
    return { declared: y, result: { type, dims, data: buffers[i].data } };
  });
}
