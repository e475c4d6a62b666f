/**
 * How functions of `keras.ops` are made: each takes tensors, nested arrays and symbolic tensors; with a symbolic one among
 * its arguments it becomes a part of a model.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { applyOperation, type KerasTensor, registerOperation } from "../layers/keras_tensor.ts";
import { isPlainObject } from "../layers/nested.ts";
import { readOptions, show } from "../options.ts";

/** What operations take: a tensor, values, or a symbolic tensor. */
export type OpInput = tf.Tensor | tf.TensorLike | KerasTensor;

/** What operations take at once. */
export type EagerInput = tf.Tensor | tf.TensorLike;

/** What may stand in the options' place: the value of their first, as in Keras, and the others behind it. */
export type OptionsInPlace<Options, First extends keyof Options> =
  | [options?: Options]
  | ([First] extends [never] ? never : [first: Options[First], options?: Omit<Options, First>]);

/** Options that Keras has first; of an op with several of them the first is named where it is defined. */
export type LeadingOption<Options> =
  & ("approximate" | "axes" | "axis" | "decimals" | "interpolation" | "k" | "offset" | "strides")
  & keyof Options;

/** A function of one tensor. */
export interface UnaryOp {
  (x: KerasTensor): KerasTensor;
  (x: EagerInput): tf.Tensor;
}

/** A function of one tensor with options. */
export interface UnaryOptionsOp<Options, First extends keyof Options = LeadingOption<Options>> {
  (x: KerasTensor, ...options: OptionsInPlace<Options, First>): KerasTensor;
  (x: EagerInput, ...options: OptionsInPlace<Options, First>): tf.Tensor;
}

/** A function of one tensor, one more argument and options. */
export interface ArgumentOp<
  Argument,
  Options = Record<never, never>,
  First extends keyof Options = LeadingOption<Options>,
> {
  (x: KerasTensor, argument: Argument, ...options: OptionsInPlace<Options, First>): KerasTensor;
  (x: EagerInput, argument: Argument, ...options: OptionsInPlace<Options, First>): tf.Tensor;
}

/** A function of two tensors. */
export interface BinaryOp<
  Options = Record<never, never>,
  First extends keyof Options = LeadingOption<Options>,
> {
  (a: KerasTensor, b: OpInput, ...options: OptionsInPlace<Options, First>): KerasTensor;
  (a: OpInput, b: KerasTensor, ...options: OptionsInPlace<Options, First>): KerasTensor;
  (a: EagerInput, b: EagerInput, ...options: OptionsInPlace<Options, First>): tf.Tensor;
}

/** A function of three tensors. */
export interface TernaryOp<Options = Record<never, never>> {
  (a: KerasTensor, b: OpInput, c: OpInput, options?: Options): KerasTensor;
  (a: OpInput, b: KerasTensor, c: OpInput, options?: Options): KerasTensor;
  (a: OpInput, b: OpInput, c: KerasTensor, options?: Options): KerasTensor;
  (a: EagerInput, b: EagerInput, c: EagerInput, options?: Options): tf.Tensor;
}

