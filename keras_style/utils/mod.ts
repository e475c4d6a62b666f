/** What Keras keeps in `keras.utils`. @module */
export {
  customObjectScope,
  getCustomObjects,
  getRegisteredName,
  getRegisteredObject,
  registerKerasSerializable,
  type RegisterOptions,
} from "../registry.ts";
export { setRandomSeed } from "../tracing/mod.ts";
