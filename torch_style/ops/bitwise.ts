/**
 * Bits and divisors of integers. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#pointwise-ops
 * @module
 */
import { type Call, signature } from "../arguments.ts";
import { type Operand, operandKind, Tensor, tensorKind } from "../tensor.ts";
import { isFloating, type LazyArray, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { floorDivide, mul, pow } from "./elementwise.ts";
import { computeFromStored } from "./host_function.ts";
import { ofTwo } from "./operand_arguments.ts";
import { promoted } from "./type_promotion.ts";

type Combine = (a: LazyArray, b: LazyArray) => LazyArray;

function whole(name: string, operands: readonly Operand[]): Tensor[] {
  const tensors = promoted(...operands);
  if (!isFloating(tensors[0].dtype)) return tensors;
  throw new Error(`${name}: expected integers or booleans, got ${tensors[0].dtype}`);
}

function bits(name: string, integers: Combine, booleans: Combine) {
  return ofTwo(name, (input: Tensor, other: Operand) => {
    const [a, b] = whole(name, [input, other]);
    return new Tensor((a.dtype === "bool" ? booleans : integers)(a.array, b.array));
  });
}

/** Bits set in both; booleans are and-ed. */
export const bitwiseAnd: (input: Tensor, other: Operand) => Tensor = bits(
  "bitwiseAnd",
  ops.bitwiseAnd,
  ops.logicalAnd,
);
/** Bits set in one or both; booleans are or-ed. */
export const bitwiseOr: (input: Tensor, other: Operand) => Tensor = bits(
  "bitwiseOr",
  ops.bitwiseOr,
  ops.logicalOr,
);
/** Bits set in just one. */
export const bitwiseXor: (input: Tensor, other: Operand) => Tensor = bits(
  "bitwiseXor",
  ops.bitwiseXor,
  (a, b) => ops.logicalNot(ops.equal(a, b)),
);

const BITWISE_NOT = signature("bitwiseNot", ["input", tensorKind]);

/** Every bit the other way; booleans are negated. */
export function bitwiseNot(
  ...given: Call<typeof BITWISE_NOT, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = BITWISE_NOT.read(given);
  const [x] = whole("bitwiseNot", [input]);
  return new Tensor(x.dtype === "bool" ? ops.logicalNot(x.array) : ops.bitwiseNot(x.array));
}

const BITWISE_LEFT_SHIFT = signature("bitwiseLeftShift", ["input", tensorKind], [
  "other",
  operandKind,
]);

/** input 2^other, for integers */
export function bitwiseLeftShift(
  ...given: Call<typeof BITWISE_LEFT_SHIFT, Record<never, never>, [input: Tensor, other: Operand]>
): Tensor {
  const { input, other } = BITWISE_LEFT_SHIFT.read(given);
  const [a, b] = whole("bitwiseLeftShift", [input, other]);
  return mul(a, powersOfTwo(a, b));
}

const BITWISE_RIGHT_SHIFT = signature("bitwiseRightShift", ["input", tensorKind], [
  "other",
  operandKind,
]);

/** input / 2^other rounded down, for integers */
export function bitwiseRightShift(
  ...given: Call<typeof BITWISE_RIGHT_SHIFT, Record<never, never>, [input: Tensor, other: Operand]>
): Tensor {
  const { input, other } = BITWISE_RIGHT_SHIFT.read(given);
  const [a, b] = whole("bitwiseRightShift", [input, other]);
  return floorDivide(a, powersOfTwo(a, b));
}

function powersOfTwo(a: Tensor, b: Tensor): Tensor {
  return pow(2, b.to("float64")).to(a.dtype);
}

function divisor(name: string, compute: (a: bigint, b: bigint) => bigint) {
  return ofTwo(name, (input: Tensor, other: Tensor) => {
    const [a, b] = whole(name, [input, other]);
    const { shape } = a.add(b);
    const [x, y] = [a.expand(shape), b.expand(shape)];
    return computeFromStored([x, y], [x], (p, q) => {
      const found = BigInt64Array.from(
        { length: p.length },
        (_, i) => compute(BigInt(p[i]), BigInt(q[i])),
      );
      return [x.dtype === "int64" ? found : Array.from(found, Number)];
    })[0];
  });
}

function absolute(a: bigint): bigint {
  return a < 0n ? -a : a;
}

function commonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return absolute(a);
}

/** Greatest common divisor */
export const gcd: (input: Tensor, other: Tensor) => Tensor = divisor("gcd", commonDivisor);
/** Least common multiple */
export const lcm: (input: Tensor, other: Tensor) => Tensor = divisor(
  "lcm",
  (a, b) => a === 0n || b === 0n ? 0n : absolute(a / commonDivisor(a, b) * b),
);

const methods = {
  bitwiseAnd,
  bitwiseOr,
  bitwiseXor,
  bitwiseNot,
  bitwiseLeftShift,
  bitwiseRightShift,
  gcd,
  lcm,
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
