/**
 * Products of vectors and matrices, diagonals, and `keras.ops.linalg`. Follows https://keras.io/api/ops/linalg/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { show } from "../options.ts";
import { contractPair } from "./contract.ts";
import {
  asFloats,
  binary,
  binaryWith,
  defineOp,
  type EagerInput,
  type OpInput,
  positiveAxis,
  unary,
  type UnaryOp,
  unaryWith,
} from "./define_op.ts";
import type { KerasTensor } from "../layers/keras_tensor.ts";

/** Matrix product by NumPy's rules: vectors are rows in front and columns behind; leading axes are broadcast. */
export const matmul = binary("matmul", (a, b) => {
  const [x, y] = [asFloats(a), asFloats(b)];
  const left = x.rank === 1 ? tf.expandDims(x, 0) : x;
  const right = y.rank === 1 ? tf.expandDims(y, 1) : y;
  const product = tf.matMul(left as tf.Tensor2D, right as tf.Tensor2D);
  const gone = [
    ...(x.rank === 1 ? [product.rank - 2] : []),
    ...(y.rank === 1 ? [product.rank - 1] : []),
  ];
  return gone.length > 0 ? tf.squeeze(product, gone) : product;
});

/** NumPy's dot: sums over the last axis of a and the last but one (or only) of b. */
export const dot = binary("dot", (a, b) => {
  if (a.rank === 0 || b.rank === 0) return tf.mul(a, b);
  return contract(a, b, [a.rank - 1], [Math.max(b.rank - 2, 0)]);
});
/** Sums over the last axes of both. */
export const inner = binary("inner", (a, b) => {
  if (a.rank === 0 || b.rank === 0) return tf.mul(a, b);
  return contract(a, b, [a.rank - 1], [b.rank - 1]);
});
/** All products of the values of two tensors in rows. */
export const outer = binary(
  "outer",
  (a, b) => tf.mul(tf.reshape(a, [-1, 1]), tf.reshape(b, [1, -1])),
);
/** The sum of the products of all values in rows. */
export const vdot = binary(
  "vdot",
  (a, b) => tf.sum(tf.mul(tf.reshape(a, [-1]), tf.reshape(b, [-1]))),
);
/** Over which axes {@linkcode tensordot} sums. */
export interface TensordotOptions {
  /** How many: the last ones of a, the first ones of b; or both lists; 2 unless given. */
  readonly axes?: number | readonly [readonly number[], readonly number[]];
}
export const tensordot = binaryWith<TensordotOptions>(
  "tensordot",
  { axes: 2 },
  (a, b, { axes }) => {
    if (typeof axes !== "number") return contract(a, b, [...axes[0]], [...axes[1]]);
    const ofA = Array.from({ length: axes }, (_, i) => a.rank - axes + i);
    return contract(a, b, ofA, Array.from({ length: axes }, (_, i) => i));
  },
);

function contract(a: tf.Tensor, b: tf.Tensor, ofA: number[], ofB: number[]): tf.Tensor {
  const left = ofA.map((axis) => positiveAxis("tensordot", axis, a.rank));
  const right = ofB.map((axis) => positiveAxis("tensordot", axis, b.rank));
  const [freeA, freeB] = [[a, left], [b, right]].map(([x, used]) =>
    (x as tf.Tensor).shape.map((_, k) => k).filter((k) => !(used as number[]).includes(k))
  );
  const rows = tf.transpose(asFloats(a), [...freeA, ...left]);
  const columns = tf.transpose(asFloats(b), [...right, ...freeB]);
  const length = left.reduce((product, axis) => product * a.shape[axis], 1);
  const product = tf.matMul(
    tf.reshape(rows, [-1, length]) as tf.Tensor2D,
    tf.reshape(columns, [length, -1]) as tf.Tensor2D,
  );
  return tf.reshape(product, [...freeA.map((k) => a.shape[k]), ...freeB.map((k) => b.shape[k])]);
}

/** Products summed over letters, in Einstein's notation: `einsum("ij,jk->ik", a, b)`. */
export const einsum = defineOp(
  "einsum",
  (equation: string, ...tensors: unknown[]) => {
    const full = withResult(equation);
    const [a, b, ...others] = tensors.map(asFloats);
    // TensorFlow.js' own has no gradient.
    return b && others.length === 0
      ? contractPair(full, a, b)
      : tf.einsum(full, ...tensors.map(asFloats));
  },
) as unknown as {
  (equation: string, ...tensors: EagerInput[]): tf.Tensor;
  (equation: string, ...tensors: OpInput[]): KerasTensor;
};

/** Without an arrow the letters that stand once are kept, in alphabetical order. */
function withResult(equation: string): string {
  const plain = equation.replace(/\s/g, "");
  if (plain.includes("->")) return plain;
  const letters = [...plain.replace(/,/g, "")];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  return `${plain}->${once.sort().join("")}`;
}

