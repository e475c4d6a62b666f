/**
 * Bits of integers.
 * @module
 */
import { createStorage, isFloating, writeElement } from "../dtype.ts";
import { noFlops } from "../flops.ts";
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, failShape, type Op } from "../op.ts";
import { broadcastShapes } from "../shape.ts";

function bitwise(
  name: string,
  onnxName: string,
): (a: LazyArray, b: LazyArray) => LazyArray {
  const op: Op = {
    name: onnxName,
    infer: ([a, b]) => {
      if (a.dtype !== b.dtype || isFloating(a.dtype) || a.dtype === "bool") {
        failShape(name, `dtypes ${a.dtype} and ${b.dtype}, expected integers of one dtype`);
      }
      return [{ dtype: a.dtype, shape: broadcastShapes(name, a.shape, b.shape) }];
    },
    flops: noFlops,
    lower: (writer, inputs) => [writer.node(onnxName, inputs)],
  };
  return (a, b) => applyOp(op, [a, b])[0];
}

/** Bits set in both integers. ONNX operator BitwiseAnd. */
export const bitwiseAnd = bitwise("bitwiseAnd", "BitwiseAnd");
/** Bits set in one or both integers. ONNX operator BitwiseOr. */
export const bitwiseOr = bitwise("bitwiseOr", "BitwiseOr");
/** Bits set in just one of two integers. ONNX operator BitwiseXor. */
export const bitwiseXor = bitwise("bitwiseXor", "BitwiseXor");

const BITWISE_NOT: Op = {
  name: "BitwiseNot",
  infer: ([x]) => {
    if (isFloating(x.dtype) || x.dtype === "bool") {
      failShape("bitwiseNot", `dtype ${x.dtype} is not supported, expected an integer type`);
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  flops: noFlops,
  lower: (writer, inputs) => [writer.node("BitwiseNot", inputs)],
  host: ([x], _, output) => {
    const data = createStorage(output.dtype, x.data.length);
    for (let i = 0; i < data.length; i++) {
      if (data instanceof BigInt64Array) data[i] = ~(x.data[i] as bigint);
      else writeElement(data, i, ~Number(x.data[i]), output.dtype);
    }
    return data;
  },
};

/** Every bit of an integer the other way. ONNX operator BitwiseNot. */
export function bitwiseNot(x: LazyArray): LazyArray {
  return applyOp(BITWISE_NOT, [x])[0];
}
