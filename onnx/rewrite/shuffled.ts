/**
 * Channel shuffles: arrays put side by side whose elements along that axis then take turns, and the way back. Both move whole
 * runs of elements where the plain way moves all of them once more:
 *
 *   transpose(concat(a, b) as [n, 2, c, ...]) as [n, c, 2, ...]  =  concat(a as [n, c, 1, ...], b as [n, c, 1, ...])
 *   one of the parts of transpose(y [n, c, 2, ...]) as [n, 2 c, ...]  =  every second element of y
 * @module
 */
import { RESHAPE, reshape } from "../ops/broadcast.ts";
import { CONCAT, concat, SLICE, slice, TRANSPOSE } from "../ops/movement.ts";
import { sameShape } from "../shape.ts";
import { array, named, node, rule } from "./pattern.ts";

/** Which axis changes its place with the next one, where nothing else moves. */
function exchangedAxis(permutation: readonly number[]): number | undefined {
  const axis = permutation.findIndex((from, to) => from !== to);
  const swapped = permutation.map((_, i) => i === axis ? i + 1 : i === axis + 1 ? i - 1 : i);
  return axis >= 0 && sameShape(permutation, swapped) ? axis : undefined;
}

/** A shape with two dimensions in the place of one. */
function split(shape: readonly number[], axis: number, first: number, second: number): number[] {
  return shape.flatMap((dimension, i) => i === axis ? [first, second] : [dimension]);
}

/** Arrays whose elements take turns. */
const stackShuffled = rule(
  node(TRANSPOSE, [named("apart", node(RESHAPE, [named("both", node(CONCAT))]))]),
  ({ root, apart, both: { array: whole, inputs: parts, attributes: { axis } } }, uses) => {
    const size = parts[0].shape[axis];
    const suits = exchangedAxis(root.attributes.permutation) === axis &&
      parts.every((part) => part.shape[axis] === size) &&
      sameShape(apart.array.shape, split(whole.shape, axis, parts.length, size)) &&
      uses(whole) === 1 && uses(apart.array) === 1;
    if (!suits) return undefined;
    const columns = parts.map((part) => reshape(part, split(part.shape, axis, size, 1)));
    return [concat(columns, axis + 1)];
  },
);

/** One of the arrays whose elements took turns. */
const partOfShuffled = rule(
  node(SLICE, [named("whole", node(RESHAPE, [named("moved", node(TRANSPOSE, [array("y")]))]))]),
  ({ root: { attributes: { begin, end, step } }, whole, moved, y }) => {
    const axis = exchangedAxis(moved.attributes.permutation);
    if (axis === undefined) return undefined;
    const [size, parts] = y.shape.slice(axis);
    const isMerged = sameShape(moved.array.shape, split(whole.array.shape, axis, parts, size));
    const isOne = begin[axis] % size === 0 && end[axis] === begin[axis] + size &&
      step.every((s) => s === 1) &&
      whole.array.shape.every((d, i) => i === axis || (begin[i] === 0 && end[i] === d));
    if (!isMerged || !isOne) return undefined;
    const at = begin[axis] / size;
    const column = slice(
      y,
      y.shape.map((_, i) => i === axis + 1 ? at : 0),
      y.shape.map((d, i) => i === axis + 1 ? at + 1 : d),
    );
    return [reshape(column, whole.array.shape.map((d, i) => i === axis ? size : d))];
  },
);

/** Both. */
export const shuffled = { stackShuffled, partOfShuffled };
