/**
 * Images of the most frequent mistakes, for the report's page.
 * @module
 */
import {
  type ImageDataset,
  imageSize,
  type ImageSplit,
  maxPixelValue,
} from "../../../fixtures/mod.ts";
import { encodePng } from "../../../plotting/mod.ts";
import { type Confusion, worstConfusions } from "./confusion.ts";
import type { ShownConfusion } from "./trial.ts";

/** Kinds of mistakes that are shown. */
const MOST_KINDS = 3;
/** Images of each. */
const MOST_PICTURES = 4;

/** The worst confusions of a matrix, each with the first test images that were taken so. */
export async function shownConfusions(
  matrix: readonly (readonly number[])[],
  test: ImageSplit,
  predictions: Int32Array,
  { classNames }: Pick<ImageDataset, "classNames">,
): Promise<ShownConfusion[]> {
  return await Promise.all(
    worstConfusions(matrix, MOST_KINDS).map(async (confusion) => ({
      actual: classNames[confusion.actual],
      predicted: classNames[confusion.predicted],
      count: confusion.count,
      images: await Promise.all(
        examplesOf(confusion, test, predictions).map((index) => imageAt(test, index)),
      ),
    })),
  );
}

function examplesOf({ actual, predicted }: Confusion, test: ImageSplit, predictions: Int32Array) {
  const found: number[] = [];
  for (let i = 0; i < predictions.length && found.length < MOST_PICTURES; i++) {
    if (test.labels[i] === actual && predictions[i] === predicted) found.push(i);
  }
  return found;
}

/** An image of a split as PNG in base64. */
async function imageAt({ images, imageShape }: ImageSplit, index: number): Promise<string> {
  const [height, width, channels] = imageShape;
  const size = imageSize(imageShape);
  const values = images.subarray(index * size, (index + 1) * size);
  const toByte = 255 / maxPixelValue(images);
  // Floats beyond 1 are cut off, not wrapped.
  const clamped = Uint8ClampedArray.from(values, (value) => value * toByte);
  const data = new Uint8Array(clamped.buffer);
  return (await encodePng({ data, height, width, channels })).toBase64();
}
