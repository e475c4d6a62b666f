/**
 * Grayscale morphological dilation of images [n, h, w, c] with filters [h, w, c], and its gradients: the largest
 * sum of an image's element and the filter's. Of equal largest sums the first takes the whole gradient.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { constant, type LazyArray, ops } from "../../../onnx/mod.ts";
import { defineKernel } from "../kernel.ts";
import { imageWindows, type Windows } from "./window.ts";

type Shape4D = [number, number, number, number];

function windowsOf(
  kernel: string,
  x: LazyArray,
  filter: LazyArray,
  attrs: tf.Dilation2DAttrs,
): Windows {
  const info = tf.backend_util.computeDilation2DInfo(
    [...x.shape] as Shape4D,
    [...filter.shape] as [number, number, number],
    attrs.strides,
    attrs.pad,
    "NHWC",
    attrs.dilations,
  );
  return imageWindows(kernel, info);
}

/** The image with padding that never wins. */
function padded(x: LazyArray, { padding: [top, left, bottom, right] }: Windows): LazyArray {
  return ops.pad(x, [0, top, left, 0], [0, bottom, right, 0], -Infinity);
}

/** Each filter element's offset in the window, row by row. */
function elements({ kernel: [rows, columns], dilation }: Windows): [number, number][] {
  return Array.from({ length: rows * columns }, (_, k) => [
    Math.floor(k / columns) * dilation[0],
    k % columns * dilation[1],
  ]);
}

/** For every filter element and window the sum: [elements, n, rows, columns, c]. */
function sums(x: LazyArray, filter: LazyArray, windows: Windows): LazyArray {
  const { stride, outputSizes: [rows, columns] } = windows;
  const wide = padded(x, windows);
  const [n, , , c] = wide.shape;
  const weights = ops.reshape(filter, [-1, 1, 1, 1, 1, c]);
  const each = elements(windows).map(([down, along], k) => {
    const end = [n, down + (rows - 1) * stride[0] + 1, along + (columns - 1) * stride[1] + 1, c];
    const seen = ops.slice(wide, [0, down, along, 0], end, [1, stride[0], stride[1], 1]);
    const weight = ops.reshape(
      ops.slice(weights, [k, 0, 0, 0, 0, 0], [k + 1, 1, 1, 1, 1, c]),
      [1, 1, 1, 1, c],
    );
    return ops.add(ops.reshape(seen, [1, n, rows, columns, c]), weight);
  });
  return ops.concat(each, 0);
}

defineKernel<tf.Dilation2DAttrs>(tf.Dilation2D, ({ x, filter }, attrs) => {
  const windows = windowsOf(tf.Dilation2D, x, filter, attrs);
  return ops.max(sums(x, filter, windows), { axes: 0 });
});

/** Which filter element won each window, int32 [n, rows, columns, c]. */
function winners(x: LazyArray, filter: LazyArray, windows: Windows): LazyArray {
  return ops.cast(ops.argMax(sums(x, filter, windows), 0), "int32");
}

defineKernel<tf.Dilation2DAttrs>(tf.Dilation2DBackpropFilter, ({ x, filter, dy }, attrs) => {
  const windows = windowsOf(tf.Dilation2DBackpropFilter, x, filter, attrs);
  const count = windows.kernel[0] * windows.kernel[1];
  const indices = Array.from({ length: count }, (_, k) => k);
  const won = ops.equal(
    winners(x, filter, windows),
    constant(indices, "int32", [count, 1, 1, 1, 1]),
  );
  const shares = ops.where(won, dy, constant(0));
  return ops.reshape(ops.sum(shares, { axes: [1, 2, 3] }), filter.shape);
});

defineKernel<tf.Dilation2DAttrs>(tf.Dilation2DBackpropInput, ({ x, filter, dy }, attrs) => {
  const windows = windowsOf(tf.Dilation2DBackpropInput, x, filter, attrs);
  const { stride, outputSizes: [rows, columns], padding: [top, left] } = windows;
  const wide = padded(x, windows);
  const [n, height, width, c] = wide.shape;
  // A window's corner and the winner's offset in it, both counted over the padded image.
  const corners = Array.from(
    { length: rows * columns },
    (_, i) => Math.floor(i / columns) * stride[0] * width + i % columns * stride[1],
  );
  const inner = elements(windows).map(([down, along]) => down * width + along);
  const won = ops.gather(constant(inner, "int32"), winners(x, filter, windows));
  const at = ops.add(won, constant(corners, "int32", [1, rows, columns, 1]));
  const flat = [n, rows * columns, c];
  const scattered = ops.scatterElementsAdd(
    ops.reshape(wide, [n, height * width, c]),
    ops.reshape(at, flat),
    ops.reshape(dy, flat),
    1,
  );
  const [, h, w] = x.shape;
  const whole = ops.reshape(scattered, wide.shape);
  return ops.slice(whole, [0, top, left, 0], [n, top + h, left + w, c]);
});
