/**
 * Images in other sizes. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#vision-functions
 * @module
 */
import { constant, fromHost, type LazyArray, ops, showShape, sizeOf } from "../../../onnx/mod.ts";
import { type Call, kinds, signature } from "../../arguments.ts";
import { apply } from "../../autograd/apply.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from "./adaptive_pooling.ts";

/** How elements between others are made. */
export type InterpolationMode =
  | "nearest"
  | "nearest-exact"
  | "linear"
  | "bilinear"
  | "trilinear"
  | "bicubic"
  | "area";

/** One number for all axes, or one for each. */
export type Sizes = number | readonly number[];

/** Options of {@linkcode interpolate}; either a size or a factor. */
export interface InterpolateOptions {
  /** Size of the result. */
  readonly size?: Sizes | null;
  /** Size of the result divided by the input's. */
  readonly scaleFactor?: Sizes | null;
  /** "nearest" unless given. */
  readonly mode?: InterpolationMode;
  /** Whether the corners' centres keep their values; false unless given. Not for "nearest" and "area". */
  readonly alignCorners?: boolean | null;
  /** Whether the factor is taken from the sizes, which are integers, and not as it was given. */
  readonly recomputeScaleFactor?: boolean | null;
  /** Smooth before shrinking, for "bilinear" and "bicubic". */
  readonly antialias?: boolean;
}

const sizes = kinds.nullable(kinds.either(kinds.number, kinds.numbers));

/** What {@linkcode interpolate} takes beside the input. */
export const INTERPOLATE = signature(
  "interpolate",
  ["size", sizes, null],
  ["scaleFactor", sizes, null],
  [
    "mode",
    kinds.oneOf("nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area"),
    "nearest",
  ],
  ["alignCorners", kinds.nullable(kinds.boolean), null],
  ["recomputeScaleFactor", kinds.nullable(kinds.boolean), null],
  ["antialias", kinds.boolean, false],
);

const RANK: Readonly<Record<string, number>> = { linear: 1, bilinear: 2, trilinear: 3, bicubic: 2 };

const INTERPOLATE_OF = INTERPOLATE.after(
  ["input", tensorKind],
);

/**
 * [n, c, l], [n, c, h, w] or [n, c, d, h, w] in another size, by neighbours.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
 *
 * @throws {Error} if neither size nor factor is given, or both, or the mode does not fit the number of axes
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const image = torch.rand([1, 3, 8, 8]);
 * const twice = torch.nn.functional.interpolate(image, { scaleFactor: 2, mode: "bilinear" });
 * console.log(twice.shape); // [1, 3, 16, 16]
 * ```
 */
export function interpolate(
  ...given: Call<typeof INTERPOLATE_OF, InterpolateOptions, [input: Tensor]>
): Tensor {
  const { input, ...read } = INTERPOLATE_OF.read(given);
  const { mode, alignCorners, antialias } = read;
  const from = input.shape.slice(2);
  if (from.length < 1 || from.length > 3) {
    throw new Error(
      `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${input.ndim}D) for mode ${mode}`,
    );
  }
  if (RANK[mode] !== undefined && RANK[mode] !== from.length) {
    throw new Error(`Got ${input.ndim}D input, but ${mode} mode needs ${RANK[mode] + 2}D input`);
  }
  if (alignCorners !== null && RANK[mode] === undefined) {
    throw new Error(
      "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear",
    );
  }
  if (antialias && !(mode === "bilinear" || mode === "bicubic")) {
    throw new Error(
      "Anti-alias option is restricted to bilinear and bicubic modes and requires a 4-D tensor as input",
    );
  }
  const { to, scales } = targetOf(from, read as Required<InterpolateOptions>);
  if (mode === "area") {
    return [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d][from.length - 1](input, to);
  }
  return apply("Interpolate", [input], ([x]) =>
    to.reduce((result, count, i) => {
      const axis = 2 + i;
      const scale = scales[i];
      if (mode === "nearest" || mode === "nearest-exact") {
        return takeNearest(result, axis, count, scale, mode === "nearest" ? 0 : 0.5);
      }
      const weights = mode === "bicubic" ? cubicWeights : linearWeights;
      const rows = antialias
        ? smoothWeights(
          from[i],
          count,
          alignCorners ? cornerScale(from[i], count) : scale,
          mode === "bicubic",
        )
        : weights(from[i], count, scale, alignCorners ?? false);
      return alongAxis(result, axis, count, rows);
    }, x));
}

