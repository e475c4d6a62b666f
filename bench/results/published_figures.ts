/**
 * What was published of the experiment that Tandem reproduces.
 * @module
 */
import type { StyleName } from "../runner/trials/trial.ts";

/** What was published of one style. Accuracies are fractions; null is "not published". */
export interface PublishedFigures {
  readonly title: string;
  readonly fitSeconds: number;
  /** What it was timed on. */
  readonly device: "GPU" | "CPU";
  readonly firstValidationAccuracy: number;
  readonly lastValidationAccuracy: number;
  readonly testLoss: number | null;
  readonly testAccuracy: number;
}

/** Published figures: CIFAR-10, 40,000 / 10,000 / 10,000 images, 5 epochs, batch 32. */
export const publishedFigures: Readonly<Record<StyleName, PublishedFigures>> = {
  keras: {
    title: "Keras fit",
    fitSeconds: 13.19,
    device: "GPU",
    firstValidationAccuracy: 0.5921,
    lastValidationAccuracy: 0.6882,
    testLoss: 0.9836,
    testAccuracy: 0.69,
  },
  "keras-advanced": {
    title: "Keras, own training step in a graph function",
    fitSeconds: 17.34,
    device: "GPU",
    firstValidationAccuracy: 0.5541,
    lastValidationAccuracy: 0.6702,
    testLoss: null,
    testAccuracy: 0.6779,
  },
  torch: {
    title: "PyTorch",
    fitSeconds: 59.81,
    device: "CPU",
    firstValidationAccuracy: 0.4077,
    lastValidationAccuracy: 0.5177,
    testLoss: 1.9367,
    testAccuracy: 0.5206,
  },
};
