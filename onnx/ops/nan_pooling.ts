/**
 * Maximum pooling as ONNX Runtime computes it on the CPU, made to carry NaN. Its kernel compares by `max`, which passes over
 * NaN. Whether there is any is asked first, by a sum (a quarter of the pooling's own time); only then are the windows
 * with NaN looked for. Of several NaN in a window the last counts, as in PyTorch. The same for -Infinity: at the edges the
 * kernel begins with the lowest finite number.
 * @module
 */
import { floatLimits, isFloating } from "../dtype.ts";
import { castNode, type GraphWriter, type NodeOptions } from "../export/graph_writer.ts";
import type { ArrayType } from "../op.ts";
import { sizeOf } from "../shape.ts";

/** A pooling to be written. */
export interface WrittenPooling {
  /** Name and type of what is pooled: [n, c, d1, d2, ...], or blocks of its channels. */
  readonly input: string;
  readonly type: ArrayType;
  /** Window and domain of the MaxPool. */
  readonly options: NodeOptions;
  /** Whether somebody reads where the maxima lay. */
  readonly withIndices: boolean;
  /** Whether a window with NaN gives NaN. */
  readonly carriesNaN: boolean;
  /** The results: maxima, then indices. */
  readonly results: readonly ArrayType[];
}

/** Writes a maximum pooling, carrying NaN where the model is for the CPU here. @returns its maxima and indices */
export function writeMaxPool(writer: GraphWriter, pooling: WrittenPooling): string[] {
  const { type, withIndices, results } = pooling;
  const plain = () => maxPool(writer, pooling, pooling.input);
  if (!pooling.carriesNaN || !writer.poolsCarryNaN || !isFloating(type.dtype)) return plain();
  // Infinite or NaN, times 0, is NaN.
  const endless = writer.node("Mul", [total(writer, pooling), writer.scalar(0, type.dtype)]);
  const hasNaN = writer.node("IsNaN", [endless]);
  const types = withIndices ? results : results.slice(0, 1);
  return writer.choose(hasNaN, types, { yes: () => carrying(writer, pooling), no: plain });
}

function maxPool(writer: GraphWriter, pooling: WrittenPooling, input: string): string[] {
  return writer.nodes("MaxPool", [input], {
    ...pooling.options,
    outputs: pooling.withIndices ? 2 : 1,
  });
}

/** The sum of all elements: NaN or infinite if one is (or if it overflows, which costs time only). */
function total(writer: GraphWriter, { input, type: { shape } }: WrittenPooling): string {
  const [n, c, ...sizes] = shape;
  const rows = writer.node("Reshape", [input, writer.int64s([n * c, sizeOf(sizes)])]);
  const sum = (x: string, axis: number) =>
    writer.node("ReduceSum", [x, writer.int64s([axis])], { attributes: { keepdims: 0 } });
  return sum(sum(rows, 1), 0);
}

/** The pooling, and that of a mask: where in an image NaN lies, -1 elsewhere. */
function carrying(writer: GraphWriter, pooling: WrittenPooling): string[] {
  const { input, type: { dtype, shape }, withIndices } = pooling;
  const sizes = shape.slice(2);
  const constant = (value: number) => writer.scalar(value, dtype);
  const count = [0, sizeOf(sizes), 1].map((value) => writer.scalar(value, "int64"));
  const order = castNode(writer, writer.node("Range", count), dtype);
  const positions = writer.node("Reshape", [order, writer.int64s([1, 1, ...sizes])]);
  const isNaN = writer.node("IsNaN", [input]);
  const mask = writer.node("Where", [isNaN, positions, constant(-1)]);
  const [values, indices] = maxPool(writer, pooling, input);
  const [last, lastIndices] = maxPool(writer, pooling, mask);
  const found = writer.node("GreaterOrEqual", [last, constant(0)]);
  const isLowest = writer.node("Equal", [values, constant(-floatLimits(dtype).max)]);
  const endless = writer.node("Where", [isLowest, constant(-Infinity), values]);
  const carried = writer.node("Where", [found, constant(NaN), endless]);
  return withIndices ? [carried, writer.node("Where", [found, lastIndices, indices])] : [carried];
}
