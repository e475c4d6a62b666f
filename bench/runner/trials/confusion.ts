/**
 * Which classes a style takes for which.
 * @module
 */

/** One kind of mistake and how often it was made. */
export interface Confusion {
  /** Number of the class that an image has. */
  actual: number;
  /** Number of the class that was predicted. */
  predicted: number;
  count: number;
}

/**
 * How often each class was predicted for each class: rows are the classes that images have, columns the predicted ones.
 *
 * @throws {RangeError} if a class is none of `classes`, or there are more labels than predictions or fewer
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): number[][] {
  if (labels.length !== predictions.length) {
    throw new RangeError(`${predictions.length} predictions for ${labels.length} images`);
  }
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) {
    const row = matrix[labels[i]];
    if (row?.[predictions[i]] === undefined) {
      throw new RangeError(
        `image ${i}: class ${labels[i]} taken for ${predictions[i]}, expected 0 to ${classes - 1}`,
      );
    }
    row[predictions[i]]++;
  }
  return matrix;
}

/** The most frequent mistakes, most frequent first; the lower classes first among equals. */
export function worstConfusions(matrix: readonly (readonly number[])[], most: number): Confusion[] {
  return matrix
    .flatMap((row, actual) => row.map((count, predicted) => ({ actual, predicted, count })))
    .filter(({ actual, predicted, count }) => actual !== predicted && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, most);
}
