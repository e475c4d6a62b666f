/**
 * More ways of arranging elements. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 * @module
 */
import { type Call, type Integers, integersOf, type Kind, kinds, signature } from "../arguments.ts";
import { Tensor, tensorKind } from "../tensor.ts";
import {
  broadcastShapes,
  fromHost,
  normalizeAxis,
  ops,
  type Shape,
  showShape,
  sizeOf,
  valuesNow,
} from "../../onnx/mod.ts";
import { arange } from "../creation.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { asList } from "./dims.ts";
import { stack } from "./joining.ts";
import { expand, flip, permute, repeat, reshape, transpose } from "./movement.ts";
import { promoteTypes } from "./type_promotion.ts";
import { gatheredTensors, type TensorsCall } from "./tensor_list.ts";

const RAVEL = signature("ravel", ["input", tensorKind]);

/** All elements as one axis. */
export function ravel(...given: Call<typeof RAVEL, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = RAVEL.read(given);
  return reshape(input, [-1]);
}

/** Another name of expand. */
export function broadcastTo(input: Tensor, ...shape: Integers): Tensor {
  return expand(input, integersOf("broadcastTo", "shape", shape));
}

const VIEW_AS = signature("viewAs", ["input", tensorKind], ["other", tensorKind]);

/** The same elements in the shape of another tensor. */
function viewAs(...given: [input: Tensor, other: Tensor]): Tensor {
  const { input, other } = VIEW_AS.read(given);
  return reshape(input, other.shape);
}

/** Summed over the axes along which a tensor of that shape would have been broadcast. */
function sumToSize(input: Tensor, ...shape: Integers): Tensor {
  const wanted = integersOf("sumToSize", "shape", shape);
  return apply("SumToSize", [input], ([x]) => ops.sumTo(x, wanted));
}

const FLIPLR = signature("fliplr", ["input", tensorKind]);

/** Rows flipped left to right: axis 1 in the other order. */
export function fliplr(
  ...given: Call<typeof FLIPLR, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = FLIPLR.read(given);
  if (input.ndim < 2) throw new Error("Input must be >= 2-d.");
  return flip(input, 1);
}

const FLIPUD = signature("flipud", ["input", tensorKind]);

/** Rows flipped upside down: axis 0 in the other order. */
export function flipud(
  ...given: Call<typeof FLIPUD, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = FLIPUD.read(given);
  if (input.ndim < 1) throw new Error("Input must be >= 1-d.");
  return flip(input, 0);
}

const ROT90 = signature("rot90", ["input", tensorKind], ["k", kinds.integer, 1], [
  "dims",
  kinds.any as Kind<readonly [number, number]>,
  [0, 1],
]);

/** Turned by `k` quarters in the plane of two axes, from the first towards the second. */
export function rot90(
  ...given: Call<
    typeof ROT90,
    { readonly k?: number; readonly dims?: readonly [number, number] },
    [input: Tensor]
  >
): Tensor {
  const { input, k, dims } = ROT90.read(given);
  const [a, b] = dims.map((dim) => normalizeAxis("rot90", dim, input.ndim));
  if (a === b) {
    throw new Error(
      `expected rotation dims to be different, but got dim0 = ${dims[0]} and dim1 = ${dims[1]}`,
    );
  }
  const quarters = ((k % 4) + 4) % 4;
  if (quarters === 0) return input.clone();
  if (quarters === 1) return transpose(flip(input, b), a, b);
  if (quarters === 2) return flip(input, a, b);
  return flip(transpose(input, a, b), b);
}

/** Repeated so many times along each axis; fewer values than axes count for the last ones. */
export function tile(input: Tensor, ...times: Integers): Tensor {
  const counts = integersOf("tile", "times", times);
  const missing = Math.max(0, input.ndim - counts.length);
  return repeat(input, [...new Array<number>(missing).fill(1), ...counts]);
}

const REPEAT_INTERLEAVE = signature("repeatInterleave", ["input", tensorKind], [
  "repeats",
  kinds.either(kinds.number, kinds.numbers, tensorKind) as Kind<
    number | readonly number[] | Tensor
  >,
], ["dim", kinds.nullable(kinds.integer), null]);

/**
 * Each entry of an axis so many times in a row; of the flattened tensor without an axis.
 *
 * @param repeats one number, or one for each entry: a list, or a tensor whose values are computed already
 */
