/**
 * Normalization: elements made to have mean 0 and variance 1 along some axes.
 * @module
 */
import { readElement, storageFrom } from "../dtype.ts";
import { flopsPerInput } from "../flops.ts";
import { float } from "../export/node_attributes.ts";
import { constant, type LazyArray } from "../lazy_array.ts";
import {
  applyOp,
  type ArrayType,
  checkFloating,
  failShape,
  type GradientContext,
  type HostArray,
  type Op,
} from "../op.ts";
import { normalizeAxes, type Shape, showShape, sizeOf } from "../shape.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import {
  expand,
  indicesAfterFolding,
  reducedShape,
  reductionNode,
  type ReductionOptions,
  reshape,
  stretch,
  sum,
} from "./broadcast.ts";
import { reciprocal, sqrt } from "./exponential.ts";
import { mean } from "./reduction.ts";

interface StandardizeAttributes {
  readonly [name: string]: readonly number[] | number;
  readonly axes: readonly number[];
  readonly epsilon: number;
}

/** Outputs: what was standardized; mean, variance and factor, folded axes kept. */
export const STANDARDIZE: Op<StandardizeAttributes> = {
  name: "Standardize",
  infer: ([x], { axes }) => {
    checkFloating("standardize", x);
    const folded = { dtype: x.dtype, shape: reducedShape(x.shape, axes, true) };
    return [{ dtype: x.dtype, shape: x.shape }, folded, folded, folded];
  },
  // Not LayerNormalization: ONNX Runtime computes the variance there as a difference of large numbers.
  // Two means, and each element moved, squared and scaled; two functions for each factor.
  flops: ([x], [, middle]) => 5 * sizeOf(x.shape) + 3 * sizeOf(middle.shape),
  lower: (writer, [x], { axes, epsilon }, { inputs: [{ dtype }] }) => {
    const average = (name: string) => reductionNode(writer, "ReduceMean", name, axes, true);
    const middle = average(x);
    const away = writer.node("Sub", [x, middle]);
    const variance = average(writer.node("Mul", [away, away]));
    const raised = writer.node("Add", [variance, writer.scalar(epsilon, dtype)]);
    const factor = writer.node("Reciprocal", [writer.node("Sqrt", [raised])]);
    return [writer.node("Mul", [away, factor]), middle, variance, factor];
  },
  gradient: (context) => [standardizeGradient(context)],
};

/**
 * With y = (x - m) r, r = (v + epsilon)^-1/2 and n elements folded into one:
 *   through y:  r dy - y (r mean(dy y)) - r mean(dy)
 *   through m:  dm / n
 *   through v:  dv 2 (x - m) / n      where r adds  dr (-r³ / 2)  to dv
 */
function standardizeGradient(
  { inputs: [x], outputs: [y, m, , r], attributes: { axes }, upstream }: GradientContext<
    StandardizeAttributes
  >,
): LazyArray {
  const [dy, dm, dv, dr] = upstream;
  const number = (value: number) => constant(value, x.dtype);
  const count = number(axes.reduce((n, axis) => n * x.shape[axis], 1));
  const average = (array: LazyArray) => mean(array, { axes, keepDims: true });
  const parts: LazyArray[] = [];
  if (dy) {
    // What is folded is multiplied first: two products with whole arrays are left, and a sum that goes into one of them.
    const shift = neg(mul(r, average(dy)));
    const slope = neg(mul(r, average(mul(dy, y))));
    parts.push(add(mul(dy, r), add(mul(y, slope), shift)));
  }
  if (dm) parts.push(expand(div(dm, count), x.shape));
  const throughFactor = dr && mul(dr, mul(number(-0.5), mul(r, mul(r, r))));
  const slope = dv && throughFactor ? add(dv, throughFactor) : dv ?? throughFactor;
  if (slope) parts.push(mul(div(mul(slope, number(2)), count), sub(x, m)));
  return parts.reduce(add);
}

/** What {@linkcode standardize} computes; folded axes stay, with size 1. */
export interface Standardized {
  /** (x - mean) / sqrt(variance + epsilon) */
  readonly output: LazyArray;
  readonly mean: LazyArray;
  /** The mean square of x - mean. */
  readonly variance: LazyArray;
}

/** Gives x mean 0 and variance 1 over some axes; `epsilon` is added to the variance. */
export function standardize(
  x: LazyArray,
  axes: readonly number[],
  epsilon: number,
): Standardized {
  const folded = normalizeAxes("standardize", axes, x.shape.length);
  const [output, middle, variance] = applyOp(STANDARDIZE, [x], { axes: folded, epsilon });
  return { output, mean: middle, variance };
}

