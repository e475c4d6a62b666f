/**
 * Random orthonormal vectors: the Q of the QR decomposition of normal numbers whose R has a positive diagonal, which makes them
 * uniformly distributed. Source: F. Mezzadri, "How to generate random matrices from the classical compact groups", 2007.
 * @module
 */
import { RandomStream } from "../../onnx/mod.ts";

/** [rows, columns] with orthonormal columns, row by row; rows >= columns. */
export function orthonormalColumns(rows: number, columns: number, seed: number): Float64Array {
  const drawn = new RandomStream(seed).normal(rows * columns);
  const vectors = Array.from(
    { length: columns },
    (_, j) => Float64Array.from({ length: rows }, (_, i) => drawn[i * columns + j]),
  );
  vectors.forEach((vector, j) => {
    // Twice: once leaves rounding errors that grow with the size.
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < j; k++) subtract(vector, vectors[k]);
    }
    const norm = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < rows; i++) vector[i] /= norm;
  });
  return Float64Array.from(
    { length: rows * columns },
    (_, i) => vectors[i % columns][Math.floor(i / columns)],
  );
}

/** Takes away what lies along a unit vector. */
function subtract(vector: Float64Array, unit: Float64Array): void {
  const along = dot(vector, unit);
  for (let i = 0; i < vector.length; i++) vector[i] -= along * unit[i];
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
