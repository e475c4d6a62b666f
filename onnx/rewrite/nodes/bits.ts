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

const WIDTH: Partial<Record<DType, number>> = { uint8: 8, uint32: 32, int32: 32 };

/** From one bit of each of two integers, as numbers 0 and 1, the bit of the result. */
type BitRule = (u: Expressions, a: string, b: string) => string;

function byBits(rule: BitRule): Composition {
  return (writer: NodeWriter, { inputs, types: [dtype] }: NodeCall) => {
    const width = WIDTH[dtype];
    if (!width) return undefined;
    const u = new Expressions(writer, "uint32");
    const weights = writer.constant(Array.from({ length: width }, (_, i) => 2 ** i), "uint32");
    // The bits lie on the last axis: shapes are not known here, and broadcasting aligns the last axes.
    const aligned = inputs.map((x) => dtype === "uint32" ? x : u.cast(x, "uint32"));
    const [a, b] = aligned.map((x) => {
      const shifted = u.div(writer.node("Unsqueeze", [x, writer.int64s([-1])]), weights);
      return u.sub(shifted, u.mul(u.div(shifted, 2), 2));
    });
    const sum = writer.node("ReduceSum", [u.mul(rule(u, a, b), weights), writer.int64s([-1])], {
      attributes: { keepdims: 0 },
    });
    return dtype === "uint32" ? sum : u.cast(sum, dtype);
  };
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
    e.sub(e.dtype === "int32" ? -1 : 2 ** (WIDTH[e.dtype] ?? 0) - 1, x)
  ),
  BitShift: bitShift,
};
