/**
 * Sums, products and powers of int64, exact to the last of 64 bits: ONNX Runtime's kernels compute them in double precision,
 * which holds 53. Its sums, products and quotients of pairs are exact.
 * @module
 */
import type { GraphWriter } from "../export/graph_writer.ts";
import { type Shape, sizeOf } from "../shape.ts";

/** Halves of 32 bits, with the number's sign: sums of up to 2^21 of them are exact in double precision, of small numbers more. */
const HALF = 2 ** 32;

/**
 * Writes a sum: that of the upper halves, and that of the lower ones.
 *
 * @param reduce writes a ReduceSum
 */
export function longSum(writer: GraphWriter, x: string, reduce: (x: string) => string): string {
  const half = writer.scalar(HALF, "int64");
  const upper = writer.node("Div", [x, half]);
  const lower = writer.node("Sub", [x, writer.node("Mul", [upper, half])]);
  return writer.node("Add", [writer.node("Mul", [reduce(upper), half]), reduce(lower)]);
}

/** Writes a product over axes: the first half of all factors times the second, until one is left. */
export function longProduct(
  writer: GraphWriter,
  x: string,
  shape: Shape,
  axes: readonly number[],
  result: Shape,
): string {
  const kept = shape.flatMap((_, axis) => axes.includes(axis) ? [] : [axis]);
  let length = sizeOf(axes.map((axis) => shape[axis]));
  const sorted = writer.node("Transpose", [x], { attributes: { perm: [...kept, ...axes] } });
  const rows = writer.int64s([sizeOf(kept.map((axis) => shape[axis])), length]);
  const seen = (x: string, as: string) =>
    writer.node("Reshape", [x, as], { attributes: { allowzero: 1 } });
  let factors = seen(sorted, rows);
  const part = (from: number, to: number) =>
    writer.node("Slice", [factors, ...[[from], [to], [1]].map((list) => writer.int64s(list))]);
  for (; length > 1; length = Math.ceil(length / 2)) {
    const half = length >> 1;
    const products = writer.node("Mul", [part(0, half), part(half, 2 * half)]);
    factors = length % 2 === 0
      ? products
      : writer.node("Concat", [products, part(2 * half, length)], { attributes: { axis: 1 } });
  }
  return seen(factors, writer.int64s(result));
}

/**
 * Writes a power: for each of an exponent's six bits the base is squared, and taken or not. Larger exponents overflow but of
 * -1, 0 and 1, and negative ones leave nothing but of these: such powers are the kernel's, which overflow to -2^63 where the
 * host keeps the last 64 bits.
 */
export function longPower(writer: GraphWriter, base: string, exponent: string): string {
  const [zero, one, two, end] = [0, 1, 2, 64].map((value) => writer.scalar(value, "int64"));
  let power = one;
  let square = base;
  let rest = exponent;
  for (let bit = 0; bit < 6; bit++) {
    const half = writer.node("Div", [rest, two]);
    const isSet = writer.node("Sub", [rest, writer.node("Mul", [half, two])]);
    // 1 + bit (square - 1)
    const taken = writer.node("Mul", [isSet, writer.node("Sub", [square, one])]);
    power = writer.node("Mul", [power, writer.node("Add", [taken, one])]);
    square = writer.node("Mul", [square, square]);
    rest = half;
  }
  const isShort = writer.node("Less", [exponent, end]);
  const isNatural = writer.node("GreaterOrEqual", [exponent, zero]);
  const plain = writer.node("Pow", [base, exponent]);
  return writer.node("Where", [writer.node("And", [isShort, isNatural]), power, plain]);
}
