/**
 * Images read at given coordinates. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#vision-functions
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { constant, type LazyArray, ops, type Shape, showShape, sizeOf } from "../../../onnx/mod.ts";
import { apply } from "../../autograd/apply.ts";

/** Options of {@linkcode gridSample}. */
export interface GridSampleOptions {
  /** "bilinear" unless given. */
  readonly mode?: "bilinear" | "nearest";
  /** What lies outside the image: zeros (unless given), its border, or its mirror image. */
  readonly paddingMode?: "zeros" | "border" | "reflection";
  /** Whether -1 and 1 are the centres of the corners, not their outer edges; false unless given. */
  readonly alignCorners?: boolean | null;
}

/** What {@linkcode gridSample} takes beside image and grid. */
const GRID = signature(
  "gridSample",
  ["mode", kinds.oneOf("bilinear", "nearest"), "bilinear"],
  ["paddingMode", kinds.oneOf("zeros", "border", "reflection"), "zeros"],
  ["alignCorners", kinds.nullable(kinds.boolean), false],
);

const GRID_OF = GRID.after(
  ["input", tensorKind],
  ["grid", tensorKind],
);

/**
 * The image's values at the coordinates of a grid.
 * Follows https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html
 *
 * @param input [n, c, h, w] or [n, c, d, h, w]
 * @param grid [n, h', w', 2]: column and row, -1 to 1; or [n, d', h', w', 3]: column, row and plane
 * @returns [n, c, h', w'] or [n, c, d', h', w']
 * @throws {Error} if the shapes do not fit
 */
export function gridSample(
  ...given: Call<typeof GRID_OF, GridSampleOptions, [input: Tensor, grid: Tensor]>
): Tensor {
  const { input, grid, mode, paddingMode, alignCorners } = GRID_OF.read(given);
  const rank = input.ndim - 2;
  if (
    (rank !== 2 && rank !== 3) || grid.ndim !== input.ndim || grid.shape[0] !== input.shape[0] ||
    grid.shape.at(-1) !== rank
  ) {
    throw new Error(
      `gridSample: expected input [n, c, h, w] and grid [n, h, w, 2] (or with planes), got ${
        showShape(input.shape)
      } and ${showShape(grid.shape)}`,
    );
  }
  const output = grid.shape.slice(1, -1);
  return apply("GridSample", [input, grid], ([x, g]) => {
    const sizes = x.shape.slice(2);
    const points = ops.reshape(g, [g.shape[0], sizeOf(output), rank]);
    // The last coordinate counts along the first axis.
    const coordinates = sizes.map((size, axis) => {
      const own = ops.slice(points, [0, 0, rank - 1 - axis], [
        points.shape[0],
        points.shape[1],
        rank - axis,
      ]);
      const at = unnormalized(
        ops.reshape(own, points.shape.slice(0, 2)),
        size,
        alignCorners ?? false,
      );
      return insideBy(at, size, paddingMode, alignCorners ?? false);
    });
    const sampled = mode === "nearest"
      ? valuesAt(x, coordinates.map((coordinate) => ops.round(coordinate)))
      : corners(rank).map((corner) => atCorner(x, coordinates, corner)).reduce(ops.add);
    return ops.reshape(sampled, [...x.shape.slice(0, 2), ...output]);
  });
}

function unnormalized(x: LazyArray, size: number, alignCorners: boolean): LazyArray {
  const number = (value: number) => constant(value, x.dtype);
  const wide = ops.mul(ops.add(x, number(1)), number(alignCorners ? (size - 1) / 2 : size / 2));
  return alignCorners ? wide : ops.sub(wide, number(0.5));
}

function insideBy(
  coordinate: LazyArray,
  size: number,
  mode: string,
  alignCorners: boolean,
): LazyArray {
  if (mode === "zeros") return coordinate;
  const [low, high] = alignCorners ? [0, size - 1] : [-0.5, size - 0.5];
  const reflected = mode === "reflection" ? mirrored(coordinate, low, high) : coordinate;
  return ops.hardtanh(reflected, 0, size - 1);
}

/** Folded back and forth between two ends. */
function mirrored(x: LazyArray, low: number, high: number): LazyArray {
  const number = (value: number) => constant(value, x.dtype);
  const span = high - low;
  if (span === 0) return ops.mul(x, number(0));
  const away = ops.abs(ops.sub(x, number(low)));
  const turns = ops.floor(ops.div(away, number(span)));
  const rest = ops.sub(away, ops.mul(turns, number(span)));
  const isOdd = ops.greater(
    ops.sub(turns, ops.mul(number(2), ops.floor(ops.div(turns, number(2))))),
    number(0.5),
  );
  return ops.add(ops.where(isOdd, ops.sub(number(span), rest), rest), number(low));
}

