/**
 * The Fourier transform as a product with its matrix, where a provider has none.
 * @module
 */
import { constant } from "../../lazy_array.ts";
import { FOURIER, matmul } from "../../ops/linear_algebra.ts";
import { reshape } from "../../ops/broadcast.ts";
import { array, node, rule } from "../pattern.ts";

/** Longer ones would need too large a matrix. */
const LONGEST = 2048;

/**
 * With w = 2 pi j k / n: out[k] = sum over j of (re[j] cos w + im[j] sin w, im[j] cos w - re[j] sin w), and the inverse with
 * the other sign of w, divided by n.
 */
export const fourierByProduct = rule(node(FOURIER, [array("x")]), ({ root, x }) => {
  const { inverse } = root.attributes;
  const [rows, length] = x.shape;
  if (length > LONGEST) return undefined;
  const sign = inverse ? -1 : 1;
  const scale = inverse ? 1 / length : 1;
  const matrix: number[] = [];
  for (let j = 0; j < length; j++) {
    const angles = Array.from({ length }, (_, k) => 2 * Math.PI * ((j * k) % length) / length);
    const [c, s] = [Math.cos, Math.sin].map((f) => angles.map((w) => scale * f(w)));
    angles.forEach((_, k) => matrix.push(c[k], -sign * s[k]));
    angles.forEach((_, k) => matrix.push(sign * s[k], c[k]));
  }
  const factors = constant(matrix, x.dtype, [2 * length, 2 * length]);
  return [reshape(matmul(reshape(x, [rows, 2 * length]), factors), x.shape)];
});
