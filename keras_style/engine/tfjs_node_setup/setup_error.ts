/**
 * What keeps tfjs-node from being put in place.
 * @module
 */

/** The message says what is missing or wrong and what to do; it is shown without a stack trace. */
export class SetupError extends Error {
  override name = "SetupError";
}
