/**
 * What an object holds in its fields, in lists and dictionaries too: layers, variables, metrics. (Keras finds them when
 * they are assigned; here fields are looked through when somebody asks. Fields that begin with # cannot be seen.)
 * @module
 */
import { isPlainObject } from "./nested.ts";

/** Something found in a field. */
export interface TrackedField<T> {
  /** The field's name, with an index or key behind it where it lies in a list or dictionary. */
  readonly name: string;
  readonly value: T;
}

/** Everything of some kind that an object holds, each once, in the order of its fields. */
export function trackedFields<T>(
  owner: object,
  isWanted: (value: unknown) => value is T,
): TrackedField<T>[] {
  const found = new Map<T, string>();
  const visit = (name: string, value: unknown): void => {
    if (isPrimitive(value)) return;
    if (isWanted(value)) {
      if (!found.has(value)) found.set(value, name);
    } else if (Array.isArray(value) && value[0] !== null && isPrimitive(value[0])) {
      // A list of values may be long.
    } else if (Array.isArray(value) || value instanceof Set) {
      [...value].forEach((entry, i) => visit(`${name}_${i}`, entry));
    } else if (value instanceof Map) {
      for (const [key, entry] of value) visit(`${name}_${key}`, entry);
    } else if (isPlainObject(value)) {
      for (const [key, entry] of Object.entries(value)) visit(`${name}_${key}`, entry);
    }
  };
  const fields = owner as Record<string, unknown>;
  for (const name of Object.keys(owner)) {
    // Most fields are options: a step of training asks all layers of a network.
    if (!isPrimitive(fields[name])) visit(name, fields[name]);
  }
  return [...found].map(([value, name]) => ({ name, value }));
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== "object" && typeof value !== "function");
}
