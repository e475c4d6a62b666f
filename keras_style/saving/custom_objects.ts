/**
 * Classes and functions of one's own that a saved model refers to by name.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { activationClass } from "../activations/activation_option.ts";

/** Layer, model, loss, metric and optimizer classes, and functions, by the names that the file has for them. */
// deno-lint-ignore no-explicit-any
export type CustomObjects = Readonly<Record<string, any>>;

/** How TensorFlow.js keeps classes that can be made from a configuration. */
type Registered = [cls: unknown, fromConfig: unknown];

/** Classes that TensorFlow.js can make from a configuration, by name. */
export function registeredClasses(): Record<string, Registered> {
  return tf.serialization.SerializationMap.getMap().classNameMap as unknown as Record<
    string,
    Registered
  >;
}

/** Makes classes known to TensorFlow.js while something is loaded. */
export function knowing<T>(custom: CustomObjects, load: () => T): T {
  const known = registeredClasses();
  const before = new Map<string, Registered | undefined>();
  for (const [name, cls] of Object.entries(custom)) {
    const Class = serializable(name, cls);
    if (!Class) continue;
    before.set(name, Object.hasOwn(known, name) ? known[name] : undefined);
    known[name] = [Class, Class.fromConfig];
  }
  try {
    return load();
  } finally {
    for (const [name, entry] of before) {
      if (entry) known[name] = entry;
      else delete known[name];
    }
  }
}

type SerializableClass = tf.serialization.SerializableConstructor<tf.serialization.Serializable>;

/** The class as it is; of a function, the activation that it could be. */
function serializable(name: string, value: unknown): SerializableClass | undefined {
  if (typeof value !== "function") return undefined;
  if (value.prototype instanceof tf.serialization.Serializable) return value as SerializableClass;
  // Classes of other kinds, losses and metrics, are looked up elsewhere.
  const isClass = /^class\b/.test(Function.prototype.toString.call(value));
  return isClass
    ? undefined
    : activationClass(name, value as never) as unknown as SerializableClass;
}
