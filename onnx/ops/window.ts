/**
 * How windows (of filters and poolings) move over an array, along any number of axes.
 * @module
 */
import { failShape } from "../op.ts";

/** A window and its way. Lists hold one number for each axis that it moves along. */
export interface Window {
  /** Size of the window: how many elements it sees along each axis. */
  readonly kernel: readonly number[];
  /** Step of the window. */
  readonly stride: readonly number[];
  /** Elements around the input: so many before each axis, then so many after each. */
  readonly padding: readonly number[];
  /** Distance of the window's elements. */
  readonly dilation: readonly number[];
}

/** How many elements of an axis lie between a window's first element and its last, those two included. */
export function windowSpan(kernel: number, dilation: number): number {
  return dilation * (kernel - 1) + 1;
}

/** How many windows fit along an axis of so many elements, padding included; less than 1 if none does. */
export function windowCount(padded: number, span: number, stride: number): number {
  return Math.floor((padded - span) / stride) + 1;
}

/**
 * Sizes of the result: how many windows fit along each axis.
 *
 * @param sizes of the axes that the window moves along
 * @param described the window and the input, for the error
 * @throws {ShapeError} if the window is larger than the padded input
 */
export function outputSizes(
  op: string,
  sizes: readonly number[],
  { kernel, stride, padding, dilation }: Window,
  described: { readonly window: string; readonly input: string },
): number[] {
  return sizes.map((size, i) => {
    const padded = size + padding[i] + padding[sizes.length + i];
    const count = windowCount(padded, windowSpan(kernel[i], dilation[i]), stride[i]);
    if (count >= 1) return count;
    failShape(op, `${described.window} is larger than the padded input ${described.input}`);
  });
}

/** How many elements of an axis so many windows cover, padding not counted. */
export function coveredSize(windows: number, axis: number, window: Window): number {
  const { kernel, stride, padding, dilation } = window;
  const covered = (windows - 1) * stride[axis] + windowSpan(kernel[axis], dilation[axis]);
  return covered - padding[axis] - padding[kernel.length + axis];
}

/** The indices of a window's elements, the last axis fastest: [0, 0], [0, 1], ... */
export function windowElements(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (all, size) => all.flatMap((at) => Array.from({ length: size }, (_, i) => [...at, i])),
    [[]],
  );
}
