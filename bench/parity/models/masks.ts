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
import { product, sameShape } from "../comparing/rearrangement.ts";

/** Starts both idioms' random numbers for a step, with the same keys. */
export function seedBoth(seed: number, step: number): void {
  setRandomSeed(seedOf(seed, step));
  manualSeed(seedOf(seed, step));
}

const seedOf = (seed: number, step: number) => (Math.imul(seed, 0x9e3779b1) ^ step) >>> 0;

/** How the units of a mask stand. */
export interface MaskLayout {
  readonly layout: FeatureLayout;
  /** The image that it is of, in Keras, where one is; and in which order PyTorch flattens its axes, the last one first unless given. */
  readonly image?: { readonly from: readonly number[]; readonly order?: readonly number[] };
}

/** How the masks of the two models belong together. */
export interface MaskPlan {
  /** How the units of each of Keras' masks stand, in the order in which it draws them. */
  readonly layouts: readonly MaskLayout[];
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
  mask: MaskLayout | undefined,
  key: Parameters<UniformDraw>[0],
  shape: readonly number[],
) => {
  const [batch, ...rest] = shape;
  if (mask?.layout.kind === "channelsLast" && rest.length >= 2) {
    const images = ops.uniform(key, [batch, ...rest.slice(1), rest[0]]);
    return reorder(images, channelsFirst(rest.length));
  }
  const image = mask?.image;
  if (!image || product(rest) !== product(image.from)) return ops.uniform(key, shape);
  const { from, order } = image;
  const first = channelsFirst(from.length);
  // Of what is not flattened, the sizes tell.
  const isImage = sameShape(rest, first.map((axis) => from[axis]));
  const images = ops.uniform(key, [batch, ...from]);
  return ops.reshape(reorder(images, isImage ? first : order ?? first), shape);
};

/** [last, 0, 1, ...]. */
function channelsFirst(rank: number): number[] {
  return [rank - 1, ...Array.from({ length: rank - 1 }, (_, axis) => axis)];
}

/** Reorders the axes behind that of the batch. */
function reorder(x: ReturnType<UniformDraw>, order: readonly number[]): ReturnType<UniformDraw> {
  return ops.transpose(x, [0, ...order.map((axis) => axis + 1)]);
}
