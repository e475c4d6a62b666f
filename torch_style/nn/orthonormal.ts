/**
 * Orthonormal vectors out of random ones.
 * @module
 */

/**
 * The rows of a matrix made orthonormal, each by taking off what the rows before explain (Gram and Schmidt). Done
 * twice, which removes what rounding leaves the first time. Of independent normal numbers this gives every
 * orthonormal system with the same probability.
 *
 * @param values the matrix row by row, at most as many rows as columns
 */
export function orthonormalRows(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
): Float64Array {
  const basis = Float64Array.from(values);
  const row = (i: number) => basis.subarray(i * columns, (i + 1) * columns);
  for (let i = 0; i < rows; i++) {
    const own = row(i);
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < i; k++) subtract(own, row(k), dot(own, row(k)));
    }
    const length = Math.sqrt(dot(own, own));
    for (let j = 0; j < columns; j++) own[j] /= length;
  }
  return basis;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function subtract(from: Float64Array, direction: Float64Array, factor: number): void {
  for (let i = 0; i < from.length; i++) from[i] -= factor * direction[i];
}
