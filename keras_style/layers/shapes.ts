/**
 * Shapes, nested as inputs are.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { KerasTensor, type Shape } from "./keras_tensor.ts";
import { isPlainObject, mapNested } from "./nested.ts";

function isShape(value: unknown): value is Shape {
  return Array.isArray(value) && value.every((size) => size === null || typeof size === "number");
}

/** Replaces shapes, in lists and objects, by something else. */
export function mapShapes<T>(shapes: unknown, replace: (shape: Shape) => T): unknown {
  if (isShape(shapes)) return replace(shapes);
  if (Array.isArray(shapes)) return shapes.map((entry) => mapShapes(entry, replace));
  if (isPlainObject(shapes)) {
    return Object.fromEntries(
      Object.entries(shapes).map(([key, entry]) => [key, mapShapes(entry, replace)]),
    );
  }
  return shapes;
}

/** Shapes of tensors, symbolic or not, nested as they are. */
export function shapesOf(inputs: unknown): unknown {
  return mapNested(
    inputs,
    (leaf) => leaf instanceof KerasTensor || leaf instanceof tf.Tensor ? [...leaf.shape] : leaf,
  );
}

/** @throws {RangeError} for dimensions that are neither null nor integers of at least 1 */
export function checkInputShape(shape: unknown): Shape {
  if (Array.isArray(shape) && shape.every(isDimension)) return shape;
  throw new RangeError(
    `inputShape is ${JSON.stringify(shape)}, expected integers of at least 1 or null, ` +
      `without the batch axis, such as [32, 32, 3]`,
  );
}

/** Whether this can be an axis' dimension: an integer of at least 1, or null for an unknown one. */
export function isDimension(dimension: unknown): boolean {
  return dimension === null || (Number.isInteger(dimension) && Number(dimension) >= 1);
}
