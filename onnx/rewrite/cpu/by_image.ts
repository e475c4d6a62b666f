/**
 * Chains of ops that compute each image by itself are computed image by image: what one leaves for the next is still in the
 * processor's caches, where a pass over a whole batch waits for memory. A batch norm's gradient and that of a pooling are dozens of
 * passes, each of which does next to nothing with an element.
 *
 * In ONNX such a chain is the body of a Scan, which cuts up its inputs and puts its results together without copying. Values
 * are the same to the bit.
 * @module
 */
import { IMAGES } from "./costs.ts";
import { countGraphFlops } from "../../flops.ts";
import { collectGraph } from "../../graph.ts";
import { lowerInto } from "../../export/lowering.ts";
import { type GraphNode, type LazyArray, placeholder } from "../../lazy_array.ts";
import { applyOp, type ArrayType, type Op } from "../../op.ts";
import { RESHAPE, reshape } from "../../ops/broadcast.ts";
import type { FiredRules } from "../apply_rules.ts";
import { batchOf, imageGroups } from "./image_groups.ts";
import { imageWise } from "./image_wise.ts";

/** From when on a chain is worth it, see {@linkcode IMAGES}. */
type Costs = { readonly [name in keyof typeof IMAGES]: number };

/** A chain, and what it reads and leaves. */
interface Chain {
  readonly nodes: readonly GraphNode[];
  /** Arrays of images that come from outside. */
  readonly images: readonly LazyArray[];
  /** Other arrays from outside. */
  readonly whole: readonly LazyArray[];
  /** What is read outside. */
  readonly results: readonly LazyArray[];
}

/**
 * A graph whose chains are computed image by image, where that pays. No rule may follow: none looks into a chain.
 *
 * @param fired counts the chains
 */
export function computedByImage(
  roots: readonly LazyArray[],
  fired: FiredRules = new Map(),
  costs: Costs = IMAGES,
): LazyArray[] {
  const graph = collectGraph(roots);
  const images = batchOf(graph);
  if (images === 1) return [...roots];
  const groups = imageGroups(graph, roots, images);
  const leaving = leavingArrays(groups, roots);
  const renewed = new Map<LazyArray, LazyArray>();
  const renew = (array: LazyArray) => renewed.get(array) ?? array;
  const put = (old: readonly LazyArray[], made: readonly LazyArray[]) =>
    old.forEach((array, i) => renewed.set(array, made[i]));
  for (const nodes of groups) {
    const chain = chainOf(nodes, images, leaving);
    const parts = partsOf(chain, images, costs);
    if (parts > 1) {
      put(chain.results, scanned(chain, images, parts, renew));
      fired.set("computedByImage", (fired.get("computedByImage") ?? 0) + 1);
      continue;
    }
    for (const { op, inputs, attributes, outputs } of nodes) {
      if (inputs.every((input) => renew(input) === input)) continue;
      put(outputs, applyOp(op, inputs.map(renew), attributes));
    }
  }
  return roots.map(renew);
}

/** The roots, and what is read outside of the group that computes it. */
function leavingArrays(
  groups: readonly (readonly GraphNode[])[],
  roots: readonly LazyArray[],
): Set<LazyArray> {
  const groupOf = new Map(groups.flatMap((nodes) => nodes.map((node) => [node, nodes])));
  const leaving = new Set(roots);
  for (const nodes of groups) {
    for (const input of nodes.flatMap(({ inputs }) => inputs)) {
      if (input.node && groupOf.get(input.node) !== nodes) leaving.add(input);
    }
  }
  return leaving;
}

function chainOf(
  nodes: readonly GraphNode[],
  images: number,
  leaving: ReadonlySet<LazyArray>,
): Chain {
  const own = new Set(nodes);
  const [ofImages, whole] = [new Set<LazyArray>(), new Set<LazyArray>()];
  for (const node of nodes) {
    const wise = imageWise(node, images, 1);
    node.inputs.forEach((input, i) => {
      if (input.node && own.has(input.node)) return;
      if (wise?.ofImages[i]) ofImages.add(input);
      else if (!input.isConstant) whole.add(input);
    });
  }
  const results = nodes.flatMap(({ outputs }) => outputs).filter((x) => leaving.has(x));
  return { nodes, images: [...ofImages], whole: [...whole], results };
}

/** In how many parts a chain is computed: 1 if nothing is gained. */
function partsOf({ nodes, images: read, results }: Chain, images: number, costs: Costs): number {
  const passes = nodes.filter(({ op }) => op !== RESHAPE as unknown);
  const largest = Math.max(...passes.flatMap(({ outputs }) => outputs.map(({ size }) => size)));
  if (passes.length < 2 || largest < costs.fewestElements) return 1;
  const parts = divisors(images).find((n) => largest / n <= costs.mostElementsAtOnce) ?? images;
  const sizes = (arrays: readonly LazyArray[]) => arrays.reduce((sum, { size }) => sum + size, 0);
  const moved = passes.reduce((sum, node) => sum + sizes(node.inputs) + sizes(node.outputs), 0);
  const spared = moved - sizes(read) - sizes(results);
  return spared >= costs.fewestSparedACall * passes.length * parts ? parts : 1;
}

function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((divisor) => n % divisor === 0);
}

/** The results of a chain, as a Scan computes them. */
function scanned(
  chain: Chain,
  images: number,
  parts: number,
  renew: (array: LazyArray) => LazyArray,
): LazyArray[] {
  const part = ({ shape: [first, ...others] }: ArrayType) => [first / parts, ...others];
  const inner = new Map<LazyArray, LazyArray>();
  const standIn = (array: LazyArray, shape: readonly number[]) => {
    const own = placeholder("", array.dtype, shape);
    inner.set(array, own);
    return own;
  };
  const slices = chain.images.map((array) => standIn(array, part(array)));
  const whole = chain.whole.map((array) => standIn(array, array.shape));
  for (const node of chain.nodes) {
    const { attributes } = imageWise(node, images, parts)!;
    const outputs = applyOp(node.op, node.inputs.map((x) => inner.get(x) ?? x), attributes);
    node.outputs.forEach((output, i) => inner.set(output, outputs[i]));
  }
  const body = { slices, whole, results: chain.results.map((array) => inner.get(array)!) };
  const stacked = chain.images.map((array) => reshape(renew(array), [parts, ...part(array)]));
  const made = applyOp(byImage(body, parts), [...stacked, ...chain.whole.map(renew)]);
  return made.map((array, i) => reshape(array, chain.results[i].shape));
}

interface Body {
  /** Placeholders for a part of each array of images, and for the whole of the others. */
  readonly slices: readonly LazyArray[];
  readonly whole: readonly LazyArray[];
  readonly results: readonly LazyArray[];
}

/** Inputs: arrays [parts, ...] that are read part by part, then those that are read whole. Results [parts, ...]. */
function byImage({ slices, whole, results }: Body, parts: number): Op {
  return {
    name: "ByImage",
    infer: () => results.map(({ dtype, shape }) => ({ dtype, shape: [parts, ...shape] })),
    flops: () => parts * countGraphFlops(collectGraph(results)),
    lower: (writer, inputs) => {
      whole.forEach((array, i) => array.placeholder = { name: inputs[slices.length + i] });
      return writer.scan(inputs.slice(0, slices.length), slices, (names) => {
        slices.forEach((array, i) => array.placeholder = { name: names[i] });
        const named = results.map((array) => ({ name: writer.freshName("result"), array }));
        lowerInto(writer, named);
        return named.map(({ name, array }) => ({ name, type: array }));
      });
    },
  };
}
