/**
 * What has come together up to each position of an axis. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#other-operations
 * @module
 */
import { type Call, kind, kinds, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import {
  constant,
  type DType,
  fromHost,
  isFloating,
  isShortFloat,
  type LazyArray,
  normalizeAxis,
  ops,
} from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { add, div, mul, sub } from "./elementwise.ts";
import { cat } from "./joining.ts";
import { narrow } from "./movement.ts";
import { computeAlong } from "./dims.ts";
import type { ValuesAndIndices } from "./extremes.ts";
import { fractional } from "./type_promotion.ts";
import { namedTuple } from "./named_tuple.ts";

/** Option of sums and products. */
export interface DTypeOption {
  /** What elements are cast to first; integers and booleans become int64 unless given. */
  readonly dtype?: DType;
}

function countable(x: Tensor, { dtype }: DTypeOption): Tensor {
  if (dtype) return x.to(dtype);
  return isFloating(x.dtype) ? x : x.to("int64");
}

const CUMSUM = signature("cumsum", ["input", tensorKind], ["dim", kinds.integer], "*", [
  "dtype",
  kinds.dtype,
  undefined,
]);

/** Sums of all elements up to each one along an axis. */
export function cumsum(
  ...given: Call<typeof CUMSUM, DTypeOption, [input: Tensor, dim: number]>
): Tensor {
  const { input, dim, ...options } = CUMSUM.read(given);
  return computeAlong(
    "cumsum",
    countable(input, options),
    dim,
    (x, axis) =>
      apply("Cumsum", [x], ([x]) => {
        const isShort = isShortFloat(x.dtype);
        const sums = ops.cumSum(isShort ? ops.cast(x, "float32") : x, axis);
        return isShort ? ops.cast(sums, x.dtype) : sums;
      }),
  );
}

/** Joins a run that ends at each position with the run that ends just before it began. */
type Join<T> = (earlier: T, later: T) => T;

/**
 * Folds of all elements up to each one, in as many steps as the length has bits (Hillis and Steele 1986): in step k each
 * position takes in the one 2^k before it.
 */
function scan<T>(
  length: number,
  whole: T,
  join: Join<T>,
  run: (x: T, from: number, to: number) => T,
  concat: (a: T, b: T) => T,
): T {
  let result = whole;
  for (let step = 1; step < length; step *= 2) {
    const joined = join(run(result, 0, length - step), run(result, step, length));
    result = concat(run(result, 0, step), joined);
  }
  return result;
}

function scanArray(x: LazyArray, axis: number, join: Join<LazyArray>): LazyArray {
  return scan(x.shape[axis], x, join, runOf(axis), (a, b) => ops.concat([a, b], axis));
}

function runOf(axis: number) {
  return (x: LazyArray, from: number, to: number) =>
    ops.slice(x, x.shape.map((_, i) => i === axis ? from : 0), x.shape.with(axis, to));
}

const CUMPROD = signature("cumprod", ["input", tensorKind], ["dim", kinds.integer], "*", [
  "dtype",
  kinds.dtype,
  undefined,
]);

/** Products of all elements up to each one along an axis. */
export function cumprod(
  ...given: Call<typeof CUMPROD, DTypeOption, [input: Tensor, dim: number]>
): Tensor {
  const { input, dim, ...options } = CUMPROD.read(given);
  return computeAlong(
    "cumprod",
    countable(input, options),
    dim,
    (x, axis) => apply("Cumprod", [x], ([x]) => scanArray(x, axis, ops.mul)),
  );
}

const LOGCUMSUMEXP = signature("logcumsumexp", ["input", tensorKind], ["dim", kinds.integer]);

/** Logarithms of sums of exponentials up to each element along an axis, without overflow. */
export function logcumsumexp(
  ...given: Call<typeof LOGCUMSUMEXP, Record<never, never>, [input: Tensor, dim: number]>
): Tensor {
  const { input, dim } = LOGCUMSUMEXP.read(given);
  return computeAlong(
    "logcumsumexp",
    fractional(input),
    dim,
    (x, axis) => apply("Logcumsumexp", [x], ([x]) => scanArray(x, axis, logAddExp)),
  );
}

function logAddExp(a: LazyArray, b: LazyArray): LazyArray {
  const same = ops.equal(a, b);
  const below = ops.neg(ops.abs(ops.where(same, constant(0, a.dtype), ops.sub(a, b))));
  const top = ops.maximum(a, b);
  return ops.add(top, ops.log(ops.add(constant(1, a.dtype), ops.exp(below))));
}

type Pair = readonly [values: LazyArray, indices: LazyArray];

function extremeSoFar(name: string, notWorse: (later: LazyArray, earlier: LazyArray) => LazyArray) {
  const own = signature(name, ["input", tensorKind], ["dim", kinds.integer]);
  return (...given: [input: Tensor, dim: number]): ValuesAndIndices => {
    const { input, dim } = own.read(given);
    return computeAlong(name, input, dim, (x, axis) => soFar(x, axis, notWorse));
  };
}

function soFar(
  input: Tensor,
  axis: number,
  notWorse: (later: LazyArray, earlier: LazyArray) => LazyArray,
): ValuesAndIndices {
  const length = input.shape[axis];
  const count = fromHost(
    BigInt64Array.from({ length }, (_, i) => BigInt(i)),
    input.shape.map((n, i) => i === axis ? n : 1),
  );
  const start: Pair = [input.array, ops.expand(count, input.shape)];
  const run = runOf(axis);
  const join: Join<Pair> = ([a, i], [b, j]) => {
    const better = notWorse(b, a);
    const later = isFloating(b.dtype) ? ops.logicalOr(better, ops.isNaN(b)) : better;
    return [ops.where(later, b, a), ops.where(later, j, i)];
  };
  const [, indices] = scan(
    length,
    start,
    join,
    ([v, i], from, to) => [run(v, from, to), run(i, from, to)] as Pair,
    (a, b) => [ops.concat([a[0], b[0]], axis), ops.concat([a[1], b[1]], axis)] as Pair,
  );
  const positions = new Tensor(indices);
  return namedTuple({ values: input.gather(axis, positions), indices: positions });
}

/** The largest element up to each one along an axis and where it lies, the last of equal ones. */
export const cummax: (...given: [input: Tensor, dim: number]) => ValuesAndIndices = extremeSoFar(
  "cummax",
  ops.greaterEqual,
);
/** The smallest element up to each one along an axis and where it lies, the last of equal ones. */
export const cummin: (...given: [input: Tensor, dim: number]) => ValuesAndIndices = extremeSoFar(
  "cummin",
  ops.lessEqual,
);

/** Options of {@linkcode diff}. */
export interface DiffOptions {
  /** Put before the input along the axis. */
  readonly prepend?: Tensor;
  /** Put after the input along the axis. */
  readonly append?: Tensor;
}

const DIFF = signature(
  "diff",
  ["input", tensorKind],
  ["n", kinds.integer, 1],
  ["dim", kinds.integer, -1],
  ["prepend", tensorKind, undefined],
  ["append", tensorKind, undefined],
);

/** Differences of neighbours along an axis, `n` times over. */
export function diff(
  ...given: Call<
    typeof DIFF,
    { readonly n?: number; readonly dim?: number } & DiffOptions,
    [input: Tensor]
  >
): Tensor {
  const { input, n, dim, prepend, append } = DIFF.read(given);
  const axis = normalizeAxis("diff", dim, input.ndim);
  if (!Number.isInteger(n) || n < 0) throw new Error(`order must be non-negative but got ${n}`);
  const parts = [prepend, input, append].filter((part) => part !== undefined);
  let x = parts.length > 1 ? cat(parts, axis) : input;
  for (let i = 0; i < n; i++) {
    const rest = Math.max(0, x.shape[axis] - 1);
    const [later, earlier] = [
      narrow(x, axis, x.shape[axis] - rest, rest),
      narrow(x, axis, 0, rest),
    ];
    x = x.dtype === "bool" ? later.logicalXor(earlier) : sub(later, earlier);
  }
  return x;
}

function areas(y: Tensor, x: Tensor | null, dx: number, axis: number): Tensor {
  const count = y.shape[axis] - 1;
  const heights = add(narrow(y, axis, 1, count), narrow(y, axis, 0, count));
  if (!x) return mul(fractional(heights), dx / 2);
  const widths = x.ndim === 1
    ? diff(x).reshape(y.shape.map((_, i) => i === axis ? count : 1))
    : diff(x, 1, axis);
  return div(mul(widths, heights), 2);
}

/** Options of {@linkcode trapezoid}. */
export interface TrapezoidOptions {
  /** Distance of neighbours, 1 unless given. */
  readonly dx?: number;
  /** The axis, the last unless given. */
  readonly dim?: number;
}

const TRAPEZOID = signature(
  "trapezoid",
  ["y", tensorKind],
  ["x", kinds.nullable(tensorKind), null],
  "*",
  ["dx", kinds.number, undefined],
  ["dim", kinds.integer, undefined],
);

/** The integral along an axis by trapezoids. */
export function trapezoid(
  ...given: Call<typeof TRAPEZOID, { readonly x?: Tensor | null } & TrapezoidOptions, [y: Tensor]>
): Tensor {
  const { y, x, dx = 1, dim = -1 } = TRAPEZOID.read(given);
  const axis = normalizeAxis("trapezoid", dim, y.ndim);
  return areas(y, x, dx, axis).sum(axis);
}

/** Another name of {@linkcode trapezoid}. */
export const trapz = trapezoid;

const CUMULATIVE_TRAPEZOID = signature(
  "cumulativeTrapezoid",
  ["y", tensorKind],
  ["x", kinds.nullable(tensorKind), null],
  "*",
  ["dx", kinds.number, undefined],
  ["dim", kinds.integer, undefined],
);

/** The integral up to each position along an axis by trapezoids. */
export function cumulativeTrapezoid(
  ...given: Call<
    typeof CUMULATIVE_TRAPEZOID,
    { readonly x?: Tensor | null } & TrapezoidOptions,
    [y: Tensor]
  >
): Tensor {
  const { y, x, dx = 1, dim = -1 } = CUMULATIVE_TRAPEZOID.read(given);
  const axis = normalizeAxis("cumulativeTrapezoid", dim, y.ndim);
  return cumsum(areas(y, x, dx, axis), axis);
}

/** Options of {@linkcode gradient}. */
export interface GradientOptions {
  /** Distance of neighbours, or one for each axis; 1 unless given. */
  readonly spacing?: number | readonly number[];
  /** Along which axes; all unless given. */
  readonly dim?: number | readonly number[] | null;
  /** Whether the ends are exact for lines (1, unless given) or for parabolas (2). */
  readonly edgeOrder?: 1 | 2;
}

const GRADIENT = signature(
  "gradient",
  ["input", tensorKind],
  "*",
  ["spacing", kinds.either(kinds.number, kinds.numbers), 1],
  ["dim", kinds.nullable(kinds.either(kinds.integer, kinds.integers)), null],
  ["edgeOrder", kind<1 | 2>("1 or 2", (value) => value === 1 || value === 2), 1],
);

/** The slope at each element along axes, from its neighbours; a tensor for each axis. */
export function gradient(
  ...given: Call<typeof GRADIENT, GradientOptions, [input: Tensor]>
): Tensor[] {
  const { input, spacing, dim, edgeOrder } = GRADIENT.read(given);
  const axes = dim === null ? input.shape.map((_, i) => i) : [dim].flat() as number[];
  const distances = typeof spacing === "number" ? axes.map(() => spacing) : spacing;
  if (distances.length !== axes.length) {
    throw new Error(
      `gradient: spacing has ${distances.length} values, expected one or ${axes.length}`,
    );
  }
  return axes.map((given, i) => {
    const axis = normalizeAxis("gradient", given, input.ndim);
    return slopes(input, axis, edgeOrder).div(distances[i]);
  });
}

function slopes(input: Tensor, axis: number, edgeOrder: number): Tensor {
  const length = input.shape[axis];
  if (length <= edgeOrder) {
    throw new Error(
      `gradient: each dimension should be at least edgeOrder + 1 = ${edgeOrder + 1}, got ${length}`,
    );
  }
  const part = (from: number, count: number) => input.narrow(axis, from, count);
  const at = (i: number) => part(i < 0 ? length + i : i, 1);
  const end = (first: number, step: 1 | -1) => {
    const [a, b] = [at(first), at(first + step)];
    const slope = edgeOrder === 1
      ? b.sub(a)
      : b.mul(2).sub(a.mul(1.5)).sub(at(first + 2 * step).mul(0.5));
    return slope.mul(step);
  };
  const inner = length > 2 ? [part(2, length - 2).sub(part(0, length - 2)).div(2)] : [];
  return cat([end(0, 1), ...inner, end(-1, -1)], axis);
}

const methods = { cumsum, cumprod, logcumsumexp, cummax, cummin, diff };
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
