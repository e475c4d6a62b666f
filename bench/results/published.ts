/**
 * When the walkthrough's published figures may stand beside the measured ones.
 *
 * @module
 */
import type { BenchOptions } from "../cli/options.ts";

/**
 * How a run differs from the published experiment.
 *
 * @param dataset the name of the data set that was really used
 * @returns such as `["2 epochs, not 5"]`; empty when it is the same experiment
 */
export function differencesFromPublished(options: BenchOptions, dataset: string): string[] {
  const differences: string[] = [];
  if (dataset !== "cifar10") differences.push(`the images are ${dataset}, not cifar10`);
  if (options.limit !== null) differences.push(`only ${options.limit} training images`);
  if (options.epochs !== 5) {
    differences.push(`${options.epochs} ${options.epochs === 1 ? "epoch" : "epochs"}, not 5`);
  }
  if (options.batchSize !== 32) differences.push(`batch size ${options.batchSize}, not 32`);
  if (options.mode !== "seed") differences.push(`mode ${options.mode}, not seed`);
  return differences;
}