export const BATCH_NORMALIZATION: Op<{ epsilon: number }> = {
  name: "BatchNormalization",
  infer: ([x, ...perChannel]) => {
    checkFloating("batchNormalization", x);
    perChannel.forEach((array) => checkPerChannel(x, array));
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  flops: ([x, scale]) => 4 * sizeOf(x.shape) + 3 * sizeOf(scale.shape),
  lower: (writer, inputs, { epsilon }, { inputs: [{ dtype }] }) => {
    const normalize = (inputs: readonly string[], epsilon: number) => [
      writer.node("BatchNormalization", inputs, { attributes: { epsilon: float(epsilon) } }),
    ];
    if (dtype !== "float64") return normalize(inputs, epsilon);
    // The attribute is of float32.
    const [x, scale, bias, middle, variance] = inputs;
    const raised = writer.node("Add", [variance, writer.scalar(epsilon, dtype)]);
    return normalize([x, scale, bias, middle, raised], 0);
  },
  gradient: ({ inputs, attributes: { epsilon }, upstream: [dy], needs }) => {
    const [x, scale, , middle, variance] = inputs;
    const others = x.shape.flatMap((_, i) => i === 1 ? [] : [i]);
    const perChannel = (array: LazyArray) => reshape(array, channelShape(x.shape));
    const total = (array: LazyArray) => sum(array, { axes: others });
    const factor = reciprocal(sqrt(add(variance, constant(epsilon, x.dtype))));
    const away = sub(x, perChannel(middle));
    const slope = mul(scale, factor);
    const ofScale = needs[1] || needs[4] ? mul(total(mul(dy!, away)), factor) : null;
    const half = constant(-0.5, x.dtype);
    return [
      needs[0] ? mul(dy!, perChannel(slope)) : null,
      needs[1] ? ofScale : null,
      needs[2] ? total(dy!) : null,
      needs[3] ? mul(total(dy!), mul(slope, constant(-1, x.dtype))) : null,
      needs[4] ? mul(half, mul(mul(ofScale!, slope), factor)) : null,
    ];
  },
};

function checkPerChannel(x: ArrayType, array: ArrayType): void {
  if (array.shape.length === 1 && array.shape[0] === x.shape[1] && array.dtype === x.dtype) return;
  failShape(
    "batchNormalization",
    `${array.dtype}${showShape(array.shape)} does not fit ${x.dtype}${showShape(x.shape)}, ` +
      `expected ${x.dtype}[${x.shape[1]}], one number a channel`,
  );
}

/** One number a channel, as it meets an array with channels on axis 1. */
function channelShape(shape: Shape): number[] {
  return shape.map((dimension, i) => i === 1 ? dimension : 1);
}

/**
 * (x - mean) / sqrt(variance + epsilon) scale + bias with given values, one for each channel (axis 1).
 * ONNX operator BatchNormalization.
 */
export function batchNormalization(
  x: LazyArray,
  scale: LazyArray,
  bias: LazyArray,
  middle: LazyArray,
  variance: LazyArray,
  epsilon: number,
): LazyArray {
  return applyOp(BATCH_NORMALIZATION, [x, scale, bias, middle, variance], { epsilon })[0];
}

interface VarianceAttributes {
  readonly [name: string]: readonly number[] | boolean | number;
  readonly axes: readonly number[];
  readonly keepDims: boolean;
  readonly correction: number;
}

/** How many squares one variance is the mean of. */
function freedom(shape: Shape, { axes, correction }: VarianceAttributes): number {
  const count = axes.reduce((n, axis) => n * shape[axis], 1);
  return Math.max(0, count - correction);
}

const VARIANCE: Op<VarianceAttributes> = {
  name: "Variance",
  traits: ["reduction"],
  infer: ([x], { axes, keepDims }) => {
    checkFloating("variance", x);
    return [{ dtype: x.dtype, shape: reducedShape(x.shape, axes, keepDims) }];
  },
  flops: flopsPerInput(4),
  lower: (writer, [x], attributes, { inputs: [{ dtype, shape }] }) => {
    const { axes, keepDims } = attributes;
    const away = writer.node("Sub", [x, reductionNode(writer, "ReduceMean", x, axes, true)]);
    const squares = writer.node("Mul", [away, away]);
    const sum = reductionNode(writer, "ReduceSum", squares, axes, keepDims);
    return [writer.node("Div", [sum, writer.scalar(freedom(shape, attributes), dtype)])];
  },
  host: ([x], attributes, output) => varianceOnHost(x, attributes, output),
  gradient: ({ inputs: [x], attributes, upstream: [dy] }) => {
    const { axes } = attributes;
    const away = sub(x, mean(x, { axes, keepDims: true }));
    const factor = constant(2 / freedom(x.shape, attributes), x.dtype);
    return [mul(mul(stretch(dy!, x, axes), factor), away)];
  },
};

function varianceOnHost(x: HostArray, attributes: VarianceAttributes, output: ArrayType) {
  const to = indicesAfterFolding(x.shape, attributes.axes);
  const means = new Array<number>(sizeOf(output.shape)).fill(0);
  const squares = [...means];
  const count = to.length / means.length;
  to.forEach((k, i) => means[k] += readElement(x.data, i) / count);
  to.forEach((k, i) => squares[k] += (readElement(x.data, i) - means[k]) ** 2);
  const divisor = freedom(x.shape, attributes);
  return storageFrom(squares.map((sum) => sum / divisor), output.dtype);
}

/** Options of {@linkcode variance}. */
export interface VarianceOptions extends ReductionOptions {
  /** Taken off the number of elements that are divided by; 0 unless given. */
  readonly correction?: number;
}

/** Mean square of x - mean over axes. */
export function variance(x: LazyArray, options: VarianceOptions = {}): LazyArray {
  const { keepDims = false, correction = 0 } = options;
  const axes = normalizeAxes("variance", options.axes, x.shape.length);
  return applyOp(VARIANCE, [x], { axes, keepDims, correction })[0];
}
