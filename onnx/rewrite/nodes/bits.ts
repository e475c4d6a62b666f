/**
 * Bits of integers from their arithmetic: a number is taken apart along a new last axis, and put together again.
 * @module
 */
import type { DType } from "../../dtype.ts";
import {
  composed,
  type Composition,
  Expressions,
  type NodeCall,
  type NodeWriter,
} from "./node_writer.ts";

/** How many bits hold what is not the sign. */
const WIDTH: Partial<Record<DType, number>> = { uint32: 32, int32: 31, int64: 63 };

/** From one bit of each of two integers, as numbers 0 and 1, the bit of the result. */
type BitRule = (u: Expressions, a: string, b: string) => string;

function byBits(rule: BitRule): Composition {
  return (writer: NodeWriter, call: NodeCall) => {
    const [dtype] = call.types;
    const e = new Expressions(writer, dtype);
    if (dtype === "uint8" || dtype === "int8") {
      const wide = call.inputs.map((x) => e.cast(x, "int32"));
      return e.cast(writer.node(call.type, wide), dtype);
    }
    const width = WIDTH[dtype];
    if (!width) return undefined;
    const weights = writer.constant(Array.from({ length: width }, (_, i) => 2 ** i), dtype);
    const bits = call.inputs.map((x) => bitsOf(e, x, weights));
    const [a, b] = bits.map(({ bits }) => bits);
    const joined = rule(e, a, b);
    // Kernels add int64 as floating point numbers, which hold half of their bits.
    const part = (weight: (bit: number) => number) => {
      const own = writer.constant(Array.from({ length: width }, (_, i) => weight(i)), dtype);
      return writer.node("ReduceSum", [e.mul(joined, own), writer.int64s([-1])], {
        attributes: { keepdims: 0 },
      });
    };
    const low = part((bit) => bit < 32 ? 2 ** bit : 0);
    const sum = width <= 32
      ? low
      : e.add(low, e.mul(part((bit) => bit < 32 ? 0 : 2 ** (bit - 32)), 2 ** 32));
    if (dtype === "uint32") return sum;
    const [left, right] = bits.map(({ sign }) => sign!);
    return e.add(sum, e.mul(rule(e, left, right), -(2 ** width)));
  };
}

/** The bits of integers along a new last axis: shapes are not known here, and broadcasting aligns the last axes. */
function bitsOf(e: Expressions, x: string, weights: string): { bits: string; sign?: string } {
  const column = (name: string) => e.writer.node("Unsqueeze", [name, e.writer.int64s([-1])]);
  const digits = (name: string) => {
    const shifted = e.div(column(name), weights);
    return e.sub(shifted, e.mul(e.div(shifted, 2), 2));
  };
  if (e.dtype === "uint32") return { bits: digits(x) };
  // The bits of a negative number are those of -1 - x, each the other way.
  const sign = e.cast(e.less(x, 0), e.dtype);
  const turned = e.sub(e.mul(x, e.sub(1, e.mul(sign, 2))), sign);
  const signs = column(sign);
  const plain = digits(turned);
  return { bits: e.add(plain, e.mul(signs, e.sub(1, e.mul(plain, 2)))), sign };
}

/** Shifting by a constant is a product or a quotient. */
const bitShift: Composition = (writer, { inputs: [x, by], types: [dtype], options }) => {
  const amount = writer.constantOf(by);
  if (!amount || !dtype.startsWith("u")) return undefined;
  const factors = Array.from(amount.data as Uint32Array, (bits) => 2 ** Number(bits));
  const isRight = options.attributes?.direction === "RIGHT";
  return writer.node(isRight ? "Div" : "Mul", [x, writer.constant(factors, dtype, amount.shape)]);
};

export const BITS: Readonly<Record<string, Composition>> = {
  BitwiseAnd: byBits((u, a, b) => u.mul(a, b)),
  BitwiseOr: byBits((u, a, b) => u.max(a, b)),
  BitwiseXor: byBits((u, a, b) => u.sub(u.max(a, b), u.min(a, b))),
  BitwiseNot: composed((e, [x]) =>
    e.sub(e.dtype === "uint32" ? 2 ** 32 - 1 : e.dtype === "uint8" ? 255 : -1, x)
  ),
  BitShift: bitShift,
};
