/** Regularizers: what weights and outputs add to the loss. @module */
export * from "./get.ts";
export * from "./regularizer.ts";
