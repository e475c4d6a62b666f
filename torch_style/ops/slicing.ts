/**
 * The view of every n-th entry of an axis.
 * @module
 */
import { fromHost, type LazyArray, ops } from "../../onnx/mod.ts";
import type { ViewStep } from "../storage.ts";

/** Entries `start`, `start + step`, ... below `end` of an axis; all within the axis, step positive. */
export function sliceStep(axis: number, start: number, end: number, step: number): ViewStep {
  const along = (shape: readonly number[], value: number, rest: (dimension: number) => number) =>
    shape.map((dimension, i) => i === axis ? value : rest(dimension));
  return {
    read: (whole) =>
      ops.slice(
        whole,
        along(whole.shape, start, () => 0),
        along(whole.shape, end, (dimension) => dimension),
        along(whole.shape, step, () => 1),
      ),
    write: (whole, part) =>
      step === 1
        ? between(whole, part, axis, start, start + part.shape[axis])
        : interleaved(whole, part, axis, start, step),
  };
}

/** The whole with a run of entries replaced. */
function between(
  whole: LazyArray,
  part: LazyArray,
  axis: number,
  start: number,
  end: number,
): LazyArray {
  const run = (from: number, to: number) =>
    ops.slice(
      whole,
      whole.shape.map((_, i) => i === axis ? from : 0),
      whole.shape.map((dimension, i) => i === axis ? to : dimension),
    );
  const pieces = [run(0, start), part, run(end, whole.shape[axis])];
  return ops.concat(pieces.filter((piece) => piece.shape[axis] > 0), axis);
}

/** The whole with every n-th entry replaced: each entry is looked up in the whole or in the part behind it. */
function interleaved(
  whole: LazyArray,
  part: LazyArray,
  axis: number,
  start: number,
  step: number,
): LazyArray {
  const dimension = whole.shape[axis];
  const indices = Int32Array.from({ length: dimension }, (_, i) => {
    const k = (i - start) / step;
    return Number.isInteger(k) && k >= 0 && k < part.shape[axis] ? dimension + k : i;
  });
  return ops.gather(ops.concat([whole, part], axis), fromHost(indices, [dimension]), axis);
}