function corners(rank: number): number[][] {
  return Array.from(
    { length: 2 ** rank },
    (_, i) => Array.from({ length: rank }, (_, axis) => i >> axis & 1),
  );
}

/** One corner's values times how near the coordinates are to it. */
function atCorner(
  x: LazyArray,
  coordinates: readonly LazyArray[],
  corner: readonly number[],
): LazyArray {
  const floors = coordinates.map((coordinate) => ops.floor(coordinate));
  const whole = floors.map((floor, axis) => ops.add(floor, constant(corner[axis], floor.dtype)));
  // Not by a distance, whose slope is 0 on the corner itself.
  const shares = coordinates.map((coordinate, axis) => {
    const far = ops.sub(coordinate, floors[axis]);
    return corner[axis] === 1 ? far : ops.sub(constant(1, far.dtype), far);
  });
  const share = shares.reduce(ops.mul);
  return ops.mul(valuesAt(x, whole), ops.reshape(share, [share.shape[0], 1, share.shape[1]]));
}

/** Values [n, c, points] at whole coordinates, 0 outside. */
function valuesAt(x: LazyArray, coordinates: readonly LazyArray[]): LazyArray {
  const [n, c, ...sizes] = x.shape;
  const number = (value: number, like: LazyArray) => constant(value, like.dtype);
  const inside = coordinates.map((coordinate, axis) =>
    ops.logicalAnd(
      ops.greaterEqual(coordinate, number(0, coordinate)),
      ops.lessEqual(coordinate, number(sizes[axis] - 1, coordinate)),
    )
  ).reduce(ops.logicalAnd);
  const index = coordinates.map((coordinate, axis) =>
    ops.cast(ops.hardtanh(coordinate, 0, sizes[axis] - 1), "int64")
  )
    .reduce((sum, own, axis) => ops.add(ops.mul(sum, constant(sizes[axis], "int64")), own));
  const points = index.shape[1];
  const wide = (array: LazyArray) => ops.expand(ops.reshape(array, [n, 1, points]), [n, c, points]);
  const values = ops.gatherElements(ops.reshape(x, [n, c, sizeOf(sizes)]), wide(index), 2);
  return ops.where(wide(inside), values, constant(0, x.dtype));
}

const AFFINE_GRID = signature("affineGrid", ["theta", tensorKind], ["size", kinds.integers], [
  "alignCorners",
  kinds.nullable(kinds.boolean),
  false,
]);

/**
 * The grid of an affine map, for {@linkcode gridSample}.
 *
 * @param theta [n, 2, 3], or [n, 3, 4] for volumes
 * @param size of the image that is to be sampled: [n, c, h, w] or [n, c, d, h, w]
 * @param alignCorners whether -1 and 1 are the centres of the corners; false unless given
 */
export function affineGrid(
  ...given: Call<
    typeof AFFINE_GRID,
    { readonly alignCorners?: boolean | null },
    [theta: Tensor, size: Shape]
  >
): Tensor {
  const { theta, size, alignCorners } = AFFINE_GRID.read(given);
  const rank = size.length - 2;
  if (
    theta.ndim !== 3 || theta.shape[1] !== rank || theta.shape[2] !== rank + 1 ||
    theta.shape[0] !== size[0]
  ) {
    throw new Error(
      `Expected a batch of ${rank}D affine matrices of shape [n, ${rank}, ${rank + 1}] for size ${
        showShape(size)
      }. Got ${showShape(theta.shape)}.`,
    );
  }
  const output = size.slice(2);
  const points: number[] = [];
  const along = output.map((n) =>
    Array.from(
      { length: n },
      (_, i) => alignCorners ? n === 1 ? 0 : -1 + 2 * i / (n - 1) : (2 * i + 1) / n - 1,
    )
  );
  for (let i = 0; i < sizeOf(output); i++) {
    let rest = i;
    const own: number[] = [];
    for (let axis = rank - 1; axis >= 0; axis--) {
      own.push(along[axis][rest % output[axis]]);
      rest = Math.floor(rest / output[axis]);
    }
    points.push(...own, 1);
  }
  return apply("AffineGrid", [theta], ([t]) => {
    const base = constant(points, t.dtype, [sizeOf(output), rank + 1]);
    return ops.reshape(ops.matmul(base, t, false, true), [size[0], ...output, rank]);
  });
}