/** A function of a list of tensors. */
export interface ListOp<Options, First extends keyof Options = LeadingOption<Options>> {
  (xs: readonly EagerInput[], ...options: OptionsInPlace<Options, First>): tf.Tensor;
  (xs: readonly OpInput[], ...options: OptionsInPlace<Options, First>): KerasTensor;
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

/** Runs something that works along the last axis along another one, negative ones from the back. */
export function onLastAxis(
  x: tf.Tensor,
  axis: number,
  run: (x: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  const last = x.rank - 1;
  const chosen = axis < 0 ? axis + x.rank : axis;
  if (chosen === last) return run(x);
  const order = x.shape.map((_, k) => k);
  [order[chosen], order[last]] = [last, chosen];
  return tf.transpose(run(tf.transpose(x, order)), order);
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
 * @param inPlace how many arguments stand before the options, and the option that may stand in their place
 */
export function defineOp<Args extends unknown[], Result extends tf.TensorContainer>(
  name: string,
  run: (...args: Args) => Result,
  inPlace?: readonly [at: number, first: string | undefined],
): (...args: Args) => Result {
  const tidied = (...args: unknown[]) => tf.tidy(() => run(...args as Args));
  const saved = `ops.${name}`;
  registerOperation(saved, tidied);
  return (...args) =>
    applyOperation(name, tidied, inPlace ? withOptions(name, args, ...inPlace) : args, {
      saved,
    });
}

/**
 * Arguments in which the options are an object: one that stands in their place becomes the first of them.
 *
 * @throws {TypeError} for an argument behind that one that is no object of options: it would be ignored
 */
export function withOptions(
  name: string,
  args: readonly unknown[],
  at: number,
  first: string | undefined,
): readonly unknown[] {
  const [given, ...behind] = args.slice(at);
  const hasOptions = isPlainObject(given);
  const surplus = behind.findIndex((other, i) =>
    other !== undefined && (hasOptions || i > 0 || !isPlainObject(other))
  );
  if (surplus >= 0) {
    const expected = hasOptions || surplus > 0
      ? "nothing behind the options"
      : "an object of options";
    throw new TypeError(
      `${name}: ${show(behind[surplus])} is argument ${at + 2 + surplus}, expected ${expected}`,
    );
  }
  if (hasOptions || (given === undefined ? behind.length === 0 : first === undefined)) return args;
  const named = given === undefined ? {} : { [first!]: given };
  return [...args.slice(0, at), { ...named, ...behind[0] as object | undefined }];
}

/** The option that Keras has first; none where that is absent here and only the dtype is left. */
export function firstOf(defaults: object): string | undefined {
  const [first] = Object.keys(defaults);
  return first === "dtype" ? undefined : first;
}

/** @throws {TypeError} for options of a function that takes none */
function refuseMore(name: string, others: readonly unknown[]): void {
  const given = others.filter((other) => other !== undefined);
  if (given.length > 0) readOptions(name, given[0] as object, {});
}

/** An operation on one tensor. */
export function unary(name: string, run: (x: tf.Tensor) => tf.Tensor): UnaryOp {
  return defineOp(name, (x: unknown, ...others: unknown[]) => {
    refuseMore(name, others);
    return run(asTensor(x));
  }) as unknown as UnaryOp;
}

/** An operation on the values of one tensor as float32. */
export function unaryOfFloats(name: string, run: (x: tf.Tensor) => tf.Tensor): UnaryOp {
  return unary(name, (x) => run(asFloats(x)));
}

/** An operation on one tensor with options, of which unknown ones are refused. */
export function unaryWith<
  Options extends object,
  First extends keyof Options = LeadingOption<Options>,
>(
  name: string,
  defaults: Required<Options>,
  run: (x: tf.Tensor, options: Required<Options>) => tf.Tensor,
): UnaryOptionsOp<Options, First> {
  return defineOp(
    name,
    (x: unknown, options?: Options) =>
      run(
        asTensor(x),
        readOptions(name, options, defaults as Record<string, unknown>) as Required<Options>,
      ),
    [1, firstOf(defaults)],
  ) as unknown as UnaryOptionsOp<Options, First>;
}

/** An operation on one tensor with one more argument, and options. */
export function withArgument<
  Argument,
  Options extends object = Record<never, never>,
  First extends keyof Options = LeadingOption<Options>,
>(
  name: string,
  defaults: Required<Options>,
  run: (x: tf.Tensor, argument: Argument, options: Required<Options>) => tf.Tensor,
): ArgumentOp<Argument, Options, First> {
  return defineOp(
    name,
    (x: unknown, argument: Argument, options?: Options) =>
      run(
        asTensor(x),
        argument,
        readOptions(name, options, defaults as Record<string, unknown>) as Required<Options>,
      ),
    [2, firstOf(defaults)],
  ) as unknown as ArgumentOp<Argument, Options, First>;
}

/** An operation on two tensors, brought to one dtype. */
export function binary(
  name: string,
  run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): BinaryOp {
  return defineOp(name, (a: unknown, b: unknown, ...others: unknown[]) => {
    refuseMore(name, others);
    return run(...asPair(a, b));
  }) as unknown as BinaryOp;
}

/** An operation on two tensors with options. */
export function binaryWith<
  Options extends object,
  First extends keyof Options = LeadingOption<Options>,
>(
  name: string,
  defaults: Required<Options>,
  run: (a: tf.Tensor, b: tf.Tensor, options: Required<Options>) => tf.Tensor,
): BinaryOp<Options, First> {
  return defineOp(
    name,
    (a: unknown, b: unknown, options?: Options) => {
      const own = readOptions(name, options, defaults as Record<string, unknown>);
      return run(...asPair(a, b), own as Required<Options>);
    },
    [2, firstOf(defaults)],
  ) as unknown as BinaryOp<Options, First>;
}