export function repeatInterleave(
  ...given: Call<
    typeof REPEAT_INTERLEAVE,
    { readonly dim?: number | null },
    [input: Tensor, repeats: number | readonly number[] | Tensor]
  >
): Tensor {
  const { input, repeats, dim } = REPEAT_INTERLEAVE.read(given);
  const x = dim === null ? ravel(input) : input;
  const axis = dim === null ? 0 : normalizeAxis("repeatInterleave", dim, x.ndim);
  const length = x.shape[axis];
  const counts = countsOf(repeats, length);
  const positions = counts.flatMap((count, i) => new Array<number>(count).fill(i));
  const indices = fromHost(Int32Array.from(positions), [positions.length]);
  return apply("RepeatInterleave", [x], ([x]) => ops.gather(x, indices, axis));
}

function countsOf(repeats: number | readonly number[] | Tensor, length: number): number[] {
  const values = repeats instanceof Tensor ? valuesNow(repeats.array) : repeats;
  if (values === undefined) {
    throw new Error(
      "repeatInterleave: how often entries are repeated is not computed yet, but it is part of the result's shape; await repeats.data() first",
    );
  }
  const given = typeof values === "number" ? [values] : Array.from(values, Number);
  const wrong = given.find((n) => !Number.isInteger(n) || n < 0);
  if (wrong !== undefined) throw new Error(`repeats can not be negative, got ${wrong}`);
  if (given.length === 1) return new Array<number>(length).fill(given[0]);
  if (given.length === length) return given;
  throw new Error(
    `repeats must have the same size as input along dim, but got repeats.size(0) = ${given.length} and input.size(dim) = ${length}`,
  );
}

const UNFOLD = signature(
  "unfold",
  ["input", tensorKind],
  ["dimension", kinds.integer],
  ["size", kinds.integer],
  ["step", kinds.integer],
);

/** Windows of `size` entries of an axis, `step` apart, as a new last axis; a copy. */
function unfold(...given: [input: Tensor, dimension: number, size: number, step: number]): Tensor {
  const { input, dimension, size, step } = UNFOLD.read(given);
  if (input.ndim === 0) return unfold(asList(input), dimension, size, step).squeeze(0);
  const axis = normalizeAxis("unfold", dimension, input.ndim);
  const length = input.shape[axis];
  if (size > length) {
    throw new Error(
      `maximum size for tensor at dimension ${axis} is ${length} but size is ${size}`,
    );
  }
  if (!(step > 0)) throw new Error(`step is ${step} but must be > 0`);
  const count = Math.floor((length - size) / step) + 1;
  const positions = Int32Array.from(
    { length: count * size },
    (_, i) => Math.floor(i / size) * step + i % size,
  );
  const windows = apply(
    "Unfold",
    [input],
    ([x]) => ops.gather(x, fromHost(positions, [count, size]), axis),
  );
  return windows.movedim(axis + 1, -1);
}

const TENSORS = signature("tensors", ["tensors", kinds.listOf(tensorKind)]);

/** Stretched to one shape. */
export function broadcastTensors(...tensors: Tensor[]): Tensor[] {
  TENSORS.named("broadcastTensors").read([tensors]);
  const shape = tensors.map((x) => x.shape).reduce((a, b) =>
    broadcastShapes("broadcastTensors", a, b)
  );
  return tensors.map((x) => expand(x, shape));
}

const BROADCAST_SHAPES = signature("broadcastShapes", ["shapes", kinds.listOf(kinds.sizes)]);

export { broadcastAll as broadcastShapes };
/** The shape that shapes are stretched to when they meet. */
function broadcastAll(...shapes: Shape[]): number[] {
  BROADCAST_SHAPES.read([shapes]);
  return shapes.reduce((a: number[], b) => broadcastShapes("broadcastShapes", a, b), []);
}

/** Option of {@linkcode meshgrid}. */
export interface MeshgridOptions {
  /** Whether the first axis follows the first vector ("ij", unless given) or the second ("xy"). */
  readonly indexing?: "ij" | "xy";
}

const MESHGRID = signature("meshgrid", ["tensors", kinds.listOf(tensorKind)], "*", [
  "indexing",
  kinds.oneOf("ij", "xy"),
  undefined,
]);

/** Vectors stretched over a grid: one tensor each, in which it changes along its own axis only. */
export function meshgrid(...given: TensorsCall<MeshgridOptions>): Tensor[] {
  const { tensors, indexing = "ij" } = MESHGRID.read(gatheredTensors(given));
  if (indexing !== "ij" && indexing !== "xy") {
    throw new Error(
      `torch.meshgrid: indexing must be one of "xy" or "ij", but received: ${indexing}`,
    );
  }
  const odd = tensors.find((x) => x.ndim > 1);
  if (odd) {
    throw new Error(
      `torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: ${
        showShape(odd.shape)
      }`,
    );
  }
  const axes = indexing === "xy" && tensors.length > 1
    ? [tensors[1], tensors[0], ...tensors.slice(2)]
    : tensors;
  const shape = axes.map((x) => x.numel());
  const grids = axes.map((x, i) => expand(reshape(x, shape.map((n, k) => k === i ? n : 1)), shape));
  if (indexing === "ij" || tensors.length < 2) return grids;
  const [second, first, ...rest] = grids;
  return [first, second, ...rest];
}

