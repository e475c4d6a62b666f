/**
 * Functions that ONNX has no operator for, computed in JavaScript: at once where the values are on the host, else as soon
 * as they are computed. They cannot be exported to ONNX files.
 * @module
 */
import {
  createStorage,
  type DType,
  evaluate,
  fromHost,
  HostBuffer,
  LazyArray,
  type Shape,
  sizeOf,
  type TypedArray,
  writeElement,
} from "../../onnx/mod.ts";
import { defineFunction } from "../autograd/function.ts";
import { Tensor } from "../tensor.ts";
import { ofOne } from "./operand_arguments.ts";
import { fractional } from "./type_promotion.ts";

/** Dtype and shape of a result. */
export interface ResultType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** An array's values in double precision. */
export function doubles(data: TypedArray): Float64Array {
  return data instanceof Float64Array ? data : Float64Array.from(data as ArrayLike<number>, Number);
}

/**
 * Computes in JavaScript what the values of some tensors give.
 *
 * @param results dtype and shape of each result
 * @param compute the values of the results, in order; what it throws is thrown where the results are read if the inputs
 * are still to be computed
 */
export function computeOnHost(
  inputs: readonly Tensor[],
  results: readonly ResultType[],
  compute: (...data: Float64Array[]) => readonly ArrayLike<number>[],
): Tensor[] {
  return computeFromStored(inputs, results, (...data) => compute(...data.map(doubles)));
}

/**
 * As {@linkcode computeOnHost}, from the values as they are stored: integers of 64 bits, which doubles do not hold, as bigint,
 * and so may the results be.
 */
export function computeFromStored(
  inputs: readonly Tensor[],
  results: readonly ResultType[],
  compute: (...data: TypedArray[]) => readonly (ArrayLike<number> | BigInt64Array)[],
): Tensor[] {
  const arrays = inputs.map((input) => input.array);
  const run = () =>
    compute(...arrays.map((array) => array.buffer.data)).map((values, i) =>
      stored(values, results[i])
    );
  if (arrays.every((array) => array.isOnHost)) {
    return run().map((data, i) => new Tensor(fromHost(data, results[i].shape, results[i].dtype)));
  }
  const outputs = results.map(({ dtype, shape }) => new LazyArray(dtype, shape));
  const done = evaluate(arrays).then(() =>
    run().forEach((data, i) => outputs[i].resolve(new HostBuffer(data)))
  );
  outputs.forEach((output) => output.inFlight = done);
  // Whoever reads a result sees the failure.
  done.catch(() => {});
  return outputs.map((output) => new Tensor(output));
}

function stored(
  values: ArrayLike<number> | BigInt64Array,
  { dtype, shape }: ResultType,
): TypedArray {
  if (values instanceof BigInt64Array) return values;
  const data = createStorage(dtype, sizeOf(shape));
  if (values.length !== data.length) {
    throw new Error(`${values.length} values were computed for a result of ${data.length}`);
  }
  for (let i = 0; i < data.length; i++) writeElement(data, i, values[i], dtype);
  return data;
}

/** Declares a function of single elements by its value and its slope. Integers become float32. */
export function hostUnary(
  name: string,
  value: (x: number) => number,
  slope?: (x: Tensor) => Tensor,
): (input: Tensor) => Tensor {
  const plain = (x: Tensor) => computeOnHost([x], [x], (data) => [data.map(value)])[0];
  if (!slope) return ofOne(name, (input) => plain(fractional(input)));
  const call = defineFunction({
    name,
    forward(context, x) {
      context.saveForBackward(x);
      return plain(x);
    },
    backward: (context, gradient) => gradient.mul(slope(context.savedTensors[0])),
  });
  return ofOne(name, (input) => call(fractional(input)));
}
