/**
 * Arguments and results of layers: one tensor, or lists and objects of them, symbolic or not.
 * @module
 */

/** One thing, or lists and plain objects of it. */
export type Nested<T> = T | readonly Nested<T>[] | { readonly [name: string]: Nested<T> };

/** Whether something is an object literal. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The same nesting with every leaf replaced. */
export function mapNested(value: unknown, replace: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => mapNested(entry, replace));
  if (isPlainObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, mapNested(entry, replace)]),
    );
  }
  return replace(value);
}

/** All leaves, in order. */
export function leavesOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (isPlainObject(value)) return Object.values(value).flatMap(leavesOf);
  return [value];
}

/** The leaves as Keras counts them (`tree.flatten`): those of an object in the order of its sorted keys. */
export function leavesByKey(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(leavesByKey);
  if (isPlainObject(value)) {
    return Object.keys(value).sort().flatMap((key) => leavesByKey(value[key]));
  }
  return [value];
}

/** The leaves that are of a class. */
// deno-lint-ignore no-explicit-any
export function leavesOfKind<T>(value: unknown, kind: abstract new (...args: any[]) => T): T[] {
  return leavesOf(value).filter((leaf): leaf is T => leaf instanceof kind);
}
