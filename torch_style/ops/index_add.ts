/**
 * Entries of an axis, or elements, that a list of indices names, written in a copy: `indexAdd`, `indexCopy`, `indexFill`,
 * `indexReduce`, `indexPut`, `selectScatter`, `sliceScatter`. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#indexing-slicing-joining-mutating-ops
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Operand, operandKind, Tensor, tensorKind } from "../tensor.ts";
import { fromHost, normalizeAxis } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { type Index, indexPut_, indicesKind } from "./indexing.ts";
import { asList } from "./dims.ts";
import { checkIndex, indicesWithin } from "./operand_arguments.ts";
import {
  type IncludeSelfOption,
  scatter,
  scatterAdd,
  scatterReduce,
  type ScatterReduction,
} from "./scattering.ts";

/** Option of {@linkcode indexAdd}. */
export interface AlphaOnly {
  /** What the source is multiplied with, 1 unless given. */
  readonly alpha?: number;
}

/** A vector of indices along an axis, as wide as the source. */
function alongAxis(
  name: string,
  input: Tensor,
  axis: number,
  index: Tensor,
  source: Tensor,
): Tensor {
  const known = indicesWithin(name, index, input.shape[axis]);
  const wide = known.reshape(source.shape.map((_, i) => i === axis ? index.numel() : 1));
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
  if (input.ndim === 0) {
    return indexAdd(asList(input), dim, asList(index), asList(source), { alpha }).reshape([]);
  }
  const axis = normalizeAxis("indexAdd", dim, input.ndim);
  const scaled = alpha === 1 ? source : source.mul(alpha);
  return scatterAdd(input, axis, alongAxis("indexAdd", input, axis, index, source), scaled);
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
  if (input.ndim === 0) {
    return indexCopy(asList(input), dim, asList(index), asList(source)).reshape([]);
  }
  const axis = normalizeAxis("indexCopy", dim, input.ndim);
  return scatter(input, axis, alongAxis("indexCopy", input, axis, index, source), source);
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
  if (input.ndim === 0) return indexFill(asList(input), dim, asList(index), value).reshape([]);
  checkIndex("indexFill", index);
  const axis = normalizeAxis("indexFill", dim, input.ndim);
  const positions = new Tensor(
    fromHost(BigInt64Array.from({ length: input.shape[axis] }, (_, i) => BigInt(i)), [
      input.shape[axis],
    ]),
  );
  const known = indicesWithin("indexFill", index, input.shape[axis], { fromBack: true });
  const hit = positions.unsqueeze(1).eq(known.remainder(input.shape[axis]).reshape(1, -1)).any(1);
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
  if (input.ndim === 0) {
    const lists = [asList(index), asList(source)] as const;
    return indexReduce(asList(input), dim, ...lists, reduce, options).reshape([]);
  }
  const axis = normalizeAxis("indexReduce", dim, input.ndim);
  return scatterReduce(
    input,
    axis,
    alongAxis("indexReduce", input, axis, index, source),
    source,
    reduce,
    options,
  );
}

const INDEX_PUT = signature(
  "indexPut",
  ["input", tensorKind],
  ["indices", indicesKind],
  ["values", operandKind],
  "*",
  ["accumulate", kinds.boolean, undefined],
);

/** A copy with `values` in the part that the indices name: see `indexPut_`. */
export function indexPut(
  ...given: Call<
    typeof INDEX_PUT,
    { readonly accumulate?: boolean },
    [input: Tensor, indices: readonly Index[], values: Operand]
  >
): Tensor {
  const { input, indices, values, ...options } = INDEX_PUT.read(given);
  return indexPut_(input.clone(), indices, values, options);
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
  indexAdd,
  indexCopy,
  indexFill,
  indexReduce,
  indexPut,
  selectScatter,
  sliceScatter,
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
