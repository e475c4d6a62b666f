/**
 * Transposed convolutions that lose more at one end than at the other, where a provider wants both to be the same: what the
 * smaller of the two leaves is cut off afterwards.
 * @module
 */
import { applyOp } from "../../op.ts";
import { CONV_INPUT_GRADIENT } from "../../ops/convolution.ts";
import { slice } from "../../ops/movement.ts";
import { node, rule } from "../pattern.ts";

/** Transposed convolutions with different padding before and after an axis. */
export const asymmetricTransposed = rule(node(CONV_INPUT_GRADIENT), ({ root }) => {
  const { op, inputs, attributes, attributes: { padding, shape } } = root;
  const rank = padding.length / 2;
  const smaller = Array.from({ length: rank }, (_, i) => Math.min(padding[i], padding[rank + i]));
  const both = [...smaller, ...smaller];
  const cut = padding.map((width, i) => width - both[i]);
  if (cut.every((width) => width === 0)) return undefined;
  const begin = [0, 0, ...cut.slice(0, rank)];
  const wide = shape.map((size, i) => i < 2 ? size : size + cut[i - 2] + cut[rank + i - 2]);
  const [whole] = applyOp(op, inputs, { ...attributes, padding: both, shape: wide });
  return [slice(whole, begin, begin.map((b, i) => b + shape[i]))];
});
