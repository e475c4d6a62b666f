/**
 * Functions that move elements without computing. Those that PyTorch calls views share memory with their
 * argument: what is written into one is seen in the other. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 * @module
 */
import { type Call, type Integers, integersOf, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import {
  fromHost,
  type LazyArray,
  normalizeAxis,
  ops,
  type Shape,
  showShape,
  sizeOf,
} from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { viewOf } from "../autograd/views.ts";
import type { ViewStep } from "../storage.ts";
import { axisOf, computeAlong } from "./dims.ts";
import { sliceStep } from "./slicing.ts";

/** The same elements in another shape. */
function reshapeStep(shape: Shape): ViewStep {
  return {
    read: (whole) => ops.reshape(whole, shape),
    write: (whole, part) => ops.reshape(part, whole.shape),
  };
}

/** The same elements in another shape, a view; one dimension may be -1. */
export function reshape(input: Tensor, ...shape: Integers): Tensor {
  const wanted = integersOf("reshape", "shape", shape);
  const known = wanted.reduce((size, dimension) => dimension === -1 ? size : size * dimension, 1);
  const fits = wanted.filter((dimension) => dimension === -1).length <= 1 &&
    (wanted.includes(-1) ? known > 0 && input.numel() % known === 0 : known === input.numel());
  if (!fits) {
    throw new Error(`shape '${showShape(wanted)}' is invalid for input of size ${input.numel()}`);
  }
  const full = wanted.map((dimension) => dimension === -1 ? input.numel() / known : dimension);
  return viewOf(input, "View", reshapeStep(full));
}

/** The same elements in another shape. Memory is always dense here, so every {@linkcode reshape} is a view. */
export function view(input: Tensor, ...shape: Integers): Tensor {
  return reshape(input, integersOf("view", "shape", shape));
}

const FLATTEN = signature("flatten", ["input", tensorKind], ["startDim", kinds.integer, 0], [
  "endDim",
  kinds.integer,
  -1,
]);

/** Axes from `startDim` to `endDim` as one. */
export function flatten(
  ...given: Call<
    typeof FLATTEN,
    { readonly startDim?: number; readonly endDim?: number },
    [input: Tensor]
  >
): Tensor {
  const { input, startDim, endDim } = FLATTEN.read(given);
  if (input.ndim === 0) return input.reshape(1);
  const start = normalizeAxis("flatten", startDim, input.ndim);
  const end = normalizeAxis("flatten", endDim, input.ndim);
  const middle = sizeOf(input.shape.slice(start, end + 1));
  return input.reshape([...input.shape.slice(0, start), middle, ...input.shape.slice(end + 1)]);
}

const UNFLATTEN = signature("unflatten", ["input", tensorKind], ["dim", kinds.integer], [
  "sizes",
  kinds.integers,
]);

/** One axis as several. */
export function unflatten(
  ...given: Call<
    typeof UNFLATTEN,
    Record<never, never>,
    [input: Tensor, dim: number, sizes: readonly number[]]
  >
): Tensor {
  const { input, dim, sizes } = UNFLATTEN.read(given);
  const axis = normalizeAxis("unflatten", dim, input.ndim);
  const known = sizes.reduce((size, dimension) => dimension === -1 ? size : size * dimension, 1);
  const full = sizes.map((dimension) => dimension === -1 ? input.shape[axis] / known : dimension);
  return input.reshape([...input.shape.slice(0, axis), ...full, ...input.shape.slice(axis + 1)]);
}

/** Axes in another order: axis i of the result is axis `dims[i]`. */
export function permute(input: Tensor, ...dims: Integers): Tensor {
  const given = integersOf("permute", "dims", dims);
  const order = given.map((dim) => normalizeAxis("permute", dim, input.ndim));
  if (order.length !== input.ndim || new Set(order).size !== input.ndim) {
    throw new Error(
      `permute: [${given}] is no order of the ${input.ndim} dimensions of ${
        showShape(input.shape)
      }`,
    );
  }
  return viewOf(input, "Permute", {
    read: (whole) => ops.transpose(whole, order),
    write: (_, part) => ops.transpose(part, ops.inversePermutation(order)),
  });
}

const TRANSPOSE = signature("transpose", ["input", tensorKind], ["dim0", kinds.integer], [
  "dim1",
  kinds.integer,
]);

/** Two axes swapped. */
export function transpose(
  ...given: Call<
    typeof TRANSPOSE,
    Record<never, never>,
    [input: Tensor, dim0: number, dim1: number]
  >
): Tensor {
  const { input, dim0, dim1 } = TRANSPOSE.read(given);
  const [a, b] = [dim0, dim1].map((dim) => axisOf("transpose", dim, input.ndim));
  return input.permute(input.shape.map((_, i) => i === a ? b : i === b ? a : i));
}

const T = signature("t", ["input", tensorKind]);

/** A matrix with rows and columns swapped. */
export function t(...given: Call<typeof T, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = T.read(given);
  if (input.ndim > 2) {
    throw new Error(`t() expects a tensor with <= 2 dimensions, but self is ${input.ndim}D`);
  }
  return input.ndim < 2 ? input : input.transpose(0, 1);
}

const MOVEDIM = signature("movedim", ["input", tensorKind], [
  "source",
  kinds.either(kinds.integer, kinds.integers),
], ["destination", kinds.either(kinds.integer, kinds.integers)]);

/** Axes moved to other indices, the others keeping their order. */
export function movedim(
  ...given: Call<
    typeof MOVEDIM,
    Record<never, never>,
    [input: Tensor, source: number | readonly number[], destination: number | readonly number[]]
  >
): Tensor {
  const { input, source, destination } = MOVEDIM.read(given);
  const axes = (dims: number | readonly number[]) =>
    [dims].flat().map((dim) => axisOf("movedim", dim as number, input.ndim));
  const [from, to] = [axes(source), axes(destination)];
  if (from.length !== to.length) {
    throw new Error(
      `movedim: Invalid source or destination dims: source ([${from}] dims) should contain the same ` +
        `number of dims as destination ([${to}] dims)`,
    );
  }
  const rest = input.shape.map((_, i) => i).filter((axis) => !from.includes(axis));
  const order = input.shape.map((_, i) => to.includes(i) ? from[to.indexOf(i)] : rest.shift()!);
  return input.permute(order);
}

const UNSQUEEZE = signature("unsqueeze", ["input", tensorKind], ["dim", kinds.integer]);

/** An axis of size 1 put in. */
export function unsqueeze(
  ...given: Call<typeof UNSQUEEZE, Record<never, never>, [input: Tensor, dim: number]>
): Tensor {
  const { input, dim } = UNSQUEEZE.read(given);
  const at = normalizeAxis("unsqueeze", dim, input.ndim + 1);
  return input.reshape([...input.shape.slice(0, at), 1, ...input.shape.slice(at)]);
}

const SQUEEZE = signature("squeeze", ["input", tensorKind], [
  "dim",
  kinds.either(kinds.integer, kinds.integers),
  undefined,
]);

/** Axes of size 1 left out: all of them, or those given. */
export function squeeze(
  ...given: Call<typeof SQUEEZE, { readonly dim?: number | readonly number[] }, [input: Tensor]>
): Tensor {
  const { input, dim } = SQUEEZE.read(given);
  const dropped = dim === undefined
    ? input.shape.map((_, i) => i)
    : [dim].flat().map((axis) => axisOf("squeeze", axis as number, input.ndim));
  return input.reshape(
    input.shape.filter((dimension, i) => dimension !== 1 || !dropped.includes(i)),
  );
}

/** Axes of size 1 (and new leading ones) stretched; -1 leaves a dimension as it is. Not to be written into. */
export function expand(input: Tensor, ...shape: Integers): Tensor {
  const wanted = integersOf("expand", "shape", shape);
  const extra = wanted.length - input.ndim;
  const full = wanted.map((dimension, i) => dimension === -1 ? input.shape[i - extra] : dimension);
  return viewOf(input, "Expand", {
    read: (whole) => ops.expand(whole, full),
    write: () => {
      throw new Error(
        "unsupported operation: more than one element of the written-to tensor refers to a single " +
          "memory location. Please clone() the tensor before performing the operation.",
      );
    },
  });
}

const EXPAND_AS = signature("expandAs", ["input", tensorKind], ["other", tensorKind]);

/** Stretched to the shape of another tensor. */
export function expandAs(
  ...given: Call<typeof EXPAND_AS, Record<never, never>, [input: Tensor, other: Tensor]>
): Tensor {
  const { input, other } = EXPAND_AS.read(given);
  return input.expand(other.shape);
}

const NARROW = signature("narrow", ["input", tensorKind], ["dim", kinds.integer], [
  "start",
  kinds.integer,
], ["length", kinds.integer]);

/** `length` entries along an axis, from `start`. */
export function narrow(
  ...given: Call<
    typeof NARROW,
    Record<never, never>,
    [input: Tensor, dim: number, start: number, length: number]
  >
): Tensor {
  const { input, dim, start, length } = NARROW.read(given);
  const axis = normalizeAxis("narrow", dim, input.ndim);
  const dimension = input.shape[axis];
  const from = start < 0 ? start + dimension : start;
  if (from < 0 || length < 0 || from + length > dimension) {
    throw new Error(`start (${start}) + length (${length}) exceeds dimension size (${dimension}).`);
  }
  return viewOf(input, "Slice", sliceStep(axis, from, from + length, 1));
}

const SELECT = signature("select", ["input", tensorKind], ["dim", kinds.integer], [
  "index",
  kinds.integer,
]);

/** One entry of an axis, without that axis. */
export function select(
  ...given: Call<typeof SELECT, Record<never, never>, [input: Tensor, dim: number, index: number]>
): Tensor {
  const { input, dim, index } = SELECT.read(given);
  const axis = normalizeAxis("select", dim, input.ndim);
  const dimension = input.shape[axis];
  if (!Number.isInteger(index) || index < -dimension || index >= dimension) {
    throw new Error(
      `select(): index ${index} out of range for tensor of size ${
        showShape(input.shape)
      } at dimension ${axis}`,
    );
  }
  return input.narrow(axis, index < 0 ? index + dimension : index, 1).squeeze(axis);
}

/** The tensor repeated so many times along each axis; a copy. */
export function repeat(input: Tensor, ...times: Integers): Tensor {
  const counts = integersOf("repeat", "times", times);
  if (counts.length < input.ndim) {
    throw new Error(
      "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
    );
  }
  const shape = [...new Array(counts.length - input.ndim).fill(1), ...input.shape];
  return apply("Repeat", [input], ([x]) => {
    const apart = ops.reshape(x, shape.flatMap((dimension) => [1, dimension]));
    const stretched = ops.expand(apart, shape.flatMap((dimension, i) => [counts[i], dimension]));
    return ops.reshape(stretched, shape.map((dimension, i) => dimension * counts[i]));
  });
}

/** Entries along axes in reverse order; a copy. */
export function flip(input: Tensor, ...dims: Integers): Tensor {
  return integersOf("flip", "dims", dims).reduce((x: Tensor, dim) => {
    return computeAlong(
      "flip",
      x,
      dim,
      (x, axis) => takeAlong(x, "Flip", axis, (i, dimension) => dimension - 1 - i),
    );
  }, input);
}

const integerOrIntegers = kinds.either(kinds.integer, kinds.integers);

const ROLL = signature("roll", ["input", tensorKind], ["shifts", integerOrIntegers], [
  "dims",
  integerOrIntegers,
  undefined,
]);

/**
 * Entries moved along axes, those falling off coming in at the other end; a copy.
 *
 * @param dims as many as shifts; the flattened tensor is rolled where it is left out
 */
export function roll(
  ...given: Call<
    typeof ROLL,
    { readonly dims?: number | readonly number[] },
    [input: Tensor, shifts: number | readonly number[]]
  >
): Tensor {
  const { input, shifts, dims } = ROLL.read(given);
  const by = [shifts].flat() as number[];
  const along = dims === undefined ? [0] : [dims].flat() as number[];
  if (by.length !== along.length) {
    throw new Error(
      `shifts and dimensions must align. shifts: ${by.length}, dims: ${along.length}`,
    );
  }
  if (dims === undefined) return rolled(input.reshape(-1), by[0], 0).reshape(...input.shape);
  return along.reduce((x: Tensor, dim, k) => rolled(x, by[k], dim), input);
}

function rolled(input: Tensor, shift: number, dim: number): Tensor {
  const axis = normalizeAxis("roll", dim, input.ndim);
  return takeAlong(
    input,
    "Roll",
    axis,
    (i, dimension) => (((i - shift) % dimension) + dimension) % dimension,
  );
}

function takeAlong(
  input: Tensor,
  name: string,
  axis: number,
  from: (i: number, dimension: number) => number,
): Tensor {
  const dimension = input.shape[axis];
  const indices = places32(Array.from({ length: dimension }, (_, i) => from(i, dimension)));
  return apply(name, [input], ([x]) => ops.gather(x, indices, axis));
}

function places32(values: readonly number[]): LazyArray {
  return fromHost(Int32Array.from(values), [values.length]);
}

const methods = {
  reshape,
  view,
  flatten,
  unflatten,
  permute,
  transpose,
  t,
  movedim,
  unsqueeze,
  squeeze,
  expand,
  expandAs,
  narrow,
  select,
  repeat,
  flip,
  roll,
};

declare module "../tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}

defineMethods(methods);
