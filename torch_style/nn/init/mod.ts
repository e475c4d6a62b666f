/**
 * First values of parameters. Follows https://docs.pytorch.org/docs/stable/nn.init.html
 *
 * All functions change the tensor in place and return it; gradients do not flow. Random numbers come from
 * `generator`, or the one that `manualSeed` starts.
 * @module
 */
export * from "./constants.ts";
export * from "./distributions.ts";
export * from "./matrices.ts";
export * from "./variance_scaling.ts";
