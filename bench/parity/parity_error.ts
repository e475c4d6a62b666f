/** @module */

/** A pair of models that cannot be compared; the message is one line that says what does not fit. */
export class ParityError extends Error {
  override name = "ParityError";
}
