/**
 * Gradients beyond `backward`. Follows https://docs.pytorch.org/docs/stable/autograd.html
 * @module
 */
export { type Edge, GradFn, type GradHook } from "./grad_fn.ts";
