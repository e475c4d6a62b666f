/**
 * Activations made of exponentials. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#non-linear-activation-functions
 * @module
 */
import { constant, type LazyArray, ops, showShape } from "../../../onnx/mod.ts";
import { apply } from "../../autograd/apply.ts";
import type { Tensor } from "../../tensor.ts";
import { inPlaceIf, type InPlaceOption } from "./in_place.ts";

function like(x: LazyArray, value: number): LazyArray {
  return constant(value, x.dtype);
}

/** 1 / (1 + exp(-x)) */
export function sigmoid(input: Tensor): Tensor {
  return apply("Sigmoid", [input], ([x]) => ops.sigmoid(x));
}

/** log(sigmoid(x)), also where sigmoid(x) is too small for a number */
export function logsigmoid(input: Tensor): Tensor {
  return apply("LogSigmoid", [input], ([x]) => ops.neg(ops.softplus(ops.neg(x))));
}

/** Hyperbolic tangent */
export function tanh(input: Tensor): Tensor {
  return apply("Tanh", [input], ([x]) => ops.tanh(x));
}

/** x - tanh(x) */
export function tanhshrink(input: Tensor): Tensor {
  return apply("Tanhshrink", [input], ([x]) => ops.sub(x, ops.tanh(x)));
}

/** x / (1 + |x|) */
export function softsign(input: Tensor): Tensor {
  return apply("Softsign", [input], ([x]) => ops.div(x, ops.add(ops.abs(x), like(x, 1))));
}

/** log(1 + exp(beta x)) / beta; x itself where beta x lies above the threshold */
export function softplus(input: Tensor, beta = 1, threshold = 20): Tensor {
  return apply("Softplus", [input], ([x]) => {
    const scaled = beta === 1 ? x : ops.mul(x, like(x, beta));
    const smooth = beta === 1 ? ops.softplus(x) : ops.div(ops.softplus(scaled), like(x, beta));
    // From 20 on the two are equal in float32.
    if (threshold >= 20) return smooth;
    return ops.where(ops.greater(scaled, like(x, threshold)), x, smooth);
  });
}

/** x where positive, else alpha (exp(x) - 1) */
export function elu(input: Tensor, alpha = 1, options: InPlaceOption = {}): Tensor {
  return inPlaceIf(options, input, (x) => apply("Elu", [x], ([x]) => ops.elu(x, alpha)));
}

/** x where positive, else alpha (exp(x / alpha) - 1) */
export function celu(input: Tensor, alpha = 1, options: InPlaceOption = {}): Tensor {
  if (alpha === 0) throw new Error("celu: alpha cannot be 0");
  return inPlaceIf(options, input, (x) => apply("Celu", [x], ([x]) => ops.celu(x, alpha)));
}

/** The self-normalizing unit */
export function selu(input: Tensor, options: InPlaceOption = {}): Tensor {
  return inPlaceIf(options, input, (x) => apply("Selu", [x], ([x]) => ops.selu(x)));
}

/** x sigmoid(x) */
export function silu(input: Tensor, options: InPlaceOption = {}): Tensor {
  return inPlaceIf(
    options,
    input,
    (x) => apply("Silu", [x], ([x]) => ops.mul(x, ops.sigmoid(x))),
  );
}

/** x tanh(softplus(x)) */
export function mish(input: Tensor, options: InPlaceOption = {}): Tensor {
  return inPlaceIf(
    options,
    input,
    (x) => apply("Mish", [x], ([x]) => ops.mul(x, ops.tanh(ops.softplus(x)))),
  );
}

/** How {@linkcode gelu} computes the normal distribution. */
export type GeluApproximation = "none" | "tanh";

/** x times the share of the normal distribution below x; exactly, or by a hyperbolic tangent. */
export function gelu(
  input: Tensor,
  options: { readonly approximate?: GeluApproximation } = {},
): Tensor {
  const { approximate = "none" } = options;
  if (approximate !== "none" && approximate !== "tanh") {
    throw new Error(`approximate argument must be either none or tanh, got ${approximate}`);
  }
  return apply("Gelu", [input], ([x]) => {
    const bell = approximate === "none"
      ? ops.erf(ops.mul(x, like(x, Math.SQRT1_2)))
      : ops.tanh(tanhArgument(x));
    return ops.mul(ops.mul(x, like(x, 0.5)), ops.add(bell, like(x, 1)));
  });
}

/** sqrt(2 / pi) (x + 0.044715 x³) (Hendrycks and Gimpel 2016) */
function tanhArgument(x: LazyArray): LazyArray {
  const cubed = ops.mul(x, ops.mul(x, x));
  const bent = ops.add(x, ops.mul(cubed, like(x, 0.044715)));
  return ops.mul(bent, like(x, Math.sqrt(2 / Math.PI)));
}

/** The first half of an axis times the sigmoid of the second. @throws {Error} if its dimension is odd. */
export function glu(input: Tensor, dim = -1): Tensor {
  const axis = dim < 0 ? dim + input.ndim : dim;
  const dimension = input.shape[axis];
  if (dimension === undefined || dimension % 2 !== 0) {
    throw new Error(
      `Halving dimension must be even, but dimension ${dim} of ${
        showShape(input.shape)
      } is size ${dimension}`,
    );
  }
  return apply("Glu", [input], ([x]) => {
    const half = (from: number) =>
      ops.slice(
        x,
        x.shape.map((_, i) => i === axis ? from : 0),
        x.shape.map((n, i) => i === axis ? from + dimension / 2 : n),
      );
    return ops.mul(half(0), ops.sigmoid(half(dimension / 2)));
  });
}
