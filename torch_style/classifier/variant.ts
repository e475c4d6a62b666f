/**
 * What can be different about the experiment's PyTorch variant.
 * @module
 */
import { seedTraining } from "../../fixtures/mod.ts";

/** `seed`: with the published quirks; `fixed`: trained rightly. */
export type TorchMode = "seed" | "fixed";

/**
 * One way of setting up the network and its training. Every field is one of the differences between the published
 * PyTorch and Keras variants.
 */
export interface TorchVariant {
  /** Whether the scores are softmaxed although the loss does that itself. */
  readonly softmaxBeforeLoss: boolean;
  /** Whether dropout also drops in eval mode, as `functional.dropout(x)` does by default. */
  readonly dropsAtEvaluation: boolean;
  /** RMSprop's constants. */
  readonly rmsprop: { readonly alpha: number; readonly eps: number };
  /** `torch`: uniform Kaiming weights and uniform biases; `keras`: uniform Glorot weights and biases of zero. */
  readonly initialization: "torch" | "keras";
  /** What the bytes of images are mapped to. */
  readonly inputRange: readonly [low: number, high: number];
  /** Whether images and activations lie channels-last in memory. The weights are the same. */
  readonly channelsLast: boolean;
}

const { rmsprop, inputRange } = seedTraining;

const seed: TorchVariant = {
  softmaxBeforeLoss: true,
  dropsAtEvaluation: true,
  rmsprop: rmsprop.torch,
  initialization: "torch",
  inputRange: inputRange.torch,
  channelsLast: false,
};

/** The two modes as variants. */
export const torchVariants: Readonly<Record<TorchMode, TorchVariant>> = {
  seed,
  fixed: { ...seed, softmaxBeforeLoss: false, dropsAtEvaluation: false },
};

/** A mode's variant, or the variant itself. */
export function variantOf(mode: TorchMode | TorchVariant): TorchVariant {
  return typeof mode === "string" ? torchVariants[mode] : mode;
}
