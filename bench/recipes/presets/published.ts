/** @module */
import type { Recipe } from "../recipe.ts";

/** The published experiment, quirks included: both idioms as they were written, with their own constants. */
export const recipe: Recipe = {
  name: "published",
  title: "as published, quirks included",
  epochs: 5,
  batchSize: 32,
  validationShare: 0.2,
  order: "own",
  schedule: { kind: "constant" },
  labelSmoothing: 0,
  augmentation: { horizontalFlip: "none", crop: null, cutout: null, mixing: null },
  weightDecay: null,
  normRateFactor: 1,
  firstLayerEpochs: null,
  accumulation: 1,
  clipNorm: null,
  weightAverage: null,
  lookahead: null,
  earlyStopping: null,
  testTimeFlip: false,
  testTimeShift: 0,
  keras: {
    optimizer: {
      name: "RMSprop",
      learningRate: 0.001,
      rho: 0.9,
      momentum: 0,
      epsilon: 1e-7,
    },
    inputRange: [0, 1],
    softmaxInModel: true,
    batchNormalization: null,
  },
  torch: {
    optimizer: {
      name: "RMSprop",
      lr: 0.001,
      alpha: 0.99,
      momentum: 0,
      eps: 1e-8,
    },
    inputRange: [-1, 1],
    softmaxBeforeLoss: true,
    dropoutAtEvaluation: true,
    initialization: "model",
    batchNorm: null,
  },
};
