/**
 * Indices that have to lie within a range: ONNX Runtime's kernels take negative ones from the back, and on a GPU they read
 * zeros, or anything, where an index is too large. Idioms that refuse such indices say so here.
 * @module
 */
import type { TypedArray } from "../dtype.ts";
import { noFlops } from "../flops.ts";
import type { PendingGraph } from "../graph.ts";
import type { LazyArray } from "../lazy_array.ts";
import { applyOp, type Op } from "../op.ts";
import { EXPAND, RESHAPE } from "./broadcast.ts";
import { CAST } from "./rounding.ts";

interface RangeAttributes {
  readonly [name: string]: string | number;
  /** Who wants it, for the message. */
  readonly by: string;
  readonly from: number;
  readonly to: number;
  /** 1 where a program computes the indices and none may be negative, else 0. */
  readonly refusesNegative: number;
}

/** Added to a negative index: ONNX Runtime refuses the large one, where it would take the negative one from the back. */
const BEYOND = { int32: 2 ** 31, int64: -(2 ** 63) } as const;

const INDEX_RANGE: Op<RangeAttributes> = {
  name: "IndexRange",
  movesMemory: true,
  infer: ([{ dtype, shape }]) => [{ dtype, shape }],
  flops: noFlops,
  lower: (writer, [indices], { refusesNegative }, { inputs: [{ dtype }] }) => {
    if (!refusesNegative) return [indices];
    const isNegative = writer.node("Less", [indices, writer.scalar(0, dtype)]);
    const beyond = writer.scalar(BEYOND[dtype as "int32" | "int64"], dtype);
    return [writer.node("Where", [isNegative, writer.node("Add", [indices, beyond]), indices])];
  },
  host: ([{ data }], range) => {
    refuseOutside(data, range);
    return data;
  },
  gradient: () => [null],
};

/**
 * The indices as they are, once it is certain that they lie from `from` to `to`. Those that are there are checked at
 * once, those that a program is fed at every run, before it; those that a program computes itself, by ONNX Runtime, whose
 * error names them by {@linkcode onnxRuntimeError}.
 *
 * @throws {RangeError} naming the index and what was expected
 */
export function withinRange(
  by: string,
  indices: LazyArray,
  { from = 0, to }: { readonly from?: number; readonly to: number },
): LazyArray {
  const refusesNegative = from >= 0 && sourceOf(indices).node ? 1 : 0;
  return applyOp(INDEX_RANGE, [indices], { by, from, to, refusesNegative })[0];
}

/** A leaf of a graph whose values are indices. */
export interface CheckedLeaf {
  /** Position among the graph's leaves. */
  readonly leaf: number;
  /** @throws {RangeError} naming an index that is out of range */
  check(values: TypedArray): void;
}

/** Which leaves of a graph hold indices that were given to {@linkcode withinRange}. */
export function checkedLeaves({ nodes, leaves }: PendingGraph): CheckedLeaf[] {
  return nodes.flatMap(({ op, inputs, attributes }) => {
    if (op !== INDEX_RANGE as unknown) return [];
    const leaf = leaves.indexOf(sourceOf(inputs[0]));
    const check = (values: TypedArray) => refuseOutside(values, attributes as RangeAttributes);
    return leaf < 0 ? [] : [{ leaf, check }];
  });
}

/** What has the same values, in another shape or element type. */
function sourceOf(array: LazyArray): LazyArray {
  let source = array;
  const keepsValues = [RESHAPE, EXPAND, CAST, INDEX_RANGE] as unknown[];
  while (source.node && keepsValues.includes(source.node.op)) source = source.node.inputs[0];
  return source;
}

function refuseOutside(values: TypedArray, { by, from, to }: RangeAttributes): void {
  for (const value of values) {
    if (Number(value) >= from && Number(value) <= to) continue;
    throw new RangeError(`${by}: the index value ${value} is not in [${from}, ${to}]`);
  }
}
