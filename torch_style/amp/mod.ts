/**
 * Automatic mixed precision: functions that gain by float16 are computed in it, those that would leave its range in float32, and
 * the loss is scaled so that small gradients do not vanish. Follows https://docs.pytorch.org/docs/stable/amp.html
 * @module
 */
export { autocast, type AutocastOptions } from "./autocast.ts";
export { GradScaler, type GradScalerOptions } from "./grad_scaler.ts";
