/**
 * The walkthrough's published figures, to stand beside the measured ones.
 *
 * @module
 */
import type { BenchOptions } from "./options.ts";
import type { StyleName } from "./style.ts";

/** What the walkthrough published of a style; null is "not published". */
export interface PublishedFigures {
  fitSeconds: number;
  /** What it was timed on. */
  device: string;
  firstValAccuracy: number;
  lastValAccuracy: number;
  testLoss: number | null;
  testAccuracy: number;
}

/** CIFAR-10, 40,000 training, 10,000 validation and 10,000 test pictures, 5 epochs, batch 32. */
export const publishedFigures: Record<StyleName, PublishedFigures> = {
  keras: {
    fitSeconds: 13.19,
    device: "GPU",
    firstValAccuracy: 0.5921,
    lastValAccuracy: 0.6882,
    testLoss: 0.9836,
    testAccuracy: 0.6900,
  },
  "keras-advanced": {
    fitSeconds: 17.34,
    device: "GPU",
    firstValAccuracy: 0.5541,
    lastValAccuracy: 0.6702,
    testLoss: null,
    testAccuracy: 0.6779,
  },
  torch: {
    fitSeconds: 59.81,
    device: "CPU",
    firstValAccuracy: 0.4077,
    lastValAccuracy: 0.5177,
    testLoss: 1.9367,
    testAccuracy: 0.5206,
  },
};

/**
 * How a run differs from the published experiment.
 *
 * @param dataset the name of the data set that was really used
 * @returns such as `["2 epochs, not 5"]`; empty when it is the same experiment
 */
export function differencesFromPublished(options: BenchOptions, dataset: string): string[] {
  const differences: string[] = [];
  if (dataset !== "cifar10") differences.push(`the pictures are ${dataset}, not cifar10`);
  if (options.limit !== null) differences.push(`only ${options.limit} training pictures`);
  if (options.epochs !== 5) differences.push(`${options.epochs} epochs, not 5`);
  if (options.batchSize !== 32) differences.push(`batch size ${options.batchSize}, not 32`);
  if (options.mode !== "seed") differences.push(`mode ${options.mode}, not seed`);
  return differences;
}
