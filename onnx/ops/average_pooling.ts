/**
 * Average pooling over any number of axes, channels first, and its gradient.
 * @module
 */
import { constant, type LazyArray } from "../lazy_array.ts";
import { applyOp, failShape, type GradientContext, type Op } from "../op.ts";
import { showShape, sizeOf } from "../shape.ts";
import { convInputGradient } from "./convolution_nd.ts";
import { mul } from "./arithmetic.ts";
import { expand, reshape } from "./broadcast.ts";

interface AveragePoolAttributes {
  readonly [name: string]: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
}

const AVERAGE_POOL: Op<AveragePoolAttributes> = {
  name: "AveragePoolPadded",
  infer: ([x], { kernel, stride, padding }) => {
    const rank = kernel.length;
    if (x.shape.length !== rank + 2) {
      failShape(
        "averagePool",
        `input ${showShape(x.shape)}: expected ${rank + 2} axes [n, c, ...]`,
      );
    }
    const places = kernel.map((dimension, i) => {
      const span = x.shape[2 + i] + padding[i] + padding[rank + i] - dimension;
      if (span >= 0) return Math.floor(span / stride[i]) + 1;
      failShape(
        "averagePool",
        `window [${kernel}] is larger than the padded input ${showShape(x.shape)}`,
      );
    });
    return [{ dtype: x.dtype, shape: [x.shape[0], x.shape[1], ...places] }];
  },
  lower: (writer, [x], { kernel, stride, padding }) => [
    writer.node("AveragePool", [x], {
      attributes: { kernel_shape: kernel, strides: stride, pads: padding, count_include_pad: 1 },
    }),
  ],
  gradient: (context) => [averagePoolGradient(context)],
};

/** Every element receives a share of the gradient of each window that it lies in. */
function averagePoolGradient(
  { inputs: [x], attributes: { kernel, stride, padding }, upstream: [dy] }: GradientContext<
    AveragePoolAttributes
  >,
): LazyArray {
  const [n, c, ...dimensions] = x.shape;
  const places = dy!.shape.slice(2);
  const share = 1 / sizeOf(kernel);
  const covering = kernel.every((dimension, i) =>
    stride[i] === dimension && places[i] * dimension === dimensions[i]
  );
  if (covering) {
    const apart = [n, c, ...places.flatMap((count) => [count, 1])];
    const repeated = [n, c, ...places.flatMap((count, i) => [count, kernel[i]])];
    const shared = mul(dy!, constant(share, x.dtype));
    return reshape(expand(reshape(shared, apart), repeated), x.shape);
  }
  const filter = constant(new Array(sizeOf(kernel)).fill(share), x.dtype, [1, 1, ...kernel]);
  const single = reshape(dy!, [n * c, 1, ...places]);
  return reshape(
    convInputGradient(single, filter, [n * c, 1, ...dimensions], { stride, padding }),
    x.shape,
  );
}

/** A window of {@linkcode averagePool}; one number for each axis that it moves along. */
export interface AveragePoolOptions {
  /** AxisSize of the window. */
  readonly kernel: readonly number[];
  /** Step of the window; its dimension unless given. */
  readonly stride?: readonly number[];
  /** Zeros around, which count as elements: so many before each axis, then so many after each. */
  readonly padding?: readonly number[];
}

/** Mean of each window of [n, c, d1, d2, ...]. ONNX operator AveragePool. */
export function averagePool(x: LazyArray, options: AveragePoolOptions): LazyArray {
  const { kernel, stride = kernel, padding = kernel.flatMap(() => [0, 0]) } = options;
  return applyOp(AVERAGE_POOL, [x], { kernel, stride, padding })[0];
}
