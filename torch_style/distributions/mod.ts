/**
 * Probability distributions: draws, densities, entropies. Follows https://docs.pytorch.org/docs/stable/distributions.html
 * @module
 */
export * from "./bernoulli.ts";
export * from "./categorical.ts";
export { Distribution, type Parameter } from "./distribution.ts";
export * from "./independent.ts";
export * from "./kl_divergence.ts";
export * from "./normal.ts";
export * from "./uniform.ts";
