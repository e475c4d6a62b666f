/**
 * Activations made of exponentials. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.functional.html#non-linear-activation-functions
 * @module
 */
import { type Call, kinds, signature } from "../../arguments.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { constant, type LazyArray, ops, showShape } from "../../../onnx/mod.ts";
import { fractional } from "../../ops/type_promotion.ts";
import { apply } from "../../autograd/apply.ts";
import { inPlaceIf, type InPlaceOption } from "./in_place.ts";

function like(x: LazyArray, value: number): LazyArray {
  return constant(value, x.dtype);
}

const SIGMOID = signature("sigmoid", ["input", tensorKind]);

/** 1 / (1 + exp(-x)) */
export function sigmoid(
  ...given: Call<typeof SIGMOID, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = SIGMOID.read(given);
  return apply("Sigmoid", [input], ([x]) => ops.sigmoid(x));
}

const LOGSIGMOID = signature("logsigmoid", ["input", tensorKind]);

/** log(sigmoid(x)), also where sigmoid(x) is too small for a number */
export function logsigmoid(
  ...given: Call<typeof LOGSIGMOID, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = LOGSIGMOID.read(given);
  return apply("LogSigmoid", [input], ([x]) => ops.neg(ops.softplus(ops.neg(x))));
}

const TANH = signature("tanh", ["input", tensorKind]);

/** Hyperbolic tangent */
export function tanh(...given: Call<typeof TANH, Record<never, never>, [input: Tensor]>): Tensor {
  const { input } = TANH.read(given);
  return apply("Tanh", [input], ([x]) => ops.tanh(x));
}

const TANHSHRINK = signature("tanhshrink", ["input", tensorKind]);

/** x - tanh(x) */
export function tanhshrink(
  ...given: Call<typeof TANHSHRINK, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = TANHSHRINK.read(given);
  return apply("Tanhshrink", [input], ([x]) => ops.sub(x, ops.tanh(x)));
}

const SOFTSIGN = signature("softsign", ["input", tensorKind]);

/** x / (1 + |x|) */
export function softsign(
  ...given: Call<typeof SOFTSIGN, Record<never, never>, [input: Tensor]>
): Tensor {
  const { input } = SOFTSIGN.read(given);
  return apply(
    "Softsign",
    [fractional(input)],
    ([x]) => ops.div(x, ops.add(ops.abs(x), like(x, 1))),
  );
}

const SOFTPLUS = signature("softplus", ["input", tensorKind], ["beta", kinds.number, 1], [
  "threshold",
  kinds.number,
  20,
]);

/** log(1 + exp(beta x)) / beta; x itself where beta x lies above the threshold */
export function softplus(
  ...given: Call<
    typeof SOFTPLUS,
    { readonly beta?: number; readonly threshold?: number },
    [input: Tensor]
  >
): Tensor {
  const { input, beta, threshold } = SOFTPLUS.read(given);
  return apply("Softplus", [input], ([x]) => {
    const scaled = beta === 1 ? x : ops.mul(x, like(x, beta));
    const smooth = beta === 1 ? ops.softplus(x) : ops.div(ops.softplus(scaled), like(x, beta));
    // From 20 on the two are equal in float32.
    if (threshold >= 20) return smooth;
    return ops.where(ops.greater(scaled, like(x, threshold)), x, smooth);
  });
}

const ELU = signature("elu", ["input", tensorKind], ["alpha", kinds.number, 1], [
  "inplace",
  kinds.boolean,
  undefined,
]);

/** x where positive, else alpha (exp(x) - 1) */
export function elu(
  ...given: Call<typeof ELU, { readonly alpha?: number } & InPlaceOption, [input: Tensor]>
): Tensor {
  const { input, alpha, ...options } = ELU.read(given);
  return inPlaceIf(options, input, (x) => apply("Elu", [x], ([x]) => ops.elu(x, alpha)));
}

const CELU = signature("celu", ["input", tensorKind], ["alpha", kinds.number, 1], [
  "inplace",
  kinds.boolean,
  undefined,
]);

/** x where positive, else alpha (exp(x / alpha) - 1) */
export function celu(
  ...given: Call<typeof CELU, { readonly alpha?: number } & InPlaceOption, [input: Tensor]>
): Tensor {
  const { input, alpha, ...options } = CELU.read(given);
  if (alpha === 0) throw new Error("celu: alpha cannot be 0");
  return inPlaceIf(options, input, (x) => apply("Celu", [x], ([x]) => ops.celu(x, alpha)));
}

const SELU = signature("selu", ["input", tensorKind], ["inplace", kinds.boolean, undefined]);

/** The self-normalizing unit */
export function selu(...given: Call<typeof SELU, InPlaceOption, [input: Tensor]>): Tensor {
  const { input, ...options } = SELU.read(given);
  return inPlaceIf(options, input, (x) => apply("Selu", [x], ([x]) => ops.selu(x)));
}

const SILU = signature("silu", ["input", tensorKind], ["inplace", kinds.boolean, undefined]);

/** x sigmoid(x) */
export function silu(...given: Call<typeof SILU, InPlaceOption, [input: Tensor]>): Tensor {
  const { input, ...options } = SILU.read(given);
  return inPlaceIf(
    options,
    input,
    (x) => apply("Silu", [x], ([x]) => ops.mul(x, ops.sigmoid(x))),
  );
}

const MISH = signature("mish", ["input", tensorKind], ["inplace", kinds.boolean, undefined]);

/** x tanh(softplus(x)) */
export function mish(...given: Call<typeof MISH, InPlaceOption, [input: Tensor]>): Tensor {
  const { input, ...options } = MISH.read(given);
  return inPlaceIf(
    options,
    input,
    (x) => apply("Mish", [x], ([x]) => ops.mul(x, ops.tanh(ops.softplus(x)))),
  );
}

/** How {@linkcode gelu} computes the normal distribution. */
export type GeluApproximation = "none" | "tanh";

const GELU = signature("gelu", ["input", tensorKind], "*", [
  "approximate",
  kinds.oneOf("none", "tanh"),
  undefined,
]);

/** x times the share of the normal distribution below x; exactly, or by a hyperbolic tangent. */
export function gelu(
  ...given: Call<typeof GELU, { readonly approximate?: GeluApproximation }, [input: Tensor]>
): Tensor {
  const { input, ...options } = GELU.read(given);
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

const GLU = signature("glu", ["input", tensorKind], ["dim", kinds.integer, -1]);

/** The first half of an axis times the sigmoid of the second. @throws {Error} if its dimension is odd. */
export function glu(
  ...given: Call<typeof GLU, { readonly dim?: number }, [input: Tensor]>
): Tensor {
  const { input, dim } = GLU.read(given);
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
