/**
 * Turns a recording with unknown dimensions into one for the dimensions of a call. The function is not run again.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { collectGraph, type LazyArray, placeholder, rebuildGraph } from "../../onnx/mod.ts";
import { dimensionValue, type Output, type Recording, type Source } from "./recording.ts";
import { DimensionTranslation, isUnknown, standInsIn } from "./symbolic_dimensions.ts";

/**
 * The recording for tensors of known shapes.
 *
 * @param shapes of the arguments as they were recorded
 * @throws {Error} if the function cannot have dimensions like these
 */
export function specialize(
  recording: Recording,
  shapes: readonly (readonly number[])[],
  tensors: readonly tf.Tensor[],
): Recording {
  const translation = new DimensionTranslation();
  tensors.forEach((tensor, i) => translation.learn(shapes[i], tensor.shape));
  for (const { array, graph, dimensionsOf, value } of recording.computedDimensions) {
    const shapeOf = (leaf: LazyArray) => tensors[dimensionsOf.get(leaf) ?? -1]?.shape;
    translation.learnComputed(value, dimensionValue(array, graph, shapeOf));
  }
  const standIns = standInsIn(shapes);
  const sources = new Map<LazyArray, Source>();
  const rebuild = (constantFor: (array: LazyArray) => LazyArray) =>
    rebuildGraph(recording.graph, recording.roots, {
      input: (array) => {
        const source = recording.sources[recording.graph.leaves.indexOf(array)];
        if (recording.written.has(array)) refuseMade(array, standIns);
        const input = inputFor(array, source, constantFor, tensors);
        if (source) sources.set(input, source);
        return input;
      },
      attributes: (recorded) => translation.attributes(recorded),
      made: (before, after) => translation.learn(before.shape, after.shape),
    });
  // Once for the shapes only: constants may hold dimensions of whatever array.
  rebuild((array) => array);
  const rebuilt = rebuild((array) => translation.constant(array));
  const handedThrough = (array: LazyArray) => {
    if (!recording.written.has(array)) return array;
    refuseMade(array, standIns);
    return translation.constant(array);
  };
  return assemble(recording, rebuilt, sources, handedThrough);
}

function inputFor(
  array: LazyArray,
  source: Source | undefined,
  constantFor: (array: LazyArray) => LazyArray,
  tensors: readonly tf.Tensor[],
): LazyArray {
  if (source?.kind === "argument") {
    return placeholder(array.placeholder!.name, array.dtype, tensors[source.index].shape);
  }
  // What is on the host and small may hold a dimension, or a share of one.
  return source === undefined ? constantFor(array) : array;
}

/** Values of JavaScript's are as many as when the function was recorded. */
function refuseMade(array: LazyArray, standIns: readonly number[]): void {
  if (!array.shape.some((dimension) => isUnknown(dimension, standIns))) return;
  throw new Error(
    `tfFunction: values ${array} were made in JavaScript for dimensions that were not known; make them by ` +
      `zeros, ones or fill of this idiom, or from the argument (tf.onesLike)`,
  );
}

/** Puts a recording together again: some roots may now be known without any computing. */
function assemble(
  recording: Recording,
  rebuilt: readonly LazyArray[],
  sources: ReadonlyMap<LazyArray, Source>,
  handedThrough: (array: LazyArray) => LazyArray,
): Recording {
  const roots = [...new Set(rebuilt.filter((array) => array.isPending))];
  const graph = collectGraph(roots);
  const sourceOf = (array: LazyArray): Source => {
    const known = sources.get(array);
    if (known) return known;
    array.buffer.escaped = true;
    return { kind: "captured", array };
  };
  const outputOf = (output: Output): Output => {
    if ("source" in output) {
      const { source } = output;
      return source.kind === "captured"
        ? { source: sourceOf(handedThrough(source.array)) }
        : output;
    }
    const array = rebuilt[output.root];
    return array.isPending ? { root: roots.indexOf(array) } : { source: sourceOf(array) };
  };
  return {
    ...recording,
    graph,
    roots,
    sources: graph.leaves.map(sourceOf),
    changed: recording.changed.map(({ variable, output }) => ({
      variable,
      output: outputOf(output),
    })),
    resultOutputs: recording.resultOutputs.map(outputOf),
  };
}
