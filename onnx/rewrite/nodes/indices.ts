/**
 * Reading and ordering elements where a provider knows fewer element types, or indices of another type.
 * @module
 */
import {
  composed,
  type Composition,
  Expressions,
  integerAttribute,
  type NodeCall,
  type NodeWriter,
} from "./node_writer.ts";

/** A block, axis by axis, as rows at constant indices. */
const sliceByGather: Composition = (writer, { inputs: [x, ...bounds], types: [dtype] }) => {
  const lists = bounds.map((name) => {
    const constant = writer.constantOf(name);
    return constant && Array.from(constant.data as BigInt64Array, Number);
  });
  const [begin, end, axes, step] = lists;
  if (!begin || !end || !axes || !writer.has("Gather", dtype)) return undefined;
  return axes.reduce((array, axis, i) => {
    const indices: number[] = [];
    for (let at = begin[i]; at < end[i]; at += step?.[i] ?? 1) indices.push(at);
    return writer.node("Gather", [array, writer.constant(indices, "int32")], {
      attributes: { axis },
    });
  }, x);
};

/** 0, 1, 2, ... along an axis, in an array's shape and in float32. */
function positions(e: Expressions, x: string, axis: number): string {
  const one = e.cast(e.equal(x, x), "float32");
  const f = new Expressions(e.writer, "float32");
  return e.writer.node("CumSum", [f.max(one, 1), e.writer.scalar(axis, "int64")], {
    attributes: { exclusive: 1 },
  });
}

/** The first position of the largest (smallest) element; NaN is passed over. */
function argBest(fold: "ReduceMax" | "ReduceMin"): Composition {
  return composed((e, [x], call) => {
    const axis = integerAttribute(call, "axis", 0);
    const keepdims = integerAttribute(call, "keepdims", 1);
    const f = new Expressions(e.writer, "float32");
    const along = e.writer.int64s([axis]);
    const best = e.writer.node(fold, [x, along], { attributes: { keepdims: 1 } });
    const at = f.where(e.equal(x, best), positions(e, x, axis), f.number(2 ** 30));
    const first = e.writer.node("ReduceMin", [at, along], { attributes: { keepdims } });
    // Where nothing but NaN is there, the first one.
    return e.cast(f.where(f.equal(first, 2 ** 30), f.number(0), first), "int64");
  });
}

/** Integers as two halves that float32 holds exactly, each moved alone. */
function inHalves(move: (writer: NodeWriter, x: string, call: NodeCall) => string): Composition {
  return (writer, call) => {
    const [dtype] = call.types;
    if (dtype !== "int32" && dtype !== "uint32") return undefined;
    const e = new Expressions(writer, dtype);
    const high = e.div(call.inputs[0], 65536);
    const low = e.sub(call.inputs[0], e.mul(high, 65536));
    const [upper, lower] = [high, low].map((half) =>
      e.cast(move(writer, e.cast(half, "float32"), call), dtype)
    );
    return e.add(e.mul(upper, 65536), lower);
  };
}

const gatherElements: Composition = inHalves((writer, x, { type, inputs, options }) =>
  writer.node(type, [x, ...inputs.slice(1)], options)
);

/** The indices of what TopK found, as a number of the type that the provider stores int64 in. */
export function narrowIndices(
  writer: NodeWriter,
  x: string,
  indices: string,
  axis: number,
): string {
  const e = new Expressions(writer, writer.typeOf(x));
  const at = writer.node("GatherElements", [positions(e, x, axis), indices], {
    attributes: { axis },
  });
  return e.cast(at, "int32");
}

export const INDICES: Readonly<Record<string, Composition>> = {
  Slice: sliceByGather,
  ArgMax: argBest("ReduceMax"),
  ArgMin: argBest("ReduceMin"),
  GatherElements: gatherElements,
};
