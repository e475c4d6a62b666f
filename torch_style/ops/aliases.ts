/**
 * Second names that PyTorch has for functions. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/torch.html#pointwise-ops
 * @module
 */
import { kinds, signature } from "../arguments.ts";
import { fullLike } from "../creation.ts";
import { defineMethods, type Methods } from "../methods.ts";
import { type Tensor, tensorKind } from "../tensor.ts";
import { ge, gt, le, lt, ne } from "./comparison.ts";
import { abs, div, mul, neg, sub } from "./elementwise.ts";
import { cat } from "./joining.ts";
import { outer } from "./linear_algebra.ts";
import { movedim, transpose } from "./movement.ts";

/** Another name of abs. */
export const absolute = abs;
/** Another name of neg. */
export const negative = neg;
/** Another name of sub. */
export const subtract = sub;
/** Another name of mul. */
export const multiply = mul;
/** Another name of div. */
export const divide = div;
/** Another name of div. */
export const trueDivide = div;
/** Another name of gt. */
export const greater = gt;
/** Another name of ge. */
export const greaterEqual = ge;
/** Another name of lt. */
export const less = lt;
/** Another name of le. */
export const lessEqual = le;
/** Another name of ne. */
export const notEqual = ne;
/** Another name of outer. */
export const ger = outer;
/** Another name of movedim. */
export const moveaxis = movedim;
/** Another name of transpose. */
export const swapaxes = transpose;
/** Another name of transpose. */
export const swapdims = transpose;
/** Another name of cat. */
export const concat = cat;
/** Another name of cat. */
export const concatenate = cat;

const DETACH = signature("detach", ["input", tensorKind]);
const FILL = signature("fill", ["input", tensorKind], ["value", kinds.number]);

/** A tensor over the same memory that backward passes do not reach, as the method. */
export function detach(...given: [input: Tensor]): Tensor {
  return DETACH.read(given).input.detach();
}

/** Another name of fullLike. */
export function fill(...given: [input: Tensor, value: number]): Tensor {
  const { input, value } = FILL.read(given);
  return fullLike(input, value);
}

const methods = {
  absolute,
  negative,
  subtract,
  multiply,
  divide,
  trueDivide,
  greater,
  greaterEqual,
  less,
  lessEqual,
  notEqual,
  ger,
  moveaxis,
  swapaxes,
  swapdims,
};
type Own = Methods<typeof methods>;
declare module "../tensor.ts" {
  interface Tensor extends Own {}
}
defineMethods(methods);
