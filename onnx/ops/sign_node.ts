/** The node that tells signs, that of 0 too. @module */
import type { DType } from "../dtype.ts";
import type { GraphWriter } from "../export/graph_writer.ts";

/** Writes whether each number is below 0, or -0, whose reciprocal is. */
export function negativeNode(writer: GraphWriter, x: string, dtype: DType): string {
  const zero = writer.scalar(0, dtype);
  const isBelow = (name: string) => writer.node("Less", [name, zero]);
  const isZero = writer.node("Equal", [x, zero]);
  const isMinusZero = writer.node("And", [isZero, isBelow(writer.node("Reciprocal", [x]))]);
  return writer.node("Or", [isBelow(x), isMinusZero]);
}
