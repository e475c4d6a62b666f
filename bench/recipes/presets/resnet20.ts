/** @module */
import type { Recipe } from "../recipe.ts";
import { recipe as fixed } from "./fixed.ts";

/**
 * For residual networks on CIFAR-10 in ten epochs: what He et al. trained with (https://arxiv.org/abs/1512.03385, section
 * 4.2), with one cycle of the rate (Smith and Topin, https://arxiv.org/abs/1708.07120) in place of 164 epochs.
 */
export const recipe: Recipe = {
  ...fixed,
  name: "resnet20",
  title: "ten epochs for residual networks: Nesterov momentum, one cycle, crops and flips",
  epochs: 10,
  batchSize: 128,
  validationShare: 0.02,
  order: "shared",
  schedule: { kind: "oneCycle", warmupShare: 0.25, startDivisor: 25, finalDivisor: 100 },
  augmentation: {
    horizontalFlip: "random",
    crop: { padding: 4, fill: "black" },
    cutout: null,
    mixing: null,
  },
  weightDecay: { kind: "coupled", rate: 5e-4, on: "weights" },
  keras: {
    ...fixed.keras,
    optimizer: { name: "SGD", learningRate: 0.2, momentum: 0.9, nesterov: true },
    inputRange: "standardized",
  },
  torch: {
    ...fixed.torch,
    optimizer: { name: "SGD", lr: 0.2, momentum: 0.9, nesterov: true },
    inputRange: "standardized",
  },
};
