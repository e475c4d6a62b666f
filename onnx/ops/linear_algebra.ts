/**
 * Matrix products, and other products and transforms that are linear in each argument.
 * @module
 */
import { constant, type LazyArray } from "../lazy_array.ts";
import { applyOp, type ArrayType, checkFloating, failShape, type Op } from "../op.ts";
import { broadcastShapes, type Shape, showShape, sizeOf } from "../shape.ts";
import { mul } from "./arithmetic.ts";
import { expand, reshape, sumTo } from "./broadcast.ts";

/** Which sides are transposed. */
export interface TransposeAttributes {
  readonly [name: string]: boolean;
  readonly transA: boolean;
  readonly transB: boolean;
}

/**
 * The product of the last two axes, leading axes broadcast.
 *   y = a b      da = dy bᵀ      db = aᵀ dy
 * With a side transposed the same rules hold for the transposed matrix.
 */
export const MATMUL: Op<TransposeAttributes> = {
  name: "MatMul",
  infer: (
    [a, b],
    { transA, transB },
  ) => [{ dtype: a.dtype, shape: productShape(a, b, transA, transB) }],
  flops: ([a, , bias], [y], { transA }) => {
    const inner = a.shape.at(transA ? -2 : -1)!;
    return 2 * sizeOf(y.shape) * inner + (bias ? sizeOf(y.shape) : 0);
  },
  lower: (writer, inputs, { transA, transB }, { inputs: [a, b], outputs: [y] }) => {
    // ONNX Runtime stretches no axis of size 1 to 0.
    if (sizeOf(y.shape) === 0) {
      return [writer.node("Expand", [writer.scalar(0, y.dtype), writer.int64s(y.shape)])];
    }
    // A third input is a bias, which only a rewritten graph has; see rewrite/added_bias.ts.
    if (!transA && !transB && inputs.length === 2) return [writer.node("MatMul", inputs)];
    if (a.shape.length === 2 && b.shape.length === 2) {
      return [writer.node("Gemm", inputs, { attributes: { transA, transB } })];
    }
    const transpose = (name: string, type: ArrayType, isTransposed: boolean) =>
      isTransposed
        ? writer.node("Transpose", [name], { attributes: { perm: swapLast(type.shape.length) } })
        : name;
    return [
      writer.node("MatMul", [transpose(inputs[0], a, transA), transpose(inputs[1], b, transB)]),
    ];
  },
  gradient: ({ inputs: [a, b], attributes: { transA, transB }, upstream: [dy], needs }) => [
    needs[0]
      ? sumTo(transA ? matmul(b, dy!, transB, true) : matmul(dy!, b, false, !transB), a.shape)
      : null,
    needs[1]
      ? sumTo(transB ? matmul(dy!, a, true, transA) : matmul(a, dy!, !transA, false), b.shape)
      : null,
  ],
};

function swapLast(rank: number): number[] {
  const order = Array.from({ length: rank }, (_, i) => i);
  return [...order.slice(0, -2), rank - 1, rank - 2];
}

function productShape(a: ArrayType, b: ArrayType, transA: boolean, transB: boolean): number[] {
  const [m, k] = lastTwo(a.shape, transA);
  const [inner, n] = lastTwo(b.shape, transB);
  if (k !== inner || a.dtype !== b.dtype) {
    failShape(
      "matmul",
      `${a.dtype}${showShape(a.shape)}${transA ? " transposed" : ""} and ` +
        `${b.dtype}${showShape(b.shape)}${
          transB ? " transposed" : ""
        } cannot be multiplied (${m}x${k} and ${inner}x${n})`,
    );
  }
  return [...broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n];
}

function lastTwo(shape: Shape, isTransposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2);
  return isTransposed ? [columns, rows] : [rows, columns];
}

/**
 * Matrix product, either side transposed in its last two axes first. Vectors are taken as a row on the
 * left and a column on the right, and that axis is left out of the result.
 *
 * @throws {ShapeError} if the inner dimensions differ or a side is a scalar.
 */
export function matmul(a: LazyArray, b: LazyArray, transA = false, transB = false): LazyArray {
  if (a.shape.length === 0 || b.shape.length === 0) {
    failShape(
      "matmul",
      `${showShape(a.shape)} and ${showShape(b.shape)}: expected at least one axis each`,
    );
  }
  if (a.shape.length === 1) {
    const product = matmul(reshape(a, [1, a.shape[0]]), b, false, transB);
    return reshape(
      product,
      product.shape.filter((_, i) => i !== product.shape.length - (b.shape.length === 1 ? 1 : 2)),
    );
  }
  if (b.shape.length === 1) {
    const product = matmul(a, reshape(b, [b.shape[0], 1]), transA, false);
    return reshape(product, product.shape.slice(0, -1));
  }
  return applyOp(MATMUL, [a, b], { transA, transB })[0];
}

