/**
 * Activations made of straight pieces. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#non-linear-activation-functions
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { constant, type LazyArray, ops, showShape } from "../../../onnx/mod.ts";
import { defaultGenerator } from "../../random.ts";
import { apply } from "../../autograd/apply.ts";
import { inPlaceIf, type InPlaceOption } from "./in_place.ts";

function like(x: LazyArray, value: number): LazyArray {
  return constant(value, x.dtype);
}

const RELU = signature("relu", ["input", tensorKind], ["inplace", kinds.boolean, undefined]);

/** max(x, 0) */
export function relu(...given: Call<typeof RELU, InPlaceOption, [input: Tensor]>): Tensor {
  const { input, ...options } = RELU.read(given);
  return inPlaceIf(options, input, (x) => apply("Relu", [x], ([x]) => ops.relu(x)));
}

const HARDTANH = signature("hardtanh", ["input", tensorKind], ["minVal", kinds.number, -1], [
  "maxVal",
  kinds.number,
  1,
], ["inplace", kinds.boolean, undefined]);

/** x kept between `minVal` and `maxVal`; the slope on and beyond the bounds is 0. */
export function hardtanh(
  ...given: Call<
    typeof HARDTANH,
    { readonly minVal?: number; readonly maxVal?: number } & InPlaceOption,
    [input: Tensor]
  >
): Tensor {
  const { input, minVal, maxVal, ...options } = HARDTANH.read(given);
  if (!(minVal <= maxVal)) {
    throw new Error(`hardtanh: min_val ${minVal} cannot be greater than max_val ${maxVal}`);
  }
  return inPlaceIf(
    options,
    input,
    (x) => apply("Hardtanh", [x], ([x]) => ops.hardtanh(x, minVal, maxVal)),
  );
}

const RELU6 = signature("relu6", ["input", tensorKind], ["inplace", kinds.boolean, undefined]);

/** min(max(x, 0), 6) */
export function relu6(...given: Call<typeof RELU6, InPlaceOption, [input: Tensor]>): Tensor {
  const { input, ...options } = RELU6.read(given);
  return hardtanh(input, 0, 6, options);
}

const HARDSIGMOID = signature("hardsigmoid", ["input", tensorKind], [
  "inplace",
  kinds.boolean,
  undefined,
]);

/** min(max(x + 3, 0), 6) / 6 */
export function hardsigmoid(
  ...given: Call<typeof HARDSIGMOID, InPlaceOption, [input: Tensor]>
): Tensor {
  const { input, ...options } = HARDSIGMOID.read(given);
  return inPlaceIf(options, input, (x) =>
    apply("Hardsigmoid", [x], ([x]) => {
      const raised = ops.hardtanh(ops.add(x, like(x, 3)), 0, 6);
      return ops.div(raised, like(x, 6));
    }));
}

const HARDSWISH = signature("hardswish", ["input", tensorKind], [
  "inplace",
  kinds.boolean,
  undefined,
]);

/** x min(max(x + 3, 0), 6) / 6 */
export function hardswish(
  ...given: Call<typeof HARDSWISH, InPlaceOption, [input: Tensor]>
): Tensor {
  const { input, ...options } = HARDSWISH.read(given);
  return inPlaceIf(options, input, (x) => apply("Hardswish", [x], ([x]) => ops.hardswish(x)));
}

const LEAKY_RELU = signature("leakyRelu", ["input", tensorKind], [
  "negativeSlope",
  kinds.number,
  0.01,
], ["inplace", kinds.boolean, undefined]);

/** x where positive, else `negativeSlope` x */
export function leakyRelu(
  ...given: Call<
    typeof LEAKY_RELU,
    { readonly negativeSlope?: number } & InPlaceOption,
    [input: Tensor]
  >
): Tensor {
  const { input, negativeSlope, ...options } = LEAKY_RELU.read(given);
  return inPlaceIf(
    options,
    input,
    (x) => apply("LeakyRelu", [x], ([x]) => ops.leakyRelu(x, negativeSlope)),
  );
}

const PRELU = signature("prelu", ["input", tensorKind], ["weight", tensorKind]);

/**
 * x where positive, else weight x.
 *
 * @param weight one number, or one for each channel (axis 1)
 * @throws {Error} if the weight is neither.
 */
export function prelu(
  ...given: Call<typeof PRELU, Record<never, never>, [input: Tensor, weight: Tensor]>
): Tensor {
  const { input, weight } = PRELU.read(given);
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

const RRELU = signature(
  "rrelu",
  ["input", tensorKind],
  ["lower", kinds.number, 1 / 8],
  ["upper", kinds.number, 1 / 3],
  ["training", kinds.boolean, false],
  ["inplace", kinds.boolean, undefined],
);

/**
 * Leaky relu with a random slope from [lower, upper) for each element while training, their mean otherwise.
 */
export function rrelu(
  ...given: Call<
    typeof RRELU,
    & { readonly lower?: number; readonly upper?: number; readonly training?: boolean }
    & InPlaceOption,
    [input: Tensor]
  >
): Tensor {
  const { input, lower, upper, training, ...options } = RRELU.read(given);
  if (!training) return leakyRelu(input, (lower + upper) / 2, options);
  const key = defaultGenerator().nextKeyArray();
  return inPlaceIf(options, input, (x) =>
    apply("Rrelu", [x], ([x]) => {
      const random = ops.cast(ops.uniform(key, x.shape), x.dtype);
      const slope = ops.add(ops.mul(random, like(x, upper - lower)), like(x, lower));
      return ops.where(ops.greater(x, like(x, 0)), x, ops.mul(x, slope));
    }));
}

const THRESHOLD = signature("threshold", ["input", tensorKind], ["threshold", kinds.number], [
  "value",
  kinds.number,
], ["inplace", kinds.boolean, undefined]);

/** x where it is greater than the threshold, else `value` */
export function threshold(
  ...given: Call<typeof THRESHOLD, InPlaceOption, [input: Tensor, threshold: number, value: number]>
): Tensor {
  const { input, threshold, value, ...options } = THRESHOLD.read(given);
  return inPlaceIf(options, input, (x) =>
    apply(
      "Threshold",
      [x],
      ([x]) => ops.where(ops.lessEqual(x, like(x, threshold)), like(x, value), x),
    ));
}

const SOFTSHRINK = signature("softshrink", ["input", tensorKind], ["lambd", kinds.number, 0.5]);

/** x moved towards 0 by `lambd`, 0 within that of it */
export function softshrink(
  ...given: Call<typeof SOFTSHRINK, { readonly lambd?: number }, [input: Tensor]>
): Tensor {
  const { input, lambd } = SOFTSHRINK.read(given);
  if (!(lambd >= 0 && lambd < Infinity)) {
    throw new Error(`lambda must be a finite number of at least 0, but found ${lambd}`);
  }
  return apply("Softshrink", [input], ([x]) => {
    const above = ops.relu(ops.sub(x, like(x, lambd)));
    return ops.sub(above, ops.relu(ops.sub(like(x, -lambd), x)));
  });
}

const HARDSHRINK = signature("hardshrink", ["input", tensorKind], ["lambd", kinds.number, 0.5]);

/** x, but 0 where it lies within `lambd` of 0 */
export function hardshrink(
  ...given: Call<typeof HARDSHRINK, { readonly lambd?: number }, [input: Tensor]>
): Tensor {
  const { input, lambd } = HARDSHRINK.read(given);
  return apply(
    "Hardshrink",
    [input],
    ([x]) => ops.where(ops.lessEqual(ops.abs(x), like(x, lambd)), like(x, 0), x),
  );
}
