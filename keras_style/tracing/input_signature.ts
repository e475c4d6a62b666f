/**
 * What a traced function is told about its arguments beforehand, with extents that may be left open.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { showShape } from "../../onnx/mod.ts";
import { isVariable } from "./containers.ts";
import { standIn } from "./unknown_extents.ts";

/** Element type and shape of an argument; `null` is an extent that may change from call to call. */
export interface TensorSpec {
  readonly shape: readonly (number | null)[];
  /** `float32` unless given. */
  readonly dtype?: tf.DataType;
}

/** Checks an `inputSignature`. @throws {TypeError} naming the entry that is none */
export function checkInputSignature(signature: readonly TensorSpec[]): void {
  if (!Array.isArray(signature)) {
    throw new TypeError(
      `tfFunction: inputSignature is ${signature}, expected an array of TensorSpec`,
    );
  }
  signature.forEach((spec, i) => {
    const isShape = Array.isArray(spec?.shape) &&
      spec.shape.every((extent: unknown) =>
        extent === null || (Number.isInteger(extent) && Number(extent) >= 0)
      );
    if (isShape) return;
    throw new TypeError(
      `tfFunction: inputSignature[${i}].shape is ${
        JSON.stringify(spec?.shape)
      }, expected an array of ` +
        `whole numbers and nulls`,
    );
  });
}

/**
 * Holds the arguments of a call against the signature.
 *
 * @throws {TypeError} naming the argument, what it is and what was expected
 */
export function checkArguments(
  signature: readonly TensorSpec[],
  args: readonly unknown[],
): asserts args is tf.Tensor[] {
  if (args.length !== signature.length) {
    throw new TypeError(
      `tfFunction: ${args.length} arguments, expected ${signature.length} by inputSignature`,
    );
  }
  signature.forEach(({ shape, dtype = "float32" }, i) => {
    const arg = args[i];
    const expected = `${dtype}${showSpec(shape)}`;
    if (!(arg instanceof tf.Tensor) || isVariable(arg)) {
      throw new TypeError(`tfFunction: argument ${i} is no tensor, expected ${expected}`);
    }
    const fits = arg.dtype === dtype && arg.rank === shape.length &&
      shape.every((extent, axis) => extent === null || extent === arg.shape[axis]);
    if (fits) return;
    throw new TypeError(
      `tfFunction: argument ${i} is ${arg.dtype}${showShape(arg.shape)}, expected ${expected} by ` +
        `inputSignature`,
    );
  });
}

function showSpec(shape: TensorSpec["shape"]): string {
  return `[${shape.map((extent) => extent ?? "null").join(", ")}]`;
}

/**
 * The shapes that a function is recorded with: unknown extents are stood in for. First axes that are equal in this call
 * get the same stand-in: pictures and their labels are as many.
 */
export function recordingShapes(
  signature: readonly TensorSpec[],
  tensors: readonly tf.Tensor[],
): number[][] {
  let used = 0;
  const firstAxes = new Map<number, number>();
  return signature.map(({ shape }, i) =>
    shape.map((extent, axis) => {
      if (extent !== null) return extent;
      if (axis > 0) return standIn(used++);
      const count = tensors[i].shape[0];
      const known = firstAxes.get(count);
      if (known !== undefined) return known;
      const fresh = standIn(used++);
      firstAxes.set(count, fresh);
      return fresh;
    })
  );
}
