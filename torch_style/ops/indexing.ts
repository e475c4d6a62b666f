/**
 * Taking parts out of tensors by position. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 *
 * PyTorch's `x[0, 1:3, ..., None]` is `x.index(0, slice(1, 3), "...", null)` here.
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { type Operand, operandKind, Tensor, tensorKind } from "../tensor.ts";
import {
  fromHost,
  type LazyArray,
  normalizeAxis,
  ops,
  showShape,
  valuesNow,
} from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { asList } from "./dims.ts";
import { indicesWithin } from "./operand_arguments.ts";
import { viewOf, write } from "../autograd/views.ts";
import { sliceStep } from "./slicing.ts";

/** Python's `start:end:step`. */
export class Slice {
  constructor(
    readonly start: number | null = null,
    readonly end: number | null = null,
    readonly step = 1,
  ) {
    if (!Number.isInteger(step) || step < 1) {
      throw new Error(`slice step must be positive, got ${step}`);
    }
  }

  /** First index and the index after the last on an axis of some dimension. */
  within(dimension: number): [start: number, end: number] {
    const position = (value: number) =>
      Math.min(dimension, Math.max(0, value < 0 ? value + dimension : value));
    const start = position(this.start ?? 0);
    return [start, Math.max(start, position(this.end ?? dimension))];
  }
}

const SLICE = signature("slice", ["start", kinds.nullable(kinds.integer), undefined], [
  "end",
  kinds.nullable(kinds.integer),
  undefined,
], ["step", kinds.integer, undefined]);

/** Entries from `start` up to, not including, `end`; negative positions count from the back. */
export function slice(
  ...given: Call<
    typeof SLICE,
    { readonly start?: number | null; readonly end?: number | null; readonly step?: number }
  >
): Slice {
  const { start, end, step } = SLICE.read(given);
  return new Slice(start, end, step);
}

/**
 * What can stand between the brackets: an index, a {@linkcode Slice}, `"..."` for all axes not named, `null` for
 * a new axis, a tensor of positions (int64, int32) or of booleans.
 */
export type Index = number | Slice | "..." | null | Tensor;

const indexKind = kinds.nullable(
  kinds.either(kinds.integer, kinds.oneOf("..."), kinds.instance("a slice", Slice), tensorKind),
);

/** A list of {@linkcode Index}, as an argument. */
export const indicesKind = kinds.listOf(indexKind) as Kind<readonly Index[]>;

const INDEX = signature("index", ["indices", indicesKind]);

/**
 * The part of a tensor that the indices name. Numbers and slices give a view, tensors of positions or
 * booleans a copy.
 *
 * @throws {Error} if there are more indices than axes, an index is out of range, or a mask's values are not
 * there yet: how many entries it names is part of the result's shape
 */
export function index(input: Tensor, ...indices: Index[]): Tensor {
  INDEX.read([indices]);
  const { view, positions } = basicPart(input, indices);
  return positions.length === 0 ? view : takePositions(view, positions);
}

/** A tensor of positions, and the axis of the view that it stands for. */
interface AxisPositions {
  readonly axis: number;
  readonly tensor: Tensor;
}

/** Everything but tensors of positions, which are left for the caller. */
function basicPart(
  input: Tensor,
  indices: readonly Index[],
): { view: Tensor; positions: AxisPositions[] } {
  const named = indices.reduce((n: number, i) => n + axesNamed(i), 0);
  if (named > input.ndim) {
    throw new Error(`too many indices for tensor of dimension ${input.ndim}`);
  }
  const full = indices.includes("...") ? indices : [...indices, "..." as const];
  let view = input;
  let axis = 0;
  const positions: AxisPositions[] = [];
  for (const item of full) {
    if (item === "...") {
      axis += input.ndim - named;
    } else if (item === null) {
      view = view.unsqueeze(axis++);
    } else if (typeof item === "number") {
      view = selectAt(view, axis, item, input);
    } else if (item instanceof Slice) {
      view = sliceAt(view, axis++, item);
    } else {
      for (const tensor of positionsOf(item)) positions.push({ axis: axis++, tensor });
    }
  }
  return { view, positions };
}

function axesNamed(item: Index): number {
  if (item === null || item === "...") return 0;
  return item instanceof Tensor && item.dtype === "bool" ? item.ndim : 1;
}

