/** Activations: to be called, and to be given to layers by name or as they are. @module */
export * from "./functions.ts";
export { type ActivationName, type ActivationOption } from "./get.ts";
