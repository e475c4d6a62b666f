/** Random values, with seeds of their own where wanted. @module */
export * from "./distributions.ts";
export * from "./draw.ts";
export { type Seed, SeedGenerator, type SeedGeneratorOptions } from "./seed.ts";
