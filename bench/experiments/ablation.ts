/**
 * The ladder from the published PyTorch variant to the Keras variant: one difference less a rung.
 * @module
 */
import type { RecipeChange } from "../recipes/mod.ts";

/** From the published variant up; each keeps what the ones before it changed. */
export const rungNames = [
  "published",
  "one-softmax",
  "dropout-in-training-only",
  "keras-rmsprop",
  "keras-initialization",
  "keras-input-range",
] as const;

/** A rung of the ladder. */
export type RungName = (typeof rungNames)[number];

/** What a rung takes away, for people. */
export const rungTitles: Readonly<Record<RungName, string>> = {
  published: "PyTorch as published",
  "one-softmax": "no softmax before the loss, which applies its own",
  "dropout-in-training-only": "dropout (rate 0.5, as in Keras) in training only",
  "keras-rmsprop": "RMSprop with Keras' constants: 0.9 and 1e-7, not 0.99 and 1e-8",
  "keras-initialization": "Glorot uniform weights and zero biases, not Kaiming's",
  "keras-input-range": "images in [0, 1], not [-1, 1]",
};

/** What each rung changes in the published recipe. */
export const rungChanges: Readonly<Record<RungName, RecipeChange>> = {
  published: {},
  "one-softmax": { torch: { softmaxBeforeLoss: false } },
  "dropout-in-training-only": { torch: { dropoutAtEvaluation: false } },
  "keras-rmsprop": { torch: { optimizer: { alpha: 0.9, eps: 1e-7 } } },
  "keras-initialization": { torch: { initialization: "keras" } },
  "keras-input-range": { torch: { inputRange: [0, 1] } },
};
