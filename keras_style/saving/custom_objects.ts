/**
 * Classes and functions of one's own that a saved model refers to by name.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

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
    if (!(cls?.prototype instanceof tf.serialization.Serializable)) continue;
    before.set(name, Object.hasOwn(known, name) ? known[name] : undefined);
    known[name] = [cls, cls.fromConfig];
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
