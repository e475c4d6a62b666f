/**
 * Which dtype two operands meet in. Follows https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
 * @module
 */
import { kinds, signature } from "../arguments.ts";
import { type DType, isFloating, isShortFloat } from "../../onnx/mod.ts";
import { type Operand, scalar, Tensor } from "../tensor.ts";

/** Kinds of dtypes in the order in which they win. */
function category(dtype: DType): number {
  if (dtype === "bool") return 0;
  return isFloating(dtype) ? 2 : 1;
}

const INTEGERS: readonly DType[] = ["uint8", "int8", "int32", "uint32", "int64"];
const FRACTIONS: readonly DType[] = ["bfloat16", "float16", "float32", "float64"];

const PROMOTE_TYPES = signature("promoteTypes", ["type1", kinds.dtype], ["type2", kinds.dtype]);

/** The smallest dtype that holds both. */
export function promoteTypes(...given: [type1: DType, type2: DType]): DType {
  const { type1: a, type2: b } = PROMOTE_TYPES.read(given);
  if (a === b) return a;
  if (category(a) !== category(b)) return category(a) > category(b) ? a : b;
  // Neither of the two short ones holds the other's values.
  if (category(a) === 2) return [a, b].every(isShortFloat) ? "float32" : later(FRACTIONS, a, b);
  const wider = later(INTEGERS, a, b);
  // Of the same width, one with a sign and one without: the next wider holds both.
  if (wider === "int8") return "int32";
  return wider === "uint32" && a !== "uint8" && b !== "uint8" ? "int64" : wider;
}

function later(order: readonly DType[], a: DType, b: DType): DType {
  return order[Math.max(order.indexOf(a), order.indexOf(b))];
}

/** PyTorch's names, as its errors have them. */
const NAMES: Readonly<Record<DType, string>> = {
  bool: "Bool",
  uint8: "Byte",
  int8: "Char",
  int32: "Int",
  uint32: "UInt32",
  int64: "Long",
  float16: "Half",
  float32: "Float",
  float64: "Double",
  bfloat16: "BFloat16",
};

/**
 * Whether a result may be written into a tensor of a dtype.
 *
 * @throws {Error} PyTorch's, for fractions into integers and for values into booleans
 */
export function checkCanCast(from: DType, to: DType): void {
  if (category(from) <= category(to)) return;
  throw new Error(
    `result type ${NAMES[from]} can't be cast to the desired output type ${NAMES[to]}`,
  );
}

/** The dtype of a number beside tensors: integers are int64, others float32. */
function dtypeOfNumber(value: number | boolean): DType {
  if (typeof value === "boolean") return "bool";
  return Number.isInteger(value) ? "int64" : "float32";
}

/**
 * The dtype of the result of an operation. Tensors with axes count first, then single-number tensors, then
 * plain values: one that counts less only matters if its kind (bool, whole, fraction) is higher.
 */
export function resultType(...operands: readonly Operand[]): DType {
  const ranks: (DType | undefined)[] = [undefined, undefined, undefined];
  for (const operand of operands) {
    const [rank, dtype] = operand instanceof Tensor
      ? [operand.ndim > 0 ? 0 : 1, operand.dtype]
      : [2, dtypeOfNumber(operand)];
    ranks[rank] = ranks[rank] ? promoteTypes(ranks[rank], dtype) : dtype;
  }
  return ranks.reduce((result, dtype) => {
    if (!result || !dtype) return result ?? dtype;
    return category(dtype) > category(result) ? dtype : result;
  })!;
}

/** The operands as tensors of their common dtype. */
export function promoted(...operands: readonly Operand[]): Tensor[] {
  return asType(resultType(...operands), operands);
}

/** Like {@linkcode promoted}, integers becoming fractions: for division, roots, ... */
export function promotedToFraction(...operands: readonly Operand[]): Tensor[] {
  const dtype = resultType(...operands);
  return asType(isFloating(dtype) ? dtype : "float32", operands);
}

function asType(dtype: DType, operands: readonly Operand[]): Tensor[] {
  return operands.map((operand) =>
    operand instanceof Tensor ? operand.to(dtype) : scalar(operand, dtype)
  );
}

/** A tensor of fractions: integers become float32. */
export function fractional(x: Tensor): Tensor {
  return isFloating(x.dtype) ? x : x.to("float32");
}
