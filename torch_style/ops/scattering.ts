/**
 * Writing elements to indices, and reading them back. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../arguments.ts";
import { type Operand, operandKind, Tensor, tensorKind } from "../tensor.ts";
import { constant, fromHost, isFloating, normalizeAxis, ops, showShape } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
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

const SCATTER = signature("scatter", ["input", tensorKind], ["dim", kinds.integer], [
  "index",
  tensorKind,
], ["src", operandKind]);

/** The input with elements of `src` at `index` along an axis; of several for one place the last one stays. */
export function scatter(
  ...given: Call<
    typeof SCATTER,
    Record<never, never>,
    [input: Tensor, dim: number, index: Tensor, src: Operand]
  >
): Tensor {
  const { input, dim, index, src } = SCATTER.read(given);
  checkIndex("scatter", index);
  const axis = normalizeAxis("scatter", dim, input.ndim);
  const source = sourceFor("scatter", input, index, src);
  return apply(
    "Scatter",
    [input, source],
    ([x, s]) => ops.scatterElements(x, index.array, s, axis),
  );
}

const SCATTER_ADD = signature("scatterAdd", ["input", tensorKind], ["dim", kinds.integer], [
  "index",
  tensorKind,
], ["src", tensorKind]);

/** The input with elements of `src` added at `index` along an axis. */
export function scatterAdd(
  ...given: Call<
    typeof SCATTER_ADD,
    Record<never, never>,
    [input: Tensor, dim: number, index: Tensor, src: Tensor]
  >
): Tensor {
  const { input, dim, index, src } = SCATTER_ADD.read(given);
  checkIndex("scatterAdd", index);
  const axis = normalizeAxis("scatterAdd", dim, input.ndim);
  return apply(
    "ScatterAdd",
    [input, sourceFor("scatterAdd", input, index, src)],
    ([x, s]) => ops.add(x, ops.scatterElementsAdd(x, index.array, s, axis)),
  );
}

/** Option of reductions into positions. */
export interface IncludeSelfOption {
  /** Whether what was there counts; true unless given. */
  readonly includeSelf?: boolean;
}

const SCATTER_REDUCE = signature(
  "scatterReduce",
  ["input", tensorKind],
  ["dim", kinds.integer],
  ["index", tensorKind],
  ["src", tensorKind],
  ["reduce", kinds.oneOf("sum", "prod", "mean", "amax", "amin")],
  "*",
  ["includeSelf", kinds.boolean, undefined],
);