/** All combinations of one element of each vector, a row each. */
export function cartesianProd(...tensors: Tensor[]): Tensor {
  if (tensors.length === 1) return tensors[0];
  return stack(meshgrid(tensors).map((x) => ravel(x)), 1);
}

const COMBINATIONS = signature("combinations", ["input", tensorKind], ["r", kinds.number, 2], [
  "withReplacement",
  kinds.boolean,
  false,
]);

/** All combinations of `r` elements of a vector, a row each. */
export function combinations(
  ...given: Call<
    typeof COMBINATIONS,
    { readonly r?: number; readonly withReplacement?: boolean },
    [input: Tensor]
  >
): Tensor {
  const { input, r, withReplacement } = COMBINATIONS.read(given);
  if (input.ndim !== 1) {
    throw new Error(`Expect a 1D vector, but got shape ${showShape(input.shape)}`);
  }
  const rows: number[][] = [];
  const extend = (row: number[], from: number) => {
    if (row.length === r) return void rows.push(row);
    for (let i = from; i < input.numel(); i++) extend([...row, i], withReplacement ? i : i + 1);
  };
  extend([], 0);
  const positions = fromHost(Int32Array.from(rows.flat()), [rows.length, r]);
  return apply("Combinations", [input], ([x]) => ops.gather(x, positions, 0));
}

const VANDER = signature(
  "vander",
  ["x", tensorKind],
  ["n", kinds.nullable(kinds.integer), null],
  ["increasing", kinds.boolean, false],
);

/** Columns of powers of a vector: x^(n-1), ..., x, 1, or in the other order. */
export function vander(
  ...given: Call<
    typeof VANDER,
    { readonly n?: number | null; readonly increasing?: boolean },
    [x: Tensor]
  >
): Tensor {
  const { x, n, increasing } = VANDER.read(given);
  if (x.ndim !== 1) throw new Error("x must be a one-dimensional tensor.");
  const count = n ?? x.numel();
  const powers = arange(count).to(promoteTypes(x.dtype, "int64"));
  return x.unsqueeze(1).pow(increasing ? powers : powers.flip(0));
}

const UNRAVEL_INDEX = signature("unravelIndex", ["indices", tensorKind], ["shape", kinds.integers]);

/** Which row, column, ... of an array of some shape each index of the flattened array is. */
export function unravelIndex(
  ...given: Call<typeof UNRAVEL_INDEX, Record<never, never>, [indices: Tensor, shape: Shape]>
): Tensor[] {
  const { indices, shape } = UNRAVEL_INDEX.read(given);
  return shape.map((n, i) => indices.floorDivide(sizeOf(shape.slice(i + 1))).remainder(n));
}

/** The axes in the other order. */
function allReversed(x: Tensor): Tensor {
  return permute(x, x.shape.map((_, i) => x.ndim - 1 - i));
}

function matrixTransposed(name: string, x: Tensor): Tensor {
  if (x.ndim >= 2) return transpose(x, -2, -1);
  throw new Error(
    `tensor.${name} is only supported on matrices or batches of matrices. Got ${x.ndim}-D tensor.`,
  );
}

const ADJOINT = signature("adjoint", ["input", tensorKind]);

/** The matrices of the last two axes transposed. */
export function adjoint(
  ...given: Call<typeof ADJOINT, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = ADJOINT.read(given);
  return matrixTransposed("adjoint()", input);
}

const methods = {
  ravel,
  broadcastTo,
  viewAs,
  reshapeAs: viewAs,
  sumToSize,
  fliplr,
  flipud,
  rot90,
  tile,
  repeatInterleave,
  unfold,
  adjoint,
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {
    /** The axes in the other order. */
    readonly T: Tensor;
    /** A matrix transposed. */
    readonly H: Tensor;
    /** The matrices of the last two axes transposed. */
    readonly mT: Tensor;
    /** The matrices of the last two axes transposed. */
    readonly mH: Tensor;
  }
}
defineMethods(methods);

function defineView(name: string, get: (x: Tensor) => Tensor): void {
  Object.defineProperty(Tensor.prototype, name, {
    get(this: Tensor) {
      return get(this);
    },
    configurable: true,
  });
}
defineView("T", allReversed);
defineView("H", (x) => {
  if (x.ndim === 0 || x.ndim === 2) return allReversed(x);
  throw new Error(`tensor.H is only supported on matrices (2-D tensors). Got ${x.ndim}-D tensor.`);
});
defineView("mT", (x) => matrixTransposed("mT", x));
defineView("mH", (x) => matrixTransposed("mH", x));
