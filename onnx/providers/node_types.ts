/**
 * Element types of what ONNX operators return, and which of their inputs are shapes and axes rather than data.
 * @module
 */
import { type DType, DTYPES, onnxTypeOf } from "../dtype.ts";
import type { NodeOptions } from "../export/graph_writer.ts";

const TRUTHS = new Set(
  "Equal Greater GreaterOrEqual Less LessOrEqual IsNaN IsInf Not And Or Xor".split(" "),
);

/** Inputs that providers want as constants on the host, from the given one on. */
const PARAMETERS: Readonly<Record<string, readonly number[]>> = {
  Reshape: [1],
  Expand: [1],
  Unsqueeze: [1],
  Squeeze: [1],
  Slice: [1, 2, 3, 4],
  Pad: [1, 3],
  Tile: [1],
  CumSum: [1],
  TopK: [1],
  MaxUnpool: [2],
  DFT: [1, 2],
  ReduceMax: [1],
  ReduceMean: [1],
  ReduceMin: [1],
  ReduceProd: [1],
  ReduceSum: [1],
};

/** Whether an input is a shape, an axis or a count. */
export function isParameter(operator: string, input: number): boolean {
  return PARAMETERS[operator]?.includes(input) ?? false;
}

/** The element type that ONNX gives a number. */
export function dtypeOfOnnx(onnx: number): DType {
  return DTYPES.find((dtype) => onnxTypeOf(dtype) === onnx)!;
}

/** Element types of a node's outputs, from those of its inputs. */
export function dtypesOfOutputs(
  operator: string,
  types: readonly DType[],
  { attributes }: NodeOptions,
): DType[] {
  if (TRUTHS.has(operator)) return ["bool"];
  if (operator === "Cast") return [dtypeOfOnnx(attributes!.to as number)];
  if (operator === "Where") return [types[1]];
  if (operator === "ArgMax" || operator === "ArgMin") return ["int64"];
  if (operator === "TopK" || operator === "MaxPool") return [types[0], "int64"];
  return [types[0]];
}
