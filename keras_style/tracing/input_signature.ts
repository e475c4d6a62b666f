/**
 * What is declared of the arguments of a traced function, with dimensions that may be left open.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { showShape } from "../../onnx/mod.ts";
import { isVariable } from "./containers.ts";
import { freshStandIn } from "./symbolic_dimensions.ts";

/** Element type and shape of an argument; `null` is a dimension that may change from call to call. */
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
      spec.shape.every((dimension: unknown) =>
        dimension === null || (Number.isInteger(dimension) && Number(dimension) >= 0)
      );
    if (isShape) return;
    throw new TypeError(
      `tfFunction: inputSignature[${i}].shape is ${
        JSON.stringify(spec?.shape)
      }, expected an array of ` +
        `integers and nulls`,
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
      shape.every((dimension, axis) => dimension === null || dimension === arg.shape[axis]);
    if (fits) return;
    throw new TypeError(
      `tfFunction: argument ${i} is ${arg.dtype}${showShape(arg.shape)}, expected ${expected} by ` +
        `inputSignature`,
    );
  });
}

function showSpec(shape: TensorSpec["shape"]): string {
  return `[${shape.map((dimension) => dimension ?? "null").join(", ")}]`;
}

/**
 * The shapes that a function is recorded with: unknown dimensions are stood in for. Where dimensions of different arguments are
 * equal in this call, they get the same symbolic dimension: images and their labels are as many, inner dimensions of matrices match.
 */
export function recordingShapes(
  signature: readonly TensorSpec[],
  tensors: readonly tf.Tensor[],
): number[][] {
  const used = new Set<number>();
  const recorded: number[][] = [];
  signature.forEach(({ shape }, i) => {
    const own: number[] = [];
    shape.forEach((dimension, axis) => {
      const known = dimension ?? sharedStandIn(axis, i, signature, tensors, recorded, own);
      const chosen = known ?? freshStandIn(used, axis === 0);
      if (dimension === null) used.add(chosen);
      own.push(chosen);
    });
    recorded.push(own);
  });
  return recorded;
}

/** The symbolic dimension of an equal dimension of an earlier argument, on the same axis if there is one. */
function sharedStandIn(
  axis: number,
  argument: number,
  signature: readonly TensorSpec[],
  tensors: readonly tf.Tensor[],
  recorded: readonly (readonly number[])[],
  own: readonly number[],
): number | undefined {
  const dimension = tensors[argument].shape[axis];
  const equal = recorded.flatMap((shape, i) =>
    shape.flatMap((standIn, at) =>
      signature[i].shape[at] === null && tensors[i].shape[at] === dimension &&
        !own.includes(standIn)
        ? [{ standIn, at }]
        : []
    )
  );
  return (equal.find(({ at }) => at === axis) ?? equal[0])?.standIn;
}

/** Whether a recording of these shapes holds for tensors: dimensions that share a symbolic dimension are equal in them. */
export function isRecordedFor(
  shapes: readonly (readonly number[])[],
  tensors: readonly tf.Tensor[],
  signature: readonly TensorSpec[],
): boolean {
  const dimensions = new Map<number, number>();
  return shapes.every((shape, i) =>
    shape.every((standIn, axis) => {
      if (signature[i].shape[axis] !== null) return true;
      const now = tensors[i].shape[axis];
      const before = dimensions.get(standIn);
      dimensions.set(standIn, now);
      return before === undefined || before === now;
    })
  );
}
