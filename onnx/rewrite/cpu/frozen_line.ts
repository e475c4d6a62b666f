/**
 * A batch norm behind a convolution, where the weights of both are frozen: the filters are scaled beforehand, and what is left
 * of the line, its shift, what it adds and relu, the convolution does on the way out.
 *
 *   (x * w + b) scale + shift + other  =  x * (w scale) + (b scale + shift) + other
 * @module
 */
import type { LazyArray } from "../../lazy_array.ts";
import { applyOp } from "../../op.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { reshape } from "../../ops/broadcast.ts";
import { isFrozen } from "../frozen.ts";
import { computedBy, node, rule } from "../pattern.ts";
import { LINE, partsOf } from "./channel_line.ts";
import { BLOCK_FILTERS, BLOCKED_CONV, isFreeToLayOut } from "./convolution.ts";

/** A line of a convolution's result that nothing else reads. */
export const frozenLineIntoConvolution = rule(
  node(LINE),
  ({ root }, uses) => {
    const { x, scale, shift, other, relu, ceiling } = partsOf(root);
    const conv = computedBy(BLOCKED_CONV, x);
    if (!conv || uses(x) > 1 || conv.attributes.relu || conv.attributes.added) return undefined;
    const [images, filters, bias] = conv.inputs;
    const isFree = isFreeToLayOut(filters, x.shape) &&
      [bias, scale, shift].every((part) => !part || isFrozen(part));
    if (!isFree) return undefined;
    const scaled = scale ? scaledFilters(filters, scale) : filters;
    if (!scaled) return undefined;
    const moved = bias && scale ? mul(bias, scale) : bias;
    const both = moved && shift ? add(moved, shift) : moved ?? shift;
    const inputs = [images, scaled, both, other].filter((part) => part !== undefined);
    return applyOp(BLOCKED_CONV, inputs, {
      ...conv.attributes,
      relu: relu ? 1 : 0,
      ceiling: ceiling ?? Infinity,
      added: other ? 1 : 0,
    });
  },
);

/** Filters in blocks times one number a result channel. */
function scaledFilters(filters: LazyArray, scale: LazyArray): LazyArray | undefined {
  const found = computedBy(BLOCK_FILTERS, filters);
  if (!found) return undefined;
  const { inputs: [plain], attributes } = found;
  const [channels] = attributes.axes;
  const shape = plain.shape.map((size, axis) => axis === channels ? size : 1);
  return applyOp(BLOCK_FILTERS, [mul(plain, reshape(scale, shape))], attributes)[0];
}
