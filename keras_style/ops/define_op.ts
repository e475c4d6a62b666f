/**
 * How functions of `keras.ops` are made: each takes tensors, nested arrays and symbolic tensors; with a symbolic one among
 * its arguments it becomes a part of a model.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { applyOperation, type KerasTensor, registerOperation } from "../layers/keras_tensor.ts";
import { readOptions } from "../options.ts";

/** What operations take: a tensor, values, or a symbolic tensor. */
export type OpInput = tf.Tensor | tf.TensorLike | KerasTensor;

/** What operations take at once. */
export type EagerInput = tf.Tensor | tf.TensorLike;

/** A function of one tensor. */
export interface UnaryOp {
  (x: KerasTensor): KerasTensor;
  (x: EagerInput): tf.Tensor;
}

/** A function of one tensor with options. */
export interface UnaryOptionsOp<Options> {
  (x: KerasTensor, options?: Options): KerasTensor;
  (x: EagerInput, options?: Options): tf.Tensor;
}

/** A function of one tensor, one more argument and options. */
export interface ArgumentOp<Argument, Options = Record<never, never>> {
  (x: KerasTensor, argument: Argument, options?: Options): KerasTensor;
  (x: EagerInput, argument: Argument, options?: Options): tf.Tensor;
}

/** A function of two tensors. */
export interface BinaryOp<Options = Record<never, never>> {
  (a: KerasTensor, b: OpInput, options?: Options): KerasTensor;
  (a: OpInput, b: KerasTensor, options?: Options): KerasTensor;
  (a: EagerInput, b: EagerInput, options?: Options): tf.Tensor;
}

/** A function of three tensors. */
export interface TernaryOp<Options = Record<never, never>> {
  (a: KerasTensor, b: OpInput, c: OpInput, options?: Options): KerasTensor;
  (a: OpInput, b: KerasTensor, c: OpInput, options?: Options): KerasTensor;
  (a: OpInput, b: OpInput, c: KerasTensor, options?: Options): KerasTensor;
  (a: EagerInput, b: EagerInput, c: EagerInput, options?: Options): tf.Tensor;
}

/** A function of a list of tensors. */
export interface ListOp<Options> {
  (xs: readonly EagerInput[], options?: Options): tf.Tensor;
  (xs: readonly OpInput[], options?: Options): KerasTensor;
}

/** A tensor of what an operation was given: float32 for values, bool for booleans. */
export function asTensor(x: unknown): tf.Tensor {
  return x instanceof tf.Tensor ? x : tf.tensor(x as tf.TensorLike);
}

/** A tensor of float32. */
export function asFloats(x: unknown): tf.Tensor {
  const tensor = asTensor(x);
  return tensor.dtype === "float32" ? tensor : tf.cast(tensor, "float32");
}

/** Two tensors of one dtype, as NumPy finds it: float32 before int32 before bool. */
export function asPair(a: unknown, b: unknown): [tf.Tensor, tf.Tensor] {
  // A plain number takes on the other's dtype where it can.
  const [x, y] = [a, b].map(asTensor);
  if (x.dtype === y.dtype) return [x, y];
  const isPlain = (given: unknown, other: tf.Tensor) =>
    typeof given === "number" && Number.isInteger(given) && other.dtype === "int32";
  if (isPlain(a, y)) return [tf.cast(x, "int32"), y];
  if (isPlain(b, x)) return [x, tf.cast(y, "int32")];
  const dtype = [x.dtype, y.dtype].includes("float32") ? "float32" : "int32";
  return [tf.cast(x, dtype), tf.cast(y, dtype)];
}

/** The axis counted from the front. @throws {RangeError} for one that there is not */
export function positiveAxis(owner: string, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(axis) && positive >= 0 && positive < rank) return positive;
  throw new RangeError(`${owner}: axis is ${axis}, expected one from ${-rank} to ${rank - 1}`);
}

/** Some axes counted from the front; all of them for null. */
export function positiveAxes(
  owner: string,
  axis: number | readonly number[] | null | undefined,
  rank: number,
): number[] {
  if (axis === null || axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  return [axis].flat().map((one) => positiveAxis(owner, one, rank));
}

/**
 * Makes an operation of a function of tensors. Symbolic tensors may stand for any of them, in lists too.
 *
 * @param name Keras' name in camelCase; parts of models are named after it
 */
export function defineOp<Args extends unknown[], Result extends tf.TensorContainer>(
  name: string,
  run: (...args: Args) => Result,
): (...args: Args) => Result {
  const tidied = (...args: unknown[]) => tf.tidy(() => run(...args as Args));
  const saved = `ops.${name}`;
  registerOperation(saved, tidied);
  return (...args) => applyOperation(name, tidied, args, { saved });
}

/** An operation on one tensor. */
export function unary(name: string, run: (x: tf.Tensor) => tf.Tensor): UnaryOp {
  return defineOp(name, (x: unknown) => run(asTensor(x))) as unknown as UnaryOp;
}

/** An operation on the values of one tensor as float32. */
export function unaryOfFloats(name: string, run: (x: tf.Tensor) => tf.Tensor): UnaryOp {
  return defineOp(name, (x: unknown) => run(asFloats(x))) as unknown as UnaryOp;
}

/** An operation on one tensor with options, of which unknown ones are refused. */
export function unaryWith<Options extends object>(
  name: string,
  defaults: Required<Options>,
  run: (x: tf.Tensor, options: Required<Options>) => tf.Tensor,
): UnaryOptionsOp<Options> {
  return defineOp(name, (x: unknown, options?: Options) =>
    run(
      asTensor(x),
      readOptions(name, options, defaults as Record<string, unknown>) as Required<Options>,
    )) as unknown as UnaryOptionsOp<Options>;
}

/** An operation on one tensor with one more argument, and options. */
export function withArgument<Argument, Options extends object = Record<never, never>>(
  name: string,
  defaults: Required<Options>,
  run: (x: tf.Tensor, argument: Argument, options: Required<Options>) => tf.Tensor,
): ArgumentOp<Argument, Options> {
  return defineOp(name, (x: unknown, argument: Argument, options?: Options) =>
    run(
      asTensor(x),
      argument,
      readOptions(name, options, defaults as Record<string, unknown>) as Required<Options>,
    )) as unknown as ArgumentOp<Argument, Options>;
}

/** An operation on two tensors, brought to one dtype. */
export function binary(
  name: string,
  run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): BinaryOp {
  return defineOp(name, (a: unknown, b: unknown) => run(...asPair(a, b))) as unknown as BinaryOp;
}

/** An operation on two tensors with options. */
export function binaryWith<Options extends object>(
  name: string,
  defaults: Required<Options>,
  run: (a: tf.Tensor, b: tf.Tensor, options: Required<Options>) => tf.Tensor,
): BinaryOp<Options> {
  return defineOp(name, (a: unknown, b: unknown, options?: Options) => {
    const own = readOptions(name, options, defaults as Record<string, unknown>);
    return run(...asPair(a, b), own as Required<Options>);
  }) as unknown as BinaryOp<Options>;
}