/** The input with elements of `src` folded into the positions at `index` along an axis. */
export function scatterReduce(
  ...given: Call<
    typeof SCATTER_REDUCE,
    IncludeSelfOption,
    [input: Tensor, dim: number, index: Tensor, src: Tensor, reduce: ScatterReduction]
  >
): Tensor {
  const { input, dim, index, src, reduce, includeSelf = true } = SCATTER_REDUCE.read(given);
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

const INDEX_ADD = signature(
  "indexAdd",
  ["input", tensorKind],
  ["dim", kinds.integer],
  ["index", tensorKind],
  ["source", tensorKind],
  "*",
  ["alpha", kinds.number, undefined],
);

/** The input with entries of `source` added to the entries at `index` of an axis. */
export function indexAdd(
  ...given: Call<
    typeof INDEX_ADD,
    AlphaOnly,
    [input: Tensor, dim: number, index: Tensor, source: Tensor]
  >
): Tensor {
  const { input, dim, index, source, alpha = 1 } = INDEX_ADD.read(given);
  checkIndex("indexAdd", index);
  const axis = normalizeAxis("indexAdd", dim, input.ndim);
  const scaled = alpha === 1 ? source : source.mul(alpha);
  return scatterAdd(input, axis, alongAxis(input, axis, index, source), scaled);
}

const INDEX_COPY = signature("indexCopy", ["input", tensorKind], ["dim", kinds.integer], [
  "index",
  tensorKind,
], ["source", tensorKind]);

/** The input with the entries at `index` of an axis replaced by those of `source`. */
export function indexCopy(
  ...given: Call<
    typeof INDEX_COPY,
    Record<never, never>,
    [input: Tensor, dim: number, index: Tensor, source: Tensor]
  >
): Tensor {
  const { input, dim, index, source } = INDEX_COPY.read(given);
  checkIndex("indexCopy", index);
  const axis = normalizeAxis("indexCopy", dim, input.ndim);
  return scatter(input, axis, alongAxis(input, axis, index, source), source);
}

const INDEX_FILL = signature("indexFill", ["input", tensorKind], ["dim", kinds.integer], [
  "index",
  tensorKind,
], ["value", operandKind]);

/** The input with the entries at `index` of an axis set to one value. */
export function indexFill(
  ...given: Call<
    typeof INDEX_FILL,
    Record<never, never>,
    [input: Tensor, dim: number, index: Tensor, value: Operand]
  >
): Tensor {
  const { input, dim, index, value } = INDEX_FILL.read(given);
  checkIndex("indexFill", index);
  const axis = normalizeAxis("indexFill", dim, input.ndim);
  const positions = new Tensor(
    fromHost(BigInt64Array.from({ length: input.shape[axis] }, (_, i) => BigInt(i)), [
      input.shape[axis],
    ]),
  );
  const hit = positions.unsqueeze(1).eq(index.reshape(1, -1)).any(1);
  return input.maskedFill(hit.reshape(input.shape.map((n, i) => i === axis ? n : 1)), value);
}

const INDEX_REDUCE = signature(
  "indexReduce",
  ["input", tensorKind],
  ["dim", kinds.integer],
  ["index", tensorKind],
  ["source", tensorKind],
  ["reduce", kinds.oneOf("prod", "mean", "amax", "amin")],
  "*",
  ["includeSelf", kinds.boolean, undefined],
);

/** The input with entries of `source` folded into the entries at `index` of an axis. */
export function indexReduce(
  ...given: Call<
    typeof INDEX_REDUCE,
    IncludeSelfOption,
    [
      input: Tensor,
      dim: number,
      index: Tensor,
      source: Tensor,
      reduce: Exclude<ScatterReduction, "sum">,
    ]
  >
): Tensor {
  const { input, dim, index, source, reduce, ...options } = INDEX_REDUCE.read(given);
  checkIndex("indexReduce", index);
  const axis = normalizeAxis("indexReduce", dim, input.ndim);
  return scatterReduce(input, axis, alongAxis(input, axis, index, source), source, reduce, options);
}

const INDEX_PUT = signature(
  "indexPut",
  ["input", tensorKind],
  ["indices", kinds.any as Kind<readonly Index[]>],
  ["value", operandKind],
  "*",
  ["accumulate", kinds.boolean, undefined],
);

/** A copy with `value` in the part that the indices name: see `indexPut_`. */
export function indexPut(
  ...given: Call<
    typeof INDEX_PUT,
    { readonly accumulate?: boolean },
    [input: Tensor, indices: readonly Index[], value: Operand]
  >
): Tensor {
  const { input, indices, value, ...options } = INDEX_PUT.read(given);
  return indexPut_(input.clone(), indices, value, options);
}

const MASKED_SCATTER = signature("maskedScatter", ["input", tensorKind], ["mask", tensorKind], [
  "source",
  tensorKind,
]);

/** The input with elements of `source`, in order, where the mask is true. */
export function maskedScatter(
  ...given: Call<
    typeof MASKED_SCATTER,
    Record<never, never>,
    [input: Tensor, mask: Tensor, source: Tensor]
  >
): Tensor {
  const { input, mask, source } = MASKED_SCATTER.read(given);
  const wide = mask.expand(input.shape);
  const order = wide.to("int64").reshape(-1).cumsum(0).sub(1).clamp({
    min: 0,
    max: Math.max(0, source.numel() - 1),
  });
  return where(wide, source.reshape(-1).index(order).reshape(input.shape), input);
}

const TAKE = signature("take", ["input", tensorKind], ["index", tensorKind]);

/** The elements at indices of the flattened tensor. */
export function take(
  ...given: Call<typeof TAKE, Record<never, never>, [input: Tensor, index: Tensor]>
): Tensor {
  const { input, index } = TAKE.read(given);
  checkIndex("take", index);
  return input.reshape(-1).index(index);
}

const TAKE_ALONG_DIM = signature("takeAlongDim", ["input", tensorKind], ["indices", tensorKind], [
  "dim",
  kinds.nullable(kinds.integer),
  null,
]);

/** The elements that `indices` name along an axis, both broadcast beside it; of the flattened tensor without one. */
export function takeAlongDim(
  ...given: Call<
    typeof TAKE_ALONG_DIM,
    { readonly dim?: number | null },
    [input: Tensor, indices: Tensor]
  >
): Tensor {
  const { input, indices, dim } = TAKE_ALONG_DIM.read(given);
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

const SELECT_SCATTER = signature("selectScatter", ["input", tensorKind], ["src", tensorKind], [
  "dim",
  kinds.integer,
], ["index", kinds.integer]);

/** The input with another tensor as one entry of an axis. */
export function selectScatter(
  ...given: Call<
    typeof SELECT_SCATTER,
    Record<never, never>,
    [input: Tensor, src: Tensor, dim: number, index: number]
  >
): Tensor {
  const { input, src, dim, index } = SELECT_SCATTER.read(given);
  const result = input.mul(1);
  result.select(dim, index).copy_(src);
  return result;
}

const SLICE_SCATTER = signature(
  "sliceScatter",
  ["input", tensorKind],
  ["src", tensorKind],
  ["dim", kinds.integer, 0],
  ["start", kinds.nullable(kinds.integer), null],
  ["end", kinds.nullable(kinds.integer), null],
  ["step", kinds.integer, 1],
);

/** The input with another tensor as entries `start`, `start + step`, ... below `end` of an axis. */
export function sliceScatter(
  ...given: Call<
    typeof SLICE_SCATTER,
    {
      readonly dim?: number;
      readonly start?: number | null;
      readonly end?: number | null;
      readonly step?: number;
    },
    [input: Tensor, src: Tensor]
  >
): Tensor {
  const { input, src, dim, start, end, step } = SLICE_SCATTER.read(given);
  const axis = normalizeAxis("sliceScatter", dim, input.ndim);
  const size = input.shape[axis];
  const inside = (n: number) => Math.min(size, Math.max(0, n < 0 ? n + size : n));
  const [from, to] = [inside(start ?? 0), inside(end ?? size)];
  const positions: bigint[] = [];
  for (let i = from; i < to; i += step) positions.push(BigInt(i));
  return indexCopy(
    input,
    axis,
    new Tensor(fromHost(BigInt64Array.from(positions), [positions.length])),
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
