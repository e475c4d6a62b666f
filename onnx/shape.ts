/**
 * Shapes: sizes, broadcasting and axes, with errors that name the op and both sides.
 * @module
 */

/** Sizes of an array's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** An error about shapes, element types or arguments of an op. Its message begins with the op's name. */
export class ShapeError extends Error {
  override name = "ShapeError";
}

/** Number of elements of a shape. Asked thousands of times a training step: without an iterator, which would be collected. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let axis = 0; axis < shape.length; axis++) size *= shape[axis];
  return size;
}

/** A shape as people write it: `[32, 3, 32, 32]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Whether two shapes have the same dimensions. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** Elements to step over for one more of each axis, in row-major order. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/**
 * The shape two arrays are stretched to when they meet, as NumPy and ONNX do it.
 *
 * @throws {ShapeError} if an axis differs and neither side has size 1 there.
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const left = a[a.length - i] ?? 1;
    const right = b[b.length - i] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new ShapeError(
        `${op}: shapes ${showShape(a)} and ${showShape(b)} cannot be broadcast: ` +
          `axis ${rank - i} has ${left} against ${right}, expected equal dimensions or 1`,
      );
    }
    out[rank - i] = left === 1 ? right : left;
  }
  return out;
}

/**
 * An axis counted from the front: -1 becomes the last.
 *
 * @throws {ShapeError} if the axis lies outside the rank.
 */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(
      `${op}: axis ${axis} is out of range for rank ${rank}, expected ${-rank} to ${rank - 1}`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/** Axes counted from the front, ascending and without repeats; all axes when none are given. */
export function normalizeAxes(
  op: string,
  axes: number | readonly number[] | null | undefined,
  rank: number,
): number[] {
  if (axes === null || axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = typeof axes === "number" ? [axes] : axes;
  const set = new Set(list.map((axis) => normalizeAxis(op, axis, rank)));
  if (set.size !== list.length) {
    throw new ShapeError(`${op}: axes [${list.join(", ")}] name an axis twice`);
  }
  return [...set].sort((a, b) => a - b);
}
