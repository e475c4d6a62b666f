/**
 * Gemm from MatMul, which has kernels of integers too.
 * @module
 */
import { Expressions, floatAttribute, integerAttribute } from "./node_writer.ts";
import type { Composition } from "./node_writer.ts";

/** alpha A' B' + beta C. Short integers are left to a wider type, which holds their products. */
export const gemm: Composition = (writer, call) => {
  const { inputs: [a, b, c], types: [dtype] } = call;
  if (!writer.has("MatMul", dtype)) return undefined;
  const e = new Expressions(writer, dtype);
  const turned = (x: string, attribute: string) =>
    integerAttribute(call, attribute, 0)
      ? writer.node("Transpose", [x], { attributes: { perm: [1, 0] } })
      : x;
  const scaled = (x: string, attribute: string) => {
    const factor = floatAttribute(call, attribute, 1);
    return factor === 1 ? x : e.mul(x, factor);
  };
  const product = writer.node("MatMul", [turned(a, "transA"), turned(b, "transB")]);
  const whole = scaled(product, "alpha");
  return c ? e.add(whole, scaled(c, "beta")) : whole;
};
