/**
 * Writing elements to indices, and reading them back. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 * @module
 */
import { constant, fromHost, isFloating, normalizeAxis, ops, showShape } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { type Operand, Tensor } from "../tensor.ts";
import { div, where } from "./elementwise.ts";
import { type Index, indexPut_ } from "./indexing.ts";

/** How several elements for one index, and what was there before, become one. */
export type ScatterReduction = "sum" | "prod" | "mean" | "amax" | "amin";

function checkIndex(name: string, index: Tensor): void {
  if (index.dtype === "int64" || index.dtype === "int32") return;
  throw new Error(`${name}(): Expected dtype int32/int64 for index, got ${index.dtype}`);
}

/** Elements of `src` that have an index, as one tensor of the index' shape. */
function sourceFor(
  name: string,
  input: Tensor,
  index: Tensor,
  src: Operand,
  dtypeFree = false,
): Tensor {
  if (!(src instanceof Tensor)) {
    return new Tensor(
      ops.expand(ops.cast(constant(Number(src), "float64"), input.dtype), index.shape),
    );
  }
  if (!dtypeFree && src.dtype !== input.dtype) {
    throw new Error(
      `${name}(): Expected self.dtype to be equal to src.dtype, got ${input.dtype} and ${src.dtype}`,
    );
  }
  if (src.ndim !== index.ndim || index.shape.some((n, i) => n > src.shape[i])) {
    throw new Error(
      `Expected index ${showShape(index.shape)} to be no larger than src ${showShape(src.shape)}`,
    );
  }
  return index.shape.reduce(
    (x: Tensor, n, axis) => n === x.shape[axis] ? x : x.narrow(axis, 0, n),
    src,
  );
}

/** The input with elements of `src` at `index` along an axis; of several for one place the last one stays. */
export function scatter(input: Tensor, dim: number, index: Tensor, src: Operand): Tensor {
  checkIndex("scatter", index);
  const axis = normalizeAxis("scatter", dim, input.ndim);
  const source = sourceFor("scatter", input, index, src);
  return apply(
    "Scatter",
    [input, source],
    ([x, s]) => ops.scatterElements(x, index.array, s, axis),
  );
}

/** The input with elements of `src` added at `index` along an axis. */
export function scatterAdd(input: Tensor, dim: number, index: Tensor, src: Tensor): Tensor {
  checkIndex("scatterAdd", index);
  const axis = normalizeAxis("scatterAdd", dim, input.ndim);
  return apply(
    "ScatterAdd",
    [input, sourceFor("scatterAdd", input, index, src)],
    ([x, s]) => ops.add(x, ops.scatterElementsAdd(x, index.array, s, axis)),
  );
}

/** Option of reductions into places. */
export interface IncludeSelfOption {
  /** Whether what was there counts; true unless given. */
  readonly includeSelf?: boolean;
}

/** The input with elements of `src` folded into the places at `index` along an axis. */
export function scatterReduce(
  input: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: ScatterReduction,
  { includeSelf = true }: IncludeSelfOption = {},
): Tensor {
  checkIndex("scatterReduce", index);
  const axis = normalizeAxis("scatterReduce", dim, input.ndim);
  const source = sourceFor("scatterReduce", input, index, src);
  const arrived = new Tensor(
    ops.scatterElementsAdd(
      ops.cast(input.array, "float32"),
      index.array,
      ops.expand(constant(1), index.shape),
      axis,
    ),
  );
  const touched = arrived.gt(0);
  const start = (value: number) => includeSelf ? input : where(touched, value, input);
  if (reduce === "sum") return scatterAdd(start(0), axis, index, source);
  if (reduce === "mean") {
    const count = arrived.add(includeSelf ? 1 : 0).clamp({ min: 1 }).to(input.dtype);
    const total = scatterAdd(start(0), axis, index, source);
    return where(
      touched,
      isFloating(input.dtype) ? div(total, count) : div(total, count, { roundingMode: "floor" }),
      total,
    );
  }
  if (reduce === "prod") return scatterProduct(start(1), axis, index, source);
  if (reduce !== "amax" && reduce !== "amin") {
    throw new Error(`reduce argument must be either sum, prod, mean, amax or amin, got ${reduce}`);
  }
  const limit = isFloating(input.dtype)
    ? Infinity
    : input.dtype === "int32"
    ? 2 ** 31 - 1
    : Number.MAX_SAFE_INTEGER;
  return scatterExtreme(
    start(reduce === "amax" ? -limit : limit),
    axis,
    index,
    source,
    reduce === "amax" ? "max" : "min",
  );
}

/** Only products without zeros have a gradient: it is what the product is without the element. */
function scatterProduct(input: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
  return apply(
    "ScatterReduce",
    [input, source],
    ([x, s]) => ops.scatterElements(x, index.array, s, axis, "mul"),
  );
}

/** All elements equal to the extreme share its gradient. */
function scatterExtreme(
  input: Tensor,
  axis: number,
  index: Tensor,
  source: Tensor,
  kind: "max" | "min",
): Tensor {
  return apply(
    "ScatterReduce",
    [input, source],
    ([x, s]) => ops.scatterElements(x, index.array, s, axis, kind),
  );
}

/** Option of {@linkcode indexAdd}. */
export interface AlphaOnly {
  /** What the source is multiplied with, 1 unless given. */
  readonly alpha?: number;
}

