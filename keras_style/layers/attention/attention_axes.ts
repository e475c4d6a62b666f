/**
 * Which axes attention goes along: those are brought together, the others stay side by side.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { show } from "../../options.ts";

/**
 * The axes of an input of a rank; all between the first and the last for null.
 *
 * @throws {RangeError} for axes that are none of these
 */
export function attentionAxes(
  owner: string,
  given: readonly number[] | null,
  rank: number,
): readonly number[] {
  const all = Array.from({ length: rank - 2 }, (_, i) => i + 1);
  const axes = given?.map((axis) => axis < 0 ? axis + rank : axis) ?? all;
  const isRight = axes.length > 0 && axes.every((axis) => all.includes(axis)) &&
    new Set(axes).size === axes.length;
  if (isRight) return axes;
  throw new RangeError(
    `${owner}: attentionAxes are ${
      show(given)
    }, expected some of ${all} for an input of rank ${rank}`,
  );
}

/** How many positions the axes have together. */
export function placesAlong(x: tf.Tensor, axes: readonly number[]): number {
  return axes.reduce((product, axis) => product * x.shape[axis]!, 1);
}

/** What [n, ..., heads, size] is transposed by: other axes, heads, the axes of attention, size. */
function order(rank: number, axes: readonly number[]): number[] {
  const others = Array.from({ length: rank - 2 }, (_, i) => i).filter((i) => !axes.includes(i));
  return [...others, rank - 2, ...axes, rank - 1];
}

/** [n, ..., heads, size] to [n, others, heads, positions, size]. */
export function alongPlaces(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  const turned = tf.transpose(x, order(x.rank, axes));
  if (axes.length === 1) return turned;
  const kept = turned.shape.slice(0, turned.rank - axes.length - 1);
  return tf.reshape(turned, [...kept, placesAlong(x, axes), x.shape.at(-1)!]);
}

/** Back from {@linkcode alongPlaces}. @param sizes of the axes, in their order */
export function fromPlaces(
  y: tf.Tensor,
  axes: readonly number[],
  sizes: readonly number[],
): tf.Tensor {
  const size = y.shape.at(-1)!;
  const wide = axes.length === 1 ? y : tf.reshape(y, [...y.shape.slice(0, -2), ...sizes, size]);
  const back: number[] = [];
  order(wide.rank, axes).forEach((from, to) => back[from] = to);
  return tf.transpose(wide, back);
}

/** A mask [n, ..., queries, keys] with an axis of 1 for heads (and for what else it says nothing of). */
export function maskAlongPlaces(
  mask: tf.Tensor,
  rank: number,
  [queries, keys]: readonly [number, number],
  axes: readonly number[],
): tf.Tensor {
  const ends = 2 * axes.length;
  // Sizes of 1 stand for all queries, or all keys.
  const sizeOf = (part: readonly number[], whole: number) =>
    part.every((size) => size === 1) ? 1 : whole;
  const q = sizeOf(mask.shape.slice(-ends, -axes.length), queries);
  const k = sizeOf(mask.shape.slice(-axes.length), keys);
  const leading = mask.shape.slice(0, mask.rank - ends);
  const others = rank - 1 - axes.length;
  const filled = [...leading, ...new Array<number>(Math.max(0, others - leading.length)).fill(1)];
  return tf.reshape(mask, [...filled, ...leading.length > others ? [] : [1], q, k]);
}
