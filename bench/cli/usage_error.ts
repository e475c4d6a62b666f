/** @module */

/** A command line that cannot be carried out; its message is one line that says what is allowed. */
export class UsageError extends Error {
  override name = "UsageError";
}
