/**
 * Activations made of straight pieces. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#non-linear-activation-functions
 * @module
 */
import { constant, type LazyArray, ops, showShape } from "../../../onnx/mod.ts";
import { defaultGenerator } from "../../random.ts";
import { apply } from "../../autograd/apply.ts";
import type { Tensor } from "../../tensor.ts";
import { inPlaceIf, type InPlaceOption } from "./in_place.ts";

function like(x: LazyArray, value: number): LazyArray {
  return constant(value, x.dtype);
}

/** max(x, 0) */
export function relu(input: Tensor, options: InPlaceOption = {}): Tensor {
  return inPlaceIf(options, input, (x) => apply("Relu", [x], ([x]) => ops.relu(x)));
}

/** x kept between `minVal` and `maxVal`; the slope on and beyond the bounds is 0. */
export function hardtanh(
  input: Tensor,
  minVal = -1,
  maxVal = 1,
  options: InPlaceOption = {},
): Tensor {
  if (!(minVal <= maxVal)) {
    throw new Error(`hardtanh: min_val ${minVal} cannot be greater than max_val ${maxVal}`);
  }
  return inPlaceIf(
    options,
    input,
    (x) => apply("Hardtanh", [x], ([x]) => ops.hardtanh(x, minVal, maxVal)),
  );
}

/** min(max(x, 0), 6) */
export function relu6(input: Tensor, options: InPlaceOption = {}): Tensor {
  return hardtanh(input, 0, 6, options);
}

/** min(max(x + 3, 0), 6) / 6 */
export function hardsigmoid(input: Tensor, options: InPlaceOption = {}): Tensor {
  return inPlaceIf(options, input, (x) =>
    apply("Hardsigmoid", [x], ([x]) => {
      const raised = ops.hardtanh(ops.add(x, like(x, 3)), 0, 6);
      return ops.div(raised, like(x, 6));
    }));
}

/** x min(max(x + 3, 0), 6) / 6 */
export function hardswish(input: Tensor, options: InPlaceOption = {}): Tensor {
  return inPlaceIf(options, input, (x) => apply("Hardswish", [x], ([x]) => ops.hardswish(x)));
}

/** x where positive, else `negativeSlope` x */
export function leakyRelu(
  input: Tensor,
  negativeSlope = 0.01,
  options: InPlaceOption = {},
): Tensor {
  return inPlaceIf(
    options,
    input,
    (x) => apply("LeakyRelu", [x], ([x]) => ops.leakyRelu(x, negativeSlope)),
  );
}

/**
 * x where positive, else weight x.
 *
 * @param weight one number, or one for each channel (axis 1)
 * @throws {Error} if the weight is neither.
 */
export function prelu(input: Tensor, weight: Tensor): Tensor {
  const channels = input.shape[1] ?? 1;
  if (weight.numel() !== 1 && (weight.ndim !== 1 || weight.numel() !== channels)) {
    throw new Error(
      `prelu: weight ${showShape(weight.shape)} does not fit input ${showShape(input.shape)}, ` +
        `expected one number or ${channels}, one a channel`,
    );
  }
  return apply("Prelu", [input, weight], ([x, w]) => {
    const perChannel = w.size === 1
      ? ops.reshape(w, [])
      : ops.reshape(w, x.shape.flatMap((_, i) => i === 0 ? [] : [i === 1 ? channels : 1]));
    return ops.where(ops.greater(x, like(x, 0)), x, ops.mul(perChannel, x));
  });
}

/**
 * Leaky relu with a random slope from [lower, upper) for each element while training, their mean otherwise.
 */
export function rrelu(
  input: Tensor,
  lower = 1 / 8,
  upper = 1 / 3,
  training = false,
  options: InPlaceOption = {},
): Tensor {
  if (!training) return leakyRelu(input, (lower + upper) / 2, options);
  const key = defaultGenerator().nextKeyArray();
  return inPlaceIf(options, input, (x) =>
    apply("Rrelu", [x], ([x]) => {
      const random = ops.cast(ops.uniform(key, x.shape), x.dtype);
      const slope = ops.add(ops.mul(random, like(x, upper - lower)), like(x, lower));
      return ops.where(ops.greater(x, like(x, 0)), x, ops.mul(x, slope));
    }));
}

/** x where it is greater than the threshold, else `value` */
export function threshold(
  input: Tensor,
  threshold: number,
  value: number,
  options: InPlaceOption = {},
): Tensor {
  return inPlaceIf(options, input, (x) =>
    apply(
      "Threshold",
      [x],
      ([x]) => ops.where(ops.lessEqual(x, like(x, threshold)), like(x, value), x),
    ));
}

/** x moved towards 0 by `lambd`, 0 within that of it */
export function softshrink(input: Tensor, lambd = 0.5): Tensor {
  if (!(lambd >= 0)) {
    throw new Error(`lambda must be greater or equal to 0, but found to be ${lambd}`);
  }
  return apply("Softshrink", [input], ([x]) => {
    const above = ops.relu(ops.sub(x, like(x, lambd)));
    return ops.sub(above, ops.relu(ops.sub(like(x, -lambd), x)));
  });
}

/** x, but 0 where it lies within `lambd` of 0 */
export function hardshrink(input: Tensor, lambd = 0.5): Tensor {
  return apply(
    "Hardshrink",
    [input],
    ([x]) => ops.where(ops.lessEqual(ops.abs(x), like(x, lambd)), like(x, 0), x),
  );
}