interface EinsumAttributes {
  readonly [name: string]: string;
  /** "ij,jk->ik", without spaces. */
  readonly equation: string;
}

const EINSUM: Op<EinsumAttributes> = {
  name: "Einsum",
  infer: (inputs, { equation }) => {
    const sizes = letterSizes(inputs, equation);
    const [, right] = equation.split("->");
    const unknown = [...right].find((letter) => !sizes.has(letter));
    if (unknown) failShape("einsum", `"${equation}": no input has axis "${unknown}"`);
    return [{ dtype: inputs[0].dtype, shape: [...right].map((letter) => sizes.get(letter)!) }];
  },
  flops: (inputs, _, { equation }) =>
    inputs.length * sizeOf([...letterSizes(inputs, equation).values()]),
  lower: (writer, inputs, { equation }) => [
    writer.node("Einsum", inputs, { attributes: { equation } }),
  ],
  gradient: ({ inputs, attributes: { equation }, upstream: [dy], needs }) =>
    inputs.map((_, k) => needs[k] ? einsumGradient(inputs, k, equation, dy!) : null),
};

function letterSizes(inputs: readonly ArrayType[], equation: string): Map<string, number> {
  const terms = equation.split("->")[0].split(",");
  const sizes = new Map<string, number>();
  const fits = terms.length === inputs.length && equation.includes("->") &&
    terms.every((letters, k) =>
      letters.length === inputs[k].shape.length && inputs[k].dtype === inputs[0].dtype &&
      [...letters].every((letter, i) => {
        const known = sizes.get(letter);
        sizes.set(letter, inputs[k].shape[i]);
        return known === undefined || known === inputs[k].shape[i];
      })
    );
  if (!fits) {
    const given = inputs.map((x) => `${x.dtype}${showShape(x.shape)}`).join(", ");
    failShape("einsum", `"${equation}" does not fit ${given}`);
  }
  return sizes;
}

/** The other inputs' product with the gradient, over the axes of this input; axes that only this input has are stretched. */
function einsumGradient(
  inputs: readonly LazyArray[],
  k: number,
  equation: string,
  dy: LazyArray,
): LazyArray {
  const [left, right] = equation.split("->");
  const terms = left.split(",");
  const own = terms[k];
  if (new Set(own).size !== own.length || new Set(right).size !== right.length) {
    failShape("einsum", `"${equation}" has no gradient: a term names an axis twice`);
  }
  const others = terms.filter((_, i) => i !== k);
  const reached = [...own].filter((letter) => [right, ...others].join("").includes(letter));
  const product = einsum(
    [dy, ...inputs.filter((_, i) => i !== k)],
    `${[right, ...others].join(",")}->${reached.join("")}`,
  );
  const { shape } = inputs[k];
  const kept = shape.map((size, i) => reached.includes(own[i]) ? size : 1);
  return expand(reshape(product, kept), shape);
}

/**
 * Products of arrays summed over axes, in Einstein's notation: "ij,jk->ik". ONNX operator Einsum.
 *
 * @throws {ShapeError} if the equation does not name each axis of each input, or sizes of one letter differ
 */
export function einsum(inputs: readonly LazyArray[], equation: string): LazyArray {
  return applyOp(EINSUM, inputs, { equation: equation.replace(/\s/g, "") })[0];
}

interface FourierAttributes {
  readonly [name: string]: boolean;
  readonly inverse: boolean;
}

/** F of n values has F* F = n: the gradient is the inverse transform times n, and that of the inverse F divided by n. */
export const FOURIER: Op<FourierAttributes> = {
  name: "DFT",
  infer: ([x]) => {
    checkFloating("fourier", x);
    if (x.shape.length !== 3 || x.shape[2] !== 2) {
      failShape("fourier", `input ${showShape(x.shape)}, expected [n, length, 2]`);
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  // As customary for radix-2 transforms (FFTW), whatever the algorithm.
  flops: ([{ shape: [rows, length] }]) => 5 * rows * length * Math.log2(Math.max(length, 1)),
  lower: (writer, [x], { inverse }) => [
    writer.node("DFT", [x], { attributes: { axis: 1, inverse } }),
  ],
  gradient: (
    { inputs: [{ dtype, shape: [, length] }], attributes: { inverse }, upstream: [dy] },
  ) => [
    mul(fourier(dy!, !inverse), constant(inverse ? 1 / length : length, dtype)),
  ],
};

/** Fourier transform of the rows of [n, length, 2], or its inverse; the last axis holds real and imaginary part. ONNX operator DFT. */
export function fourier(x: LazyArray, inverse = false): LazyArray {
  return applyOp(FOURIER, [x], { inverse })[0];
}