/** A vector of indices along an axis, as wide as the source. */
function alongAxis(input: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
  const wide = index.reshape(source.shape.map((_, i) => i === axis ? index.numel() : 1));
  if (source.ndim !== input.ndim || source.shape[axis] !== index.numel()) {
    throw new Error(
      `Number of indices (${index.numel()}) should be equal to source.size(dim): (${
        source.shape[axis]
      })`,
    );
  }
  return wide.expand(source.shape);
}

/** The input with entries of `source` added to the entries at `index` of an axis. */
export function indexAdd(
  input: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  { alpha = 1 }: AlphaOnly = {},
): Tensor {
  checkIndex("indexAdd", index);
  const axis = normalizeAxis("indexAdd", dim, input.ndim);
  const scaled = alpha === 1 ? source : source.mul(alpha);
  return scatterAdd(input, axis, alongAxis(input, axis, index, source), scaled);
}

/** The input with the entries at `index` of an axis replaced by those of `source`. */
export function indexCopy(input: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  checkIndex("indexCopy", index);
  const axis = normalizeAxis("indexCopy", dim, input.ndim);
  return scatter(input, axis, alongAxis(input, axis, index, source), source);
}

/** The input with the entries at `index` of an axis set to one value. */
export function indexFill(input: Tensor, dim: number, index: Tensor, value: Operand): Tensor {
  checkIndex("indexFill", index);
  const axis = normalizeAxis("indexFill", dim, input.ndim);
  const places = new Tensor(
    fromHost(BigInt64Array.from({ length: input.shape[axis] }, (_, i) => BigInt(i)), [
      input.shape[axis],
    ]),
  );
  const hit = places.unsqueeze(1).eq(index.reshape(1, -1)).any(1);
  return input.maskedFill(hit.reshape(input.shape.map((n, i) => i === axis ? n : 1)), value);
}

/** The input with entries of `source` folded into the entries at `index` of an axis. */
export function indexReduce(
  input: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: Exclude<ScatterReduction, "sum">,
  options: IncludeSelfOption = {},
): Tensor {
  checkIndex("indexReduce", index);
  const axis = normalizeAxis("indexReduce", dim, input.ndim);
  return scatterReduce(input, axis, alongAxis(input, axis, index, source), source, reduce, options);
}

/** A copy with `value` in the part that the indices name: see `indexPut_`. */
export function indexPut(
  input: Tensor,
  indices: readonly Index[],
  value: Operand,
  options: { readonly accumulate?: boolean } = {},
): Tensor {
  return indexPut_(input.clone(), indices, value, options);
}

/** The input with elements of `source`, in order, where the mask is true. */
export function maskedScatter(input: Tensor, mask: Tensor, source: Tensor): Tensor {
  const wide = mask.expand(input.shape);
  const order = wide.to("int64").reshape(-1).cumsum(0).sub(1).clamp({
    min: 0,
    max: Math.max(0, source.numel() - 1),
  });
  return where(wide, source.reshape(-1).index(order).reshape(input.shape), input);
}

/** The elements at indices of the flattened tensor. */
export function take(input: Tensor, index: Tensor): Tensor {
  checkIndex("take", index);
  return input.reshape(-1).index(index);
}

/** The elements that `indices` name along an axis, both broadcast beside it; of the flattened tensor without one. */
export function takeAlongDim(input: Tensor, indices: Tensor, dim: number | null = null): Tensor {
  if (dim === null) return input.reshape(-1).gather(0, indices.reshape(-1));
  const axis = normalizeAxis("takeAlongDim", dim, input.ndim);
  const shape = input.shape.map((n, i) => i === axis ? 1 : Math.max(n, indices.shape[i]));
  const wide = (x: Tensor) => x.expand(shape.with(axis, x.shape[axis]));
  return wide(input).gather(axis, wide(indices));
}

/** The input with elements of `source` at indices of the flattened tensor. */
export function put(
  input: Tensor,
  index: Tensor,
  source: Tensor,
  { accumulate = false } = {},
): Tensor {
  checkIndex("put", index);
  const [flat, at, values] = [input.reshape(-1), index.reshape(-1), source.reshape(-1)];
  const all = new Tensor(
    ops.where(
      ops.less(at.array, constant(0, at.dtype)),
      ops.add(at.array, constant(flat.numel(), at.dtype)),
      at.array,
    ),
  );
  return (accumulate ? scatterAdd(flat, 0, all, values) : scatter(flat, 0, all, values)).reshape(
    input.shape,
  );
}

/** The input with another tensor as one entry of an axis. */
export function selectScatter(input: Tensor, src: Tensor, dim: number, index: number): Tensor {
  const result = input.mul(1);
  result.select(dim, index).copy_(src);
  return result;
}

/** The input with another tensor as entries `start`, `start + step`, ... below `end` of an axis. */
export function sliceScatter(
  input: Tensor,
  src: Tensor,
  dim = 0,
  start: number | null = null,
  end: number | null = null,
  step = 1,
): Tensor {
  const axis = normalizeAxis("sliceScatter", dim, input.ndim);
  const size = input.shape[axis];
  const inside = (n: number) => Math.min(size, Math.max(0, n < 0 ? n + size : n));
  const [from, to] = [inside(start ?? 0), inside(end ?? size)];
  const places: bigint[] = [];
  for (let i = from; i < to; i += step) places.push(BigInt(i));
  return indexCopy(
    input,
    axis,
    new Tensor(fromHost(BigInt64Array.from(places), [places.length])),
    src,
  );
}

const methods = {
  scatter,
  scatterAdd,
  scatterReduce,
  indexAdd,
  indexCopy,
  indexFill,
  indexReduce,
  indexPut,
  maskedScatter,
  take,
  takeAlongDim,
  put,
  selectScatter,
  sliceScatter,
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
