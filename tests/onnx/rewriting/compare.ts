/** Rewritten against as it was recorded, both through ONNX Runtime. */
import { collectGraph, fromHost, type LazyArray } from "../../../onnx/mod.ts";
import { channelBlock } from "../../../onnx/rewrite/cpu/channel_block.ts";
import { computedByImage } from "../../../onnx/rewrite/cpu/by_image.ts";
import { rewriteForCpu, rewriteGraph } from "../../../onnx/rewrite/mod.ts";
import { type Computed, throughSession } from "../through_session.ts";
import { type RandomGraph, randomInputs } from "./random_graph.ts";

/** Chains are computed image by image however small they are. */
export const ALWAYS = { fewestElements: 0, mostElementsAtOnce: 0, fewestSparedACall: 0 } as const;

/** Beyond this, sums of integers may have been rounded on the way. */
const EXACT_BELOW = 2 ** 20;

/** Of an array's largest value: what results may differ by where they are not exact. */
const TOLERANCE = 1e-5;

/**
 * What two values of the same rounded differently may do: a mask, a maximum changes its mind. So a difference counts only
 * if other values show it too.
 */
const VARIANTS = 3;

/**
 * Where terms cancel (the sum of what was normalized), results are rounding errors. Then as much is allowed as inputs that
 * differ in their last bits make, so many times.
 */
const TIMES_NOISE = 16;
const LAST_BITS = 2 ** -22;

/** The first difference that a graph's rewriting makes, or undefined. */
export async function differenceIn(graph: RandomGraph): Promise<string | undefined> {
  const block = await channelBlock();
  const forCpu = (roots: readonly LazyArray[]) => {
    const collected = collectGraph(roots);
    const chosen = rewriteForCpu(rewriteGraph(collected, roots, collected.leaves), block);
    return computedByImage(chosen, undefined, ALWAYS);
  };
  let difference: string | undefined;
  for (let variant = 0; variant < VARIANTS; variant++) {
    const inputs = randomInputs(graph, variant);
    const plain = await throughSession(inputs, graph.build);
    const rewritten = await throughSession(inputs, graph.build, forCpu);
    difference = compare(plain, rewritten, graph, () => 0);
    if (difference && !graph.exact) {
      const noisy = await throughSession(inputs.map(disturbed), graph.build);
      const noise = (i: number) => largestDifference(dataOf(plain[i]), dataOf(noisy[i]));
      difference = compare(plain, rewritten, graph, (i) => TIMES_NOISE * noise(i));
    }
    if (!difference) return undefined;
  }
  const kind = graph.exact ? "exact" : "rounded";
  return `graph ${graph.seed} (${kind}): ${difference}\n  ${graph.steps.join("\n  ")}`;
}

function disturbed(array: LazyArray): LazyArray {
  const data = array.buffer.data as Float32Array;
  const changed = data.map((value, i) => value * (1 + (i % 2 === 0 ? LAST_BITS : -LAST_BITS)));
  return fromHost(changed, array.shape);
}

function dataOf({ result }: Computed): Float32Array {
  return result.data as Float32Array;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

function compare(
  plain: readonly Computed[],
  rewritten: readonly Computed[],
  { exact }: RandomGraph,
  noise: (result: number) => number,
): string | undefined {
  for (let k = 0; k < plain.length; k++) {
    const [a, b] = [dataOf(plain[k]), dataOf(rewritten[k])];
    const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const isExact = exact && largest < EXACT_BELOW;
    const allowed = isExact ? 0 : Math.max(TOLERANCE * Math.max(largest, 1), noise(k));
    const i = a.findIndex((value, i) =>
      !Object.is(value, b[i]) && !(Math.abs(value - b[i]) <= allowed)
    );
    if (i < 0) continue;
    return `result ${k}: element ${i} is ${b[i]}, unrewritten ${
      a[i]
    } (largest ${largest}, allowed ${allowed})`;
  }
  return undefined;
}
