/**
 * Networks. Follows https://docs.pytorch.org/docs/stable/nn.html
 * @module
 */
export * from "./conv.ts";
export * as functional from "./functional.ts";
export * as init from "./init.ts";
export * from "./layers.ts";
export * from "./linear.ts";
export * from "./loss.ts";
export * from "./module.ts";
export * from "./sequential.ts";
