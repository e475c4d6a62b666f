/** Activations: to be called, and to be given to layers by name or as they are. @module */
export * from "./functions.ts";
export {
  type ActivationName,
  type ActivationOption,
  get,
  get as deserialize,
  serialize,
} from "./get.ts";
