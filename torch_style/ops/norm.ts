/**
 * The p-norm. Follows https://docs.pytorch.org/docs/stable/generated/torch.norm.html
 * @module
 */
import { type Call, kinds, signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { constant, isShortFloat, ops } from "../../onnx/mod.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { apply } from "../autograd/apply.ts";
import { div, mul, where } from "./elementwise.ts";
import { fractional } from "./type_promotion.ts";
import { amax, amin } from "./extremes.ts";
import { type Dims, dims } from "./dims.ts";
import type { ReductionOptions } from "./reduction.ts";

const NORM = signature("norm", ["input", tensorKind], ["p", kinds.number, 2], [
  "dim",
  dims,
  undefined,
], ["keepdim", kinds.boolean, undefined]);

/**
 * p-norm: 2 unless given, also ±Infinity, and 0 for the number of elements that are not 0. No gradient at 0. Powers of short
 * floating-point numbers are summed in float32.
 */
export function norm(
  ...given: Call<
    typeof NORM,
    { readonly p?: number; readonly dim?: Dims } & ReductionOptions,
    [input: Tensor]
  >
): Tensor {
  const { input, p, dim, ...options } = NORM.read(given);
  const x = fractional(input);
  if (!isShortFloat(x.dtype)) return wideNorm(x, p, dim, options);
  return wideNorm(x.to("float32"), p, dim, options).to(x.dtype);
}

function wideNorm(
  x: Tensor,
  p: number,
  dim: Dims | undefined,
  options: ReductionOptions,
): Tensor {
  if (p === 2) {
    // Where the sum of squares is 0 the gradient is 0.
    return apply("Sqrt", [x.square().sum(dim, options)], ([x]) => ops.sqrtFlatAtZero(x));
  }
  const size = x.abs();
  if (Math.abs(p) === Infinity) return extremeNorm(x, p > 0 ? amax : amin, dim, options);
  if (p === 1) return size.sum(dim, options);
  if (p === 0) return size.sign().add(size.isnan()).sum(dim, options);
  return powerFlatAtZero(powerFlatAtZero(size, p).sum(dim, options), 1 / p);
}

/** The largest or smallest size. Equal ones share the gradient; where one is NaN there is none. */
function extremeNorm(
  x: Tensor,
  best: typeof amax,
  dim: Dims | undefined,
  options: ReductionOptions,
) {
  const size = x.detach().abs();
  const chosen = size.eq(best(size, dim, { keepdim: true }));
  const sizes = div(
    mul(x, x.detach().sign()),
    chosen.sum(dim, { keepdim: true }).clamp({ min: 1 }),
  );
  const found = where(chosen, sizes, 0).sum(dim, options);
  return where(best(size, dim, options).isnan(), NaN, found);
}

function powerFlatAtZero(x: Tensor, exponent: number): Tensor {
  return apply("Pow", [x], ([x]) => {
    const zero = constant(0, x.dtype);
    const isZero = ops.equal(x, zero);
    const raised = ops.pow(ops.where(isZero, constant(1, x.dtype), x), constant(exponent, x.dtype));
    return ops.where(isZero, constant(exponent < 0 ? Infinity : 0, x.dtype), raised);
  });
}

const methods = { norm };
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