function selectAt(view: Tensor, axis: number, position: number, whole: Tensor): Tensor {
  const dimension = view.shape[axis];
  if (!Number.isInteger(position) || position < -dimension || position >= dimension) {
    throw new Error(
      `index ${position} is out of bounds for dimension ${axis} with size ${dimension} of ${
        showShape(whole.shape)
      }`,
    );
  }
  return view.select(axis, position);
}

function sliceAt(view: Tensor, axis: number, item: Slice): Tensor {
  const [start, end] = item.within(view.shape[axis]);
  if (start === 0 && end === view.shape[axis] && item.step === 1) return view;
  return viewOf(view, "Slice", sliceStep(axis, start, end, item.step));
}

/** A mask becomes one tensor of positions for each of its axes. */
function positionsOf(item: Tensor): Tensor[] {
  if (item.dtype !== "bool") {
    if (item.dtype === "int64" || item.dtype === "int32") return [item];
    throw new Error(`tensors used as indices must be long, int or bool tensors, got ${item.dtype}`);
  }
  if (!valuesNow(item.array)) {
    throw new Error(
      "index: the mask's values are not computed yet, but how many are true is part of the result's shape; " +
        "await mask.data() first, or use maskedSelect, where or maskedFill",
    );
  }
  return coordinates(item);
}

/** Positions of the elements that are not zero, one tensor an axis; values must be on the host. */
function coordinates(item: Tensor): Tensor[] {
  const data = item.array.buffer.data;
  const found: number[] = [];
  for (let i = 0; i < data.length; i++) if (Number(data[i]) !== 0) found.push(i);
  let stride = item.numel();
  return item.shape.map((dimension) => {
    stride /= dimension;
    const along = found.map((position) => BigInt(Math.floor(position / stride) % dimension));
    return new Tensor(fromHost(BigInt64Array.from(along), [found.length]));
  });
}

/** Entries at the positions; several tensors of positions are broadcast and read together, as in NumPy. */
function takePositions(view: Tensor, positions: readonly AxisPositions[]): Tensor {
  const { flat, position, rest, shape, front } = together(view, positions);
  const taken = apply("Index", [flat], ([x]) => ops.gather(x, position, 0));
  const result = taken.reshape([...shape, ...rest]);
  return front === 0 ? result : result.movedim(
    shape.map((_, i) => i),
    shape.map((_, i) => front + i),
  );
}

/** The indexed axes in front and as one, and each combination of positions as one number. */
function together(view: Tensor, positions: readonly AxisPositions[]) {
  const axes = positions.map(({ axis }) => axis);
  const others = view.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const rest = others.map((axis) => view.shape[axis]);
  const flat = view.permute([...axes, ...others]).reshape([-1, ...rest]);
  const values = positions.map(({ tensor }, i) => insideAxis(tensor, view.shape[axes[i]]));
  const position = values.reduce((sum, number, i) =>
    i === 0 ? number : ops.add(ops.mul(sum, long(view.shape[axes[i]])), number)
  );
  // Next to each other they stay where they were; apart, they come first.
  const adjacent = axes.every((axis, i) => i === 0 || axis === axes[i - 1] + 1);
  const front = adjacent ? axes[0] : 0;
  return {
    flat,
    position: ops.reshape(position, [-1]),
    rest,
    shape: position.shape,
    front,
    axes,
    others,
  };
}

function long(value: number): LazyArray {
  return fromHost(BigInt64Array.of(BigInt(value)), []);
}

/** Negative positions count from the back. */
function insideAxis(tensor: Tensor, dimension: number): LazyArray {
  const within = indicesWithin("index", tensor, dimension, { fromBack: true });
  const positions = ops.cast(within.array, "int64");
  return ops.where(ops.less(positions, long(0)), ops.add(positions, long(dimension)), positions);
}

const INDEX_PUT_ = signature(
  "indexPut_",
  ["input", tensorKind],
  ["indices", indicesKind],
  ["values", operandKind],
  ["accumulate", kinds.boolean, false],
);

/**
 * Writes into the part that the indices name: PyTorch's `x[i, ...] = value`.
 * As `x.indexPut_([i, ...], values)`.
 */
