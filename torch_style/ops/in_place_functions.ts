/**
 * In-place methods as functions: `torch.exp_(x)` is `x.exp_()`. Each follows the page of the function without the underscore
 * under https://docs.pytorch.org/docs/stable/torch.html
 * @module
 */
import { signature } from "../arguments.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import "./in_place_variants.ts";

/** The names of the methods that are functions too. */
type Names =
  | "abs_"
  | "acos_"
  | "acosh_"
  | "addmv_"
  | "arccos_"
  | "arccosh_"
  | "arcsin_"
  | "arcsinh_"
  | "arctan_"
  | "arctanh_"
  | "asin_"
  | "asinh_"
  | "atan_"
  | "atanh_"
  | "ceil_"
  | "clamp_"
  | "clampMax_"
  | "clampMin_"
  | "clip_"
  | "cos_"
  | "cosh_"
  | "deg2rad_"
  | "erf_"
  | "erfc_"
  | "exp2_"
  | "exp_"
  | "expm1_"
  | "fill_"
  | "fix_"
  | "floor_"
  | "frac_"
  | "gcd_"
  | "i0_"
  | "lcm_"
  | "ldexp_"
  | "log10_"
  | "log1p_"
  | "log2_"
  | "log_"
  | "logit_"
  | "nanToNum_"
  | "neg_"
  | "negative_"
  | "rad2deg_"
  | "reciprocal_"
  | "relu_"
  | "round_"
  | "rsqrt_"
  | "sigmoid_"
  | "sin_"
  | "sinc_"
  | "sinh_"
  | "sqrt_"
  | "square_"
  | "tan_"
  | "tanh_"
  | "trunc_"
  | "xlogy_"
  | "zero_";

type InPlaceFunction<Name extends Names> = (
  ...given: [input: Tensor, ...rest: Parameters<Tensor[Name]>]
) => Tensor;

function method<Name extends Names>(name: Name): InPlaceFunction<Name> {
  const first = signature(name, ["input", tensorKind]);
  return (...given) => {
    const [input, ...rest] = given;
    first.read([input]);
    // deno-lint-ignore no-explicit-any
    return (input[name] as (...rest: any[]) => Tensor)(...rest);
  };
}

export const abs_: InPlaceFunction<"abs_"> = method("abs_");
export const acos_: InPlaceFunction<"acos_"> = method("acos_");
export const acosh_: InPlaceFunction<"acosh_"> = method("acosh_");
export const addmv_: InPlaceFunction<"addmv_"> = method("addmv_");
export const arccos_: InPlaceFunction<"arccos_"> = method("arccos_");
export const arccosh_: InPlaceFunction<"arccosh_"> = method("arccosh_");
export const arcsin_: InPlaceFunction<"arcsin_"> = method("arcsin_");
export const arcsinh_: InPlaceFunction<"arcsinh_"> = method("arcsinh_");
export const arctan_: InPlaceFunction<"arctan_"> = method("arctan_");
export const arctanh_: InPlaceFunction<"arctanh_"> = method("arctanh_");
export const asin_: InPlaceFunction<"asin_"> = method("asin_");
export const asinh_: InPlaceFunction<"asinh_"> = method("asinh_");
export const atan_: InPlaceFunction<"atan_"> = method("atan_");
export const atanh_: InPlaceFunction<"atanh_"> = method("atanh_");
export const ceil_: InPlaceFunction<"ceil_"> = method("ceil_");
export const clamp_: InPlaceFunction<"clamp_"> = method("clamp_");
export const clampMax_: InPlaceFunction<"clampMax_"> = method("clampMax_");
export const clampMin_: InPlaceFunction<"clampMin_"> = method("clampMin_");
export const clip_: InPlaceFunction<"clip_"> = method("clip_");
export const cos_: InPlaceFunction<"cos_"> = method("cos_");
export const cosh_: InPlaceFunction<"cosh_"> = method("cosh_");
export const deg2rad_: InPlaceFunction<"deg2rad_"> = method("deg2rad_");
export const erf_: InPlaceFunction<"erf_"> = method("erf_");
export const erfc_: InPlaceFunction<"erfc_"> = method("erfc_");
export const exp2_: InPlaceFunction<"exp2_"> = method("exp2_");
export const exp_: InPlaceFunction<"exp_"> = method("exp_");
export const expm1_: InPlaceFunction<"expm1_"> = method("expm1_");
export const fill_: InPlaceFunction<"fill_"> = method("fill_");
export const fix_: InPlaceFunction<"fix_"> = method("fix_");
export const floor_: InPlaceFunction<"floor_"> = method("floor_");
export const frac_: InPlaceFunction<"frac_"> = method("frac_");
export const gcd_: InPlaceFunction<"gcd_"> = method("gcd_");
export const i0_: InPlaceFunction<"i0_"> = method("i0_");
export const lcm_: InPlaceFunction<"lcm_"> = method("lcm_");
export const ldexp_: InPlaceFunction<"ldexp_"> = method("ldexp_");
export const log10_: InPlaceFunction<"log10_"> = method("log10_");
export const log1p_: InPlaceFunction<"log1p_"> = method("log1p_");
export const log2_: InPlaceFunction<"log2_"> = method("log2_");
export const log_: InPlaceFunction<"log_"> = method("log_");
export const logit_: InPlaceFunction<"logit_"> = method("logit_");
export const nanToNum_: InPlaceFunction<"nanToNum_"> = method("nanToNum_");
export const neg_: InPlaceFunction<"neg_"> = method("neg_");
export const negative_: InPlaceFunction<"negative_"> = method("negative_");
export const rad2deg_: InPlaceFunction<"rad2deg_"> = method("rad2deg_");
export const reciprocal_: InPlaceFunction<"reciprocal_"> = method("reciprocal_");
export const relu_: InPlaceFunction<"relu_"> = method("relu_");
export const round_: InPlaceFunction<"round_"> = method("round_");
export const rsqrt_: InPlaceFunction<"rsqrt_"> = method("rsqrt_");
export const sigmoid_: InPlaceFunction<"sigmoid_"> = method("sigmoid_");
export const sin_: InPlaceFunction<"sin_"> = method("sin_");
export const sinc_: InPlaceFunction<"sinc_"> = method("sinc_");
export const sinh_: InPlaceFunction<"sinh_"> = method("sinh_");
export const sqrt_: InPlaceFunction<"sqrt_"> = method("sqrt_");
export const square_: InPlaceFunction<"square_"> = method("square_");
export const tan_: InPlaceFunction<"tan_"> = method("tan_");
export const tanh_: InPlaceFunction<"tanh_"> = method("tanh_");
export const trunc_: InPlaceFunction<"trunc_"> = method("trunc_");
export const xlogy_: InPlaceFunction<"xlogy_"> = method("xlogy_");
export const zero_: InPlaceFunction<"zero_"> = method("zero_");
