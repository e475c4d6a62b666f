/**
 * Pieces that several update rules are made of.
 * @module
 */
import {
  constant,
  createStorage,
  fromHost,
  type LazyArray,
  ops,
  storageFrom,
} from "../../onnx/mod.ts";

/** Zeros like a parameter: a state before its first step. */
export function zerosLike({ dtype, shape, size }: LazyArray): LazyArray {
  return fromHost(createStorage(dtype, size), shape, dtype);
}

/** One value like a parameter. */
export function filled({ dtype, shape, size }: LazyArray, value: number): LazyArray {
  return fromHost(storageFrom(new Float64Array(size).fill(value), dtype), shape, dtype);
}

/** A rule's values, fed, in the parameter's own dtype. */
export function valuesFor(
  parameter: LazyArray,
  { feed }: { feed(value: number): LazyArray },
): (value: number) => LazyArray {
  return (value) => ops.cast(feed(value), parameter.dtype);
}

/** keep average + (1 - keep) value */
export function movingAverage(
  average: LazyArray,
  value: LazyArray,
  keep: LazyArray,
  rest: LazyArray,
): LazyArray {
  return ops.add(ops.mul(keep, average), ops.mul(rest, value));
}

/** The gradient with an L2 penalty's part: g + decay p. */
export function decayed(gradient: LazyArray, parameter: LazyArray, decay: number): LazyArray {
  return decay === 0
    ? gradient
    : ops.add(gradient, ops.mul(constant(decay, gradient.dtype), parameter));
}

/** The gradient, negated where the objective is to grow. */
export function directed(gradient: LazyArray, maximize: boolean): LazyArray {
  return maximize ? ops.neg(gradient) : gradient;
}

/** @throws {Error} PyTorch's, if a number is below zero */
export function checkNotNegative(name: string, value: number): void {
  if (!(value >= 0)) throw new Error(`Invalid ${name} value: ${value}`);
}

/** @throws {Error} PyTorch's, if a beta lies outside [0, 1) */
export function checkBetas(betas: readonly [number, number]): void {
  betas.forEach((beta, i) => {
    if (!(beta >= 0 && beta < 1)) throw new Error(`Invalid beta parameter at index ${i}: ${beta}`);
  });
}
