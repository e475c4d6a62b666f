/** @module */
import type { Recipe } from "../recipe.ts";

/** The published experiment, quirks included: both idioms as they were written, with their own constants. */
export const recipe: Recipe = {
  name: "published",
  title: "as published, quirks included",
  epochs: 5,
  batchSize: 32,
  validationShare: 0.2,
  schedule: { kind: "constant" },
  labelSmoothing: 0,
  augmentation: { horizontalFlip: false, crop: null },
  keras: {
    optimizer: {
      name: "RMSprop",
      learningRate: 0.001,
      rho: 0.9,
      momentum: 0,
      epsilon: 1e-7,
      weightDecay: 0,
    },
    inputRange: [0, 1],
    softmaxInModel: true,
  },
  torch: {
    optimizer: {
      name: "RMSprop",
      lr: 0.001,
      alpha: 0.99,
      momentum: 0,
      eps: 1e-8,
      weightDecay: 0,
    },
    inputRange: [-1, 1],
    softmaxBeforeLoss: true,
    dropoutAtEvaluation: true,
    initialization: "torch",
  },
};
