/**
 * What a trace leaves behind: one graph, where its inputs come from at each call and where its outputs go.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import {
  hostValues,
  type LazyArray,
  type PendingGraph,
  type RandomStream,
} from "../../onnx/mod.ts";

/** Where a value that enters a traced function comes from. */
export type Source =
  | { readonly kind: "argument"; readonly index: number }
  | { readonly kind: "variable"; readonly variable: tf.Variable }
  /** A random key, drawn at every call; from the idiom's own stream unless there is another. */
  | { readonly kind: "key"; readonly stream?: RandomStream }
  /** The dimensions of an argument: int32[rank]. */
  | { readonly kind: "dimensions"; readonly index: number }
  /** A value from outside that is no argument: always the same. */
  | { readonly kind: "captured"; readonly array: LazyArray };

/** Where a value that leaves a traced function is found: among the graph's roots, or handed through. */
export type Output = { readonly root: number } | { readonly source: Source };

/** Stands for a tensor in the result of a traced function. */
export class ResultSlot {
  constructor(readonly index: number) {}
}

/** A function recorded for one signature. */
export interface Recording {
  readonly graph: PendingGraph;
  readonly roots: readonly LazyArray[];
  /** One source for each leaf of the graph. */
  readonly sources: readonly Source[];
  /** Variables that a call changes, and to what. */
  readonly changed: readonly { readonly variable: tf.Variable; readonly output: Output }[];
  /** The function's result with {@linkcode ResultSlot}s for tensors. */
  readonly result: unknown;
  readonly resultOutputs: readonly Output[];
  /** In the order in which they are drawn. */
  readonly keys: readonly Source[];
  /** Arrays of values that JavaScript made while the function was recorded. */
  readonly written: ReadonlySet<LazyArray>;
  /** Dimensions that the function worked out from its arguments' shapes. */
  readonly computedDimensions: readonly ComputedDimension[];
}

/** A dimension that follows from shapes by arithmetic on tensors. */
export interface ComputedDimension {
  readonly array: LazyArray;
  /** What computes it. */
  readonly graph: PendingGraph;
  /** Which leaves are the dimensions of which argument. */
  readonly dimensionsOf: ReadonlyMap<LazyArray, number>;
  /** What it was while the function was recorded. */
  readonly value: number;
}

/**
 * The number in a scalar that follows from dimensions.
 *
 * @param shapeOf the shape whose dimensions a leaf stands for; undefined for values that are on the host
 */
export function dimensionValue(
  array: LazyArray,
  graph: PendingGraph,
  shapeOf: (leaf: LazyArray) => readonly number[] | undefined,
): number {
  const values = hostValues(graph, (leaf) => {
    const shape = shapeOf(leaf);
    return shape ? Int32Array.from(shape) : leaf.buffer.data;
  });
  return Number(values.get(array)!.data[0]);
}
