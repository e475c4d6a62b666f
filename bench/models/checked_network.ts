/**
 * What a network must be to be trained as a classifier, and whose fault it is where it is not.
 * @module
 */
import { userError } from "../user_module.ts";
import { type BenchModel, ModelError } from "./bench_model.ts";

/** What a network is made for, in the words of data sets. */
export interface ClassifierSpec {
  /** Height, width, channels. */
  readonly imageShape: readonly number[];
  readonly classes: number;
}

/** Runs code of a model; what it throws is named by the user's file and line, where the file is a user's. */
export function inModel<T>({ file }: BenchModel, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw file === null ? error : userError("--model", file, error);
  }
}

/** Whether images are as large as a network says that they must be. */
export function isLargeEnough(
  [height, width]: readonly number[],
  { smallestImage: [leastHeight, leastWidth] }: BenchModel,
): boolean {
  return height >= leastHeight && width >= leastWidth;
}

/** Throws unless a network takes images of the size. */
export function checkImage(model: BenchModel, imageShape: readonly number[]): void {
  if (isLargeEnough(imageShape, model)) return;
  const [height, width] = imageShape;
  throw new ModelError(
    `model ${model.name} takes images of at least ${
      model.smallestImage.join("x")
    }, got ${height}x${width}`,
  );
}

/** Throws unless a network gives one value a class. */
export function checkOutput(
  { name, file }: BenchModel,
  { classes }: ClassifierSpec,
  shape: readonly (number | null)[],
): void {
  if (shape.length === 2 && shape[1] === classes) return;
  const where = file ?? `model ${name}`;
  throw new ModelError(
    shape.length === 2
      ? `${where}: the model gives ${shape[1]} outputs for ${classes} classes`
      : `${where}: the model gives [${shape.map((size) => size ?? "n")}], expected [n, ${classes}]`,
  );
}
