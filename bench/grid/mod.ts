/** The grid of trainings. @module */
export * from "./cell.ts";
export * from "./checkpoint.ts";
export * from "./rungs.ts";
export * from "./shard.ts";
