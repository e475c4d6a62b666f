/**
 * Learning rate schedules. Follows https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 * @module
 */
export * from "./chained_scheduler.ts";
export * from "./cosine_annealing_lr.ts";
export * from "./cycles.ts";
export * from "./lambda_lr.ts";
export * from "./linear_lr.ts";
export * from "./one_cycle_lr.ts";
export * from "./polynomial_lr.ts";
export * from "./reduce_lr_on_plateau.ts";
export { LRScheduler, type SchedulerState } from "./scheduler.ts";
export * from "./sequential_lr.ts";
export * from "./step_lr.ts";
