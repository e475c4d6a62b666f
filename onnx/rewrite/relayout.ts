/**
 * Relayouts: the same elements laid out anew. This is where it is known what a transpose and a reshape are, and how a
 * relayout, whatever its kind, moves towards the outputs until it meets its inverse. Channels in blocks are a kind of their
 * own, see cpu/layout.ts.
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, type Attributes } from "../op.ts";
import { RESHAPE, reshape } from "../ops/broadcast.ts";
import { CONV_FILTER_GRADIENT } from "../ops/convolution.ts";
import { CONCAT, inversePermutation, TRANSPOSE, transpose } from "../ops/movement.ts";
import { STANDARDIZE } from "../ops/normalization.ts";
import { sameShape } from "../shape.ts";
import { array, computedBy, named, node, type Rule, rule } from "./pattern.ts";

/** How an array was laid out anew. */
export interface Relayout {
  /** The array as it lay before. */
  readonly inner: LazyArray;
  /** Lays another array that lies as the inner one out in the same way. */
  lay(array: LazyArray): LazyArray;
  /** The array that is laid out as this one, where that costs less than the relayout; undefined elsewhere. */
  undo(array: LazyArray): LazyArray | undefined;
  /** Whether a result of elements of the inner layout can be laid out. */
  fits(result: LazyArray): boolean;
}

/** What an array is laid out from, if it is a relayout of some kind. */
export type RelayoutBehind = (array: LazyArray) => Relayout | undefined;

/** f(lay(x), lay(y)) = lay(f(x, y)), where f computes each element by itself. */
export function elementwiseBefore(behind: RelayoutBehind): Rule {
  return rule(node("elementwise"), ({ root: { op, inputs, attributes } }) => {
    for (const input of inputs) {
      const relayout = behind(input);
      if (!relayout) continue;
      const operands = inputs.map((operand) => relayout.undo(operand));
      if (operands.includes(undefined)) return undefined;
      const [result] = applyOp(op, operands as LazyArray[], attributes);
      return relayout.fits(result) ? [relayout.lay(result)] : undefined;
    }
    return undefined;
  });
}

/** reshape(reshape(x)): only the last one counts, and none does if the first shape comes back. */
export const mergeReshapes = rule(
  node(RESHAPE, [node(RESHAPE, [array("x")])]),
  ({ root, x }) => [reshape(x, root.attributes.shape)],
);

/** The transpose that an array is. */
export function transposeBehind(array: LazyArray): Relayout | undefined {
  const order = permutationOf(array);
  // A filter gradient is computed in any order, if nothing stands between.
  if (!order || computedBy(CONV_FILTER_GRADIENT, beforeTranspose(array))) return undefined;
  return {
    inner: beforeTranspose(array),
    lay: (x) => transpose(x, order),
    undo: (other) => undoTranspose(other, order),
    fits: ({ shape }) => shape.length === order.length,
  };
}

function permutationOf(array: LazyArray): readonly number[] | undefined {
  return computedBy(TRANSPOSE, array)?.attributes.permutation;
}

function beforeTranspose(array: LazyArray): LazyArray {
  return array.node!.inputs[0];
}

function undoTranspose(array: LazyArray, order: readonly number[]): LazyArray | undefined {
  const own = permutationOf(array);
  if (own) return sameShape(own, order) ? beforeTranspose(array) : undefined;
  if (array.shape.length > order.length) return undefined;
  if (!isVector(array)) return undefined;
  if (array.size === 1 && array.shape.length === 0) return array;
  const full = [...new Array(order.length - array.shape.length).fill(1), ...array.shape];
  return reshape(array, inversePermutation(order).map((axis) => full[axis]));
}

/** Arrays with at most one axis longer than 1 (a bias, a scalar) are transposed by a reshape. */
function isVector({ shape }: LazyArray): boolean {
  return shape.filter((dimension) => dimension !== 1).length <= 1;
}

/** A transpose; of a vector a reshape. */
function moved(array: LazyArray, order: readonly number[]): LazyArray {
  return isVector(array)
    ? reshape(array, order.map((axis) => array.shape[axis]))
    : transpose(array, order);
}

/** Where an axis of what was transposed lay before. */
function axesBefore(axes: readonly number[], order: readonly number[]): number[] {
  return axes.map((axis) => order[axis]).sort((a, b) => a - b);
}

const TRANSPOSED = named("before", node(TRANSPOSE, [array("x")]));

