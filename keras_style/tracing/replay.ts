/**
 * Calls a recorded function: one run of ONNX Runtime, results at once as tensors still on their way.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { fromHost, LazyArray, type PendingGraph } from "../../onnx/mod.ts";
import type { OnnxRuntimeBackend, VariableWrite } from "../engine/mod.ts";
import { mapLeaves } from "./containers.ts";
import { DrawnKeys } from "./drawn_keys.ts";
import { randomStream } from "./random.ts";
import { type Output, type Recording, ResultSlot, type Source } from "./recording.ts";

/** Computes a recorded graph on some leaves; the outputs get the values of its roots. */
export type GraphRun = (
  graph: PendingGraph,
  roots: readonly LazyArray[],
  leaves: readonly LazyArray[],
  outputs: readonly LazyArray[],
) => Promise<void>;

/** Starts one call on these tensors, gives variables their new values and returns the result. */
export function replay(
  backend: OnnxRuntimeBackend,
  recording: Recording,
  tensors: readonly tf.Tensor[],
): unknown {
  const writes: VariableWrite[] = [];
  const run: GraphRun = (...graph) => backend.runtime.replay(...graph);
  const takeBack = () => backend.writes.takeBack(writes);
  const { values, result } = call(backend, recording, tensors, run, takeBack);
  recording.changed.forEach(({ variable }, i) => {
    writes.push({ variable, before: backend.array(variable), after: values[i] });
    backend.put(variable, values[i]);
  });
  return result;
}

/** Starts one call somewhere else. Variables stay as they are: `changed` are the values that they would get, in order. */
export function replayElsewhere(
  backend: OnnxRuntimeBackend,
  recording: Recording,
  tensors: readonly tf.Tensor[],
  run: GraphRun,
): { result: unknown; changed: tf.Tensor[] } {
  const { values, result } = call(backend, recording, tensors, run, () => {});
  return { result, changed: values.map((value) => tensorOf(backend, value)) };
}

function call(
  backend: OnnxRuntimeBackend,
  recording: Recording,
  tensors: readonly tf.Tensor[],
  run: GraphRun,
  takeBack: () => void,
): { values: LazyArray[]; result: unknown } {
  const arrays = new Map<Source, LazyArray>();
  const drawn = new DrawnKeys();
  for (const key of recording.keys) {
    arrays.set(key, drawn.next((key.kind === "key" ? key.stream : undefined) ?? randomStream()));
  }
  const arrayOf = (source: Source) => arrays.get(source) ?? arrayFrom(backend, source, tensors);
  const leaves = recording.sources.map(arrayOf);
  const roots = start(backend, recording, leaves, run, () => {
    takeBack();
    drawn.takeBack();
  });
  const valueOf = (output: Output) =>
    "root" in output ? roots[output.root] : arrayOf(output.source);
  // All values first: a variable may get the value that another one had.
  const values = recording.changed.map(({ output }) => valueOf(output));
  const results = recording.resultOutputs.map((output) => tensorOf(backend, valueOf(output)));
  const result = mapLeaves(
    recording.result,
    (leaf) => leaf instanceof ResultSlot ? results[leaf.index] : leaf,
  );
  return { values, result };
}

function arrayFrom(
  backend: OnnxRuntimeBackend,
  source: Source,
  tensors: readonly tf.Tensor[],
): LazyArray {
  if (source.kind === "captured") return source.array;
  if (source.kind === "argument") return backend.array(tensors[source.index]);
  if (source.kind === "dimensions") {
    return fromHost(Int32Array.from(tensors[source.index].shape), [tensors[source.index].rank]);
  }
  if (source.kind === "key") throw new Error("a random key of a traced function was not drawn");
  const { variable } = source;
  if (variable.isDisposed) {
    throw new Error(`tfFunction: variable ${variable.name}, which the function uses, was disposed`);
  }
  return backend.array(variable);
}

/** Issues the run; its results are arrays on their way. */
function start(
  backend: OnnxRuntimeBackend,
  { graph, roots }: Recording,
  leaves: readonly LazyArray[],
  compute: GraphRun,
  takeBack: () => void,
): LazyArray[] {
  const pending = leaves.filter((leaf) => leaf.isPending);
  const before = backend.hasPending || pending.length > 0 ? backend.flush(...pending) : undefined;
  if (roots.length === 0) {
    before?.catch(() => {});
    return [];
  }
  const outputs = roots.map(({ dtype, shape }) => new LazyArray(dtype, shape));
  // Before the run counts as ended: the memory of what its variables had is kept until then.
  const run = backend.during(
    compute(graph, roots, leaves, outputs).catch((error) => {
      takeBack();
      throw error;
    }),
  );
  // A call that failed before and left this one without values is the error to be thrown.
  const earlier = new Set(leaves.map((leaf) => leaf.inFlight));
  const done = Promise.all([...earlier, before, run]).then(() => {});
  // Whoever reads a result gets the error; if nobody does, whoever reads anything.
  done.catch((error) => backend.writes.failed(error));
  for (const output of outputs) output.inFlight = done;
  return outputs;
}

function tensorOf(backend: OnnxRuntimeBackend, array: LazyArray): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(backend.adopt(array), backend);
}
