/**
 * Operators computed in another element type, which holds the same values, where a provider has no kernel for their own.
 * @module
 */
import { type DType, onnxTypeOf } from "../../dtype.ts";
import type { NodeCall, NodeWriter } from "./node_writer.ts";

/** Types that hold every value of a type, the cheapest first. */
const WIDER: Partial<Record<DType, readonly DType[]>> = {
  bool: ["uint8", "int32", "int64", "float32"],
  uint8: ["int32", "int64", "float32"],
  int8: ["int32", "int64", "float32"],
  int32: ["int64", "float64"],
  uint32: ["int64", "float64"],
  float16: ["float32"],
};

/** Operators whose data are several inputs of one type; of others the first alone. */
const OF_ONE_TYPE =
  /^(Add|Sub|Mul|Div|Mod|Pow|Min|Max|Clip|Where|Equal|Less|Greater|LessOrEqual|GreaterOrEqual|Concat|MatMul|Gemm|Einsum|Bitwise\w+)$/;

/** Which inputs hold the data. */
function isData({ type, types }: NodeCall, i: number, dtype: DType): boolean {
  if (types[i] !== dtype) return false;
  if (type === "Where") return i > 0;
  if (type === "Pad") return i === 0 || i === 2;
  if (type.startsWith("Scatter")) return i === 0 || i === 2;
  return i === 0 || OF_ONE_TYPE.test(type);
}

/** The node in the first type that the provider has it in, with casts around; undefined where there is none. */
export function inWiderType(writer: NodeWriter, call: NodeCall, key: string): string[] | undefined {
  const dtype = call.types[call.type === "Where" ? 1 : 0];
  const wider = WIDER[dtype]?.find((to) =>
    writer.has(key, to) && writer.has("Cast", `${dtype}>${to}`) &&
    writer.has("Cast", `${to}>${dtype}`)
  );
  if (!wider) return undefined;
  const cast = (x: string, to: DType) =>
    writer.node("Cast", [x], { attributes: { to: onnxTypeOf(to) } });
  const inputs = call.inputs.map((x, i) => isData(call, i, dtype) ? cast(x, wider) : x);
  const outputs = writer.nodes(call.type, inputs, call.options);
  const isValue = (y: string, i: number) =>
    i === 0 && !/^Arg(Max|Min)$/.test(call.type) && writer.typeOf(y) === wider;
  return outputs.map((y, i) => isValue(y, i) ? cast(y, dtype) : y);
}
