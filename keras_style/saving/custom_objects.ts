/**
 * Classes and functions of one's own that a saved model refers to by name.
 * @module
 */

/** Layer, model, loss, metric and optimizer classes, and functions, by the names that the file has for them. */
// deno-lint-ignore no-explicit-any
export type CustomObjects = Readonly<Record<string, any>>;
