/**
 * Bits of integers from their arithmetic: a number is taken apart along a new last axis, and put together again. Every dropout
 * takes its random bits from such operations: so they are the same numbers on every provider.
 * @module
 */
import {
  composed,
  type Composition,
  Expressions,
  type NodeCall,
  type NodeWriter,
} from "./node_writer.ts";

/** From one bit of each of two integers, as numbers 0 and 1, the bit of the result. */
type BitRule = (e: Expressions, a: string, b: string) => string;

interface BitwiseRule {
  readonly bytes: (a: number, b: number) => number;
  readonly bits: BitRule;
}

/** Bytes of a uint32, and how many values each has. */
const BYTES = 4;
const BYTE = 256;

/** A function of two integers, bit by bit: small ones by a table for two bytes, int64 by its bits. */
function bitwise({ bytes, bits }: BitwiseRule): Composition {
  return (writer: NodeWriter, { type, inputs, types: [dtype] }: NodeCall) => {
    const e = new Expressions(writer, dtype);
    if (dtype === "uint32") return byBytes(e, inputs, bytes);
    if (dtype === "int64") return byBits(e, inputs, bits);
    // Casts between integers of one size keep the bits.
    return e.cast(writer.node(type, inputs.map((x) => e.cast(x, "uint32"))), dtype);
  };
}

/** Both integers' bytes, along a new last axis (shapes are not known here, and broadcasting aligns the last axes). */
function byBytes(
  e: Expressions,
  inputs: readonly string[],
  rule: (a: number, b: number) => number,
): string {
  const { writer } = e;
  const weights = writer.constant(Array.from({ length: BYTES }, (_, i) => BYTE ** i), "uint32");
  const [a, b] = inputs.map((x) => {
    const shifted = e.div(writer.node("Unsqueeze", [x, writer.int64s([-1])]), weights);
    return e.sub(shifted, e.mul(e.div(shifted, BYTE), BYTE));
  });
  const pairs = Array.from({ length: BYTE ** 2 }, (_, i) => rule(Math.floor(i / BYTE), i % BYTE));
  const table = writer.constant(pairs, "uint32");
  const joined = writer.node("Gather", [table, e.cast(e.add(e.mul(a, BYTE), b), "int32")]);
  const low = summed(e, joined, Array.from({ length: BYTES }, (_, i) => i < 2 ? BYTE ** i : 0));
  const high = summed(
    e,
    joined,
    Array.from({ length: BYTES }, (_, i) => i < 2 ? 0 : BYTE ** (i - 2)),
  );
  return e.add(low, e.mul(high, BYTE ** 2));
}

/** The weighted sum over the last axis. Of a half at a time: kernels add integers as floating point numbers of their size. */
function summed(e: Expressions, values: string, weights: readonly number[]): string {
  const { writer, dtype } = e;
  const weighted = e.mul(values, writer.constant(weights, dtype));
  return writer.node("ReduceSum", [weighted, writer.int64s([-1])], { attributes: { keepdims: 0 } });
}

/** How many bits of an int64 hold what is not the sign. */
const WIDTH = 63;

function byBits(e: Expressions, inputs: readonly string[], rule: BitRule): string {
  const { writer } = e;
  const weights = writer.constant(Array.from({ length: WIDTH }, (_, i) => 2 ** i), "int64");
  const [a, b] = inputs.map((x) => bitsOf(e, x, weights));
  const joined = rule(e, a.bits, b.bits);
  const part = (weight: (bit: number) => number) =>
    summed(e, joined, Array.from({ length: WIDTH }, (_, i) => weight(i)));
  const low = part((bit) => bit < 32 ? 2 ** bit : 0);
  const high = part((bit) => bit < 32 ? 0 : 2 ** (bit - 32));
  return e.add(e.add(low, e.mul(high, 2 ** 32)), e.mul(rule(e, a.sign, b.sign), -(2 ** WIDTH)));
}

/** The bits of int64 along a new last axis. */
function bitsOf(e: Expressions, x: string, weights: string): { bits: string; sign: string } {
  const column = (name: string) => e.writer.node("Unsqueeze", [name, e.writer.int64s([-1])]);
  const digits = (name: string) => {
    const shifted = e.div(column(name), weights);
    return e.sub(shifted, e.mul(e.div(shifted, 2), 2));
  };
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
  BitwiseAnd: bitwise({ bytes: (a, b) => a & b, bits: (e, a, b) => e.mul(a, b) }),
  BitwiseOr: bitwise({ bytes: (a, b) => a | b, bits: (e, a, b) => e.max(a, b) }),
  BitwiseXor: bitwise({
    bytes: (a, b) => a ^ b,
    bits: (e, a, b) => e.sub(e.max(a, b), e.min(a, b)),
  }),
  BitwiseNot: composed((e, [x]) =>
    e.sub(e.dtype === "uint32" ? 2 ** 32 - 1 : e.dtype === "uint8" ? 255 : -1, x)
  ),
  BitShift: bitShift,
};
