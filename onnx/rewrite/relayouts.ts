/**
 * Transposes and reshapes. Transposes move towards the outputs until they meet their inverses: a channels-last network
 * recorded around channels-first convolutions so becomes channels-first throughout, with a transpose at its ends. Of
 * reshapes that follow each other only the last one counts, and none does if the first shape comes back.
 * @module
 */
import type { LazyArray } from "../lazy_array.ts";
import type { LocalRule } from "./apply_rules.ts";
import type { Shape } from "../shape.ts";
import { BINARY_OPS, UNARY_OPS } from "../ops/elementwise.ts";
import { REDUCTION_OPS, RESHAPE, reshape } from "../ops/broadcast.ts";
import { applyOp, type Attributes, type Op } from "../op.ts";
import { biasIntoConvolution } from "./added_bias.ts";
import { STANDARDIZE } from "../ops/normalization.ts";
import { CONCAT, inversePermutation, PAD, SLICE, TRANSPOSE, transpose } from "../ops/movement.ts";
import { maskBeforeUnpool, sumBeforeUnpool } from "./unpooling.ts";

/** Rewrites reshape(reshape(x)). */
export const mergeReshapes: LocalRule = (op, [x], attributes) => {
  const isSecond = op.name === RESHAPE.name && x.node?.op.name === RESHAPE.name;
  return isSecond ? [reshape(x.node!.inputs[0], attributes.shape as Shape)] : undefined;
};

/** transpose(transpose(x)), f(transpose(x)), f(transpose(a), transpose(b)) and reductions of transpose(x). */
export function sinkTransposes(
  op: Op,
  inputs: readonly LazyArray[],
  attributes: Attributes,
): LazyArray[] | undefined {
  const order = permutationOf(inputs[0]) ?? permutationOf(inputs[1]);
  if (!order) return undefined;
  if (op === TRANSPOSE as unknown as Op) return mergeTransposes(inputs[0], order, attributes);
  if (UNARY_OPS.has(op.name) && inputs.length === 1) {
    return [transpose(applyOp(op, [beforeTranspose(inputs[0])], attributes)[0], order)];
  }
  if (BINARY_OPS.has(op.name)) return throughBinary(op, inputs, order, attributes);
  if (REDUCTION_OPS.has(op.name)) return throughReduction(op, inputs[0], order, attributes);
  if (op.name === PAD.name || op.name === SLICE.name) {
    return throughEachAxis(op, inputs[0], order, attributes);
  }
  if (op.name === CONCAT.name) return throughConcat(op, inputs, order, attributes);
  if (op.name === STANDARDIZE.name) return throughStandardization(op, inputs[0], order, attributes);
  return undefined;
}

function permutationOf(array: LazyArray | undefined): readonly number[] | undefined {
  if (array?.node?.op.name !== TRANSPOSE.name) return undefined;
  return array.node.attributes.permutation as readonly number[];
}

function beforeTranspose(array: LazyArray): LazyArray {
  return array.node!.inputs[0];
}

function mergeTransposes(
  x: LazyArray,
  inner: readonly number[],
  attributes: Attributes,
): LazyArray[] {
  const outer = attributes.permutation as readonly number[];
  return [transpose(beforeTranspose(x), outer.map((axis) => inner[axis]))];
}

function throughBinary(
  op: Op,
  inputs: readonly LazyArray[],
  order: readonly number[],
  attributes: Attributes,
): LazyArray[] | undefined {
  const moved = inputs.map((input) => undoTranspose(input, order));
  if (moved.includes(undefined)) return undefined;
  // What stood between a convolution and its bias, a gradient and its mask, is gone now.
  const operands = moved as LazyArray[];
  const [result] = biasIntoConvolution(op, operands, attributes) ??
    maskBeforeUnpool(op, operands, attributes) ?? applyOp(op, operands);
  return result.shape.length === order.length ? [transpose(result, order)] : undefined;
}

/** The array that `order` turns into this one, where it costs nothing to have it. */
function undoTranspose(array: LazyArray, order: readonly number[]): LazyArray | undefined {
  const own = permutationOf(array);
  if (own) return own.every((axis, i) => axis === order[i]) ? beforeTranspose(array) : undefined;
  if (array.shape.length > order.length) return undefined;
  // Arrays with at most one axis longer than 1 (a bias, a scalar) are transposed by a reshape.
  if (array.shape.filter((dimension) => dimension !== 1).length > 1) return undefined;
  if (array.size === 1 && array.shape.length === 0) return array;
  const full = [...new Array(order.length - array.shape.length).fill(1), ...array.shape];
  return reshape(array, inversePermutation(order).map((axis) => full[axis]));
}

function throughReduction(
  op: Op,
  x: LazyArray,
  order: readonly number[],
  attributes: Attributes,
): LazyArray[] | undefined {
  const axes = (attributes.axes as readonly number[]).map((axis) => order[axis]).sort((a, b) =>
    a - b
  );
  const operands = [beforeTranspose(x)];
  const moved = { ...attributes, axes };
  const [result] = sumBeforeUnpool(op, operands, moved) ?? applyOp(op, operands, moved);
  if (attributes.keepDims) return [movedBack(result, order)];
  const kept = order.filter((axis) => !axes.includes(axis));
  const ranks = [...kept].sort((a, b) => a - b);
  return [transpose(result, kept.map((axis) => ranks.indexOf(axis)))];
}

/** Its other outputs keep the folded axes, so they are transposed as the first. */
function throughStandardization(
  op: Op,
  x: LazyArray,
  order: readonly number[],
  attributes: Attributes,
): LazyArray[] {
  const axes = (attributes.axes as readonly number[]).map((axis) => order[axis]);
  const moved = { ...attributes, axes: axes.sort((a, b) => a - b) };
  return applyOp(op, [beforeTranspose(x)], moved).map((output) => movedBack(output, order));
}

/** A transpose; of arrays with at most one axis longer than 1 a reshape. */
function movedBack(array: LazyArray, order: readonly number[]): LazyArray {
  const isVector = array.shape.filter((dimension) => dimension !== 1).length <= 1;
  return isVector
    ? reshape(array, order.map((axis) => array.shape[axis]))
    : transpose(array, order);
}

/** Ops with one number an axis. */
function throughEachAxis(
  op: Op,
  x: LazyArray,
  order: readonly number[],
  attributes: Attributes,
): LazyArray[] {
  const back = inversePermutation(order);
  const moved = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) =>
      [name, Array.isArray(value) ? back.map((axis) => value[axis]) : value] as const
    ),
  );
  return [transpose(applyOp(op, [beforeTranspose(x)], moved)[0], order)];
}

function throughConcat(
  op: Op,
  inputs: readonly LazyArray[],
  order: readonly number[],
  attributes: Attributes,
): LazyArray[] | undefined {
  if (!inputs.every((input) => permutationOf(input)?.join() === order.join())) return undefined;
  const axis = order[attributes.axis as number];
  return [transpose(applyOp(op, inputs.map(beforeTranspose), { axis })[0], order)];
}
