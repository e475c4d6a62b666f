/**
 * Groups of nodes that may be computed image by image, one after the other: nodes that compute each image by itself and read each
 * other, where nothing between two of them waits for all images.
 *
 * Every node has a stage. What it reads comes from an earlier one, or from the same where both compute image by image. So
 * whatever leaves a group is read at a later stage and never comes back into the group.
 * @module
 */
import type { PendingGraph } from "../../graph.ts";
import type { GraphNode, LazyArray } from "../../lazy_array.ts";
import { hasTrait } from "../../op.ts";
import { imageWise } from "./image_wise.ts";

/** Of all elements that some number of images can be found in, what share the chosen one must have. */
const MOST_IMAGES_SHARE = 0.8;

/**
 * The number of images of a batch: the largest first dimension of an array that divides those of nearly all elements. Parts of images
 * come in multiples of it. 1 if there is none.
 */
export function batchOf({ nodes }: PendingGraph): number {
  const elements = new Map<number, number>();
  for (const { outputs } of nodes) {
    for (const { shape, size } of outputs) {
      if (shape.length > 1) elements.set(shape[0], (elements.get(shape[0]) ?? 0) + size);
    }
  }
  const found = [...elements.keys()].filter((count) => count > 1).map((count) => {
    const parts = [...elements].filter(([first]) => first % count === 0);
    return { count, share: parts.reduce((sum, [, size]) => sum + size, 0) };
  });
  const most = Math.max(...found.map(({ share }) => share));
  const suited = found.filter(({ share }) => share >= MOST_IMAGES_SHARE * most);
  return Math.max(1, ...suited.map(({ count }) => count));
}

/** All nodes of a graph in groups, in an order in which those can be computed. A node in no larger group is one by itself. */
export function imageGroups(
  graph: PendingGraph,
  roots: readonly LazyArray[],
  images: number,
): GraphNode[][] {
  const walk = staged(graph, images);
  delay(walk, new Set(roots));
  const leaderOf = leaders(walk);
  const groups = new Map<number, { stage: number; nodes: GraphNode[] }>();
  graph.nodes.forEach((node, i) => {
    const leader = leaderOf(i);
    const group = groups.get(leader) ?? { stage: walk.stages[i], nodes: [] };
    group.nodes.push(node);
    groups.set(leader, group);
  });
  return [...groups.values()].sort((a, b) => a.stage - b.stage).map(({ nodes }) => nodes);
}

/** A node reads what another one computes. */
interface Edge {
  readonly from: number;
  readonly to: number;
  /** Whether both compute image by image. */
  readonly isOfImages: boolean;
}

/** Nodes by their place in a graph. */
interface Walk {
  readonly nodes: readonly GraphNode[];
  /** Whether a node computes each image by itself. */
  readonly isWise: readonly boolean[];
  /** What a node reads, and who reads it. */
  readonly read: readonly (readonly Edge[])[];
  readonly readers: readonly (readonly Edge[])[];
  readonly stages: number[];
}

/** Each node at the earliest stage. */
function staged({ nodes }: PendingGraph, images: number): Walk {
  const places = new Map(nodes.map((node, i) => [node, i]));
  const wise = nodes.map((node) => imageWise(node, images, 1));
  const readers: Edge[][] = nodes.map(() => []);
  const stages: number[] = [];
  const read = nodes.map(({ inputs }, to) => {
    const edges = inputs.flatMap((input, i): Edge[] => {
      const from = input.node && places.get(input.node);
      if (from === undefined) return [];
      return [{ from, to, isOfImages: wise[to]?.ofImages[i] === true && wise[from] !== undefined }];
    });
    for (const edge of edges) readers[edge.from].push(edge);
    stages.push(Math.max(0, ...edges.map((edge) => stages[edge.from] + steps(edge))));
    return edges;
  });
  return { nodes, isWise: wise.map((found) => found !== undefined), read, readers, stages };
}

/** How many stages lie between two nodes at least. */
function steps({ isOfImages }: Edge): number {
  return isOfImages ? 0 : 1;
}

/** How far back it is asked what an array could be made from once more. */
const FURTHEST = 8;

/**
 * Moves nodes to the stage of those that read them, where that holds no more memory meanwhile: the mask of an activation is
 * made when gradients ask for it, not with the activation.
 */
function delay(walk: Walk, roots: ReadonlySet<LazyArray>): void {
  const { nodes, isWise, read, readers, stages } = walk;
  const isMovable = nodes.map(({ op, outputs }, i) =>
    (isWise[i] || hasTrait(op, "relayout")) && readers[i].length > 0 &&
    !outputs.some((output) => roots.has(output))
  );
  const movable = nodes.flatMap((_, i) => isMovable[i] ? [i] : []).reverse();
  const before = (i: number, stages: readonly number[]) =>
    Math.min(...readers[i].map((edge) => stages[edge.to] - steps(edge)));
  // Where each could go if all those that read it went as far.
  const latest = [...stages];
  for (const i of movable) latest[i] = before(i, latest);
  /** Whether what an edge brings is there at a stage without that edge, or could be made there. */
  const isThere = ({ from, to }: Edge, stage: number, away = 0): boolean =>
    readers[from].some((other) => other.to !== to && latest[other.to] >= stage) ||
    (away < FURTHEST && isMovable[from] && latest[from] >= stage - 1 &&
      read[from].every((edge) => isThere(edge, stage, away + 1)));
  for (const i of movable) {
    const stage = before(i, stages);
    const held = read[i].filter((edge) => !isThere(edge, stage)).map(({ from }) => from);
    const size = [...new Set(held)].reduce((sum, from) => sum + sizeOf(nodes[from]), 0);
    if (size <= sizeOf(nodes[i])) stages[i] = stage;
  }
}

function sizeOf({ outputs }: GraphNode): number {
  return outputs.reduce((sum, { size }) => sum + size, 0);
}

/** Which nodes belong together: all of a group have one leader. */
function leaders({ nodes, read, stages }: Walk): (node: number) => number {
  const next = nodes.map((_, i) => i);
  const leaderOf = (i: number): number => {
    while (next[i] !== i) i = next[i] = next[next[i]];
    return i;
  };
  for (const { from, to, isOfImages } of read.flat()) {
    if (isOfImages && stages[from] === stages[to]) next[leaderOf(to)] = leaderOf(from);
  }
  return leaderOf;
}
