/**
 * Whether a model and a recipe can be used with a data set, in one line where not.
 * @module
 */
import { checkImage } from "../models/checked_network.ts";
import { type BenchModel, ModelError } from "../models/mod.ts";
import { type Recipe, RecipeError } from "../recipes/mod.ts";
import type { StyleContext } from "./style.ts";

/** Why a recipe cannot be used with images of a size: one line; null where it can. */
export function imageSizeFault(
  { name, testTimeShift: shift }: Recipe,
  [height, width]: readonly number[],
): string | null {
  if (shift < Math.min(height, width)) return null;
  return `recipe ${name}: testTimeShift is ${shift} and images have ${height}x${width} pixels, ` +
    "expected a shift below both";
}

/** Throws for images that are smaller than the model or the recipe takes. */
export function checkImageSize({ model, recipe, dataset: { imageShape } }: StyleContext): void {
  checkImage(model, imageShape);
  const fault = imageSizeFault(recipe, imageShape);
  if (fault !== null) throw new RecipeError(fault);
}

/** The error of a recipe whose `firstLayerEpochs` has no layer to stand for. */
export function noFirstLayer(): RecipeError {
  return new RecipeError(
    "firstLayerEpochs is set, and the model has no convolution or dense layer; expected null",
  );
}

/** The error of a model that is not written in a style's idiom. */
export function missingIdiom({ name, file }: BenchModel, idiom: "Keras" | "PyTorch"): ModelError {
  const missing = idiom === "Keras" ? "function kerasModel" : "class TorchModel";
  return new ModelError(
    `${file ?? `model ${name}`}: there is no ${missing}, so the ${idiom} idiom cannot be trained`,
  );
}