function targetOf(
  from: readonly number[],
  { size, scaleFactor, recomputeScaleFactor }: Required<InterpolateOptions>,
) {
  if (size !== null && scaleFactor !== null) {
    throw new Error("only one of size or scale_factor should be defined");
  }
  if (size === null && scaleFactor === null) {
    throw new Error("either size or scale_factor should be defined");
  }
  const given = (size ?? scaleFactor)!;
  const list = typeof given === "number" ? from.map(() => given) : given;
  if (list.length !== from.length) {
    throw new Error(
      `Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of ${
        showShape(from)
      } and ${size === null ? "scale_factor" : "output size"} of ${showShape(list)}`,
    );
  }
  const to = size === null ? from.map((n, i) => Math.floor(n * list[i])) : [...list];
  if (to.some((n) => !Number.isInteger(n) || n < 1)) {
    throw new Error(
      `Input and output sizes should be greater than 0, but got output ${showShape(to)}`,
    );
  }
  const kept = size === null && !recomputeScaleFactor;
  return { to, scales: from.map((n, i) => kept ? 1 / list[i] : n / to[i]) };
}

function takeNearest(
  x: LazyArray,
  axis: number,
  count: number,
  scale: number,
  shift: number,
): LazyArray {
  const last = x.shape[axis] - 1;
  const indices = Int32Array.from(
    { length: count },
    (_, i) => Math.min(last, Math.floor((i + shift) * scale)),
  );
  return ops.gather(x, fromHost(indices, [count]), axis);
}

function cornerScale(from: number, to: number): number {
  return to > 1 ? (from - 1) / (to - 1) : 0;
}

/** Where an element of the result lies in the input, on an axis. */
function sourceOf(
  i: number,
  from: number,
  to: number,
  scale: number,
  alignCorners: boolean,
): number {
  return alignCorners ? i * cornerScale(from, to) : (i + 0.5) * scale - 0.5;
}

/** Share of each element of the input [from] in an element of the result. */
type Row = Map<number, number>;

function addTo(row: Row, coordinate: number, share: number, from: number): void {
  const inside = Math.min(from - 1, Math.max(0, coordinate));
  row.set(inside, (row.get(inside) ?? 0) + share);
}

function linearWeights(from: number, to: number, scale: number, alignCorners: boolean): Row[] {
  return Array.from({ length: to }, (_, i) => {
    const coordinate = Math.max(0, sourceOf(i, from, to, scale, alignCorners));
    const first = Math.min(from - 1, Math.floor(coordinate));
    const row: Row = new Map();
    addTo(row, first, 1 - (coordinate - first), from);
    addTo(row, first + 1, coordinate - first, from);
    return row;
  });
}

/** Keys' cubic convolution with a = -0.75 (-0.5 where it smooths). */
function cubic(x: number, a: number): number {
  const t = Math.abs(x);
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

function cubicWeights(from: number, to: number, scale: number, alignCorners: boolean): Row[] {
  return Array.from({ length: to }, (_, i) => {
    const coordinate = sourceOf(i, from, to, scale, alignCorners);
    const first = Math.floor(coordinate);
    const row: Row = new Map();
    for (let k = -1; k <= 2; k++) addTo(row, first + k, cubic(coordinate - first - k, -0.75), from);
    return row;
  });
}

/** As Pillow does it: a filter as wide as the factor, whose shares sum to 1. */
function smoothWeights(from: number, to: number, scale: number, isCubic: boolean): Row[] {
  const stretch = Math.max(1, scale);
  const reach = (isCubic ? 2 : 1) * stretch;
  const filter = (x: number) => isCubic ? cubic(x, -0.5) : Math.max(0, 1 - Math.abs(x));
  return Array.from({ length: to }, (_, i) => {
    const center = scale * (i + 0.5);
    const begin = Math.max(0, Math.trunc(center - reach + 0.5));
    const end = Math.min(from, Math.trunc(center + reach + 0.5));
    const shares = Array.from(
      { length: end - begin },
      (_, k) => filter((k + begin - center + 0.5) / stretch),
    );
    const total = shares.reduce((a, b) => a + b, 0);
    return new Map(shares.map((share, k) => [begin + k, share / total]));
  });
}

/** The product with a matrix of shares along an axis. */
function alongAxis(x: LazyArray, axis: number, count: number, rows: readonly Row[]): LazyArray {
  const from = x.shape[axis];
  const shares = new Float64Array(count * from);
  rows.forEach((row, i) => row.forEach((share, k) => shares[i * from + k] = share));
  const matrix = constant(Array.from(shares), x.dtype, [count, from]);
  const inner = sizeOf(x.shape.slice(axis + 1));
  if (inner === 1) {
    return ops.reshape(
      ops.matmul(ops.reshape(x, [x.size / from, from]), matrix, false, true),
      x.shape.with(axis, count),
    );
  }
  const flat = ops.reshape(x, [sizeOf(x.shape.slice(0, axis)), from, inner]);
  return ops.reshape(ops.matmul(matrix, flat), x.shape.with(axis, count));
}
