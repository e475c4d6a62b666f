/**
 * Functions of one or two operands, their arguments checked: what many families of functions share.
 * @module
 */
import { signature } from "../arguments.ts";
import { ops } from "../../onnx/mod.ts";
import { type Operand, operandKind, Tensor, tensorKind } from "../tensor.ts";
import { deliver, type OutOption } from "./out.ts";

const out = ["out", tensorKind, undefined] as const;
const ONE = signature("unary", ["input", tensorKind]);
const TWO = signature("binary", ["input", operandKind], ["other", operandKind]);
const ONE_INTO = signature("unary", ["input", tensorKind], "*", out);
const TWO_INTO = signature("binary", ["input", operandKind], ["other", operandKind], "*", out);

/** The name of a function from that of its gradient's node: `Exp` is `exp`. */
function named(name: string): string {
  return name[0].toLowerCase() + name.slice(1);
}

/** A function of a tensor. */
export function ofOne(
  name: string,
  call: (input: Tensor) => Tensor,
): (...given: [input: Tensor]) => Tensor {
  const own = ONE.named(named(name));
  return (...given) => call(own.read(given).input);
}

/** A function of two operands. */
export function ofTwo<A extends Operand, B extends Operand>(
  name: string,
  call: (input: A, other: B) => Tensor,
): (...given: [input: A, other: B]) => Tensor {
  const own = TWO.named(named(name));
  return (...given) => {
    const { input, other } = own.read(given);
    return call(input as A, other as B);
  };
}

/** A function of a tensor that can write its result into another. */
export type Unary = (...given: [input: Tensor, options?: OutOption]) => Tensor;

/** Declares a {@linkcode Unary}. */
export function unaryInto(name: string, call: (input: Tensor) => Tensor): Unary {
  const own = ONE_INTO.named(named(name));
  return (...given) => {
    const { input, ...options } = own.read(given);
    return deliver(call(input), options);
  };
}

/** A function of two operands that can write its result into a tensor. */
export type Binary<O extends Operand = Operand> = (
  ...given: [input: O, other: O, options?: OutOption]
) => Tensor;

/** Declares a {@linkcode Binary}. */
export function binaryInto<O extends Operand = Operand>(
  name: string,
  call: (input: O, other: O) => Tensor,
): Binary<O> {
  const own = TWO_INTO.named(named(name));
  return (...given) => {
    const { input, other, ...options } = own.read(given);
    return deliver(call(input as O, other as O), options);
  };
}

/** @throws {Error} unless a tensor of indices has an integer dtype. */
export function checkIndex(name: string, index: Tensor): void {
  if (index.dtype === "int64" || index.dtype === "int32") return;
  throw new Error(`${name}(): Expected dtype int32/int64 for index, got ${index.dtype}`);
}

/**
 * Indices of an axis with so many entries, which are checked as soon as they are known.
 *
 * @param fromBack whether negative ones count from the back
 * @throws {Error} unless they are integers; {RangeError}, at once or from the step, naming one that is out of range
 */
export function indicesWithin(
  name: string,
  index: Tensor,
  size: number,
  { fromBack = false } = {},
): Tensor {
  checkIndex(name, index);
  const range = { from: fromBack ? -size : 0, to: size - 1 };
  return new Tensor(ops.withinRange(name, index.array, range));
}
