/**
 * Random networks of the kinds that rewriting has rules for: convolutions (strided, valid, dilated, depthwise, grouped),
 * norms, poolings, residuals, reductions, broadcasting, transposes, products; their gradients, and gradients of those.
 */
import { constant, fromHost, type LazyArray, ops, type Shape, sizeOf } from "../../../onnx/mod.ts";
import { applyMany } from "../../../torch_style/autograd/apply.ts";
import { autograd, Tensor } from "../../../torch_style/mod.ts";
import { ENDINGS, KINDS } from "./kinds.ts";
import { Builder } from "./network_builder.ts";

/** A graph that a seed stands for. */
export interface RandomGraph {
  readonly seed: number;
  /** Whether everything in it is exact on integers: nothing divides, no roots, no exponentials. */
  readonly exact: boolean;
  /** Shapes of its inputs: images, then parameters. */
  readonly shapes: readonly Shape[];
  /** Names of what was put together, for messages. */
  readonly steps: readonly string[];
  /** The network's results, gradients of its inputs, and for some graphs gradients of those. */
  build(inputs: readonly LazyArray[]): LazyArray[];
}

/** Uniform random numbers from 0 to 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** How deep gradients go: 0, 1 or 2. */
const ORDERS = [0, 1, 1, 1, 2] as const;

/** The graph of a seed. */
export function randomGraph(seed: number): RandomGraph {
  const random = randomNumbers(seed);
  const exact = random() < 0.4;
  const builder = new Builder(random, exact);
  const length = 2 + Math.floor(random() * 6);
  for (let i = 0; i < length; i++) builder.pick(KINDS)(builder);
  builder.pick(ENDINGS)(builder);
  const order = builder.pick(ORDERS);
  const { steps, shapes, names } = builder;
  const upstream = shapes.push(builder.shape) - 1;
  const build = (inputs: readonly LazyArray[]) => {
    const tensors = inputs.map((array, i) =>
      new Tensor(array, { requiresGrad: order > 0 && i < upstream })
    );
    const [y] = applyMany("network", tensors, (arrays) => {
      const earlier = [arrays[0]];
      for (const step of steps) {
        earlier.push(step({ current: earlier.at(-1)!, inputs: arrays, earlier }));
      }
      return [ops.copy(earlier.at(-1)!)];
    });
    if (order === 0) return [y.array];
    const leaves = tensors.slice(0, upstream);
    const options = { gradOutputs: [tensors[upstream]], allowUnused: true };
    const first = autograd.grad([y], leaves, { ...options, createGraph: order === 2 });
    const results = [y.array, ...arraysOf(first)];
    if (order === 1) return results;
    const again = first.filter((g) => g?.requiresGrad) as Tensor[];
    if (again.length === 0) return results;
    const ones = again.map((g) => new Tensor(ops.expand(constant(1), g.shape)));
    return [
      ...results,
      ...arraysOf(autograd.grad(again, leaves, { gradOutputs: ones, allowUnused: true })),
    ];
  };
  return { seed, exact, shapes, steps: [...names, `gradients: ${order}`], build };
}

function arraysOf(gradients: readonly (Tensor | null)[]): LazyArray[] {
  return gradients.flatMap((gradient) => gradient ? [gradient.array] : []);
}

/** Values for a graph's inputs: small integers, mostly 0, or numbers around 0. */
export function randomInputs({ shapes, exact, seed }: RandomGraph, variant: number): LazyArray[] {
  const random = randomNumbers(seed * 31 + variant * 7919 + 1);
  return shapes.map((shape, k) => {
    const isImage = k === 0;
    const data = Float32Array.from({ length: sizeOf(shape) }, () => {
      if (!exact) return (random() + random() - 1) * (isImage ? 2 : 0.8);
      if (isImage) return Math.floor(random() * 5) - 2;
      return random() < 0.6 ? 0 : Math.floor(random() * 3) - 1;
    });
    return fromHost(data, shape);
  });
}
