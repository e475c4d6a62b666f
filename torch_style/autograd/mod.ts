/**
 * Gradients beyond `backward`. Follows https://docs.pytorch.org/docs/stable/autograd.html
 * @module
 */
export { detectAnomaly, isAnomalyEnabled, setDetectAnomaly } from "./anomaly_mode.ts";
export { backward, type BackwardOfManyOptions, type PassBounds } from "./backward.ts";
export { Function, FunctionContext, type FunctionRules } from "./function.ts";
export * as functional from "./functional.ts";
export { grad, type GradOptions } from "./grad.ts";
export { type Edge, GradFn, type GradHook } from "./grad_fn.ts";
export { gradcheck, type GradcheckOptions } from "./gradcheck.ts";