/** The cross product of vectors of three values on the last axis. */
export const cross = binary("cross", (a, b) => {
  const part = (x: tf.Tensor, i: number) => tf.gather(x, tf.tensor1d([i], "int32"), x.rank - 1);
  const [x, y] = [a, b].map((v) => [0, 1, 2].map((i) => part(v, i)));
  const minor = (i: number, j: number) => tf.sub(tf.mul(x[i], y[j]), tf.mul(x[j], y[i]));
  return tf.concat([minor(1, 2), minor(2, 0), minor(0, 1)], -1);
});
/** Every number of a times the whole of b, in one matrix. */
export const kron = binary("kron", (a, b) => {
  const rank = Math.max(a.rank, b.rank);
  const [x, y] = [a, b].map((t) => tf.reshape(t, [...Array(rank - t.rank).fill(1), ...t.shape]));
  const broadcast = (t: tf.Tensor, at: number) =>
    tf.reshape(t, t.shape.flatMap((size) => at === 0 ? [size, 1] : [1, size]));
  const product = tf.mul(broadcast(x, 0), broadcast(y, 1));
  return tf.reshape(product, x.shape.map((size, k) => size * y.shape[k]));
});

/** Options of functions of a diagonal. */
export interface DiagonalOptions {
  /** Which one: above the main one from 1, below it from -1; 0 unless given. */
  readonly k?: number;
}

function diagonalMask(rows: number, columns: number, k: number): tf.Tensor2D {
  const values = Float32Array.from(
    { length: rows * columns },
    (_, i) => i % columns - Math.floor(i / columns) === k ? 1 : 0,
  );
  return tf.tensor2d(values, [rows, columns]);
}

/** The diagonal of the matrices on the last two axes. */
function diagonalOf(x: tf.Tensor, k: number): tf.Tensor {
  const [rows, columns] = x.shape.slice(-2);
  const length = Math.max(Math.min(rows, columns - k, rows + k, columns), 0);
  const [row, column] = [Math.max(-k, 0), Math.max(k, 0)];
  const begin = x.shape.map((_, axis) =>
    axis === x.rank - 2 ? row : axis === x.rank - 1 ? column : 0
  );
  const block = tf.slice(x, begin, [...x.shape.slice(0, -2), length, length]);
  return tf.sum(tf.mul(block, tf.cast(diagonalMask(length, length, 0), x.dtype)), -1);
}

/** A matrix with a vector on its diagonal, or the diagonal of a matrix. */
export const diag = unaryWith<DiagonalOptions>("diag", { k: 0 }, (x, { k }) => {
  if (x.rank === 2) return diagonalOf(x, k);
  const size = x.shape[0] + Math.abs(k);
  const begin: [number, number] = [Math.max(-k, 0), size - x.shape[0] - Math.max(-k, 0)];
  const column = tf.reshape(tf.pad(x, [begin]), [size, 1]);
  return tf.mul(column, tf.cast(diagonalMask(size, size, k), x.dtype));
});
/** A matrix with all values in a row on its diagonal. */
export const diagflat = unaryWith<DiagonalOptions>(
  "diagflat",
  { k: 0 },
  (x, { k }) => diag(tf.reshape(x, [-1]), { k }) as tf.Tensor,
);
/** The diagonal of the matrices on the first two axes, or on the last two with `axis1: -2, axis2: -1`. */
export const diagonal = unaryWith<
  { readonly offset?: number; readonly axis1?: number; readonly axis2?: number }
>("diagonal", { offset: 0, axis1: 0, axis2: 1 }, (x, { offset, axis1, axis2 }) => {
  const axes = [axis1, axis2].map((axis) => positiveAxis("diagonal", axis, x.rank));
  const others = x.shape.map((_, k) => k).filter((k) => !axes.includes(k));
  return diagonalOf(tf.transpose(x, [...others, ...axes]), offset);
});
/** The sum of a diagonal. */
export const trace = unaryWith<
  { readonly offset?: number; readonly axis1?: number; readonly axis2?: number }
>(
  "trace",
  { offset: 0, axis1: 0, axis2: 1 },
  (x, options) => tf.sum(diagonal(x, options) as tf.Tensor, -1),
);

/** Q and R of a matrix [..., m, n]: Q has orthonormal columns, R is triangular. */
export const qr = defineOp("qr", (x: unknown) => {
  const [q, r] = tf.linalg.qr(asFloats(x));
  return [q, r];
}) as unknown as (x: EagerInput) => [q: tf.Tensor, r: tf.Tensor];

