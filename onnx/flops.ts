/**
 * Floating-point operations of a recorded graph, counted from shapes alone.
 *
 * The convention: a multiplication, addition, comparison or choice of two values is one operation, and so is a function of
 * one value, however long a processor takes for it (exponential, logarithm, square root, sine, ...), as XLA's cost analysis
 * counts them. A multiplication with an addition is two. A product of matrices [m, k] and [k, n] is 2 m k n, a convolution
 * 2 times its filter's elements for each element of its result, padding included. Folding n elements into one is n. What
 * only moves memory, casts, or computes integers and booleans is none.
 *
 * Graphs are counted as they were recorded, before any rewriting: the count is the network's own, the same on every
 * execution provider.
 * @module
 */
import { isFloating } from "./dtype.ts";
import { collectGraph, type PendingGraph } from "./graph.ts";
import type { GraphNode, LazyArray } from "./lazy_array.ts";
import type { ArrayType, Attributes } from "./op_types.ts";
import { sizeOf } from "./shape.ts";

/** How many operations an op takes. */
export type FlopsRule<A extends Attributes = Attributes> = (
  inputs: readonly ArrayType[],
  outputs: readonly ArrayType[],
  attributes: A,
) => number;

/** The rule of ops that only move memory. */
export const noFlops: FlopsRule = () => 0;

/** The rule of ops that do so much for each element of their (first) result. */
export function flopsPerOutput(operations: number): FlopsRule {
  return (_, [output]) => operations * sizeOf(output.shape);
}

/** The rule of ops that do so much for each element of one of their inputs. */
export function flopsPerInput(operations: number, index = 0): FlopsRule {
  return (inputs) => operations * sizeOf(inputs[index].shape);
}

/** Floating-point operations of one recorded node. */
export function flopsOf({ op, inputs, outputs, attributes }: GraphNode): number {
  const computesFloats = [...inputs, ...outputs].some(({ dtype }) => isFloating(dtype));
  return computesFloats ? op.flops(inputs, outputs, attributes) : 0;
}

/** Floating-point operations of a collected graph. */
export function countGraphFlops({ nodes }: PendingGraph): number {
  return nodes.reduce((total, node) => total + flopsOf(node), 0);
}

/**
 * Floating-point operations that it takes to compute some arrays: of everything recorded behind them that is still to be
 * computed. What was computed already, and small things that were computed on the host at once, do not count.
 *
 * @example
 * ```ts
 * import { countFlops, ops, placeholder } from "./mod.ts";
 *
 * const y = ops.matmul(placeholder("a", "float32", [8, 16]), placeholder("b", "float32", [16, 4]));
 * console.log(countFlops([ops.relu(y)])); // 2 * 8 * 16 * 4 + 8 * 4 = 1056
 * ```
 */
export function countFlops(roots: readonly LazyArray[]): number {
  return countGraphFlops(collectGraph(roots));
}