export function indexPut_(
  ...given: Call<
    typeof INDEX_PUT_,
    { readonly accumulate?: boolean },
    [input: Tensor, indices: readonly Index[], values: Operand]
  >
): Tensor {
  const { input, indices, values, accumulate } = INDEX_PUT_.read(given);
  const { view, positions } = basicPart(input, indices);
  const filling = values instanceof Tensor ? values : new Tensor(
    ops.cast(fromHost(Float64Array.of(Number(values)), []), input.dtype),
  );
  if (positions.length === 0) write(view, accumulate ? view.add(filling) : filling);
  else putPositions(view, positions, filling, accumulate);
  return input;
}

function putPositions(
  view: Tensor,
  positions: readonly AxisPositions[],
  value: Tensor,
  accumulate: boolean,
): void {
  const { flat, position, rest, shape, front, axes, others } = together(view, positions);
  const order = [...axes, ...others];
  const part = [...rest.slice(0, front), ...shape, ...rest.slice(front)];
  const given = value.to(view.dtype).expand(part);
  const rows = front === 0 ? given : given.movedim(
    shape.map((_, i) => front + i),
    shape.map((_, i) => i),
  );
  const inverse = ops.inversePermutation(order);
  const turned = order.map((axis) => view.shape[axis]);
  const changed = apply(
    "IndexPut",
    [flat, rows.reshape([-1, ...rest])],
    ([x, updates]) =>
      accumulate
        ? ops.add(x, ops.scatterAdd(x, position, updates))
        : ops.scatterRows(x, position, updates),
  );
  write(view, changed.reshape(turned).permute(inverse));
}

const INDEX_SELECT = signature("indexSelect", ["input", tensorKind], ["dim", kinds.integer], [
  "index",
  tensorKind,
]);

/** The entries along an axis at the given indices. */
export function indexSelect(
  ...given: Call<
    typeof INDEX_SELECT,
    Record<never, never>,
    [input: Tensor, dim: number, index: Tensor]
  >
): Tensor {
  const { input, dim, index } = INDEX_SELECT.read(given);
  if (input.ndim === 0) return asList(input).indexSelect(dim, asList(index)).reshape([]);
  const axis = normalizeAxis("indexSelect", dim, input.ndim);
  const { array } = indicesWithin("indexSelect", index, input.shape[axis]);
  return apply("IndexSelect", [input], ([x]) => ops.gather(x, array, axis));
}

const GATHER = signature("gather", ["input", tensorKind], ["dim", kinds.integer], [
  "index",
  tensorKind,
]);

/** For each element of `index` the entry that it names along an axis, the other coordinates being its own. */
export function gather(
  ...given: Call<
    typeof GATHER,
    Record<never, never>,
    [input: Tensor, dim: number, index: Tensor]
  >
): Tensor {
  const { input, dim, index } = GATHER.read(given);
  if (input.ndim === 0) return asList(input).gather(dim, asList(index)).reshape(index.shape);
  const axis = normalizeAxis("gather", dim, input.ndim);
  const { array } = indicesWithin("gather", index, input.shape[axis]);
  return apply("Gather", [input], ([x]) => ops.gatherElements(x, array, axis));
}

const NONZERO = signature("nonzero", ["input", tensorKind]);

/** Positions of the elements that are not zero, [count, axes]. */
export async function nonzero(
  ...given: Call<typeof NONZERO, Record<never, never>, [input: Tensor]>
): Promise<Tensor> {
  const { input } = NONZERO.read(given);
  await input.data();
  const along = coordinates(input);
  const arrays = along.map((x) => ops.reshape(x.array, [x.numel(), 1]));
  return new Tensor(ops.concat(arrays, 1));
}

const MASKED_SELECT = signature("maskedSelect", ["input", tensorKind], ["mask", tensorKind]);

/** The elements where a mask is true, in order, as a vector. */
export async function maskedSelect(
  ...given: Call<typeof MASKED_SELECT, Record<never, never>, [input: Tensor, mask: Tensor]>
): Promise<Tensor> {
  const { input, mask } = MASKED_SELECT.read(given);
  const wide = new Tensor(ops.cast(mask.expand(input.shape).array, "bool"));
  await wide.data();
  return input.index(wide);
}

const methods = { index, indexPut_, indexSelect, gather, nonzero, maskedSelect };

declare module "../tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}

defineMethods(methods);
