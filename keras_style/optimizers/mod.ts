/** Optimizers: what changes the weights. @module */
export { Adam, type AdamOptions } from "./adam.ts";
export { type OptimizerIdentifier } from "./get.ts";
export { Optimizer, type OptimizerOptions } from "./optimizer.ts";
export { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
