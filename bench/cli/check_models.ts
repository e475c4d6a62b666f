/**
 * Looks before any training whether the models take the images and the weights that they are given.
 * @module
 */
import type { ImageDataset } from "../../fixtures/mod.ts";
import { loadModel, ModelError } from "../models/mod.ts";
import { imageSizeFault } from "../styles/check_model.ts";
import type { BenchOptions } from "../runner/options.ts";
import type { PlannedConfiguration } from "../runner/plan.ts";
import { convertFile } from "../weights/convert.ts";
import { OWN_NAMES } from "../weights/names.ts";

/**
 * @throws {ModelError} listing every model and recipe that takes no images of a data set's size
 * @throws {WeightsError} for weights that do not fit
 */
export async function checkModels(
  configurations: readonly PlannedConfiguration[],
  datasets: ReadonlyMap<string, ImageDataset>,
  { weights, skipWeights }: Pick<BenchOptions, "weights" | "skipWeights">,
): Promise<void> {
  const combinations = new Map(configurations.map((configuration) => {
    const { model, axes } = configuration;
    const to = axes.style === "torch" ? "torch" as const : "keras" as const;
    return [JSON.stringify([model, axes.dataset, to]), { ...configuration, to }];
  }));
  const small = new Set<string>();
  for (const { model: { name, file }, axes } of combinations.values()) {
    if (file !== null) continue;
    const { smallestImage } = await loadModel(name);
    const [height, width] = datasets.get(axes.dataset)!.imageShape;
    if (height >= smallestImage[0] && width >= smallestImage[1]) continue;
    small.add(
      `--model: ${name} takes images of at least ${
        smallestImage.join("x")
      }, ${axes.dataset} has ${height}x${width}`,
    );
  }
  for (const { recipe, axes } of configurations) {
    const fault = imageSizeFault(recipe, datasets.get(axes.dataset)!.imageShape);
    if (fault !== null) small.add(fault);
  }
  if (small.size > 0) throw new ModelError([...small].join("; "));
  if (weights === null) return;
  for (const { model: { name, file }, axes, to } of combinations.values()) {
    const { imageShape, classNames } = datasets.get(axes.dataset)!;
    await convertFile({
      ...{ model: file ?? name, to, from: weights, out: null, names: OWN_NAMES },
      ...{ skipped: skipWeights, imageShape, classes: classNames.length },
    });
  }
}
