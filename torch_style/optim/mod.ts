/**
 * Optimizers. Follows https://docs.pytorch.org/docs/stable/optim.html
 * @module
 */
export * from "./optimizer.ts";
export * from "./rmsprop.ts";
