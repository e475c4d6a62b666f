/** @module */

/** Weights that a network cannot take: the message is one line that names all that does not fit. */
export class WeightsError extends Error {
  override name = "WeightsError";
}
