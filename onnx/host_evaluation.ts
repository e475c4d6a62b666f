/**
 * Small graphs that waited for arrays on their way (a running mean of losses, say): once those are there,
 * JavaScript is quicker than a session.
 * @module
 */
import type { PendingGraph } from "./graph.ts";
import { HostBuffer, type LazyArray } from "./lazy_array.ts";
import { HOST_LIMIT, type HostArray } from "./op.ts";

/** Whether a graph is computed in JavaScript: every op can be, and together they touch few elements. */
export function suitsHost({ nodes, leaves, constants }: PendingGraph): boolean {
  let elements = 0;
  for (const array of leaves) elements += array.size;
  for (const array of constants) elements += array.size;
  for (const { op, outputs } of nodes) {
    if (!op.host || outputs.length !== 1) return false;
    elements += outputs[0].size;
  }
  return elements <= HOST_LIMIT;
}

/** Computes a graph for which {@linkcode suitsHost} holds and settles its roots. */
export function evaluateOnHost(graph: PendingGraph, roots: readonly LazyArray[]): void {
  const known = new Map<LazyArray, HostArray>();
  for (const array of [...graph.leaves, ...graph.constants]) {
    known.set(array, { dtype: array.dtype, shape: array.shape, data: array.buffer.data });
  }
  for (const { op, inputs, attributes, outputs: [output] } of graph.nodes) {
    const values = inputs.map((input) => known.get(input)!);
    const { dtype, shape } = output;
    known.set(output, { dtype, shape, data: op.host!(values, attributes, output) });
  }
  for (const root of roots) {
    // Sliced: a rule may have returned a view of its input, whose memory somebody else may use again.
    root.settle(new HostBuffer(known.get(root)!.data.slice()));
  }
}
