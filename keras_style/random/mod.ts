/** Random values with seeds of their own. @module */
export { type Seed, SeedGenerator, type SeedGeneratorOptions } from "./seed.ts";
