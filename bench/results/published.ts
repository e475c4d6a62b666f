/**
 * When the walkthrough's published figures may stand beside the measured ones.
 *
 * @module
 */
import type { Report } from "./report.ts";

/**
 * How a run differs from the published experiment.
 *
 * @returns such as `["2 epochs, not 5"]`; empty when it is the same experiment
 */
export function differencesFromPublished(
  { options, datasets, models, recipes }: Pick<
    Report,
    "options" | "datasets" | "models" | "recipes"
  >,
): string[] {
  const differences: string[] = [];
  for (const { name } of datasets) {
    if (name !== "cifar10") differences.push(`the images are ${name}, not cifar10`);
  }
  for (const { name } of models) {
    if (name !== "published_cnn") differences.push(`the model is ${name}, not published_cnn`);
  }
  if (options.limit !== null) differences.push(`only ${options.limit} training images`);
  if (options.untilAccuracy !== null) differences.push("it stops at an accuracy");
  if (options.weights !== null) differences.push("it begins with weights of a file");
  for (const { name, epochs, batchSize } of recipes) {
    if (name !== "published") differences.push(`the recipe is ${name}, not published`);
    if (epochs !== 5) differences.push(`${epochs} ${epochs === 1 ? "epoch" : "epochs"}, not 5`);
    if (batchSize !== 32) differences.push(`batch size ${batchSize}, not 32`);
  }
  if (options.learningRate !== null && options.learningRate !== 0.001) {
    differences.push(`learning rate ${options.learningRate}, not 0.001`);
  }
  return [...new Set(differences)];
}