function checkSquare(name: string, x: tf.Tensor): number {
  const [rows, columns] = x.shape.slice(-2);
  if (x.rank >= 2 && rows === columns) return rows;
  throw new RangeError(`${name}: the shape is ${show(x.shape)}, expected square matrices`);
}

/** L with L Lᵀ = x, of positive definite matrices [..., n, n]; n products long, so for small n. */
export const cholesky: UnaryOp = unary("cholesky", (x) => {
  const size = checkSquare("cholesky", x);
  const columns: tf.Tensor[] = [];
  let rest = asFloats(x);
  for (let j = 0; j < size; j++) {
    const at = x.shape.map((_, axis) => axis === x.rank - 1 ? j : 0);
    const column = tf.slice(rest, at, [...x.shape.slice(0, -1), 1]);
    const place = x.shape.map((_, axis) => axis >= x.rank - 2 ? j : 0);
    const pivot = tf.slice(rest, place, [...x.shape.slice(0, -2), 1, 1]);
    const below = tf.tensor2d(Array.from({ length: size }, (_, i) => i >= j ? 1 : 0), [size, 1]);
    const scaled = tf.mul(tf.div(column, tf.sqrt(pivot)), below);
    columns.push(scaled);
    rest = tf.sub(rest, tf.matMul(scaled as tf.Tensor2D, scaled as tf.Tensor2D, false, true));
  }
  return tf.concat(columns, -1);
});

/** The solution X of a X = b, for triangular a. */
export const solveTriangular = binaryWith<{ readonly lower?: boolean }>(
  "solveTriangular",
  { lower: false },
  (a, b, { lower }) => {
    const size = checkSquare("solveTriangular", a);
    const isVector = b.rank === a.rank - 1;
    const right = isVector ? tf.expandDims(b, b.rank) : b;
    const order = Array.from({ length: size }, (_, i) => lower ? i : size - 1 - i);
    const rows: tf.Tensor[] = [];
    for (const i of order) {
      const row = (x: tf.Tensor) => rowOf(x, i);
      const known = order.slice(0, order.indexOf(i));
      const done = known.map((k, at) => tf.mul(entryOf(a, i, k), rows[at]));
      const left = done.reduce((sum, part) => tf.sub(sum, part), row(right));
      rows.push(tf.div(left, entryOf(a, i, i)));
    }
    const inOrder = lower ? rows : rows.toReversed();
    const x = tf.concat(inOrder, inOrder[0].rank - 2);
    return isVector ? tf.squeeze(x, [x.rank - 1]) : x;
  },
);

function rowOf(x: tf.Tensor, row: number): tf.Tensor {
  const begin = x.shape.map((_, axis) => axis === x.rank - 2 ? row : 0);
  return tf.slice(x, begin, x.shape.map((size, axis) => axis === x.rank - 2 ? 1 : size));
}

function entryOf(x: tf.Tensor, row: number, column: number): tf.Tensor {
  const begin = x.shape.map((_, axis) =>
    axis === x.rank - 2 ? row : axis === x.rank - 1 ? column : 0
  );
  return tf.slice(x, begin, x.shape.map((size, axis) => axis >= x.rank - 2 ? 1 : size));
}

/** The solution X of a X = b, by a QR decomposition of a. */
export const solve = binary("solve", (a, b) => {
  checkSquare("solve", a);
  const [q, r] = tf.linalg.qr(asFloats(a));
  const isVector = b.rank === a.rank - 1;
  const right = (isVector ? tf.expandDims(b, b.rank) : b) as tf.Tensor2D;
  const turned = tf.matMul(q as tf.Tensor2D, right, true);
  const x = solveTriangular(r, turned) as tf.Tensor;
  return isVector ? tf.squeeze(x, [x.rank - 1]) : x;
});
/** The inverse of a matrix. */
export const inv: UnaryOp = unary("inv", (x) => {
  const size = checkSquare("inv", x);
  return solve(x, tf.broadcastTo(tf.eye(size), x.shape)) as tf.Tensor;
});
/** The determinant of a matrix of size 1 to 4, by cofactors. */
export const det: UnaryOp = unary("det", (x) => {
  const size = checkSquare("det", x);
  if (size > 4) throw new RangeError(`det: the matrix has size ${size}, expected 4 at most`);
  return tf.reshape(determinant(asFloats(x), 0, range(size)), x.shape.slice(0, -2));
});

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function determinant(x: tf.Tensor, row: number, columns: readonly number[]): tf.Tensor {
  if (columns.length === 1) return entryOf(x, row, columns[0]);
  const parts = columns.map((column, i) => {
    const minor = determinant(x, row + 1, columns.filter((other) => other !== column));
    const product = tf.mul(entryOf(x, row, column), minor);
    return i % 2 === 0 ? product : tf.neg(product);
  });
  return parts.reduce((sum, part) => tf.add(sum, part));
}
