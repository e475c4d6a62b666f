/**
 * Which elements the windows over one, two or three axes cover, as indices of the flattened axes.
 * @module
 */
import { sizeOf } from "../../../onnx/mod.ts";

/** Windows that move over axes, one number an axis. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

/** A row of indices for each window; -1 where it lies in the padding. */
export interface WindowTable {
  /** How many windows there are along each axis. */
  readonly output: readonly number[];
  /** Row by row: windows in order, in each its elements in order. */
  readonly indices: Int32Array;
}

/** How many windows fit along an axis, or (`ceil`) begin inside it or its left padding. */
function countWindows(size: number, axis: number, windows: Windows, ceil = false): number {
  const { kernel, stride, padding, dilation } = windows;
  const room = size + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1;
  const count = (ceil ? Math.ceil : Math.floor)(room / stride[axis]) + 1;
  const beginsOutside = ceil && (count - 1) * stride[axis] >= size + padding[axis];
  return beginsOutside ? count - 1 : count;
}

/** The table of all windows. */
export function windowTable(sizes: readonly number[], windows: Windows, ceil = false): WindowTable {
  const output = sizes.map((size, axis) => countWindows(size, axis, windows, ceil));
  const { kernel, stride, padding, dilation } = windows;
  const along = sizes.map((size, axis) =>
    Array.from({ length: output[axis] * kernel[axis] }, (_, i) => {
      const position = Math.floor(i / kernel[axis]) * stride[axis] - padding[axis] +
        i % kernel[axis] * dilation[axis];
      return position >= 0 && position < size ? position : -1;
    })
  );
  const elements = sizeOf(kernel);
  const indices = new Int32Array(sizeOf(output) * elements);
  for (let i = 0; i < indices.length; i++) {
    let [window, element, index, stretch] = [Math.floor(i / elements), i % elements, 0, 1];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const position = along[axis][window % output[axis] * kernel[axis] + element % kernel[axis]];
      index = position < 0 || index < 0 ? -1 : index + position * stretch;
      window = Math.floor(window / output[axis]);
      element = Math.floor(element / kernel[axis]);
      stretch *= sizes[axis];
    }
    indices[i] = index;
  }
  return { output, indices };
}
