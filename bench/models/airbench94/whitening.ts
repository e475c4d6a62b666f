/**
 * What both idioms share: the network's size, and the filters that whiten patches.
 * Source: https://github.com/KellerJordan/cifar10-airbench/blob/master/legacy/airbench94.py
 * @module
 */
import { EVD, Matrix } from "ml-matrix";

/** Channels of the three groups, height and width of a whitened patch, and what logits are multiplied by. */
export const size = { widths: [64, 256, 256], patch: 2, scale: 1 / 9 } as const;

/** Batch norm's: how much of a running statistic a step keeps, and what is added to a variance. */
export const batchNorm = { kept: 0.6, epsilon: 1e-12 } as const;

/** Filters of the first layer: a patch has as many directions as values, each taken with both signs. */
export function whiteningWidth(channels: number): number {
  return 2 * channels * size.patch ** 2;
}

/**
 * Filters that project patches on the directions in which they vary, each scaled to a variance of one, and the same with
 * the other sign.
 *
 * @param images [n, height, width, channels]
 * @returns [filters, channels, height, width] of the filters
 */
export function whiteningFilters(
  images: ArrayLike<number>,
  shape: readonly number[],
): Float32Array<ArrayBuffer> {
  const epsilon = 5e-4;
  const { realEigenvalues, eigenvectorMatrix } = new EVD(covariance(images, shape), {
    assumeSymmetric: true,
  });
  // The widest directions first, as in the source.
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  const half = order.flatMap((i) => {
    const deviation = Math.sqrt(realEigenvalues[i] + epsilon);
    return eigenvectorMatrix.getColumn(i).map((value) => value / deviation);
  });
  return Float32Array.from([...half, ...half.map((value) => -value)]);
}

/** Mean products of a patch's values, which are ordered [channels, height, width]. */
function covariance(images: ArrayLike<number>, shape: readonly number[]): Matrix {
  const [count, height, width, channels] = shape;
  const { patch } = size;
  const values = channels * patch ** 2;
  const offsets = Array.from({ length: values }, (_, i) => {
    const [channel, pixel] = [Math.floor(i / patch ** 2), i % patch ** 2];
    return (Math.floor(pixel / patch) * width + pixel % patch) * channels + channel;
  });
  const sums = new Float64Array(values ** 2);
  const [rows, columns] = [height - patch + 1, width - patch + 1];
  for (let k = 0; k < count * rows * columns; k++) {
    const row = Math.floor(k / columns) % rows;
    const image = Math.floor(k / (rows * columns));
    const start = ((image * height + row) * width + k % columns) * channels;
    for (let i = 0; i < values; i++) {
      const value = images[start + offsets[i]];
      for (let j = 0; j <= i; j++) sums[i * values + j] += value * images[start + offsets[j]];
    }
  }
  const at = (i: number, j: number) => sums[Math.max(i, j) * values + Math.min(i, j)];
  return Matrix.from1DArray(
    values,
    values,
    Array.from(
      { length: values ** 2 },
      (_, k) => at(Math.floor(k / values), k % values) / (count * rows * columns),
    ),
  );
}
