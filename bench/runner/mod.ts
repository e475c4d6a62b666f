/** The grid of trainings. @module */
export * from "./plan.ts";
export * from "./checkpoint.ts";
export * from "../experiments/ablation.ts";
export * from "./shard.ts";
