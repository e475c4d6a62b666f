/**
 * Dropout masks that are the same in both idioms.
 *
 * Both draw masks from keys, and a seed fixes the keys. What is left is where each value stands: the PyTorch idiom draws in the
 * order in which the Keras idiom has its units, and then transposes the mask.
 * @module
 */
import { ops, RandomStream } from "../../../onnx/mod.ts";
import { setRandomSeed } from "../../../keras_style/mod.ts";
import { manualSeed } from "../../../torch_style/mod.ts";
import { type UniformDraw, withUniformDraw } from "../../../torch_style/random.ts";
import type { FeatureLayout } from "../comparing/feature_layout.ts";
import { product } from "../comparing/rearrangement.ts";

/** Starts both idioms' random numbers for a step, with the same keys. */
export function seedBoth(seed: number, step: number): void {
  setRandomSeed(seedOf(seed, step));
  manualSeed(seedOf(seed, step));
}

const seedOf = (seed: number, step: number) => (Math.imul(seed, 0x9e3779b1) ^ step) >>> 0;

/** How the masks of the two models belong together. */
export interface MaskPlan {
  /** How the units of each of Keras' masks stand, in the order in which it draws them. */
  readonly layouts: readonly FeatureLayout[];
  /** For each of PyTorch's masks, which of Keras' it is. */
  readonly order: readonly number[];
}

/** What {@linkcode withSharedMasks} saw. */
export interface SharedMasks<T> {
  readonly result: T;
  /** How many masks the PyTorch idiom drew. */
  readonly draws: number;
}

/**
 * Runs a PyTorch forward pass with the masks of the Keras idiom.
 *
 * @param seed that both were started with, at `step`
 */
export function withSharedMasks<T>(
  { layouts, order }: MaskPlan,
  seed: number,
  step: number,
  run: () => T,
): SharedMasks<T> {
  let draws = 0;
  const draw: UniformDraw = (key, shape) => {
    const at = order[draws] ?? draws;
    draws++;
    if (at === draws - 1) return drawLike(layouts[at], key, shape);
    const stream = new RandomStream(seedOf(seed, step));
    stream.state = [seedOf(seed, step), at];
    return drawLike(layouts[at], stream.nextKeyArray(), shape);
  };
  const result = withUniformDraw(draw, run);
  return { result, draws };
}

const drawLike = (
  layout: FeatureLayout | undefined,
  key: Parameters<UniformDraw>[0],
  shape: readonly number[],
) => {
  const rank = shape.length;
  if (layout?.kind === "channelsLast" && rank >= 3) {
    return channelsFirst(ops.uniform(key, [shape[0], ...shape.slice(2), shape[1]]));
  }
  if (layout?.kind === "flattened" && product(shape.slice(1)) === product(layout.from)) {
    const images = ops.uniform(key, [shape[0], ...layout.from]);
    return ops.reshape(channelsFirst(images), shape);
  }
  return ops.uniform(key, shape);
};

function channelsFirst(x: ReturnType<UniformDraw>): ReturnType<UniformDraw> {
  const inner = x.shape.slice(2).map((_, i) => i + 1);
  return ops.transpose(x, [0, x.shape.length - 1, ...inner]);
}
