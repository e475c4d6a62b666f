/**
 * Small graphs that waited for arrays on their way (a running mean of losses, say): once those are there,
 * JavaScript is quicker than a session.
 * @module
 */
import type { TypedArray } from "./dtype.ts";
import { collectGraph, type PendingGraph } from "./graph.ts";
import { HostBuffer, type LazyArray } from "./lazy_array.ts";
import { type HostArray, hostLimit, valuesOnHost } from "./op.ts";

/** Whether a graph is computed in JavaScript: every op can be, and together they touch few elements. */
export function suitsHost(
  { nodes, leaves, constants }: PendingGraph,
  limit: number = hostLimit(),
): boolean {
  let elements = 0;
  for (const array of leaves) elements += array.size;
  for (const array of constants) elements += array.size;
  for (const { op, outputs } of nodes) {
    if (!op.host || outputs.length !== 1) return false;
    elements += outputs[0].size;
  }
  return elements <= limit;
}

/** Up to this many elements somebody who cannot wait has them computed in JavaScript, in some tenths of a second. */
const NOW_LIMIT = 1_000_000;

/**
 * An array's values for somebody who cannot wait: those that are there, or computed in JavaScript now.
 *
 * @returns undefined if they are being computed elsewhere, or only ONNX Runtime computes them
 */
export function valuesNow(array: LazyArray): TypedArray | undefined {
  if (array.isPending) {
    const graph = collectGraph([array]);
    const isReady = graph.leaves.every((leaf) => leaf.isOnHost);
    if (isReady && suitsHost(graph, NOW_LIMIT)) evaluateOnHost(graph, [array]);
  }
  return array.isOnHost ? array.buffer.data : undefined;
}

/** Computes a graph for which {@linkcode suitsHost} holds and resolves its roots. */
export function evaluateOnHost(graph: PendingGraph, roots: readonly LazyArray[]): void {
  const known = hostValues(graph, (array) => array.buffer.data);
  for (const root of roots) {
    // Sliced: a rule may have returned a view of its input, whose memory somebody else may use again.
    root.resolve(new HostBuffer(known.get(root)!.data.slice()));
  }
}

/**
 * Every array of a small graph, computed on the host.
 *
 * @param dataOf the values of a leaf or constant
 * @throws {Error} naming an op that has no host rule
 */
export function hostValues(
  { nodes, leaves, constants }: PendingGraph,
  dataOf: (array: LazyArray) => TypedArray,
): Map<LazyArray, HostArray> {
  const known = new Map<LazyArray, HostArray>();
  for (const array of [...leaves, ...constants]) {
    known.set(array, { dtype: array.dtype, shape: array.shape, data: dataOf(array) });
  }
  for (const { op, inputs, attributes, outputs: [output] } of nodes) {
    if (!op.host) throw new Error(`${op.name} cannot be computed on the host`);
    const values = inputs.map((input) => known.get(input)!);
    const { dtype, shape } = output;
    known.set(output, { dtype, shape, data: valuesOnHost(op, values, attributes, output) });
  }
  return known;
}
