/**
 * Writing elements to indices, and reading them back. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Operand, operandKind, Tensor, tensorKind } from "../tensor.ts";
import { constant, isFloating, normalizeAxis, ops, showShape } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { div, where } from "./elementwise.ts";
import { asList } from "./dims.ts";
import { checkIndex, indicesWithin } from "./operand_arguments.ts";

/** How several elements for one index, and what was there before, become one. */
export type ScatterReduction = "sum" | "prod" | "mean" | "amax" | "amin";

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

/** The input with elements of `src` at `index` along an axis; of several for one index the last one stays. */
export function scatter(
  ...given: Call<
    typeof SCATTER,
    Record<never, never>,
    [input: Tensor, dim: number, index: Tensor, src: Operand]
  >
): Tensor {
  const { input, dim, index: positions, src } = SCATTER.read(given);
  if (input.ndim === 0) {
    const source = src instanceof Tensor ? asList(src) : src;
    return scatter(asList(input), dim, asList(positions), source).reshape([]);
  }
  const axis = normalizeAxis("scatter", dim, input.ndim);
  const index = indicesWithin("scatter", positions, input.shape[axis]);
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
  const { input, dim, index: positions, src } = SCATTER_ADD.read(given);
  if (input.ndim === 0) {
    return scatterAdd(asList(input), dim, asList(positions), asList(src)).reshape([]);
  }
  const axis = normalizeAxis("scatterAdd", dim, input.ndim);
  const index = indicesWithin("scatterAdd", positions, input.shape[axis]);
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
  const { input, dim, index: positions, src, reduce, includeSelf = true } = SCATTER_REDUCE
    .read(given);
  if (input.ndim === 0) {
    const lists = [asList(positions), asList(src)] as const;
    return scatterReduce(asList(input), dim, ...lists, reduce, { includeSelf }).reshape([]);
  }
  const axis = normalizeAxis("scatterReduce", dim, input.ndim);
  const index = indicesWithin("scatterReduce", positions, input.shape[axis]);
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
  return input.reshape(-1).index(
    indicesWithin("take", index, input.numel(), { fromBack: true }),
  );
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

const PUT = signature(
  "put",
  ["input", tensorKind],
  ["index", tensorKind],
  ["source", tensorKind],
  ["accumulate", kinds.boolean, false],
);

/** The input with elements of `source` at indices of the flattened tensor. */
export function put(
  ...given: Call<
    typeof PUT,
    { readonly accumulate?: boolean },
    [input: Tensor, index: Tensor, source: Tensor]
  >
): Tensor {
  const { input, index, source, accumulate } = PUT.read(given);
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

const methods = {
  scatter,
  scatterAdd,
  scatterReduce,
  maskedScatter,
  take,
  takeAlongDim,
  put,
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