/** transpose(transpose(x)) */
const mergeTransposes = rule(node(TRANSPOSE, [TRANSPOSED]), ({ root, before, x }) => {
  const inner = before.attributes.permutation;
  return [transpose(x, root.attributes.permutation.map((axis) => inner[axis]))];
});

/** Reductions of transpose(x). */
const reduceBeforeTranspose = rule(node("reduction", [TRANSPOSED]), ({ root, before, x }) => {
  const { op, attributes } = root;
  const order = before.attributes.permutation;
  const axes = axesBefore(attributes.axes as readonly number[], order);
  const [result] = applyOp(op, [x], { ...attributes, axes });
  if (attributes.keepDims) return [moved(result, order)];
  const kept = order.filter((axis) => !axes.includes(axis));
  const ranks = [...kept].sort((a, b) => a - b);
  return [transpose(result, kept.map((axis) => ranks.indexOf(axis)))];
});

/** Its other outputs keep the folded axes, so they are transposed as the first. */
const standardizeBeforeTranspose = rule(
  node(STANDARDIZE, [TRANSPOSED]),
  ({ root: { op, attributes }, before, x }) => {
    const order = before.attributes.permutation;
    const axes = axesBefore(attributes.axes, order);
    return applyOp(op, [x], { ...attributes, axes }).map((output) => moved(output, order));
  },
);

/** Ops with one number an axis in their attributes. */
const eachAxisBeforeTranspose = rule(node("each axis", [TRANSPOSED]), ({ root, before, x }) => {
  const order = before.attributes.permutation;
  const back = inversePermutation(order);
  const attributes: Attributes = Object.fromEntries(
    Object.entries(root.attributes).map(([name, value]) =>
      [name, Array.isArray(value) ? back.map((axis) => value[axis]) : value] as const
    ),
  );
  return [transpose(applyOp(root.op, [x], attributes)[0], order)];
});

/** Arrays that were all transposed alike, put one after the other. */
const concatBeforeTranspose = rule(node(CONCAT), ({ root: { op, inputs, attributes } }) => {
  const order = permutationOf(inputs[0]);
  if (!order || !inputs.every((input) => permutationOf(input)?.join() === order.join())) {
    return undefined;
  }
  const axis = order[attributes.axis];
  return [transpose(applyOp(op, inputs.map(beforeTranspose), { axis })[0], order)];
});

/** Axes of an array that a reshape makes others of, as many elements in all. */
interface AxisGroup {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** The smallest groups of axes, in order, that a reshape splits and merges each by itself; undefined if a shape has no elements. */
function axisGroups(from: readonly number[], to: readonly number[]): AxisGroup[] | undefined {
  if (from.includes(0)) return undefined;
  const groups: AxisGroup[] = [];
  let [i, j] = [0, 0];
  while (i < from.length) {
    const [before, after]: [number[], number[]] = [[i], []];
    let [left, right] = [from[i++], 1];
    while (right !== left) {
      if (right < left) right *= to[after[after.push(j++) - 1]];
      else left *= from[before[before.push(i++) - 1]];
    }
    // What is 1 belongs to what stands before it.
    while (j < to.length && to[j] === 1) after.push(j++);
    groups.push({ before, after });
  }
  return groups;
}

/** Reshapes that split axes, or merge such as were neighbours before they were transposed. */
export const reshapeBeforeTranspose = rule(node(RESHAPE, [TRANSPOSED]), ({ root, before, x }) => {
  const order = before.attributes.permutation;
  const { shape } = root.attributes;
  const groups = axisGroups(before.array.shape, shape);
  const areNeighbours = ({ before: axes }: AxisGroup) =>
    axes.every((axis, i) => order[axis] === order[axes[0]] + i);
  if (!groups?.every(areNeighbours)) return undefined;
  const firstOf = (group: AxisGroup) => order[group.before[0]];
  const axes = [...groups].sort((a, b) => firstOf(a) - firstOf(b)).flatMap(({ after }) => after);
  return [transpose(reshape(x, axes.map((axis) => shape[axis])), inversePermutation(axes))];
});

/**
 * Transposes move towards the outputs: a channels-last network recorded around channels-first convolutions becomes
 * channels-first throughout, with a transpose at its ends.
 */
export const sinkTransposes = {
  mergeTransposes,
  elementwiseBeforeTranspose: elementwiseBefore(transposeBehind),
  reduceBeforeTranspose,
  eachAxisBeforeTranspose,
  concatBeforeTranspose,
  standardizeBeforeTranspose,
};
