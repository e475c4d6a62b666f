/**
 * Looks before any training whether the models take the images and the weights that they are given.
 * @module
 */
import type { ImageDataset } from "../../fixtures/mod.ts";
import { isLargeEnough } from "../models/checked_network.ts";
import { loadModel, ModelError } from "../models/mod.ts";
import { imageSizeFault } from "../styles/check_model.ts";
import { refuseWeights } from "../styles/training/take_weights.ts";
import type { BenchOptions } from "../runner/options.ts";
import type { PlannedConfiguration } from "../runner/plan.ts";
import { convertFile } from "../weights/convert.ts";
import { OWN_NAMES } from "../weights/names.ts";
import { WeightsError } from "../weights/weights_error.ts";

type WeightsOptions = Pick<BenchOptions, "weights" | "skipWeights">;

/** A network of one idiom for a data set. */
interface Combination extends Pick<PlannedConfiguration, "model"> {
  readonly to: "keras" | "torch";
  readonly asked: string;
  readonly dataset: ImageDataset;
  /** Whether the Keras idiom is trained channels first too. */
  readonly bothFormats: boolean;
}

/** @throws {WeightsError} where weights are asked for that a layout cannot take; no data set has to be read for that */
export function checkLayouts(
  configurations: readonly PlannedConfiguration[],
  { weights }: Pick<WeightsOptions, "weights">,
): void {
  if (configurations.some(isKerasChannelsFirst)) refuseWeights({ weights });
}

function isKerasChannelsFirst({ axes }: PlannedConfiguration): boolean {
  return axes.style !== "torch" && axes.layout === "channels-first";
}

/**
 * @throws {ModelError} listing every model and recipe that takes no images of a data set's size, every user's model that is no
 * classifier for it, and all weights that do not fit
 */
export async function checkModels(
  configurations: readonly PlannedConfiguration[],
  datasets: ReadonlyMap<string, ImageDataset>,
  options: WeightsOptions,
): Promise<void> {
  const faults = new Set<string>();
  const fitting: Combination[] = [];
  for (const combination of combinationsOf(configurations, datasets)) {
    const fault = await sizeFault(combination);
    if (fault === null) fitting.push(combination);
    else faults.add(fault);
  }
  for (const { recipe, axes } of configurations) {
    const fault = imageSizeFault(recipe, datasets.get(axes.dataset)!.imageShape);
    if (fault !== null) faults.add(fault);
  }
  for (const combination of fitting) {
    const fault = await networkFault(combination, options);
    if (fault !== null) faults.add(fault);
  }
  if (faults.size > 0) throw new ModelError([...faults].join("; "));
}

/** Each once. */
function combinationsOf(
  configurations: readonly PlannedConfiguration[],
  datasets: ReadonlyMap<string, ImageDataset>,
): Combination[] {
  const groups = Map.groupBy(
    configurations,
    ({ model, axes }) => JSON.stringify([model, axes.dataset, axes.style === "torch"]),
  );
  return [...groups.values()].map((group) => {
    const [{ model, axes: { dataset: asked, style } }] = group;
    const to = style === "torch" ? "torch" : "keras";
    const bothFormats = group.some(isKerasChannelsFirst);
    return { model, to, asked, dataset: datasets.get(asked)!, bothFormats };
  });
}

/** Why a model of the bench cannot take a data set's images; null where it can. A user's file does not say. */
async function sizeFault(
  { model: { name, file }, asked, dataset: { imageShape } }: Combination,
): Promise<string | null> {
  if (file !== null) return null;
  const model = await loadModel(name);
  if (isLargeEnough(imageShape, model)) return null;
  const [least, found] = [model.smallestImage, imageShape.slice(0, 2)].map((size) =>
    size.join("x")
  );
  return `--model: ${name} takes images of at least ${least}, ${asked} has ${found}`;
}

/** Why a user's network cannot be made, or any be given the weights; null where both can. */
async function networkFault(
  { model: { name, file }, to, dataset: { imageShape, classNames }, bothFormats }: Combination,
  { weights, skipWeights }: WeightsOptions,
): Promise<string | null> {
  if (file === null && weights === null) return null;
  try {
    await convertFile({
      ...{ model: file ?? name, to, from: weights, out: null, names: OWN_NAMES, bothFormats },
      ...{ skipped: skipWeights, imageShape, classes: classNames.length },
    });
    return null;
  } catch (error) {
    if (error instanceof WeightsError) return error.message;
    throw error;
  }
}
